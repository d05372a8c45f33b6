//! The demo's sentences in both languages: scenarios, reasons, questions, notes and remarks.

use mizan_domain::exact::Exact;
use mizan_domain::rubric::Criterion;
use mizan_domain::scale::{Scale, TimeUnit};
use mizan_domain::text::Text;
use mizan_protocol::record::TextJson;

/// Both wordings.
pub(super) fn both(ar: &str, en: &str) -> TextJson {
    TextJson { ar: ar.to_owned(), en: en.to_owned() }
}

/// The programme.
pub(super) fn programme() -> TextJson {
    both("برنامج تقييم مراكز الخدمة الحكومية", "Government Service Centre Evaluation Programme")
}

/// The first cycles, as Arabic counts them.
const CYCLES: [&str; 6] = ["الأولى", "الثانية", "الثالثة", "الرابعة", "الخامسة", "السادسة"];

/// The cycle of a number.
pub(super) fn cycle(number: usize) -> TextJson {
    let arabic = number.checked_sub(1).and_then(|place| CYCLES.get(place));
    let arabic = arabic.map_or_else(|| number.to_string(), |word| (*word).to_owned());
    both(&format!("الدورة {arabic}"), &format!("Cycle {number}"))
}

/// The notice of M13 about a cycle.
pub(super) fn notice(cycle: &TextJson) -> TextJson {
    let ar = format!(
        "نحيطكم علماً بأن الزيارات السرية والمجدولة في {} تبدأ قريباً وفق دليل التقييم المعتمد. \
         وتُستخدم النتائج لتطوير الخدمة وتُعلن لكل مركز بطاقة أدائه. ولن تُعلن مواعيد الزيارات السرية.",
        cycle.ar
    );
    let en = format!(
        "Please note that the secret and scheduled visits of {} begin shortly, by the approved \
         evaluation guide. The results are used to improve the service, and each centre receives its \
         scorecard. The times of secret visits are not announced.",
        cycle.en
    );
    both(&ar, &en)
}

/// What the reviewer asks about a note.
pub(super) const QUESTION: &str = "يرجى توضيح ما شوهد: كم مرة تكرر ذلك، وفي أي جزء من الزيارة؟";

/// Why something was not judged: criterion, whether it is NA (else NE), how often, whether each visit
/// differs, and the reason.
pub(super) struct Exception {
    pub(super) criterion: &'static str,
    pub(super) not_applicable: bool,
    pub(super) share: f64,
    pub(super) by_visit: bool,
    pub(super) reason: (&'static str, &'static str),
}

const fn na(
    criterion: &'static str,
    share: f64,
    by_visit: bool,
    reason: (&'static str, &'static str),
) -> Exception {
    Exception { criterion, not_applicable: true, share, by_visit, reason }
}

const fn ne(
    criterion: &'static str,
    share: f64,
    reason: (&'static str, &'static str),
) -> Exception {
    Exception { criterion, not_applicable: false, share, by_visit: true, reason }
}

/// The exceptions that occur in the demo.
pub(super) const EXCEPTIONS: [Exception; 14] = [
    na("A6", 0.5, false, ("الخدمات كلها في الطابق الأرضي", "all services are on the ground floor")),
    na("E9", 0.3, false, ("لا توجد أجهزة خدمة ذاتية", "there are no self-service devices")),
    na(
        "I7",
        0.7,
        true,
        ("لم يُرفض الطلب ولم ينقصه شيء", "the request was neither refused nor incomplete"),
    ),
    na("D5", 0.2, false, ("الخدمة مجانية", "the service is free of charge")),
    na("D6", 0.3, false, ("أُنجزت المعاملة فوراً", "the matter was finished on the spot")),
    na(
        "D7",
        0.5,
        true,
        ("الطلب مكتمل والحالة عادية", "the application was complete, the case ordinary"),
    ),
    na("G7", 0.5, false, ("لا يوجد مزوّد خارجي", "there is no outsourced provider")),
    na("M2", 0.3, false, ("الموظفون يردّون مباشرة", "staff answer directly")),
    na("O6", 0.2, false, ("الخدمة مجانية", "the service is free of charge")),
    na(
        "X4",
        0.4,
        false,
        ("لا لغة أخرى شائعة بين العملاء", "customers share no other common language"),
    ),
    ne("A3", 0.2, ("حضر المقيّم دون سيارة", "the visit was made without a car")),
    ne("W5", 0.6, ("لم يقع ما يستدعي شكوى", "nothing gave cause for a complaint")),
    ne("N7", 0.3, ("لم تنشأ حالة تستدعي إشعاراً", "nothing arose that called for a notice")),
    ne("O10", 0.15, ("لم يصدر المستند قبل تسليم التقييم", "the output was not issued in time")),
];

