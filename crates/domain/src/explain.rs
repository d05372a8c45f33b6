//! Why a number is what it is: for each number, the rule and the numbers it came from, down to the
//! answers.
//!
//! [`Step::holds`] recomputes a step from its sources by its rule, so an explanation can be checked
//! without trusting the scoring that made it.

use crate::evaluation::{Answer, Evaluation};
use crate::exact::Exact;
use crate::rubric::{Criterion, Rubric, VisitKind};
use crate::scoring::{self, Collected, CriterionResult, Scorecard, ScoringFault, State};

/// What a number is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// The centre's score.
    Centre,
    /// The pillar of that id.
    Pillar(String),
    /// The criterion of that id.
    Criterion(String),
    /// A criterion's mean over one kind of visit.
    KindMean {
        /// The criterion's id.
        criterion: String,
        /// The kind of visit.
        kind: VisitKind,
    },
    /// One answer.
    Answer {
        /// The evaluation's id.
        evaluation: String,
        /// The criterion's id.
        criterion: String,
        /// What was answered.
        answer: Answer,
    },
    /// Coverage, in percent.
    Coverage,
    /// The rate of basic criteria complied with, in percent.
    BasicCompliance,
}

/// How a number follows from its sources.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// Σ weight·score / Σ weight over the sources that have a score.
    WeightedMean,
    /// Σ weight·score: the two kinds of visit by their shares.
    WeightedSum,
    /// The mean of the sources.
    Mean,
    /// The one source.
    Same,
    /// By the criterion's scale, from what was answered.
    Scale,
    /// Σ weight of the scored criteria / Σ weight of those that apply, times 100.
    ScoredShare,
    /// Basic criteria from 75 up / scored basic criteria, times 100.
    ComplianceShare,
    /// No source has a score.
    NoScore,
}
crate::rubric::words!(Rule: WeightedMean = "weighted_mean", WeightedSum = "weighted_sum",
    Mean = "mean", Same = "same", Scale = "scale", ScoredShare = "scored_share",
    ComplianceShare = "compliance_share", NoScore = "no_score");

/// One number of an explanation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// What it is about.
    pub subject: Subject,
    /// Why it is there or not.
    pub state: State,
    /// The number.
    pub value: Option<Exact>,
    /// Its weight in the step above.
    pub weight: Option<Exact>,
    /// How it follows from `from`.
    pub rule: Rule,
    /// The numbers it came from.
    pub from: Vec<Step>,
}

/// A scorecard with the way to each of its numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// The scorecard.
    pub scorecard: Scorecard,
    /// The centre's score.
    pub score: Step,
    /// The coverage.
    pub coverage: Step,
    /// The basic compliance.
    pub basic_compliance: Step,
}

/// Scores a centre and explains every number.
///
/// # Errors
/// As [`scoring::score`].
pub fn explain(
    rubric: &Rubric,
    evaluations: &[Evaluation],
    confirmed: &[String],
) -> Result<Explanation, Vec<ScoringFault>> {
    let scorecard = scoring::score(rubric, evaluations, confirmed)?;
    let collected = scoring::collect(rubric, evaluations, confirmed)?;
    let criteria: Vec<Step> = rubric
        .criteria()
        .zip(&scorecard.criteria)
        .zip(&collected)
        .map(|((criterion, result), answers)| criterion_step(rubric, criterion, result, answers))
        .collect();
    let leaves = |wanted: fn(&Criterion, State) -> bool| -> Vec<Step> {
        let pairs = rubric.criteria().zip(&criteria);
        let chosen = pairs.filter(|(criterion, step)| wanted(criterion, step.state));
        chosen.map(|(_, step)| step.clone()).collect()
    };
    let coverage = Step {
        subject: Subject::Coverage,
        state: State::Scored,
        value: Some(scorecard.coverage.clone()),
        weight: None,
        rule: Rule::ScoredShare,
        from: leaves(|_, state| state != State::NotApplicable),
    };
    let basic_compliance = Step {
        subject: Subject::BasicCompliance,
        state: scorecard.basic_compliance.as_ref().map_or(State::NotEvaluated, |_| State::Scored),
        value: scorecard.basic_compliance.clone(),
        weight: None,
        rule: Rule::ComplianceShare,
        from: leaves(|criterion, state| criterion.basic && state == State::Scored),
    };
    let score = centre_step(rubric, &scorecard, criteria);
    Ok(Explanation { scorecard, score, coverage, basic_compliance })
}

fn centre_step(rubric: &Rubric, scorecard: &Scorecard, criteria: Vec<Step>) -> Step {
    let mut criteria = criteria.into_iter();
    let pillars: Vec<Step> = rubric
        .pillars()
        .iter()
        .zip(&scorecard.pillars)
        .map(|(pillar, result)| Step {
            subject: Subject::Pillar(pillar.id.clone()),
            state: result.state,
            value: result.score.clone(),
            weight: Some(pillar.weight.clone()),
            rule: result.score.as_ref().map_or(Rule::NoScore, |_| Rule::WeightedMean),
            from: criteria.by_ref().take(pillar.criteria.len()).collect(),
        })
        .collect();
    Step {
        subject: Subject::Centre,
        state: scorecard.score.as_ref().map_or(State::NotEvaluated, |_| State::Scored),
        value: scorecard.score.clone(),
        weight: None,
        rule: scorecard.score.as_ref().map_or(Rule::NoScore, |_| Rule::WeightedMean),
        from: pillars,
    }
}

