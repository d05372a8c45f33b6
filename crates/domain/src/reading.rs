//! Second readings of a scorecard: the same criteria, gathered by their tags instead of their pillars.
//!
//! A reading decides nothing; levels come from [`crate::scoring`] alone.

use std::collections::BTreeMap;

use crate::exact::Exact;
use crate::rubric::{Criterion, EvidenceKind, Experience, Model, Rubric};
use crate::scoring::{Scorecard, State};

/// By what criteria are gathered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reading {
    /// The driver of satisfaction.
    Driver,
    /// The element of good government service.
    Element,
    /// The stage of the customer's journey.
    Stage,
    /// The type of experience.
    Experience,
}
crate::rubric::words!(Reading: Driver = "driver", Element = "element", Stage = "stage",
    Experience = "experience");

/// What the criteria of one tag come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadingResult {
    /// By what they are gathered.
    pub reading: Reading,
    /// The tag.
    pub tag: String,
    /// Why there is a score or not.
    pub state: State,
    /// Σ weight·score / Σ weight over the scored criteria of the tag, 0 to 100.
    pub score: Option<Exact>,
}

/// The type of experience a criterion speaks of: what the rubric says, or else what follows from it.
#[must_use]
pub fn experience_of(criterion: &Criterion, model: Model) -> Experience {
    let tags = &criterion.tags;
    let by_screen = || criterion.evidence.kinds.contains(&EvidenceKind::Screenshot);
    match (tags.experience, tags.element.as_deref(), tags.stage.as_deref(), model) {
        (Some(said), _, _, _) => said,
        (None, Some("accessibility"), _, _) => Experience::Accessibility,
        (None, _, Some("follow_up"), _) => Experience::Feedback,
        (None, _, _, Model::InPerson) => Experience::InPerson,
        (None, _, _, Model::Remote) if by_screen() => Experience::Digital,
        (None, _, _, Model::Remote) => Experience::Phone,
    }
}

fn tag_of(criterion: &Criterion, model: Model, reading: Reading) -> Option<&str> {
    match reading {
        Reading::Driver => criterion.tags.driver.as_deref(),
        Reading::Element => criterion.tags.element.as_deref(),
        Reading::Stage => criterion.tags.stage.as_deref(),
        Reading::Experience => Some(experience_of(criterion, model).word()),
    }
}

/// Every second reading of a scorecard: by reading, then by tag.
#[must_use]
pub fn readings(rubric: &Rubric, scorecard: &Scorecard) -> Vec<ReadingResult> {
    let mut sums: BTreeMap<(Reading, &str), Sum> = BTreeMap::new();
    for (criterion, result) in rubric.criteria().zip(&scorecard.criteria) {
        for reading in Reading::ALL {
            let Some(tag) = tag_of(criterion, rubric.model(), *reading) else { continue };
            let sum = sums.entry((*reading, tag)).or_default();
            sum.all_not_applicable &= result.state == State::NotApplicable;
            if let Some(score) = &result.score {
                sum.points = &sum.points + &(&criterion.weight * score);
                sum.weight = &sum.weight + &criterion.weight;
            }
        }
    }
    let result = |((reading, tag), sum): ((Reading, &str), Sum)| {
        let score = (!sum.weight.is_zero()).then(|| &sum.points / &sum.weight);
        let state = match (&score, sum.all_not_applicable) {
            (Some(_), _) => State::Scored,
            (None, true) => State::NotApplicable,
            (None, false) => State::NotEvaluated,
        };
        ReadingResult { reading, tag: tag.to_owned(), state, score }
    };
    sums.into_iter().map(result).collect()
}

struct Sum {
    points: Exact,
    weight: Exact,
    all_not_applicable: bool,
}

impl Default for Sum {
    fn default() -> Self {
        Self { points: Exact::zero(), weight: Exact::zero(), all_not_applicable: true }
    }
}
