//! Every word the scorecard says by itself, in both languages, and how it writes dates and counts.
//!
//! Nothing else in the crate holds literal wording. Each accessor gives both languages at once, so
//! a missing translation does not compile.

use chrono::{Datelike, NaiveDate};
use mizan_domain::text::Language;

use crate::card::{CriticalEffect, CriticalFinding, VisitKinds};

/// The words of one language.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Words {
    language: Language,
}

/// Makes one accessor a line: its name, the Arabic words, the English words.
macro_rules! words {
    ($($(#[doc = $doc:literal])* $name:ident: $ar:literal, $en:literal;)*) => {
        impl Words {
            $($(#[doc = $doc])* pub(crate) fn $name(self) -> &'static str {
                self.pick($ar, $en)
            })*

            /// Every fixed wording, for the tests that look at all of them.
            #[cfg(test)]
            pub(crate) fn all(self) -> Vec<(&'static str, &'static str)> {
                vec![$((stringify!($name), self.$name())),*]
            }
        }
    };
}

words! {
    scorecard: "بطاقة أداء المركز", "Centre scorecard";
    /// The mark of an unpublished card.
    draft: "مسودة", "Draft";
    draft_notice: "مسودة غير معتمدة للنشر", "Draft, not approved for publication";
    centre_code: "رمز المركز", "Centre code";
    model: "النموذج", "Model";
    issued: "تاريخ الإصدار", "Issued";
    scorecard_version: "إصدار البطاقة", "Scorecard version";
    score: "الدرجة الكلية", "Overall score";
    out_of_100: "من 100", "out of 100";
    no_value: "–", "–";
    level_reached: "المستوى المحقق", "Level awarded";
    outcome: "ما آلت إليه النتيجة", "Outcome";
    no_score: "لا توجد درجة", "No score";
    no_score_meaning:
        "لم تُسجَّل في هذه الدورة نتيجة لأي معيار ينطبق على المركز، فلا درجة له ولا مستوى.",
        "No criterion that applies to the centre has a result in this cycle, so it has neither a score nor a level.";
    insufficient_evidence: "أدلة غير كافية", "Insufficient evidence";
    insufficient_evidence_meaning:
        "لم تبلغ نسبة التغطية الحد الأدنى الذي يشترطه دليل التقييم، فلا يُمنح المركز مستوى في هذه الدورة. الدرجة المعروضة للاسترشاد فقط.",
        "Coverage is below the minimum that the rubric requires, so no level is awarded in this cycle. The score shown is for information only.";
    committee_decision: "قرار اللجنة", "Committee decision";
    committee_decision_meaning:
        "ثبت إخلال بمعيار حرج، فلا يُمنح المركز مستوى تلقائيًا مهما كانت درجته. القرار للجنة التقييم.",
        "A failure of a critical criterion has been confirmed, so no level follows from the score. The decision rests with the committee.";
    computed_outcome: "النتيجة المحسوبة من الدرجة", "Outcome computed from the score";
    reason: "سبب القرار", "Reason for the decision";
    no_level: "بلا مستوى", "No level";
    ladder: "سلّم المستويات", "Ladder of levels";
    coverage: "التغطية", "Coverage";
    coverage_note: "من وزن المعايير المنطبقة", "of the weight that applies";
    basic_compliance: "المتطلبات الأساسية", "Basic requirements";
    basic_compliance_note: "من المعايير الأساسية مستوفاة", "of basic criteria are met";
    unannounced_visits: "زيارات سرية محتسبة", "Unannounced visits counted";
    scheduled_visits: "زيارات مجدولة محتسبة", "Scheduled visits counted";
    visits_note: "في هذه الدورة", "in this cycle";
    pillars: "درجات المحاور", "Pillar scores";
    profile: "صورة الأداء", "Performance profile";
    this_centre: "هذا المركز", "This centre";
    median_of_model: "وسيط مراكز النموذج", "Median of the model";
    strengths: "نقاط القوة", "Strengths";
    improvements: "ملاحظات للتحسين", "Remarks for improvement";
    no_strengths: "لم تُسجَّل نقاط قوة في هذه الدورة.", "No strengths were recorded in this cycle.";
    no_improvements:
        "لم تُسجَّل ملاحظات للتحسين في هذه الدورة.", "No remarks for improvement were recorded in this cycle.";
    all_criteria: "نتائج المعايير", "Results by criterion";
    all_criteria_note:
        "كل معيار بوزنه ونوع الزيارة التي يُحكم عليه فيها ودرجته من 100.",
        "Each criterion with its weight, the kind of visit it is judged on, and its score out of 100.";
    code: "الرمز", "Code";
    criterion: "المعيار", "Criterion";
    weight: "الوزن", "Weight";
    visits: "الزيارة", "Visit";
    criterion_score: "الدرجة", "Score";
    marks: "التصنيف", "Classification";
    not_applicable: "لا ينطبق", "Not applicable";
    not_evaluated: "لم يُقيَّم", "Not evaluated";
    basic: "أساسي", "Basic";
    no_criteria: "ليس في هذا المحور معايير.", "This pillar has no criteria.";
    remarks: "الملاحظات", "Remarks";
    expected_actions: "الإجراءات المتوقعة", "Expected actions";
    critical_criteria: "المعايير الحرجة", "Critical criteria";
    critical_note:
        "يُعد المعيار الحرج مخلًا به إذا قلّت درجته عن 40، ولا يؤثر في المستوى إلا بعد التثبت منه.",
        "A critical criterion is hit when its score is below 40, and affects the level only once the finding is confirmed.";
    no_critical: "ليس في دليل التقييم معايير حرجة.", "The rubric has no critical criteria.";
    effect: "الأثر", "Effect";
    effect_cap: "يحدّ أعلى مستوى يمكن بلوغه", "Limits the highest level";
    effect_fail: "لا مستوى، والقرار للجنة", "No level; the committee decides";
    finding: "الحالة", "Finding";
    finding_clear: "لا إخلال", "Not hit";
    finding_open: "تنبيه قيد التثبت", "Open alert";
    finding_dismissed: "لم يثبت بعد المراجعة", "Dismissed on review";
    finding_confirmed: "إخلال مثبت", "Hit, confirmed";
    finding_unscored: "لا درجة", "No score";
    method: "المنهجية والتحقق", "Method and verification";
    method_heading: "كيف تُحسب الدرجة", "How the score is computed";
    method_criterion:
        "درجة المعيار متوسط إجاباته محوّلة إلى سلّم من 0 إلى 100، فإن كان يُحكم عليه في الزيارات السرية والمجدولة معًا جُمع المتوسطان بالحصتين المحددتين في دليل التقييم.",
        "A criterion's score is the mean of its answers on a scale from 0 to 100; where it is judged on both unannounced and scheduled visits, the two means are combined in the shares that the rubric sets.";
    method_centre:
        "درجة المحور متوسط درجات معاييره مرجحًا بأوزانها، ودرجة المركز متوسط درجات محاوره مرجحًا بأوزانها، ولا يدخل في الحساب ما لا ينطبق وما لم يُقيَّم.",
        "A pillar's score is the mean of its criteria weighted by their weights, and the centre's score is the mean of its pillars weighted by theirs; what does not apply or was not evaluated is left out.";
    method_level:
        "يُحدَّد المستوى بالدرجة الدقيقة قبل التقريب، وهو أعلى مستوى استوفى المركز شروطه كلها، والتقريب إلى منزلة عشرية واحدة للعرض فقط.",
        "The level is decided on the exact score before rounding: it is the best level whose conditions the centre meets in full. Rounding to one decimal is for display only.";
    verify_heading: "كيف يُتحقق من هذه البطاقة", "How to verify this scorecard";
    verify:
        "تُطابَق بصمة SHA-256 أدناه مع بصمة دليل التقييم المنشور، ثم يُعاد حساب المتوسطات من درجات المعايير وأوزانها في هذه الوثيقة فتعطي الدرجة المعروضة في حدود التقريب. أما الدرجة الدقيقة فكسر بلا تقريب.",
        "Compare the SHA-256 below with that of the published rubric; then recompute the means from the criterion scores and weights in this document, and they give the score shown, to within rounding. The exact score is a fraction without rounding.";
    rubric: "دليل التقييم", "Rubric";
    rubric_version: "إصدار دليل التقييم", "Rubric version";
    rubric_digest: "بصمة دليل التقييم (SHA-256)", "SHA-256 of the rubric";
    exact_score: "الدرجة الدقيقة", "Exact score";
    minutes: "محضر اجتماع اللجنة", "Minutes of the committee";
    committee: "لجنة التقييم", "Evaluation committee";
    held_on: "تاريخ الاجتماع", "Held on";
    members_present: "الأعضاء الحاضرون", "Members present";
    quorum: "النصاب", "Quorum";
    centres_on_agenda: "المراكز في جدول الأعمال", "Centres on the agenda";
    attendance: "الحضور", "Attendance";
    name: "الاسم", "Name";
    role: "الصفة", "Role";
    chair: "رئيس اللجنة", "Chair";
    member: "عضو", "Member";
    present: "حاضر", "Present";
    absent: "غائب", "Absent";
    decisions: "القرارات", "Decisions";
    no_agenda: "لم يتضمن جدول الأعمال أي مركز.", "There was no centre on the agenda.";
    centre: "المركز", "Centre";
    computed_level: "النتيجة المحسوبة", "Computed";
    for_the_committee: "يُترك القرار للجنة", "For the committee to decide";
    decision: "القرار", "Decision";
    deferred: "مؤجل إلى اجتماع آخر", "Deferred to another meeting";
    recusals: "المتنحّون", "Recusals";
    why: "السبب", "Why";
    ground_agency: "يعمل في جهة المركز", "Works for the centre's agency";
    ground_interest: "له مصلحة في جهة المركز", "Has an interest in the centre's agency";
    ground_own_reason: "بطلبه أو بقرار الرئيس", "On request, or by the chair's decision";
    ballot: "الاقتراع", "Ballot";
    vote: "الصوت", "Vote";
    vote_as_computed: "موافق على النتيجة المحسوبة", "Agrees with what is computed";
    discussion: "النقاش", "Discussion";
    dissents: "الآراء المخالفة", "Dissenting opinions";
    signature_heading: "التوقيع والتحقق", "Signature and verification";
    signature_note:
        "وقّع الخادم هذا المحضر عند اختتام الاجتماع، ولا يتغير بعد ذلك. تُطابَق البصمة أدناه مع بصمة النسخة الرقمية للمحضر، ثم يُتحقق من التوقيع بالمفتاح العام.",
        "The server signed these minutes when the meeting was closed, and they do not change afterwards. Compare the digest below with that of the minutes' digital form, then check the signature with the public key.";
    minutes_digest: "بصمة المحضر (SHA-256)", "SHA-256 of the minutes";
    public_key: "المفتاح العام", "Public key";
    signature: "التوقيع", "Signature";
}

impl Words {
    pub(crate) fn new(language: Language) -> Self {
        Self { language }
    }

    fn pick(self, ar: &'static str, en: &'static str) -> &'static str {
        match self.language {
            Language::Arabic => ar,
            Language::English => en,
        }
    }

    /// Keeps a code, number or other foreign piece whole inside right-to-left text.
    pub(crate) fn isolate(self, text: &str) -> String {
        match self.language {
            Language::Arabic => format!("\u{2066}{text}\u{2069}"),
            Language::English => text.to_owned(),
        }
    }

    /// A share of a hundred, for example `96.0%`.
    pub(crate) fn percent(self, number: &str) -> String {
        self.isolate(&format!("{number}%"))
    }

    /// The least score of a level, for example `80+`.
    pub(crate) fn at_least(self, number: &str) -> String {
        self.isolate(&format!("≥ {number}"))
    }

    /// A range below the next level, for the lowest rung.
    pub(crate) fn below(self, number: &str) -> String {
        self.isolate(&format!("< {number}"))
    }

    /// A code and a name on one line.
    pub(crate) fn coded(self, code: &str, name: &str) -> String {
        format!("{}  {name}", self.isolate(code))
    }

    /// Label and value as one phrase.
    pub(crate) fn labelled(self, label: &str, value: &str) -> String {
        match self.language {
            Language::Arabic => format!("{label}: {value}"),
            Language::English => format!("{label}: {value}"),
        }
    }

    /// A count of visits, with the right form of the noun.
    pub(crate) fn visit_count(self, count: u32) -> String {
        match (self.language, count, count % 100) {
            (Language::Arabic, 0, _) => "لا زيارات".to_owned(),
            (Language::Arabic, 1, _) => "زيارة واحدة".to_owned(),
            (Language::Arabic, 2, _) => "زيارتان".to_owned(),
            (Language::Arabic, _, 3..=10) => format!("{count} زيارات"),
            (Language::Arabic, _, _) => format!("{count} زيارة"),
            (Language::English, 0, _) => "No visits".to_owned(),
            (Language::English, 1, _) => "1 visit".to_owned(),
            (Language::English, _, _) => format!("{count} visits"),
        }
    }

    /// A weight in points, with the right form of the noun.
    pub(crate) fn points(self, weight: &str) -> String {
        let whole: Option<u32> = weight.parse().ok();
        match (self.language, whole, whole.map(|points| points % 100)) {
            (Language::Arabic, Some(1), _) => "نقطة واحدة".to_owned(),
            (Language::Arabic, Some(2), _) => "نقطتان".to_owned(),
            (Language::Arabic, _, Some(3..=10)) => format!("{weight} نقاط"),
            (Language::Arabic, _, _) => format!("{} نقطة", self.isolate(weight)),
            (Language::English, Some(1), _) => "1 point".to_owned(),
            (Language::English, _, _) => format!("{weight} points"),
        }
    }

    /// A meeting by its number in the cycle.
    pub(crate) fn meeting_number(self, number: u32) -> String {
        match self.language {
            Language::Arabic => format!("الاجتماع رقم {number}"),
            Language::English => format!("Meeting {number}"),
        }
    }

    /// The number of a page among all.
    pub(crate) fn page_of(self, page: usize, pages: usize) -> String {
        match self.language {
            Language::Arabic => format!("صفحة {page} من {pages}"),
            Language::English => format!("Page {page} of {pages}"),
        }
    }

    /// A date in full, in the Gregorian calendar with Western digits.
    pub(crate) fn date(self, date: NaiveDate) -> String {
        const AR: [&str; 12] = [
            "يناير",
            "فبراير",
            "مارس",
            "أبريل",
            "مايو",
            "يونيو",
            "يوليو",
            "أغسطس",
            "سبتمبر",
            "أكتوبر",
            "نوفمبر",
            "ديسمبر",
        ];
        const EN: [&str; 12] = [
            "January",
            "February",
            "March",
            "April",
            "May",
            "June",
            "July",
            "August",
            "September",
            "October",
            "November",
            "December",
        ];
        let months = match self.language {
            Language::Arabic => AR,
            Language::English => EN,
        };
        format!("{} {} {}", date.day(), months[date.month0() as usize], date.year())
    }

    pub(crate) fn visit_kinds(self, kinds: VisitKinds) -> &'static str {
        match kinds {
            VisitKinds::Unannounced => self.pick("سرية", "Unannounced"),
            VisitKinds::Scheduled => self.pick("مجدولة", "Scheduled"),
            VisitKinds::Both => self.pick("كلتاهما", "Both"),
        }
    }

    /// How a critical criterion is marked in the table of its pillar.
    pub(crate) fn critical_mark(self, finding: CriticalFinding) -> &'static str {
        match finding {
            CriticalFinding::Clear => self.pick("حرج", "Critical"),
            CriticalFinding::Open => self.pick("حرج: تنبيه", "Critical: alert"),
            CriticalFinding::Confirmed => self.pick("حرج: إخلال مثبت", "Critical: hit"),
            CriticalFinding::Dismissed => self.pick("حرج: لم يثبت", "Critical: dismissed"),
        }
    }

    pub(crate) fn critical_effect(self, effect: CriticalEffect) -> &'static str {
        match effect {
            CriticalEffect::Cap => self.effect_cap(),
            CriticalEffect::Fail => self.effect_fail(),
        }
    }

    pub(crate) fn critical_finding(self, finding: CriticalFinding) -> &'static str {
        match finding {
            CriticalFinding::Clear => self.finding_clear(),
            CriticalFinding::Open => self.finding_open(),
            CriticalFinding::Confirmed => self.finding_confirmed(),
            CriticalFinding::Dismissed => self.finding_dismissed(),
        }
    }

    /// Joins parts of one line.
    pub(crate) fn join(self, parts: &[String]) -> String {
        parts.join("  ·  ")
    }

    /// Joins items of a list inside a sentence.
    pub(crate) fn list(self, parts: &[String]) -> String {
        parts.join(self.pick("، ", ", "))
    }
}

