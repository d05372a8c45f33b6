//! Scoring as JSON: what `mizan score` reads and writes, and the scorecard that is published.

use mizan_domain::evaluation::Evaluation;
use mizan_domain::exact::Exact;
use mizan_domain::rubric::{Rubric, VisitKind};
use mizan_domain::scoring::{CriterionResult, Scorecard, State, from_criteria};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::answer::{AnswerJson, NotOneAnswer};
use crate::canonical::{Digest, canonical_json};
use crate::record::TextJson;
use crate::rubric::RubricRef;
use crate::signature::{NotSigned, PublicKey, Signature};

/// The evaluations of one centre in one cycle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ScoreRequest {
    /// The centre's code.
    #[serde(default)]
    pub centre: String,
    /// The cycle's number.
    #[serde(default)]
    pub cycle: String,
    /// The validated evaluations.
    pub evaluations: Vec<EvaluationJson>,
    /// Critical criteria whose hit was confirmed.
    #[serde(default)]
    pub confirmed_critical: Vec<String>,
}

/// One evaluation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EvaluationJson {
    /// Its id.
    pub id: String,
    /// `unannounced` or `scheduled`.
    pub visit_kind: String,
    /// Its answers.
    pub answers: Vec<AnswerJson>,
}

/// Why a request cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadEvaluation {
    /// The kind of visit is none.
    #[error(
        "evaluation {evaluation}: `{kind}` is no kind of visit; write unannounced or scheduled"
    )]
    VisitKind {
        /// The evaluation's id.
        evaluation: String,
        /// What stands there.
        kind: String,
    },
    /// An answer says too little or too much.
    #[error("evaluation {evaluation}: {fault}")]
    Answer {
        /// The evaluation's id.
        evaluation: String,
        /// What is wrong.
        fault: NotOneAnswer,
    },
}

impl EvaluationJson {
    /// The evaluation the JSON means.
    ///
    /// # Errors
    /// An unknown kind of visit, or an answer with none or several of `value`, `na`, `ne`.
    pub fn to_domain(&self) -> Result<Evaluation, BadEvaluation> {
        let evaluation = || self.id.clone();
        let kind = VisitKind::from_word(&self.visit_kind).ok_or_else(|| {
            BadEvaluation::VisitKind { evaluation: evaluation(), kind: self.visit_kind.clone() }
        })?;
        let read = |answer: &AnswerJson| match answer.to_raw() {
            Ok(raw) => Ok((answer.criterion.clone(), raw)),
            Err(fault) => Err(BadEvaluation::Answer { evaluation: evaluation(), fault }),
        };
        let answers = self.answers.iter().map(read).collect::<Result<_, _>>()?;
        Ok(Evaluation { id: self.id.clone(), kind, answers })
    }
}

/// A scorecard. It holds no person, no visit, no device and no time of a visit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ScorecardJson {
    /// The centre's code.
    pub centre: String,
    /// The cycle's number.
    pub cycle: String,
    /// The rubric it was scored by.
    pub rubric: RubricRef,
    /// The centre's score, shown.
    pub score: Option<String>,
    /// The centre's score, exact.
    pub exact: Option<String>,
    /// Coverage in percent, shown.
    pub coverage: String,
    /// Coverage in percent, exact.
    pub coverage_exact: String,
    /// Basic compliance in percent, shown.
    pub basic_compliance: Option<String>,
    /// Basic compliance in percent, exact.
    pub basic_compliance_exact: Option<String>,
    /// `level`, `no_score`, `insufficient_evidence` or `committee_decision`.
    pub outcome: String,
    /// The level's id, when there is one.
    pub level: Option<String>,
    /// One for each pillar.
    pub pillars: Vec<ResultJson>,
    /// One for each criterion.
    pub criteria: Vec<ResultJson>,
    /// The critical hits.
    pub critical: Vec<CriticalJson>,
    /// What a published scorecard says beside the numbers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub publication: Option<Box<PublicationJson>>,
}

/// The result of a pillar or criterion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ResultJson {
    /// Its id.
    pub id: String,
    /// `scored`, `na` or `ne`.
    pub state: String,
    /// The score, shown.
    pub score: Option<String>,
    /// The score, exact.
    pub exact: Option<String>,
}