/// Why nothing at the counter could be judged.
pub(super) const SUSPENDED: (&str, &str) = (
    "كانت الخدمة موقوفة يوم الزيارة لانتقال المركز إلى مبنى جديد",
    "the service was suspended on the day while the centre moved to a new building",
);

/// Why there was no delay to explain.
pub(super) const NO_DELAY: (&str, &str) = ("لم يقع تأخير", "there was no delay");

/// A unit with its number in Arabic: one, two, three to ten, eleven and more.
pub(super) fn arabic_time(number: &str, unit: TimeUnit) -> String {
    let (one, two, few, many) = match unit {
        TimeUnit::Seconds => ("ثانية واحدة", "ثانيتان", "ثوانٍ", "ثانية"),
        TimeUnit::Minutes => ("دقيقة واحدة", "دقيقتان", "دقائق", "دقيقة"),
        TimeUnit::Hours => ("ساعة واحدة", "ساعتان", "ساعات", "ساعة"),
        TimeUnit::WorkingHours => ("ساعة عمل واحدة", "ساعتا عمل", "ساعات عمل", "ساعة عمل"),
    };
    match number.parse::<u32>() {
        Ok(1) => one.to_owned(),
        Ok(2) => two.to_owned(),
        Ok(3..=10) => format!("{number} {few}"),
        Ok(_) | Err(_) => format!("{number} {many}"),
    }
}

/// A unit with its number in English.
pub(super) fn english_time(number: &str, unit: TimeUnit) -> String {
    let (one, many) = match unit {
        TimeUnit::Seconds => ("second", "seconds"),
        TimeUnit::Minutes => ("minute", "minutes"),
        TimeUnit::Hours => ("hour", "hours"),
        TimeUnit::WorkingHours => ("working hour", "working hours"),
    };
    format!("{number} {}", if number == "1" { one } else { many })
}

/// What was seen, for a measured value.
pub(super) fn measured(scale: &Scale, number: &str, arabic: bool) -> String {
    match (scale, arabic) {
        (Scale::Timed { unit, .. }, true) => {
            format!("المدة المسجلة: {}", arabic_time(number, *unit))
        }
        (Scale::Timed { unit, .. }, false) => {
            format!("time recorded: {}", english_time(number, *unit))
        }
        (_, true) => format!("النسبة المحسوبة: {number}%"),
        (_, false) => format!("rate counted: {number}%"),
    }
}

/// A remark about a criterion with this score.
pub(super) fn remark(criterion: &Criterion, score: f64) -> Text {
    match &criterion.scale {
        Scale::Timed { unit, full_at, .. } => timed_remark(*unit, full_at, score),
        Scale::Percent { target } => percent_remark(target, score),
        Scale::YesNo | Scale::MetPartlyNot | Scale::Level0To5 | Scale::Maturity => {
            seen_remark(criterion, score)
        }
    }
}