/// Isolates codes, dates, numbers with signs and the like inside Arabic text, where the order of
/// their parts would otherwise turn round: `2026-H1` would print as `H1-2026`. Plain words and
/// numbers need no help, and text that already has isolates is left as it is.
pub(crate) fn with_isolates(text: &str, language: Language) -> String {
    let own = |letter: char| matches!(letter, '\u{2066}'..='\u{2069}');
    if language != Language::Arabic || text.chars().any(own) {
        return text.to_owned();
    }
    let mut result = String::with_capacity(text.len() + 12);
    let mut rest = text;
    while let Some(start) = rest.find(|letter: char| letter.is_ascii_alphanumeric()) {
        // A sign belongs to the piece when it stands right before it: -4.5, +966.
        let before = rest[..start].trim_end_matches(['-', '+', '#', '@']);
        let length = piece_length(&rest[before.len()..]);
        let (piece, after) = rest[before.len()..].split_at(length);
        result.push_str(before);
        if piece.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            result.push_str(piece);
        } else {
            result.extend(['\u{2066}']);
            result.push_str(piece);
            result.push('\u{2069}');
        }
        rest = after;
    }
    result.push_str(rest);
    result
}

/// How far a left-to-right piece goes: letters, digits and the signs between them, ending on a
/// letter, a digit, `%` or `+`. A slash may stand between spaces, as in `4.5 / 5`.
fn piece_length(text: &str) -> usize {
    let mut end = 0;
    let mut chars = text.char_indices().peekable();
    while let Some((at, letter)) = chars.next() {
        match letter {
            'a'..='z' | 'A'..='Z' | '0'..='9' | '%' | '+' => end = at + 1,
            '.' | ',' | ':' | '/' | '-' | '_' | '@' | '#' | '&' | '=' | '?' => {}
            ' ' if text[at..].starts_with(" / ") => {
                chars.next();
                chars.next();
            }
            _ => break,
        }
    }
    end
}

