//! The demo's visits as they are ordered: scenario, persona, answer key, safety, the longest stay.
//!
//! All of it is for a visit's evaluator alone; the search of what managers received looks for it.

use mizan_domain::rubric::VisitKind;
use mizan_protocol::record::{BriefJson, TextJson};

use super::chance::Chance;
use super::names::Name;
use super::words::both;

/// What a visit is to be.
pub(super) struct Scenario {
    /// What to come with and ask for.
    text: Name,
    /// Who to be; none on a scheduled visit, which is made openly.
    persona: Option<Name>,
    /// What the scenario's question is rightly answered with.
    answer_key: Option<Name>,
    safety: Name,
    /// None where nobody's work is held up: a remote visit lasts for days.
    max_minutes: Option<u32>,
}

/// What holds on every secret visit to a centre.
const IN_PUBLIC: Name = (
    "ابقَ في الأماكن المفتوحة للجمهور، وغادر المركز فوراً إن شعرت بخطر أو سُئلت عن سبب حضورك بإلحاح.",
    "Stay in the areas open to the public, and leave at once if you feel unsafe or are pressed about why \
     you came.",
);

/// What holds on every contact from a distance.
const FROM_A_DISTANCE: Name = (
    "استعمل رقم البرنامج وبريده لا رقمك الخاص، ولا تذكر بيانات شخص حقيقي.",
    "Use the programme's number and mailbox, not your own, and give no real person's data.",
);

/// Secret visits in person.
const IN_PERSON: [Scenario; 3] = [
    Scenario {
        text: (
            "تقدّم بطلب عادي بمستنداته كاملة دون موعد مسبق، واسأل عن الرسوم ومدة الإنجاز قبل الدفع.",
            "Make an ordinary application with complete documents and no appointment; ask about the fee \
             and the completion time before paying.",
        ),
        persona: Some((
            "موظف في شركة خاصة استأذن ساعتين من عمله، ويتقدم بهذا الطلب أول مرة.",
            "An employee of a private company on two hours' leave, making this application for the first \
             time.",
        )),
        answer_key: Some((
            "الرسم المعلن 50 ويُدفع بالبطاقة أو نقداً، والإنجاز في اليوم نفسه إذا قُدّم الطلب قبل الظهر.",
            "The published fee is 50, by card or in cash; the matter is finished the same day when the \
             application is made before noon.",
        )),
        safety: IN_PUBLIC,
        max_minutes: Some(120),
    },
    Scenario {
        text: (
            "اطلب تجديد خدمة قائمة قبل نهاية الدوام بساعة، واسأل عما يلزم لمن ينوب عن قريب كبير في السن.",
            "Ask to renew an existing service an hour before closing, and ask what is needed to act for an \
             elderly relative.",
        ),
        persona: Some((
            "ابن أو ابنة يتولى معاملات والد في الثمانين لا يقدر على الحضور.",
            "A son or daughter who handles the affairs of a father of eighty who cannot come.",
        )),
        answer_key: Some((
            "يكفي تفويض موثّق وبطاقتا الهوية، ولا يلزم حضور كبير السن، وله أن يطلب زيارة منزلية.",
            "An attested authorisation and both identity cards are enough; the elderly person need not \
             come and may ask for a home visit.",
        )),
        safety: IN_PUBLIC,
        max_minutes: Some(90),
    },
    Scenario {
        text: (
            "احجز موعداً عبر البوابة واحضر في وقته، ثم اسأل عن خدمة ثانية مرتبطة بالأولى.",
            "Book an appointment on the portal and come on time, then ask about a second service linked to \
             the first.",
        ),
        persona: Some((
            "صاحب مشروع صغير يحجز مواعيده عبر البوابة ويحرص على وقته.",
            "The owner of a small business who books on the portal and is careful with time.",
        )),
        answer_key: Some((
            "تُقدَّم الخدمة الثانية في الزيارة نفسها دون موعد آخر، ويُستعمل لها ملف الأولى بلا مستندات جديدة.",
            "The second service is given on the same visit without another appointment, from the first \
             one's file and without new documents.",
        )),
        safety: IN_PUBLIC,
        max_minutes: Some(120),
    },
];