fn criterion_step(
    rubric: &Rubric,
    criterion: &Criterion,
    result: &CriterionResult,
    collected: &Collected<'_>,
) -> Step {
    let share = &rubric.policy().unannounced_share;
    let both = result.unannounced.is_some() && result.scheduled.is_some();
    let kinds = [
        (VisitKind::Unannounced, &result.unannounced, share.clone()),
        (VisitKind::Scheduled, &result.scheduled, &Exact::from(1) - share),
    ];
    let mut from: Vec<Step> = Vec::new();
    for (kind, mean, share) in kinds {
        let answers = answer_steps(criterion, collected, kind);
        match mean {
            Some(mean) => from.push(Step {
                subject: Subject::KindMean { criterion: criterion.id.clone(), kind },
                state: State::Scored,
                value: Some(mean.clone()),
                weight: both.then_some(share),
                rule: Rule::Mean,
                from: answers,
            }),
            None => from.extend(answers),
        }
    }
    let rule = match (&result.score, both) {
        (None, _) => Rule::NoScore,
        (Some(_), true) => Rule::WeightedSum,
        (Some(_), false) => Rule::Same,
    };
    Step {
        subject: Subject::Criterion(criterion.id.clone()),
        state: result.state,
        value: result.score.clone(),
        weight: Some(criterion.weight.clone()),
        rule,
        from,
    }
}

fn answer_steps(criterion: &Criterion, collected: &Collected<'_>, kind: VisitKind) -> Vec<Step> {
    let of_kind = collected.answers.iter().filter(|(_, of, _)| *of == kind);
    of_kind
        .map(|(evaluation, _, answer)| {
            let (state, value) = match answer {
                Answer::Scored { score, .. } => (State::Scored, Some(score.clone())),
                Answer::NotApplicable(_) => (State::NotApplicable, None),
                Answer::NotEvaluated(_) => (State::NotEvaluated, None),
            };
            Step {
                subject: Subject::Answer {
                    evaluation: (*evaluation).to_owned(),
                    criterion: criterion.id.clone(),
                    answer: answer.clone(),
                },
                state,
                rule: value.as_ref().map_or(Rule::NoScore, |_| Rule::Scale),
                value,
                weight: None,
                from: Vec::new(),
            }
        })
        .collect()
}

impl Step {
    /// Whether this number and every number below it follow from their sources by their rules.
    ///
    /// Answers are held against their scale in `rubric`.
    #[must_use]
    pub fn holds(&self, rubric: &Rubric) -> bool {
        self.recomputed(rubric) == self.value && self.from.iter().all(|step| step.holds(rubric))
    }

    fn recomputed(&self, rubric: &Rubric) -> Option<Exact> {
        let scored: Vec<&Step> = self.from.iter().filter(|step| step.value.is_some()).collect();
        let values = || scored.iter().filter_map(|step| step.value.as_ref());
        let count = Exact::from(scored.len() as i64);
        let weighted = || -> Option<(Exact, Exact)> {
            let mut sums = (Exact::zero(), Exact::zero());
            for step in &scored {
                let (weight, value) = (step.weight.as_ref()?, step.value.as_ref()?);
                sums = (&sums.0 + &(weight * value), &sums.1 + weight);
            }
            Some(sums)
        };
        let hundred = Exact::from(100);
        match self.rule {
            Rule::WeightedMean => weighted().map(|(points, weights)| &points / &weights),
            Rule::WeightedSum => weighted().map(|(points, _)| points),
            Rule::Mean => Some(&values().sum::<Exact>() / &count),
            Rule::Same => scored.first().and_then(|step| step.value.clone()),
            Rule::Scale => self.rescored(rubric),
            Rule::ScoredShare => {
                let weight = |steps: &mut dyn Iterator<Item = &Step>| -> Exact {
                    steps.filter_map(|step| step.weight.as_ref()).sum()
                };
                let all = weight(&mut self.from.iter());
                if all.is_zero() {
                    return Some(all);
                }
                Some(&(&hundred * &weight(&mut scored.iter().copied())) / &all)
            }
            Rule::ComplianceShare if scored.is_empty() => None,
            Rule::ComplianceShare => {
                let from = Exact::from(scoring::BASIC_FROM);
                let met = values().filter(|value| **value >= from).count();
                Some(&(&hundred * &Exact::from(met as i64)) / &count)
            }
            Rule::NoScore => None,
        }
    }

    fn rescored(&self, rubric: &Rubric) -> Option<Exact> {
        let Subject::Answer { criterion, answer: Answer::Scored { value, .. }, .. } = &self.subject
        else {
            return None;
        };
        rubric.criterion(criterion)?.scale.score(value)
    }
}