/// Text without the controls that isolate its pieces: what a reader without bidi should get.
pub(crate) fn without_isolates(text: &str) -> String {
    text.chars().filter(|letter| !matches!(letter, '\u{2066}'..='\u{2069}')).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arabic_counts_take_the_right_form_of_the_noun() {
        let words = Words::new(Language::Arabic);
        let table = [
            (0, "لا زيارات"),
            (1, "زيارة واحدة"),
            (2, "زيارتان"),
            (3, "3 زيارات"),
            (10, "10 زيارات"),
            (11, "11 زيارة"),
            (99, "99 زيارة"),
            (100, "100 زيارة"),
            (103, "103 زيارات"),
            (111, "111 زيارة"),
        ];
        for (count, expected) in table {
            assert_eq!(words.visit_count(count), expected, "{count} visits");
        }
    }

    #[test]
    fn weights_take_the_right_form_of_the_noun() {
        let arabic = Words::new(Language::Arabic);
        assert_eq!(arabic.points("1"), "نقطة واحدة");
        assert_eq!(arabic.points("2"), "نقطتان");
        assert_eq!(arabic.points("10"), "10 نقاط");
        assert_eq!(arabic.points("12"), "\u{2066}12\u{2069} نقطة");
        assert_eq!(arabic.points("1.5"), "\u{2066}1.5\u{2069} نقطة");
        assert_eq!(Words::new(Language::English).points("1"), "1 point");
    }

    #[test]
    fn pieces_whose_parts_would_turn_round_are_isolated() {
        let table = [
            ("الدورة 2026-H1 الآن", "الدورة ⟨2026-H1⟩ الآن"),
            ("بنسبة 27.0%.", "بنسبة ⟨27.0%⟩."),
            ("المستوى (B+) هنا", "المستوى (⟨B+⟩) هنا"),
            ("نتيجة 4.5 / 5 اليوم", "نتيجة ⟨4.5 / 5⟩ اليوم"),
            ("بتاريخ 2024-05-02.", "بتاريخ ⟨2024-05-02⟩."),
            ("درجة -4.5 تحت", "درجة ⟨-4.5⟩ تحت"),
            ("بريد info@example.gov.sa، ثم", "بريد ⟨info@example.gov.sa⟩، ثم"),
            ("بين 9:00 و11:00، ثم", "بين ⟨9:00⟩ و⟨11:00⟩، ثم"),
            ("نظام HRMS و34 دقيقة", "نظام HRMS و34 دقيقة"),
            ("بلا شيء", "بلا شيء"),
        ];
        for (plain, expected) in table {
            let shown = with_isolates(plain, Language::Arabic);
            assert_eq!(shown.replace('\u{2066}', "⟨").replace('\u{2069}', "⟩"), expected);
        }
        assert_eq!(with_isolates("in 2026-H1", Language::English), "in 2026-H1");
    }

    #[test]
    fn no_wording_is_left_in_the_other_language() {
        let arabic =
            |text: &str| text.chars().any(|letter| ('\u{620}'..'\u{6ff}').contains(&letter));
        for (name, text) in Words::new(Language::English).all() {
            assert!(!arabic(text), "{name} is Arabic in English");
        }
        for (name, text) in Words::new(Language::Arabic).all() {
            assert!(arabic(text) || name == "no_value", "{name} has no Arabic");
        }
    }

    #[test]
    fn no_wording_speaks_of_the_people_who_visit() {
        for language in Language::ALL {
            for (name, text) in Words::new(language).all() {
                for word in ["evaluator", "shopper", "visitor", "مقيّم", "مقيم", "متسوق", "زائر"]
                {
                    assert!(!text.to_lowercase().contains(word), "{name} says {word}");
                }
            }
        }
    }
}
