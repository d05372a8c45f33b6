//! Machine checks of a submitted visit: what a reviewer should look at first, and why.
//!
//! A finding accuses nobody and decides nothing; it says what was compared with what. Facts go in,
//! findings come out; whoever calls gathers the facts of other visits.

use std::collections::BTreeMap;

use crate::evaluation::{Answer, Evaluation, read_answer_to};
use crate::exact::Exact;
use crate::rubric::Rubric;
use crate::scale::Scale;
use crate::scoring;
use crate::timeline::{Moment, Timeline, TimelineFault};

/// Two visits of a centre that differ by more points than this are looked at (DOMAIN.md §7.4). A cycle
/// may set another.
pub const OUTLIER_POINTS: u32 = 20;
/// Of graded answers, how many percent may be worth the same before it is remarked on (composed).
pub const ALIKE_PERCENT: usize = 90;
/// Fewer graded answers than this may all be alike (composed).
pub const ALIKE_FROM: usize = 8;
/// A visit that leaves fewer seconds than this for each criterion was too fast (composed).
pub const SECONDS_EACH: i64 = 15;
/// Texts shorter than this are the same by chance (composed).
pub const REPEATED_FROM_CHARS: usize = 30;
/// So many moments at the very same instant were not noted as they happened (composed: two may fall
/// together when times are typed to the minute).
pub const SAME_INSTANT_FROM: usize = 3;
/// Clocks may differ by this much before an end after the arrival of the evaluation is remarked on
/// (composed).
pub const CLOCK_SLACK_MS: i64 = 10 * 60_000;

/// What a cycle sets otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// In place of [`OUTLIER_POINTS`].
    pub outlier_points: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self { outlier_points: OUTLIER_POINTS }
    }
}

/// What one evaluation tells by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Own {
    /// Its score, were it the only one.
    pub score: Option<Exact>,
    /// How many criteria were answered with a value.
    pub answered: usize,
    /// How many of those have a scale of more than two steps that a person chooses from.
    pub graded: usize,
    /// How many graded answers are worth the same, at most.
    pub alike: usize,
    /// The times noted.
    pub timeline: Timeline,
    /// Notes and reasons long enough to compare, by criterion, freed of what typing varies.
    pub texts: Vec<(String, String)>,
}

/// Looks at one evaluation alone. `texts` are its notes and reasons by criterion.
#[must_use]
pub fn look_at(
    rubric: &Rubric,
    evaluation: &Evaluation,
    texts: &[(&str, &str)],
    timeline: Timeline,
) -> Own {
    let scored = scored(rubric, evaluation);
    let graded: Vec<&Exact> =
        scored.iter().filter(|(is_graded, _)| *is_graded).map(|(_, score)| score).collect();
    let score = scoring::score(rubric, std::slice::from_ref(evaluation), &[]);
    Own {
        score: score.ok().and_then(|card| card.score),
        answered: scored.len(),
        graded: graded.len(),
        alike: most_alike(&graded),
        timeline,
        texts: texts
            .iter()
            .map(|(criterion, text)| ((*criterion).to_owned(), plain(text)))
            .filter(|(_, text)| text.chars().count() >= REPEATED_FROM_CHARS)
            .collect(),
    }
}

/// The answers that have a score, each with whether its scale is graded.
fn scored(rubric: &Rubric, evaluation: &Evaluation) -> Vec<(bool, Exact)> {
    let read = |(id, raw): &(String, _)| {
        let criterion = rubric.criterion(id)?;
        let is_graded = match criterion.scale {
            Scale::MetPartlyNot | Scale::Level0To5 | Scale::Maturity => true,
            Scale::YesNo | Scale::Timed { .. } | Scale::Percent { .. } => false,
        };
        match read_answer_to(criterion, evaluation.kind, raw) {
            Ok(Answer::Scored { score, .. }) => Some((is_graded, score)),
            Ok(Answer::NotApplicable(_) | Answer::NotEvaluated(_)) | Err(_) => None,
        }
    };
    evaluation.answers.iter().filter_map(read).collect()
}