/// A critical hit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CriticalJson {
    /// The criterion's id.
    pub criterion: String,
    /// `cap` or `fail`.
    pub effect: String,
    /// Whether it was confirmed.
    pub confirmed: bool,
    /// Whether a reviewer dismissed it on the evidence.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub dismissed: bool,
}

/// The words and names around a published scorecard.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PublicationJson {
    /// The programme.
    pub programme: TextJson,
    /// The cycle's name.
    pub cycle_name: TextJson,
    /// The centre.
    pub centre_name: TextJson,
    /// Its agency.
    pub agency: TextJson,
    /// The version of the scorecard; 1 when first published.
    pub version: u32,
    /// Why there is another version than the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<TextJson>,
    /// The day it was published, `YYYY-MM-DD`.
    pub issued: String,
    /// How many unannounced visits counted.
    pub unannounced_visits: u32,
    /// How many scheduled visits counted.
    pub scheduled_visits: u32,
    /// The level the committee decided, where it differs from the computed one, with its reason.
    pub moderation: Option<ModerationJson>,
    /// What the committee tells the centre.
    pub remarks: Vec<RemarkJson>,
    /// The median score of each pillar over the centres of the same model, by pillar id.
    pub medians: std::collections::BTreeMap<String, String>,
}

/// A decision of the committee beside the computed outcome; both stay on record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ModerationJson {
    /// The level decided; `None` when no level is given.
    pub level: Option<String>,
    /// Why.
    pub reason: TextJson,
}

/// A strength or a matter to improve.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RemarkJson {
    /// The criterion it is about.
    pub criterion: String,
    /// `strength` or `improvement`.
    pub kind: String,
    /// What was seen.
    pub text: TextJson,
}

/// A published scorecard with the server's signature, as it travels inside its document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedScorecard {
    /// The scorecard.
    pub scorecard: ScorecardJson,
    /// The SHA-256 of its canonical JSON.
    pub sha256: Digest,
    /// The server's key.
    pub public_key: PublicKey,
    /// The server's signature of the canonical JSON.
    pub signature: Signature,
}

/// Why a scorecard is not what a server signed.
#[derive(Debug, thiserror::Error)]
pub enum NotGenuine {
    /// It was altered.
    #[error("its digest is {found}, and {named} was signed")]
    Digest {
        /// The digest of what is here.
        found: Digest,
        /// The digest that is named.
        named: Digest,
    },
    /// The signature is of something else, or by somebody else.
    #[error("the signature does not hold: {0}")]
    Signature(#[from] NotSigned),
    /// It cannot be written out.
    #[error("it cannot be written as canonical JSON: {0}")]
    Unwritable(#[from] serde_json::Error),
}

impl SignedScorecard {
    /// The file name under which it travels.
    pub const FILE: &'static str = "scorecard.json";

    /// Holds the scorecard against its digest and the signature.
    ///
    /// # Errors
    /// What does not agree.
    pub fn verify(&self) -> Result<(), NotGenuine> {
        let text = canonical_json(&self.scorecard)?;
        let found = Digest::of(text.as_bytes());
        if found != self.sha256 {
            return Err(NotGenuine::Digest { found, named: self.sha256 });
        }
        Ok(self.public_key.verify(text.as_bytes(), &self.signature)?)
    }
}

/// Why a scorecard cannot be computed again.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotComputable {
    /// The rubric is another.
    #[error("it was scored by the rubric {named}, and this one is {given}")]
    Rubric {
        /// The digest of the rubric it names.
        named: Digest,
        /// The digest of the one that was given.
        given: Digest,
    },
    /// The criteria are not the rubric's, in its order.
    #[error("`{found}` stands where the rubric has the criterion `{expected}`")]
    Criterion {
        /// What stands there; empty for nothing.
        found: String,
        /// The rubric's criterion; empty where it has no more.
        expected: String,
    },
    /// A result that is none.
    #[error("the result of {criterion} is no score, nor the reason why there is none")]
    Result {
        /// The criterion.
        criterion: String,
    },
}

fn shown(value: &Option<Exact>) -> Option<String> {
    value.as_ref().map(Exact::shown)
}

fn exact(value: &Option<Exact>) -> Option<String> {
    value.as_ref().map(ToString::to_string)
}

impl ScorecardJson {
    /// The JSON of a scorecard.
    #[must_use]
    pub fn new(centre: &str, cycle: &str, rubric: &Rubric, scorecard: &Scorecard) -> Self {
        Self::by(centre, cycle, RubricRef::of(rubric), scorecard)
    }

