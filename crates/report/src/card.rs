//! The scorecard as it is published: everything it says, already decided.
//!
//! No arithmetic is left to do here: scores come as the text to show, with a number beside it for
//! the length of a bar and for nothing else. Nothing in this model can name or hint at the people
//! who made the visits, so nothing of them can reach the page, the metadata or the tags.

use chrono::NaiveDate;
use mizan_domain::text::{Language, Text};

use crate::Error;

/// One centre's scorecard for one cycle.
#[derive(Debug, Clone, PartialEq)]
pub struct Card {
    /// The programme that evaluates.
    pub programme: Text,
    /// The cycle the scorecard belongs to.
    pub cycle: Text,
    /// The centre's name.
    pub centre: Text,
    /// The centre's code, for example `C-014`.
    pub centre_code: String,
    /// The agency that runs the centre.
    pub agency: Text,
    /// The model the centre was evaluated by: the in-person or the remote model.
    pub model: Text,
    /// The rubric the answers were scored with.
    pub rubric: RubricIdentity,
    /// The day the scorecard was issued.
    pub issued: NaiveDate,
    /// The version of the scorecard, from 1.
    pub version: u32,
    /// Whether this is a draft, which is marked on every page.
    pub draft: bool,
    /// The centre's score, `None` when nothing could be scored.
    pub score: Option<CentreScore>,
    /// How much of what applies was scored.
    pub coverage: Shown,
    /// The share of basic criteria that are met, `None` when the rubric has none.
    pub basic_compliance: Option<Shown>,
    /// What the score comes to.
    pub outcome: Outcome,
    /// The committee's decision, where it differs from the outcome or had to be made; both are shown.
    pub moderation: Option<Moderation>,
    /// The rubric's levels, best first.
    pub ladder: Vec<Level>,
    /// The visits whose results were counted.
    pub visits: VisitCounts,
    /// The pillars, in the rubric's order.
    pub pillars: Vec<Pillar>,
    /// What was seen, good and bad.
    pub remarks: Vec<Remark>,
    /// What the centre is expected to do.
    pub expected_actions: Vec<ExpectedAction>,
}

/// A number on the scale from 0 to 100, with the text that shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct Shown {
    /// The text as printed, for example `77.3`.
    pub text: String,
    /// The same number, for geometry alone.
    pub percent: f64,
}

impl Shown {
    /// A number with its text.
    #[must_use]
    pub fn new(text: impl Into<String>, percent: f64) -> Self {
        Self { text: text.into(), percent }
    }
}

/// The centre's score, rounded and exact.
#[derive(Debug, Clone, PartialEq)]
pub struct CentreScore {
    /// The score as shown.
    pub shown: Shown,
    /// The unrounded score as an integer or a reduced fraction, for example `850/11`.
    pub exact: String,
}

/// Which rubric, beyond doubt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RubricIdentity {
    /// The rubric's id, for example `in-person`.
    pub id: String,
    /// The rubric's version, for example `1.0.0`.
    pub version: String,
    /// The SHA-256 of the rubric's canonical JSON, in hexadecimal.
    pub sha256: String,
}

/// What a score comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// A level was reached.
    Level {
        /// The level's id, for example `silver`.
        id: String,
        /// The level's name.
        name: Text,
        /// The level's place in [`Card::ladder`], 0 for the best.
        rank: usize,
    },
    /// Nothing could be scored.
    NoScore,
    /// Too little was scored to award a level.
    InsufficientEvidence,
    /// A confirmed critical finding leaves the decision to the committee.
    CommitteeDecision,
}

/// A decision of the committee beside the computed outcome.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moderation {
    /// The level decided, by its place in [`Card::ladder`]; `None` when no level is given.
    pub rank: Option<usize>,
    /// Why.
    pub reason: Text,
}

/// One rung of the ladder.
#[derive(Debug, Clone, PartialEq)]
pub struct Level {
    /// The level's id.
    pub id: String,
    /// The level's name.
    pub name: Text,
    /// The least score that reaches it.
    pub min_score: Shown,
}

/// How many visits of each kind were counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct VisitCounts {
    /// Unannounced visits.
    pub unannounced: u32,
    /// Scheduled visits.
    pub scheduled: u32,
}

/// A pillar and its criteria.
#[derive(Debug, Clone, PartialEq)]
pub struct Pillar {
    /// The pillar's id, a letter or two.
    pub id: String,
    /// The pillar's name.
    pub name: Text,
    /// The pillar's weight in points, as shown.
    pub weight: String,
    /// The pillar's score, or why there is none.
    pub state: State,
    /// The median of this pillar over the centres of the same model in the cycle.
    pub median: Option<Shown>,
    /// The pillar's criteria, in the rubric's order.
    pub criteria: Vec<Criterion>,
}

/// A score, or why there is none.
#[derive(Debug, Clone, PartialEq)]
pub enum State {
    /// Scored.
    Scored(Shown),
    /// It does not apply to this centre.
    NotApplicable,
    /// It applies, but was not evaluated.
    NotEvaluated,
}