fn most_alike(scores: &[&Exact]) -> usize {
    let mut counts: BTreeMap<&Exact, usize> = BTreeMap::new();
    for score in scores {
        *counts.entry(score).or_default() += 1;
    }
    counts.into_values().max().unwrap_or(0)
}

/// From the first to the last moment at the centre, when there are two.
#[must_use]
pub fn present(timeline: &Timeline) -> Option<(i64, i64)> {
    ends(timeline.moments.values().copied())
}

/// From the first to the last instant noted, contacts included.
fn span(timeline: &Timeline) -> Option<(i64, i64)> {
    let contacts = timeline.contacts.iter().flat_map(|contact| &contact.moments);
    ends(timeline.moments.values().copied().chain(contacts.map(|(_, at)| *at)))
}

fn ends(instants: impl Iterator<Item = i64> + Clone) -> Option<(i64, i64)> {
    let (first, last) = (instants.clone().min()?, instants.max()?);
    (first < last).then_some((first, last))
}

/// The moments that share one instant, where enough do.
fn same_instant(timeline: &Timeline) -> Vec<Moment> {
    let mut by_instant: BTreeMap<i64, Vec<Moment>> = BTreeMap::new();
    for (moment, at) in &timeline.moments {
        by_instant.entry(*at).or_default().push(*moment);
    }
    by_instant.into_values().find(|moments| moments.len() >= SAME_INSTANT_FROM).unwrap_or_default()
}

/// A text without what typing varies: letters and digits alone, in lower case, between single spaces.
#[must_use]
pub fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut is_apart = false;
    for c in text.chars() {
        // Arabic letters first: most texts are of them, and they have no case to look up.
        let is_arabic = matches!(c, '\u{621}'..='\u{64a}');
        if !is_arabic && !c.is_alphanumeric() {
            is_apart = !plain.is_empty();
            continue;
        }
        if std::mem::take(&mut is_apart) {
            plain.push(' ');
        }
        if is_arabic { plain.push(c) } else { plain.extend(c.to_lowercase()) }
    }
    plain
}

/// Something of this visit that another visit has too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Elsewhere {
    /// Where it is in this visit.
    pub criterion: String,
    /// Names the file; empty for a text.
    pub file: String,
    /// Another visit that has it.
    pub visit: String,
    /// How many others have it.
    pub others: u32,
}

/// All that the checks look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// What the evaluation tells by itself.
    pub own: Own,
    /// When the server took it in.
    pub received_at: i64,
    /// Evidence it names that is not there: criterion and file.
    pub missing: Vec<(String, String)>,
    /// Texts that stand in other visits too.
    pub texts: Vec<Elsewhere>,
    /// Files whose very bytes another visit has too.
    pub photos: Vec<Elsewhere>,
    /// Visits with exactly the same times.
    pub same_times: Vec<String>,
    /// Visits to other centres at which the same person was at the same time.
    pub elsewhere: Vec<String>,
    /// The scores of the centre's other visits in the cycle.
    pub others: Vec<(String, Exact)>,
}

/// What a check remarks on, with what was compared.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "each check says what its fields hold")]
pub enum Finding {
    /// A file that the evaluation names has not arrived.
    EvidenceMissing { criterion: String, file: String },
    /// Times stand in an impossible order.
    ImpossibleTime(TimelineFault),
    /// The last time noted is after the evaluation arrived.
    TimeAhead { last: i64, received: i64 },
    /// The same person was at another centre at the same time.
    TwoPlaces { visit: String },
    /// Several moments at the very same instant.
    SameInstant { moments: Vec<Moment> },
    /// Another visit has exactly the same times.
    SameTimes { visit: String },
    /// Nearly all graded answers are worth the same.
    StraightLining { alike: usize, graded: usize },
    /// A text stands word for word in another visit.
    TextRepeated { criterion: String, visit: String, others: u32 },
    /// A file's very bytes are evidence of another visit.
    PhotoReused { criterion: String, file: String, visit: String, others: u32 },
    /// The score is far from that of another visit of the centre.
    Outlier { score: Exact, visit: String, other: Exact, allowed: u32 },
    /// There was too little time for so many criteria.
    TooFast { seconds: i64, criteria: usize },
}