fn timed_remark(unit: TimeUnit, full_at: &Exact, score: f64) -> Text {
    let limit = full_at.to_decimal();
    let (ar, en) = (arabic_time(&limit, unit), english_time(&limit, unit));
    if score >= 99.95 {
        return Text::new(
            format!("جاءت المدة في حدود المستهدف، وهو {ar} على الأكثر."),
            format!("The time stayed within the target of {en} at most."),
        );
    }
    Text::new(
        format!("تجاوزت المدة المستهدف، والمطلوب ألا تزيد على {}.", genitive(&ar)),
        format!("The time exceeded the target; it should be no more than {en}."),
    )
}

/// The dual takes another ending after a preposition; the other forms look the same.
fn genitive(time: &str) -> String {
    match time {
        "ثانيتان" => "ثانيتين".into(),
        "دقيقتان" => "دقيقتين".into(),
        "ساعتان" => "ساعتين".into(),
        "ساعتا عمل" => "ساعتي عمل".into(),
        other => other.to_owned(),
    }
}

fn percent_remark(target: &Exact, score: f64) -> Text {
    let target = target.to_decimal();
    if score >= 99.95 {
        return Text::new(
            format!("بلغت النسبة المستهدف، وهو {target}%."),
            format!("The rate reached the target of {target}%."),
        );
    }
    Text::new(
        format!("لم تبلغ النسبة المستهدف، والمطلوب بلوغ {target}%."),
        format!("The rate fell short of the target; {target}% is expected."),
    )
}

fn seen_remark(criterion: &Criterion, score: f64) -> Text {
    let anchors = &criterion.anchors;
    let best_first = matches!(criterion.scale, Scale::YesNo | Scale::MetPartlyNot);
    let steps = anchors.len().saturating_sub(1);
    // The lower of the two steps a mean lies between: what must still be put right was seen there.
    let up = ((score / 100.0 * steps as f64) + 1e-6).floor() as usize;
    let place = |up: usize| if best_first { steps - up } else { up };
    let seen = anchors.get(place(up)).unwrap_or(&criterion.name);
    Text::new(format!("{}.", seen.ar), format!("{}.", seen.en))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arabic_numbers_take_the_right_noun() {
        let rows = [("1", "دقيقة واحدة"), ("2", "دقيقتان"), ("3", "3 دقائق"), ("10", "10 دقائق")];
        for (number, expected) in rows {
            assert_eq!(arabic_time(number, TimeUnit::Minutes), expected);
        }
        assert_eq!(arabic_time("20", TimeUnit::Seconds), "20 ثانية");
        assert_eq!(arabic_time("8", TimeUnit::WorkingHours), "8 ساعات عمل");
        assert_eq!(arabic_time("22.5", TimeUnit::Minutes), "22.5 دقيقة");
    }

    #[test]
    fn every_criterion_has_a_remark_in_both_languages_at_every_score() {
        for rubric in crate::shipped::rubrics().unwrap() {
            for criterion in rubric.criteria() {
                for score in [0.0, 30.0, 50.0, 70.0, 99.0, 100.0] {
                    let text = remark(criterion, score);
                    assert!(text.ar.ends_with('.') && text.en.ends_with('.'), "{}", criterion.id);
                    let full = [&criterion.anchors.first(), &criterion.anchors.last()];
                    let says = |anchor: &&Option<&Text>| {
                        anchor.is_some_and(|anchor| text.ar == format!("{}.", anchor.ar))
                    };
                    // At half the score neither the lowest nor the highest step was seen.
                    if criterion.anchors.len() > 2 && score == 50.0 {
                        assert!(!full.iter().any(says), "{}", criterion.id);
                    }
                }
            }
        }
    }

    #[test]
    fn every_exception_is_of_a_criterion_of_a_shipped_rubric() {
        let rubrics = crate::shipped::rubrics().unwrap();
        for exception in &EXCEPTIONS {
            assert!(rubrics.iter().any(|rubric| rubric.criterion(exception.criterion).is_some()));
        }
    }
}