/// Secret visits from a distance.
const REMOTE: [Scenario; 2] = [
    Scenario {
        text: (
            "اتصل ثلاث مرات في أوقات مختلفة، واطرح السؤال نفسه في كل قناة مكتوبة، ثم أنجز المعاملة في البوابة.",
            "Call three times at different hours, put the same question on every written channel, then \
             complete the transaction on the portal.",
        ),
        persona: Some((
            "مقيم خارج العاصمة لا يستطيع الوصول إلى مقر الجهة، ويسأل عما يلزم قبل أن يبدأ.",
            "A resident outside the capital who cannot reach the agency's premises and asks what is needed \
             before starting.",
        )),
        answer_key: Some((
            "يلزم رقم الهوية وعقد السكن، والرسم 20، ويصدر المستند خلال يومَي عمل.",
            "The identity number and the tenancy contract are needed, the fee is 20, and the document is \
             issued within two working days.",
        )),
        safety: FROM_A_DISTANCE,
        max_minutes: None,
    },
    Scenario {
        text: (
            "ابحث عن الخدمة من الهاتف، وابدأ الطلب واحفظه ثم أكمله دون انقطاع، واتصل ثلاث مرات للسؤال عن \
             حالته، واسأل عنها كتابةً في كل قناة.",
            "Find the service on a phone, start the request, save it and go straight on to complete it; \
             call three times about its status and ask for it in writing on every channel.",
        ),
        persona: Some((
            "طالب جامعي ينجز كل شيء من هاتفه، ولا يعرف أسماء الإدارات.",
            "A university student who does everything on a phone and does not know the names of \
             departments.",
        )),
        // What the status is depends on the request: no answer can be right beforehand.
        answer_key: None,
        safety: FROM_A_DISTANCE,
        max_minutes: None,
    },
];

/// The scheduled visit.
const SCHEDULED: Scenario = Scenario {
    text: (
        "زيارة مجدولة: مقابلة مدير المركز والاطلاع على السجلات والمؤشرات ومعاينة المرافق.",
        "Scheduled visit: meet the centre's manager, inspect records and indicators, and see the facilities.",
    ),
    persona: None,
    answer_key: None,
    safety: (
        "اصطحب مرافقاً من المركز في مناطق الموظفين، ولا تصوّر شاشة عليها بيانات عملاء.",
        "Be accompanied by the centre's staff in staff areas, and photograph no screen with customers' data.",
    ),
    max_minutes: Some(240),
};

/// The scenario of a visit.
pub(super) fn scenario(remote: bool, kind: VisitKind, chance: Chance) -> &'static Scenario {
    match (kind, remote) {
        (VisitKind::Scheduled, _) => &SCHEDULED,
        (VisitKind::Unannounced, true) => chance.pick(&REMOTE),
        (VisitKind::Unannounced, false) => chance.pick(&IN_PERSON),
    }
}

impl Scenario {
    /// What to come with and ask for.
    pub(super) fn text(&self) -> TextJson {
        json(self.text)
    }

    /// The rest of the brief.
    pub(super) fn brief(&self) -> BriefJson {
        BriefJson {
            persona: self.persona.map(json),
            answer_key: self.answer_key.map(json),
            safety: Some(json(self.safety)),
            max_minutes: self.max_minutes,
            ..BriefJson::default()
        }
    }
}

fn json((ar, en): Name) -> TextJson {
    both(ar, en)
}

/// How many characters of a text are looked for: enough to be found nowhere else, and few enough to
/// lie within one line or one part of a text that was cut up.
const OPENING: usize = 24;

/// The openings of every text of every brief, in both languages.
pub(super) fn openings() -> Vec<String> {
    let scenarios = IN_PERSON.iter().chain(&REMOTE).chain([&SCHEDULED]);
    let texts = scenarios.flat_map(|of| {
        [Some(of.text), of.persona, of.answer_key, Some(of.safety)].into_iter().flatten()
    });
    let openings = texts.flat_map(|(ar, en)| [ar, en]).map(|text| text.chars().take(OPENING));
    let mut openings: Vec<String> = openings.map(Iterator::collect).collect();
    openings.sort();
    openings.dedup();
    openings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_secret_visit_has_a_persona_and_no_other_visit_has() {
        let rows = [(false, &IN_PERSON[..]), (true, &REMOTE[..])];
        for (remote, scenarios) in rows {
            let drawn = scenario(remote, VisitKind::Unannounced, Chance::new(1));
            assert!(scenarios.iter().any(|of| of.text() == drawn.text()), "remote: {remote}");
            assert!(scenarios.iter().all(|of| of.brief().persona.is_some()), "remote: {remote}");
        }
        assert_eq!(scenario(true, VisitKind::Scheduled, Chance::new(1)).brief().persona, None);
    }

    #[test]
    fn an_opening_is_long_enough_to_be_found_by() {
        let openings = openings();
        // Six texts in two languages; five personas, four keys and three safety notes as well.
        assert_eq!(openings.len(), 2 * (6 + 5 + 4 + 3));
        assert!(openings.iter().all(|opening| opening.chars().count() == OPENING));
    }
}