    /// The same where the rubric's reference is known: making it anew hashes the whole rubric.
    #[must_use]
    pub fn by(centre: &str, cycle: &str, rubric: RubricRef, scorecard: &Scorecard) -> Self {
        let pillar = |result: &mizan_domain::scoring::PillarResult| ResultJson {
            id: result.id.clone(),
            state: result.state.word().into(),
            score: shown(&result.score),
            exact: exact(&result.score),
        };
        let criterion = |result: &mizan_domain::scoring::CriterionResult| ResultJson {
            id: result.id.clone(),
            state: result.state.word().into(),
            score: shown(&result.score),
            exact: exact(&result.score),
        };
        let critical = |hit: &mizan_domain::scoring::CriticalHit| CriticalJson {
            criterion: hit.criterion.clone(),
            effect: hit.effect.word().into(),
            confirmed: hit.confirmed,
            dismissed: false,
        };
        Self {
            centre: centre.into(),
            cycle: cycle.into(),
            rubric,
            score: shown(&scorecard.score),
            exact: exact(&scorecard.score),
            coverage: scorecard.coverage.shown(),
            coverage_exact: scorecard.coverage.to_string(),
            basic_compliance: shown(&scorecard.basic_compliance),
            basic_compliance_exact: exact(&scorecard.basic_compliance),
            outcome: scorecard.outcome.word().into(),
            level: scorecard.outcome.level().map(str::to_owned),
            pillars: scorecard.pillars.iter().map(pillar).collect(),
            criteria: scorecard.criteria.iter().map(criterion).collect(),
            critical: scorecard.critical.iter().map(critical).collect(),
            publication: None,
        }
    }

    /// What follows from the results of the criteria by the rubric: the same scorecard, unless a number of
    /// it was made otherwise. What people said stays as it is: who confirmed what, and the publication.
    ///
    /// # Errors
    /// Another rubric, or results that are not of its criteria.
    pub fn recomputed(&self, rubric: &Rubric) -> Result<Self, NotComputable> {
        let of = RubricRef::of(rubric);
        if of.sha256 != self.rubric.sha256 {
            let named = self.rubric.sha256;
            return Err(NotComputable::Rubric { named, given: of.sha256 });
        }
        let expected: Vec<&str> = rubric.criteria().map(|of| of.id.as_str()).collect();
        for place in 0..expected.len().max(self.criteria.len()) {
            let found = self.criteria.get(place).map_or("", |of| of.id.as_str());
            let expected = expected.get(place).copied().unwrap_or_default();
            if found != expected {
                let (found, expected) = (found.to_owned(), expected.to_owned());
                return Err(NotComputable::Criterion { found, expected });
            }
        }
        let criteria = self.criteria.iter().map(ResultJson::to_domain).collect::<Result<_, _>>()?;
        let confirmed: Vec<String> = self
            .critical
            .iter()
            .filter(|hit| hit.confirmed)
            .map(|hit| hit.criterion.clone())
            .collect();
        let card = from_criteria(rubric, criteria, &confirmed);
        let mut again = Self::by(&self.centre, &self.cycle, self.rubric.clone(), &card);
        for (hit, said) in again.critical.iter_mut().zip(&self.critical) {
            hit.dismissed = said.dismissed;
        }
        again.publication.clone_from(&self.publication);
        Ok(again)
    }
}

impl ResultJson {
    fn to_domain(&self) -> Result<CriterionResult, NotComputable> {
        let wrong = || NotComputable::Result { criterion: self.id.clone() };
        let state = State::from_word(&self.state).ok_or_else(wrong)?;
        let score = self.exact.as_deref().map(Exact::from_fraction).transpose();
        let score = score.map_err(|_| wrong())?;
        if (state == State::Scored) != score.is_some() {
            return Err(wrong());
        }
        let id = self.id.clone();
        Ok(CriterionResult { id, state, score, unannounced: None, scheduled: None })
    }
}

#[cfg(test)]
mod tests {
    use mizan_domain::rubric::{Criterion, CriticalEffect};
    use zeroize::Zeroizing;