impl Finding {
    /// The check's word.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::EvidenceMissing { .. } => "evidence_missing",
            Self::ImpossibleTime(_) => "impossible_time",
            Self::TimeAhead { .. } => "time_ahead",
            Self::TwoPlaces { .. } => "two_places",
            Self::SameInstant { .. } => "same_instant",
            Self::SameTimes { .. } => "same_times",
            Self::StraightLining { .. } => "straight_lining",
            Self::TextRepeated { .. } => "text_repeated",
            Self::PhotoReused { .. } => "photo_reused",
            Self::Outlier { .. } => "outlier",
            Self::TooFast { .. } => "too_fast",
        }
    }
}

/// Everything there is to remark on, in the order of the checks.
#[must_use]
pub fn check(facts: &Facts, limits: Limits) -> Vec<Finding> {
    let mut findings: Vec<Finding> = facts
        .missing
        .iter()
        .map(|(criterion, file)| Finding::EvidenceMissing {
            criterion: criterion.clone(),
            file: file.clone(),
        })
        .collect();
    check_times(&mut findings, facts);
    check_answers(&mut findings, &facts.own);
    for Elsewhere { criterion, visit, others, .. } in &facts.texts {
        let (criterion, visit, others) = (criterion.clone(), visit.clone(), *others);
        findings.push(Finding::TextRepeated { criterion, visit, others });
    }
    for Elsewhere { criterion, file, visit, others } in &facts.photos {
        let (criterion, file) = (criterion.clone(), file.clone());
        let (visit, others) = (visit.clone(), *others);
        findings.push(Finding::PhotoReused { criterion, file, visit, others });
    }
    findings.extend(outlier(facts, limits));
    findings
}

fn check_times(findings: &mut Vec<Finding>, facts: &Facts) {
    let timeline = &facts.own.timeline;
    findings.extend(timeline.check().into_iter().map(Finding::ImpossibleTime));
    if let Some((_, last)) = span(timeline)
        && last > facts.received_at + CLOCK_SLACK_MS
    {
        findings.push(Finding::TimeAhead { last, received: facts.received_at });
    }
    let two_places = |visit: &String| Finding::TwoPlaces { visit: visit.clone() };
    findings.extend(facts.elsewhere.iter().map(two_places));
    let moments = same_instant(timeline);
    if !moments.is_empty() {
        findings.push(Finding::SameInstant { moments });
    }
    let same_times = |visit: &String| Finding::SameTimes { visit: visit.clone() };
    findings.extend(facts.same_times.iter().map(same_times));
}

fn check_answers(findings: &mut Vec<Finding>, own: &Own) {
    let (alike, graded) = (own.alike, own.graded);
    if graded >= ALIKE_FROM && alike * 100 >= graded * ALIKE_PERCENT {
        findings.push(Finding::StraightLining { alike, graded });
    }
    if let Some((first, last)) = span(&own.timeline) {
        let (seconds, criteria) = ((last - first) / 1_000, own.answered);
        let needed = i64::try_from(criteria).unwrap_or(i64::MAX).saturating_mul(SECONDS_EACH);
        if seconds < needed {
            findings.push(Finding::TooFast { seconds, criteria });
        }
    }
}

