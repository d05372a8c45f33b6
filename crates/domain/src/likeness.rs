//! Like for like between two cycles: which criteria of two rubrics are the same, and the scores over
//! those alone.
//!
//! Both cycles are weighed by the later rubric, so that a difference is one of what was found and not of
//! how it is weighed.

use std::collections::{BTreeMap, BTreeSet};

use crate::rubric::{Criterion, Rubric};
use crate::scoring::{self, CriterionResult, Scorecard, State};

/// What became of a criterion from one rubric to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Likeness {
    /// The same words, the same scale.
    Same,
    /// Other words for the same thing, the same scale.
    Reworded,
    /// The same thing on another scale: not comparable.
    NewScale,
    /// Not in the earlier rubric.
    New,
    /// Not in the later rubric.
    Dropped,
}
crate::rubric::words!(Likeness: Same = "same", Reworded = "reworded", NewScale = "new_scale",
    New = "new", Dropped = "dropped");

/// One line of a mapping: a criterion of either rubric, or one of each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapped {
    /// The criterion of the earlier rubric.
    pub earlier: Option<String>,
    /// The criterion of the later rubric.
    pub later: Option<String>,
    /// What became of it.
    pub likeness: Likeness,
}

/// Why a mapping is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MappingFault {
    /// A criterion that the rubric does not have.
    #[error("{criterion} is no criterion of the {rubric} rubric")]
    Unknown {
        /// The criterion.
        criterion: String,
        /// `earlier` or `later`.
        rubric: &'static str,
    },
    /// A criterion that stands in two lines.
    #[error("{criterion} of the {rubric} rubric stands twice; keep one line")]
    Twice {
        /// The criterion.
        criterion: String,
        /// `earlier` or `later`.
        rubric: &'static str,
    },
    /// A criterion that stands in no line.
    #[error("{criterion} of the {rubric} rubric stands in no line; say what became of it")]
    Missing {
        /// The criterion.
        criterion: String,
        /// `earlier` or `later`.
        rubric: &'static str,
    },
    /// The word does not fit the criteria of its line.
    #[error("{criterion}: {} does not fit; {remedy}", .likeness.word())]
    Unfit {
        /// The criterion.
        criterion: String,
        /// The word.
        likeness: Likeness,
        /// What would fit.
        remedy: &'static str,
    },
}

/// The mapping that follows from ids, scales and words alone.
#[must_use]
pub fn automatic(earlier: &Rubric, later: &Rubric) -> Vec<Mapped> {
    let pair = |criterion: &Criterion| match earlier.criterion(&criterion.id) {
        None => {
            Mapped { earlier: None, later: Some(criterion.id.clone()), likeness: Likeness::New }
        }
        Some(before) => Mapped {
            earlier: Some(before.id.clone()),
            later: Some(criterion.id.clone()),
            likeness: likeness_of(before, criterion),
        },
    };
    let dropped = earlier.criteria().filter(|criterion| later.criterion(&criterion.id).is_none());
    let dropped = dropped.map(|criterion| Mapped {
        earlier: Some(criterion.id.clone()),
        later: None,
        likeness: Likeness::Dropped,
    });
    later.criteria().map(pair).chain(dropped).collect()
}

fn likeness_of(earlier: &Criterion, later: &Criterion) -> Likeness {
    let words = |of: &Criterion| (of.name.clone(), of.guidance.clone(), of.anchors.clone());
    match (earlier.scale == later.scale, words(earlier) == words(later)) {
        (true, true) => Likeness::Same,
        (true, false) => Likeness::Reworded,
        (false, _) => Likeness::NewScale,
    }
}

/// Holds a mapping against both rubrics: every criterion stands in one line, and each word fits.
///
/// # Errors
/// Every fault at once.
pub fn check(
    earlier: &Rubric,
    later: &Rubric,
    mapping: &[Mapped],
) -> Result<(), Vec<MappingFault>> {
    let mut faults = Vec::new();
    let of = |line: &Mapped| (line.earlier.clone(), line.later.clone());
    let (before, after): (Vec<_>, Vec<_>) = mapping.iter().map(of).unzip();
    check_side(earlier, before.iter().flatten(), "earlier", &mut faults);
    check_side(later, after.iter().flatten(), "later", &mut faults);
    faults.extend(mapping.iter().filter_map(|line| unfit(earlier, later, line)));
    if faults.is_empty() { Ok(()) } else { Err(faults) }
}