    use super::*;
    use crate::signature::SecretKey;

    fn rubric() -> Rubric {
        Rubric::from_toml(include_str!("../../../rubrics/in-person.toml")).unwrap()
    }

    /// Every criterion at two thirds, but for one that does not apply and a critical one at nothing.
    fn scorecard(rubric: &Rubric) -> ScorecardJson {
        let fails = |of: &&Criterion| of.critical == Some(CriticalEffect::Fail);
        let critical = rubric.criteria().find(fails).unwrap().id.clone();
        let other = rubric.criteria().find(|of| of.critical.is_none()).unwrap().id.clone();
        let result = |id: &String| CriterionResult {
            id: id.clone(),
            state: if *id == other { State::NotApplicable } else { State::Scored },
            score: match id {
                id if *id == other => None,
                id if *id == critical => Some(Exact::zero()),
                _ => Exact::ratio(200, 3),
            },
            unannounced: None,
            scheduled: None,
        };
        let criteria = rubric.criteria().map(|of| result(&of.id)).collect();
        let card = from_criteria(rubric, criteria, &[critical]);
        ScorecardJson::new("C-001", "4", rubric, &card)
    }

    #[test]
    fn a_scorecard_follows_from_its_criteria_and_an_altered_number_does_not() {
        let rubric = rubric();
        let card = scorecard(&rubric);
        assert_eq!(card.critical.len(), 1);
        assert_eq!(card.recomputed(&rubric).unwrap(), card);
        let mut altered = card.clone();
        altered.level = Some("platinum".into());
        assert_ne!(altered.recomputed(&rubric).unwrap(), altered);
        let mut altered = card.clone();
        altered.criteria[5].exact = Some("70".into());
        assert_ne!(altered.recomputed(&rubric).unwrap(), altered, "its own score is another");
        let mut dismissed = card.clone();
        dismissed.critical[0].confirmed = false;
        dismissed.critical[0].dismissed = true;
        let again = dismissed.recomputed(&rubric).unwrap();
        assert_eq!(again.critical, dismissed.critical, "who said what is taken as it stands");
        assert_eq!(
            (card.outcome.as_str(), again.outcome.as_str()),
            ("committee_decision", "level")
        );
    }

    #[test]
    fn what_is_no_result_of_the_rubric_is_refused_by_name() {
        let rubric = rubric();
        let card = scorecard(&rubric);
        let refused = |change: &dyn Fn(&mut ScorecardJson)| {
            let mut card = card.clone();
            change(&mut card);
            card.recomputed(&rubric).unwrap_err().to_string()
        };
        let last = card.criteria.last().unwrap().id.clone();
        let missing = refused(&|card| drop(card.criteria.pop()));
        assert!(missing.contains(&format!("`{last}`")), "{missing}");
        let twice = refused(&|card| card.criteria.push(card.criteria[0].clone()));
        assert!(twice.contains(&card.criteria[0].id), "{twice}");
        let no_score = refused(&|card| card.criteria[3].exact = None);
        assert!(no_score.contains(&card.criteria[3].id), "{no_score}");
        let other = refused(&|card| card.rubric.sha256 = Digest::of(b"another"));
        assert!(other.contains(&Digest::of(b"another").to_string()), "{other}");
    }

    #[test]
    fn a_signature_is_of_one_scorecard_alone() {
        let key = SecretKey::from_seed(&Zeroizing::new([3; 32]));
        let scorecard = scorecard(&rubric());
        let text = canonical_json(&scorecard).unwrap();
        let signed = SignedScorecard {
            sha256: Digest::of(text.as_bytes()),
            public_key: key.public(),
            signature: key.sign(text.as_bytes()),
            scorecard,
        };
        signed.verify().unwrap();
        let mut altered = signed.clone();
        altered.scorecard.centre = "C-002".into();
        assert!(matches!(altered.verify(), Err(NotGenuine::Digest { .. })));
        altered.sha256 = Digest::of(canonical_json(&altered.scorecard).unwrap().as_bytes());
        assert!(matches!(altered.verify(), Err(NotGenuine::Signature(_))));
    }
}