/// One criterion with its result.
#[derive(Debug, Clone, PartialEq)]
pub struct Criterion {
    /// The criterion's code, for example `A1`.
    pub id: String,
    /// The criterion's name.
    pub name: Text,
    /// The criterion's weight in points, as shown.
    pub weight: String,
    /// The kinds of visit it is judged on.
    pub visits: VisitKinds,
    /// Its score, or why there is none.
    pub state: State,
    /// Whether it belongs to the basic requirements.
    pub basic: bool,
    /// Its critical effect, `None` when it is not critical.
    pub critical: Option<Critical>,
}

/// The kinds of visit a criterion is judged on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VisitKinds {
    /// Unannounced visits only.
    Unannounced,
    /// Scheduled visits only.
    Scheduled,
    /// Both kinds.
    Both,
}

/// What a critical criterion can do, and whether it did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Critical {
    /// The effect of a confirmed hit.
    pub effect: CriticalEffect,
    /// Whether it was hit, and whether the hit stands.
    pub finding: CriticalFinding,
}

/// The effect of a confirmed critical finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CriticalEffect {
    /// The level is limited.
    Cap,
    /// The committee decides instead of a level.
    Fail,
}

/// Whether a critical criterion was hit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CriticalFinding {
    /// Not hit.
    Clear,
    /// Hit, not confirmed: an alert without effect yet.
    Open,
    /// Hit and confirmed: the effect applies.
    Confirmed,
    /// Below the line, but dismissed by a reviewer on the evidence: no effect.
    Dismissed,
}

/// A text somebody wrote, in the language they wrote it in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FreeText {
    /// The text, which may mix directions.
    pub text: String,
    /// Its main language, which gives its base direction.
    pub language: Language,
}

impl FreeText {
    /// A text in whichever language it was written: that of its first letter.
    #[must_use]
    pub fn written(text: impl Into<String>) -> Self {
        let text = text.into();
        let is_arabic =
            |letter: char| matches!(letter, '\u{600}'..='\u{6ff}' | '\u{750}'..='\u{77f}');
        let language = match text.chars().find(|letter| letter.is_alphabetic()) {
            Some(letter) if is_arabic(letter) => Language::Arabic,
            _ => Language::English,
        };
        Self { text, language }
    }
}

/// Something seen at the centre.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// The criterion it belongs to.
    pub criterion: String,
    /// Whether it is good or asks for improvement.
    pub kind: RemarkKind,
    /// The words.
    pub text: FreeText,
}

/// The two kinds of remark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RemarkKind {
    /// Something done well.
    Strength,
    /// Something to improve.
    Improvement,
}

/// Something the centre is expected to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpectedAction {
    /// The criterion it answers, if it answers one.
    pub criterion: Option<String>,
    /// The words.
    pub text: FreeText,
}

impl Card {
    /// Checks what drawing relies on: every number on the scale, the level on the ladder.
    pub(crate) fn check(&self) -> Result<(), Error> {
        self.check_percents()?;
        if self.pillars.is_empty() {
            return Err(Error::NoPillars);
        }
        if let Some(rank) = self.moderation.as_ref().and_then(|moderation| moderation.rank)
            && rank >= self.ladder.len()
        {
            let (level, levels) = (rank.to_string(), self.ladder.len());
            return Err(Error::LevelNotOnLadder { level, rank, levels });
        }
        match &self.outcome {
            Outcome::Level { id, rank, .. } => {
                let on_ladder = self.ladder.get(*rank).is_some_and(|level| level.id == *id);
                on_ladder.then_some(()).ok_or_else(|| Error::LevelNotOnLadder {
                    level: id.clone(),
                    rank: *rank,
                    levels: self.ladder.len(),
                })
            }
            Outcome::NoScore | Outcome::InsufficientEvidence | Outcome::CommitteeDecision => Ok(()),
        }
    }

    fn check_percents(&self) -> Result<(), Error> {
        let score = self.score.iter().map(|score| ("score", &score.shown));
        let shares = [("coverage", &self.coverage)];
        let basic = self.basic_compliance.iter().map(|shown| ("basic compliance", shown));
        let ladder = self.ladder.iter().map(|level| (level.id.as_str(), &level.min_score));
        let pillars = self.pillars.iter().flat_map(Pillar::numbers);
        for (field, shown) in score.chain(shares).chain(basic).chain(ladder).chain(pillars) {
            if !(0.0..=100.0).contains(&shown.percent) {
                return Err(Error::OffScale { field: field.to_owned(), percent: shown.percent });
            }
        }
        Ok(())
    }

    /// The document's title: the centre's name, then the cycle.
    pub(crate) fn title(&self, language: Language) -> String {
        format!("{} – {}", self.centre.get(language), self.cycle.get(language))
    }
}

impl Pillar {
    fn numbers(&self) -> impl Iterator<Item = (&str, &Shown)> {
        let own = self.state.shown().map(|shown| (self.id.as_str(), shown));
        let median = self.median.as_ref().map(|shown| (self.id.as_str(), shown));
        let criteria = self
            .criteria
            .iter()
            .filter_map(|criterion| Some((criterion.id.as_str(), criterion.state.shown()?)));
        own.into_iter().chain(median).chain(criteria)
    }
}

impl State {
    /// The score, when there is one.
    #[must_use]
    pub fn shown(&self) -> Option<&Shown> {
        match self {
            Self::Scored(shown) => Some(shown),
            Self::NotApplicable | Self::NotEvaluated => None,
        }
    }
}
