//! The second, blind scoring of a visit: which visits are drawn, and how two scorings compare.

use std::collections::BTreeMap;

use crate::evaluation::{Answer, Evaluation, RawAnswer, read_answer_to};
use crate::exact::Exact;
use crate::rubric::{Criterion, Rubric};
use crate::scoring;

/// Scorings that differ by more points than this are beyond tolerance (M21). A cycle may set another.
pub const TOLERANCE_POINTS: u32 = 10;
/// Of a hundred validated visits, how many are scored a second time (M21: 10 to 20 % in practice). A
/// cycle may set another.
pub const SHARE_PERCENT: u32 = 10;
/// Tickets are drawn from so many.
pub const TICKETS: u32 = 10_000;

/// Whether a visit's ticket is drawn: the tickets below the share are.
///
/// Each visit has its own ticket, so that nobody who validates one can reckon from those before it
/// whether it will be drawn.
#[must_use]
pub fn is_drawn(ticket: u32, share_percent: u32) -> bool {
    u64::from(ticket) * 100 < u64::from(TICKETS) * u64::from(share_percent)
}

/// The ticket that a digest of the cycle's seed and the visit stands for.
#[must_use]
pub fn ticket(digest: &[u8; 32]) -> u32 {
    let (first, _) = digest.split_at(8);
    let number = first.iter().fold(0u64, |number, byte| (number << 8) | u64::from(*byte));
    // Below 10,000, so it fits.
    u32::try_from(number % u64::from(TICKETS)).unwrap_or(0)
}

/// How two answers to one criterion compare.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    /// The criterion.
    pub criterion: String,
    /// What the first answer is worth, when it has a worth.
    pub first: Option<Exact>,
    /// What the second is worth.
    pub second: Option<Exact>,
    /// By how much they differ, when both have a worth.
    pub difference: Option<Exact>,
    /// Whether they differ by more than the tolerance, or one judged what the other did not.
    pub is_beyond: bool,
}

/// How two scorings of one visit compare.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    /// The first scoring's score, were it the only one.
    pub first: Option<Exact>,
    /// The second's.
    pub second: Option<Exact>,
    /// By how much they differ.
    pub difference: Option<Exact>,
    /// Whether that is more than the tolerance.
    pub is_beyond: bool,
    /// Each criterion that either answered, in the rubric's order.
    pub pairs: Vec<Pair>,
}

/// Compares two scorings of one visit.
#[must_use]
pub fn compare(
    rubric: &Rubric,
    first: &Evaluation,
    second: &Evaluation,
    tolerance_points: u32,
) -> Comparison {
    let tolerance = Exact::from(i64::from(tolerance_points));
    let answers = |of: &Evaluation| of.answers.iter().cloned().collect::<BTreeMap<_, _>>();
    let (one, other) = (answers(first), answers(second));
    let is_answered = |criterion: &&Criterion| {
        one.contains_key(&criterion.id) || other.contains_key(&criterion.id)
    };
    let pair = |criterion: &Criterion| {
        let worth = |of: &BTreeMap<String, RawAnswer>| match read_answer_to(
            criterion,
            first.kind,
            of.get(&criterion.id)?,
        ) {
            Ok(Answer::Scored { score, .. }) => Some(score),
            Ok(Answer::NotApplicable(_) | Answer::NotEvaluated(_)) | Err(_) => None,
        };
        let (first, second) = (worth(&one), worth(&other));
        let difference = difference(&first, &second);
        let is_beyond = match &difference {
            Some(difference) => *difference > tolerance,
            None => first.is_some() != second.is_some(),
        };
        Pair { criterion: criterion.id.clone(), first, second, difference, is_beyond }
    };
    let pairs = rubric.criteria().filter(is_answered).map(pair).collect();
    let score = |of: &Evaluation| {
        scoring::score(rubric, std::slice::from_ref(of), &[]).ok().and_then(|card| card.score)
    };
    let (first, second) = (score(first), score(second));
    let difference = difference(&first, &second);
    let is_beyond = difference.as_ref().is_some_and(|difference| *difference > tolerance);
    Comparison { first, second, difference, is_beyond, pairs }
}

fn difference(first: &Option<Exact>, second: &Option<Exact>) -> Option<Exact> {
    let (first, second) = (first.as_ref()?, second.as_ref()?);
    Some(if first < second { second - first } else { first - second })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rubric::VisitKind;
    use crate::scale::RawValue;

    const RUBRIC: &str = r#"id = "small"
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
[[pillars.criteria]]
id = "A1"
name = { ar = "ع", en = "One" }
guidance = { ar = "ع", en = "Look" }
weight = 50
scale = { kind = "percent" }
visits = ["unannounced"]
evidence = { rule = "none", kinds = [] }
[[pillars.criteria]]
id = "A2"
name = { ar = "ع", en = "Two" }
guidance = { ar = "ع", en = "Look" }
weight = 50
scale = { kind = "percent" }
visits = ["unannounced"]
evidence = { rule = "none", kinds = [] }
"#;

    fn evaluation(a1: &str, a2: Option<&str>) -> Evaluation {
        let value = |text: &str| RawAnswer::Value(RawValue::Text(text.into()));
        let second = a2.map_or_else(|| RawAnswer::NotEvaluated("dark".into()), value);
        let answers = vec![("A1".into(), value(a1)), ("A2".into(), second)];
        Evaluation { id: "e".into(), kind: VisitKind::Unannounced, answers }
    }

    #[test]
    fn the_share_decides_which_tickets_are_drawn() {
        let drawn = |share| (0..TICKETS).filter(|ticket| is_drawn(*ticket, share)).count();
        assert_eq!([drawn(0), drawn(1), drawn(10), drawn(100)], [0, 100, 1_000, 10_000]);
        let mut digest = [0; 32];
        digest[7] = 9;
        assert_eq!(ticket(&digest), 9);
        assert!(ticket(&[255; 32]) < TICKETS);
    }

    #[test]
    fn what_differs_by_more_than_the_tolerance_is_named() {
        let rubric = Rubric::from_toml(RUBRIC).unwrap();
        let rows = [
            ("the same", "80", Some("60"), "80", Some("60"), vec![], false),
            ("at the tolerance", "80", Some("60"), "70", Some("70"), vec![], false),
            (
                "one beyond, the whole within",
                "80",
                Some("60"),
                "69",
                Some("71"),
                vec!["A1", "A2"],
                false,
            ),
            ("the whole beyond", "80", Some("60"), "69", Some("49"), vec!["A1", "A2"], true),
            ("judged by one alone", "80", Some("80"), "80", None, vec!["A2"], false),
        ];
        for (title, a1, a2, b1, b2, beyond, whole) in rows {
            let compared = compare(&rubric, &evaluation(a1, a2), &evaluation(b1, b2), 10);
            let found: Vec<&str> = compared
                .pairs
                .iter()
                .filter(|pair| pair.is_beyond)
                .map(|pair| pair.criterion.as_str())
                .collect();
            assert_eq!((found, compared.is_beyond), (beyond, whole), "{title}");
        }
        let compared = compare(&rubric, &evaluation("80", Some("60")), &evaluation("69", None), 10);
        assert_eq!(compared.difference, Some(Exact::from(1)), "70 and 69");
    }
}