fn check_side<'a>(
    rubric: &Rubric,
    named: impl Iterator<Item = &'a String>,
    side: &'static str,
    faults: &mut Vec<MappingFault>,
) {
    let mut seen = BTreeSet::new();
    for id in named {
        let criterion = id.clone();
        if rubric.criterion(id).is_none() {
            faults.push(MappingFault::Unknown { criterion, rubric: side });
        } else if !seen.insert(id.as_str()) {
            faults.push(MappingFault::Twice { criterion, rubric: side });
        }
    }
    let missing = rubric.criteria().filter(|criterion| !seen.contains(criterion.id.as_str()));
    let missing = missing.map(|criterion| criterion.id.clone());
    faults.extend(missing.map(|criterion| MappingFault::Missing { criterion, rubric: side }));
}

fn unfit(earlier: &Rubric, later: &Rubric, line: &Mapped) -> Option<MappingFault> {
    let find = |rubric: &'_ Rubric, id: &Option<String>| {
        id.as_ref().and_then(|id| rubric.criterion(id).cloned())
    };
    let (before, after) = (find(earlier, &line.earlier), find(later, &line.later));
    let criterion = line.later.clone().or_else(|| line.earlier.clone()).unwrap_or_default();
    let remedy = match (line.likeness, line.earlier.is_some(), line.later.is_some()) {
        (Likeness::New, false, true) | (Likeness::Dropped, true, false) => return None,
        (Likeness::New | Likeness::Dropped, _, _) => {
            "new names a later criterion alone, dropped an earlier one alone"
        }
        (_, true, true) => match (line.likeness, before?.scale == after?.scale) {
            (Likeness::NewScale, false) => return None,
            (Likeness::NewScale, true) => "the scales are equal: same or reworded",
            (_, true) => return None,
            (_, false) => "the scales differ: new_scale",
        },
        (_, _, _) => "name one criterion of each rubric",
    };
    Some(MappingFault::Unfit { criterion, likeness: line.likeness, remedy })
}

/// The two scores over what is comparable, each with how much of the later rubric's weight it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LikeForLike {
    /// The earlier cycle's.
    pub earlier: Scorecard,
    /// The later cycle's.
    pub later: Scorecard,
    /// The criteria of the later rubric that are in both.
    pub criteria: Vec<String>,
}

/// Scores two cycles of one centre over the criteria that are comparable and scored in both.
#[must_use]
pub fn like_for_like(
    rubric: &Rubric,
    mapping: &[Mapped],
    earlier: &[CriterionResult],
    later: &[CriterionResult],
) -> LikeForLike {
    let comparable = |line: &&Mapped| matches!(line.likeness, Likeness::Same | Likeness::Reworded);
    let from: BTreeMap<&str, &str> = mapping
        .iter()
        .filter(comparable)
        .filter_map(|line| Some((line.later.as_deref()?, line.earlier.as_deref()?)))
        .collect();
    let scored = |results: &'_ [CriterionResult], id: &str| {
        results.iter().find(|result| result.id == id && result.score.is_some()).cloned()
    };
    let (mut before, mut after, mut both) = (Vec::new(), Vec::new(), Vec::new());
    for criterion in rubric.criteria() {
        let id = criterion.id.as_str();
        let then = from.get(id).and_then(|earlier_id| scored(earlier, earlier_id));
        let pair = then.zip(scored(later, id));
        if pair.is_some() {
            both.push(id.to_owned());
        }
        let (then, now) = pair.unzip();
        before.push(in_place(id, then));
        after.push(in_place(id, now));
    }
    LikeForLike {
        earlier: scoring::from_criteria(rubric, before, &[]),
        later: scoring::from_criteria(rubric, after, &[]),
        criteria: both,
    }
}

fn in_place(id: &str, result: Option<CriterionResult>) -> CriterionResult {
    let id = id.to_owned();
    match result {
        Some(result) => CriterionResult { id, ..result },
        None => CriterionResult {
            id,
            state: State::NotApplicable,
            score: None,
            unannounced: None,
            scheduled: None,
        },
    }
}