/// The other visit that is farthest, when it is too far.
fn outlier(facts: &Facts, limits: Limits) -> Option<Finding> {
    let score = facts.own.score.clone()?;
    let distance = |other: &Exact| {
        let difference = &score - other;
        if difference.is_negative() { other - &score } else { difference }
    };
    let farthest = facts.others.iter().max_by_key(|(_, other)| distance(other));
    let (visit, other) = farthest?;
    let is_far = distance(other) > Exact::from(i64::from(limits.outlier_points));
    let (visit, other) = (visit.clone(), other.clone());
    is_far.then_some(Finding::Outlier { score, visit, other, allowed: limits.outlier_points })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evaluation::RawAnswer;
    use crate::rubric::VisitKind;
    use crate::scale::RawValue;

    fn rubric() -> Rubric {
        let mut text = String::from(
            r#"id = "small"
version = "1.0.0"
model = "in_person"
title = { ar = "ع", en = "Small" }
[policy]
critical_cap = "all"
[[levels]]
id = "all"
name = { ar = "ع", en = "All" }
min_score = 0
allows_critical = true
[[pillars]]
id = "A"
name = { ar = "ع", en = "A" }
weight = 100
"#,
        );
        for n in 1..=10 {
            text += &format!(
                r#"[[pillars.criteria]]
id = "A{n}"
name = {{ ar = "ع", en = "A{n}" }}
guidance = {{ ar = "ع", en = "Look" }}
weight = 10
scale = {{ kind = "level_0_5" }}
anchors = [{}]
visits = ["unannounced"]
evidence = {{ rule = "none", kinds = [] }}
"#,
                [r#"{ ar = "ع", en = "a" }"#; 6].join(", ")
            );
        }
        Rubric::from_toml(&text).unwrap()
    }

    fn evaluation(levels: &[i64]) -> Evaluation {
        let answer = |(n, level): (usize, &i64)| {
            (format!("A{}", n + 1), RawAnswer::Value(RawValue::Integer(*level)))
        };
        let answers = levels.iter().enumerate().map(answer).collect();
        Evaluation { id: "e".into(), kind: VisitKind::Unannounced, answers }
    }

    fn timeline(moments: &[(Moment, i64)]) -> Timeline {
        Timeline { moments: moments.iter().copied().collect(), contacts: Vec::new() }
    }

    /// A visit of ten different answers in half an hour, about which there is nothing to say.
    fn quiet() -> Facts {
        let times = timeline(&[(Moment::Arrived, 0), (Moment::Left, 1_800_000)]);
        let own = look_at(&rubric(), &evaluation(&[0, 1, 2, 3, 4, 5, 1, 2, 3, 4]), &[], times);
        Facts {
            own,
            received_at: 2_000_000,
            missing: Vec::new(),
            texts: Vec::new(),
            photos: Vec::new(),
            same_times: Vec::new(),
            elsewhere: Vec::new(),
            others: Vec::new(),
        }
    }

    fn own(levels: &[i64], times: &[(Moment, i64)]) -> Own {
        look_at(&rubric(), &evaluation(levels), &[], timeline(times))
    }

    fn somewhere(file: &str) -> Elsewhere {
        let (criterion, visit) = ("A1".to_owned(), "v".to_owned());
        Elsewhere { criterion, file: file.into(), visit, others: 2 }
    }

    #[test]
    fn a_quiet_visit_has_no_finding() {
        assert_eq!(check(&quiet(), Limits::default()), []);
    }

    /// A title, what is changed of a quiet visit, and the words of what is found then.
    type Row = (&'static str, fn(&mut Facts), &'static [&'static str]);

    #[test]
    fn each_check_finds_its_own_and_stops_at_its_threshold() {
        use Moment::{Arrived, Called, Greeted, Left, Ticket};
        const HALF_HOUR: [(Moment, i64); 2] = [(Arrived, 0), (Left, 1_800_000)];
        let rows: [Row; 19] = [
            (
                "a file has not arrived",
                |of| of.missing.push(("A1".into(), "f".into())),
                &["evidence_missing"],
            ),
            (
                "out of order",
                |of| of.own = own(&[1], &[(Called, 5_000_000), (Left, 1_800_000)]),
                &["impossible_time", "time_ahead"],
            ),
            ("within the slack of clocks", |of| of.received_at = 1_200_000, &[]),
            ("beyond the slack of clocks", |of| of.received_at = 1_199_999, &["time_ahead"]),
            ("at two places", |of| of.elsewhere.push("v".into()), &["two_places"]),
            (
                "two moments fall together",
                |of| of.own = own(&[1], &[(Arrived, 0), (Greeted, 0), (Left, 1_800_000)]),
                &[],
            ),
            (
                "three moments fall together",
                |of| {
                    let times = [(Arrived, 0), (Ticket, 0), (Greeted, 0), (Left, 1_800_000)];
                    of.own = own(&[1], &times);
                },
                &["same_instant"],
            ),
            ("another visit's times", |of| of.same_times.push("v".into()), &["same_times"]),
            (
                "nine of ten alike",
                |of| of.own = own(&[3, 3, 3, 3, 3, 3, 3, 3, 3, 1], &HALF_HOUR),
                &["straight_lining"],
            ),
            (
                "eight of ten alike",
                |of| of.own = own(&[3, 3, 3, 3, 3, 3, 3, 3, 2, 1], &HALF_HOUR),
                &[],
            ),
            ("seven in all, alike", |of| of.own = own(&[3; 7], &HALF_HOUR), &[]),
            ("eight in all, alike", |of| of.own = own(&[3; 8], &HALF_HOUR), &["straight_lining"]),
            ("a text of another visit", |of| of.texts.push(somewhere("")), &["text_repeated"]),
            ("a photo of another visit", |of| of.photos.push(somewhere("f")), &["photo_reused"]),
            (
                "50 beside 70",
                |of| {
                    of.others =
                        vec![("near".into(), Exact::from(70)), ("nearer".into(), Exact::from(50))];
                },
                &[],
            ),
            ("50 beside 71", |of| of.others.push(("far".into(), Exact::from(71))), &["outlier"]),
            ("50 beside 29", |of| of.others.push(("far".into(), Exact::from(29))), &["outlier"]),
            (
                "15 seconds each",
                |of| {
                    of.own = own(&[0, 1, 2, 3, 4, 5, 1, 2, 3, 4], &[(Arrived, 0), (Left, 150_000)]);
                },
                &[],
            ),
            (
                "14.9 seconds each",
                |of| {
                    of.own = own(&[0, 1, 2, 3, 4, 5, 1, 2, 3, 4], &[(Arrived, 0), (Left, 149_000)]);
                },
                &["too_fast"],
            ),
        ];
        for (title, change, expected) in rows {
            let mut facts = quiet();
            change(&mut facts);
            let found = check(&facts, Limits::default());
            let words: Vec<&str> = found.iter().map(Finding::word).collect();
            assert_eq!(words, expected, "{title}");
        }
    }

    #[test]
    fn the_farthest_other_visit_is_named_and_a_cycle_may_allow_more() {
        let mut facts = quiet();
        assert_eq!(facts.own.score, Some(Exact::from(50)));
        facts.others = vec![("low".into(), Exact::from(10)), ("high".into(), Exact::from(80))];
        let found = check(&facts, Limits::default());
        let Some(Finding::Outlier { visit, .. }) = found.first() else { panic!("{found:?}") };
        assert_eq!(visit, "low");
        assert_eq!(check(&facts, Limits { outlier_points: 40 }), []);
    }

    #[test]
    fn texts_are_compared_without_what_typing_varies() {
        let times = timeline(&[]);
        let long = "The counter was closed, and nobody said why.";
        let texts = [
            ("A1", long),
            ("A2", "  the COUNTER was closed and nobody said why"),
            ("A3", "Closed."),
        ];
        let own = look_at(&rubric(), &evaluation(&[1]), &texts, times);
        assert_eq!(own.texts.len(), 2, "a short text is the same by chance");
        assert_eq!(own.texts[0].1, own.texts[1].1);
        assert_eq!(plain("الشباك مغلق، ولم يُذكر السبب!"), plain("الشباك مغلق ولم يُذكر السبب"));
    }

    #[test]
    fn every_letter_is_kept_in_lower_case_and_nothing_else_is() {
        for c in char::MIN..=char::MAX {
            let kept = if c.is_alphanumeric() { c.to_lowercase().collect() } else { String::new() };
            assert_eq!(plain(&format!("-{c}-")), kept, "{c:?}");
        }
        assert_eq!(plain("  Two  WORDS, three.\n"), "two words three");
    }
}
