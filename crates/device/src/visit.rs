//! A visit as its evaluator's device knows it: the brief from the server, the work on top of it.

use std::collections::BTreeMap;
use std::sync::Arc;

use mizan_domain::evaluation::RawAnswer;
use mizan_domain::rubric::{Rubric, VisitKind};
use mizan_domain::submission::{self, Draft, DraftAnswer, SubmissionFault};
use mizan_domain::timeline::{Moment, Timeline};
use mizan_domain::visit::VisitState;
use mizan_protocol::canonical::Digest;
use mizan_protocol::code::ErrorBody;
use mizan_protocol::evaluation::SealedEvaluation;
use mizan_protocol::id::VisitId;
use mizan_protocol::record::{
    self, AcceptanceBody, AnswerBody, EvaluationBody, TimelineBody, VisitBody,
};
use mizan_protocol::rubric as rubric_json;
use mizan_protocol::sync::Record;

use crate::device::Device;
use crate::error::Error;
use crate::evidence;
use crate::store::own_records::{self, OwnKey, OwnKind};
use crate::store::{evidence_files, evidence_links, pulled_records, rejections, seals};

pub use crate::store::evidence_links::EvidenceItem;
pub use crate::store::seals::{Seal, SealOutcome};

/// A visit in a list.
#[derive(Debug, Clone, PartialEq)]
pub struct VisitSummary {
    /// What the server says of it.
    pub brief: VisitBody,
    /// Where it stands, work of this device included.
    pub state: VisitState,
    /// How many criteria are answered.
    pub answered: usize,
    /// How many criteria are judged on this kind of visit; `None` while the rubric is not here.
    pub to_answer: Option<usize>,
    /// How far the submission has come.
    pub delivery: Delivery,
}

/// Everything about one visit.
#[derive(Debug, Clone)]
pub struct VisitView {
    /// What the server says of it.
    pub brief: VisitBody,
    /// Where it stands, work of this device included.
    pub state: VisitState,
    /// What it is scored by.
    pub rubric: Arc<Rubric>,
    /// The answers, in the rubric's order.
    pub answers: Vec<GivenAnswer>,
    /// The moments noted.
    pub times: Timeline,
    /// The evidence attached.
    pub evidence: Vec<EvidenceItem>,
    /// What keeps it from being submitted.
    pub missing: Vec<SubmissionFault>,
    /// What was sealed, oldest first.
    pub seals: Vec<Seal>,
    /// How far the submission has come.
    pub delivery: Delivery,
}

/// An answer with its time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GivenAnswer {
    /// The criterion.
    pub criterion: String,
    /// The answer.
    pub answer: RawAnswer,
    /// What was seen.
    pub note: Option<String>,
    /// When, milliseconds since 1970 UTC.
    pub at_ms: i64,
}

/// How far a submission has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delivery {
    /// Nothing is submitted.
    NotSubmitted,
    /// It waits on the device.
    Waiting,
    /// The server has the evaluation and still lacks files.
    FilesWaiting,
    /// The server has the evaluation and every file it names.
    Sent,
    /// Another version is on the server; a person decides.
    Conflict,
    /// The server refused it.
    Rejected(ErrorBody),
}

/// What every step on a visit needs.
#[derive(Debug)]
pub(crate) struct Brief {
    pub(crate) body: VisitBody,
    pub(crate) rev: i64,
    pub(crate) kind: VisitKind,
    pub(crate) state: VisitState,
    pub(crate) rubric: Option<Arc<Rubric>>,
}

impl Brief {
    pub(crate) fn rubric(&self) -> Result<&Arc<Rubric>, Error> {
        self.rubric.as_ref().ok_or(Error::NoRubric { sha256: self.body.rubric.sha256 })
    }
}

impl Device {
    /// The visits granted to this device's person, by their first day.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn visits(&mut self) -> Result<Vec<VisitSummary>, Error> {
        let mut summaries = Vec::new();
        for brief in self.briefs()?.values() {
            let visit = brief.body.visit;
            let answers = own_records::of_visit(self.store.read(), visit, OwnKind::Answer)?;
            let judged = |rubric: &Arc<Rubric>| {
                rubric.criteria().filter(|criterion| criterion.is_judged_on(brief.kind)).count()
            };
            summaries.push(VisitSummary {
                brief: brief.body.clone(),
                state: brief.state,
                answered: answers.len(),
                to_answer: brief.rubric.as_ref().map(judged),
                delivery: self.delivery(visit)?,
            });
        }
        summaries.sort_by(|a, b| {
            (&a.brief.from, &a.brief.centre_code).cmp(&(&b.brief.from, &b.brief.centre_code))
        });
        Ok(summaries)
    }

    /// Everything about one visit.
    ///
    /// # Errors
    /// [`Error::NoVisit`], [`Error::NoRubric`].
    pub fn visit(&mut self, visit: VisitId) -> Result<VisitView, Error> {
        let brief = self.brief(visit)?;
        let rubric = brief.rubric()?.clone();
        let answers = self.answers(visit, &rubric)?;
        let times = self.times(visit)?;
        let evidence = evidence_links::of_visit(self.store.read(), visit)?;
        let draft = draft(brief.kind, &answers, &evidence, &times);
        Ok(VisitView {
            brief: brief.body.clone(),
            state: brief.state,
            missing: submission::check(&rubric, &draft),
            rubric,
            answers,
            times,
            evidence,
            seals: seals::of_visit(self.store.read(), visit)?,
            delivery: self.delivery(visit)?,
        })
    }

    /// What keeps a visit from being submitted; empty when nothing does.
    ///
    /// # Errors
    /// [`Error::NoVisit`], [`Error::NoRubric`].
    pub fn check(&mut self, visit: VisitId) -> Result<Vec<SubmissionFault>, Error> {
        Ok(self.visit(visit)?.missing)
    }

    /// The answers to a criterion that were replaced, oldest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn earlier_answers(
        &self,
        visit: VisitId,
        criterion: &str,
    ) -> Result<Vec<GivenAnswer>, Error> {
        let key = OwnKey { visit, kind: OwnKind::Answer, part: criterion.to_owned() };
        let history = own_records::history(self.store.read(), &key)?;
        history.iter().map(|(_, body)| given(body)).collect()
    }

    /// A sealed evaluation, as it was signed.
    ///
    /// # Errors
    /// [`Error::NoVisit`] when there is none of that number.
    pub fn sealed(&self, visit: VisitId, number: u32) -> Result<SealedEvaluation, Error> {
        let key = OwnKey { visit, kind: OwnKind::Evaluation, part: number.to_string() };
        let found = own_records::find(self.store.read(), &key)?.ok_or(Error::NoVisit { visit })?;
        let body: EvaluationBody =
            serde_json::from_str(&found.body).map_err(Error::stored("evaluation"))?;
        Ok(body.sealed)
    }

    /// The plain bytes of a piece of evidence, held against their digest.
    ///
    /// # Errors
    /// [`Error::NoEvidence`], [`Error::EvidenceBroken`].
    pub fn evidence(&self, sha256: &Digest) -> Result<Vec<u8>, Error> {
        let file = evidence_files::find(self.store.read(), sha256)?
            .ok_or(Error::NoEvidence { sha256: *sha256 })?;
        evidence::read(&self.home.evidence(), sha256, &file.key)
    }

    pub(crate) fn answers(
        &self,
        visit: VisitId,
        rubric: &Rubric,
    ) -> Result<Vec<GivenAnswer>, Error> {
        let records = own_records::of_visit(self.store.read(), visit, OwnKind::Answer)?;
        let mut answers: Vec<GivenAnswer> =
            records.iter().map(|record| given(&record.body)).collect::<Result<_, _>>()?;
        let order: BTreeMap<&str, usize> =
            rubric.criteria().enumerate().map(|(at, of)| (of.id.as_str(), at)).collect();
        answers.sort_by_key(|given| order.get(given.criterion.as_str()).copied());
        Ok(answers)
    }

    pub(crate) fn times(&self, visit: VisitId) -> Result<Timeline, Error> {
        let key = OwnKey { visit, kind: OwnKind::Timeline, part: String::new() };
        let Some(found) = own_records::find(self.store.read(), &key)? else {
            return Ok(Timeline::default());
        };
        let body: TimelineBody =
            serde_json::from_str(&found.body).map_err(Error::stored("timeline"))?;
        let moment = |(word, at): (&String, &i64)| Some((Moment::from_word(word)?, *at));
        Ok(Timeline {
            moments: body.times.iter().filter_map(moment).collect(),
            contacts: Vec::new(),
        })
    }

    /// The visit as it stands.
    pub(crate) fn brief(&mut self, visit: VisitId) -> Result<Arc<Brief>, Error> {
        if self.briefs.is_none() {
            self.briefs = Some(self.load_briefs()?);
        }
        let found = self.briefs.as_ref().and_then(|briefs| briefs.get(&visit));
        found.cloned().ok_or(Error::NoVisit { visit })
    }

    pub(crate) fn briefs(&mut self) -> Result<BTreeMap<VisitId, Arc<Brief>>, Error> {
        match &self.briefs {
            Some(briefs) => Ok(briefs.clone()),
            None => {
                let briefs = self.load_briefs()?;
                self.briefs = Some(briefs.clone());
                Ok(briefs)
            }
        }
    }

    fn load_briefs(&mut self) -> Result<BTreeMap<VisitId, Arc<Brief>>, Error> {
        let rubrics = self.load_rubrics()?;
        let mut briefs = BTreeMap::new();
        for record in pulled_records::of_kind(self.store.read(), record::VISIT)? {
            // A visit of a later shape is kept in its table and shows once the program is updated.
            let Some((body, kind, server)) = read_visit(&record) else { continue };
            let state = self.state(&body, server, record.rev)?;
            let rubric = rubrics.get(&body.rubric.sha256).cloned();
            let brief = Brief { rev: record.rev, kind, state, rubric, body };
            briefs.insert(brief.body.visit, Arc::new(brief));
        }
        Ok(briefs)
    }

    fn load_rubrics(&mut self) -> Result<BTreeMap<Digest, Arc<Rubric>>, Error> {
        if let Some(rubrics) = &self.rubrics {
            return Ok(rubrics.clone());
        }
        let mut rubrics = BTreeMap::new();
        for record in pulled_records::of_kind(self.store.read(), record::RUBRIC)? {
            // One that this version cannot read is as good as missing: its visits say so by name.
            if let Ok(rubric) = rubric_json::from_json(&record.body) {
                rubrics.insert(rubric_json::digest(&rubric), Arc::new(rubric));
            }
        }
        self.rubrics = Some(rubrics.clone());
        Ok(rubrics)
    }

    fn state(&self, body: &VisitBody, server: VisitState, rev: i64) -> Result<VisitState, Error> {
        let read = self.store.read();
        let last_seal = seals::of_visit(read, body.visit)?.pop();
        Ok(local_state(&Known {
            server,
            visit_rev: rev,
            decision: self.decision(body.visit)?,
            is_started: own_records::is_started(read, body.visit)?,
            last_seal: last_seal.as_ref(),
        }))
    }

    fn decision(&self, visit: VisitId) -> Result<Option<Decision>, Error> {
        let read = self.store.read();
        let key = OwnKey { visit, kind: OwnKind::Acceptance, part: String::new() };
        let Some(found) = own_records::find(read, &key)? else { return Ok(None) };
        if rejections::of(read, visit, OwnKind::Acceptance, "")?.is_some() {
            return Ok(None);
        }
        let body = serde_json::from_str(&found.body).map_err(Error::stored("acceptance"))?;
        Ok(Some(match body {
            AcceptanceBody::Accepted { .. } => Decision::Accepted,
            AcceptanceBody::Declined { .. } => {
                Decision::Declined { is_sent: found.generation <= found.synced_gen }
            }
        }))
    }

    fn delivery(&self, visit: VisitId) -> Result<Delivery, Error> {
        let read = self.store.read();
        let Some(seal) = seals::of_visit(read, visit)?.pop() else {
            return Ok(Delivery::NotSubmitted);
        };
        Ok(match (seal.outcome, seal.complete_ms) {
            (None, _) => Delivery::Waiting,
            (Some(SealOutcome::Applied), None) => Delivery::FilesWaiting,
            (Some(SealOutcome::Applied), Some(_)) => Delivery::Sent,
            (Some(SealOutcome::Conflict), _) => Delivery::Conflict,
            (Some(SealOutcome::Rejected), _) => {
                let part = seal.number.to_string();
                let error = rejections::of(read, visit, OwnKind::Evaluation, &part)?;
                Delivery::Rejected(error.unwrap_or_else(|| ErrorBody::new("request.invalid")))
            }
        })
    }
}

/// The draft that the rules of submission are held against.
pub(crate) fn draft(
    kind: VisitKind,
    answers: &[GivenAnswer],
    evidence: &[EvidenceItem],
    times: &Timeline,
) -> Draft {
    let answer = |given: &GivenAnswer| DraftAnswer {
        criterion: given.criterion.clone(),
        answer: given.answer.clone(),
        note: given.note.clone(),
    };
    Draft {
        kind,
        answers: answers.iter().map(answer).collect(),
        evidence: evidence.iter().map(|item| (item.criterion.clone(), item.kind)).collect(),
        timeline: times.clone(),
    }
}

/// An answer from its record's body.
pub(crate) fn given(body: &str) -> Result<GivenAnswer, Error> {
    let body: AnswerBody = serde_json::from_str(body).map_err(Error::stored("answer"))?;
    let answer = body.answer.to_raw().map_err(|fault| {
        Error::stored("answer")(<serde_json::Error as serde::de::Error>::custom(fault))
    })?;
    Ok(GivenAnswer {
        criterion: body.answer.criterion,
        answer,
        note: body.answer.note,
        at_ms: body.at,
    })
}

fn read_visit(record: &Record) -> Option<(VisitBody, VisitKind, VisitState)> {
    let body: VisitBody = serde_json::from_value(record.body.clone()).ok()?;
    let kind = VisitKind::from_word(&body.kind)?;
    let state = VisitState::from_word(&body.state)?;
    Some((body, kind, state))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Decision {
    Accepted,
    Declined { is_sent: bool },
}

struct Known<'a> {
    server: VisitState,
    visit_rev: i64,
    decision: Option<Decision>,
    is_started: bool,
    last_seal: Option<&'a Seal>,
}

/// Where a visit stands: what the server said last, and what was done here since.
fn local_state(known: &Known<'_>) -> VisitState {
    use VisitState as S;
    if matches!(known.server, S::Cancelled | S::Exposed | S::Counted) {
        return known.server;
    }
    if let Some(seal) = known.last_seal.filter(|seal| seal.outcome != Some(SealOutcome::Rejected)) {
        // Only a visit record written after the server took the evaluation can speak of it.
        let is_answered = seal.settled_visit_rev.is_some_and(|rev| known.visit_rev > rev);
        return if is_answered { known.server } else { S::Submitted };
    }
    let under_way = if known.is_started { S::InProgress } else { S::Accepted };
    match (known.server, known.decision) {
        (S::Planned | S::Assigned, None) => known.server,
        (S::Planned | S::Assigned | S::Accepted, Some(Decision::Accepted))
        | (S::Accepted, None) => under_way,
        // Given again after it was handed back.
        (S::Planned | S::Assigned, Some(Decision::Declined { is_sent: true })) => known.server,
        (S::Planned | S::Assigned | S::Accepted, Some(Decision::Declined { .. })) => S::Declined,
        (
            S::InProgress
            | S::Submitted
            | S::InReview
            | S::Returned
            | S::Validated
            | S::Counted
            | S::Declined
            | S::Cancelled
            | S::Exposed,
            _,
        ) => known.server,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seal(outcome: Option<SealOutcome>, settled_visit_rev: Option<i64>) -> Seal {
        Seal { number: 1, revision: 1, sealed_ms: 0, outcome, settled_visit_rev, complete_ms: None }
    }

    #[test]
    fn the_state_is_the_servers_with_what_was_done_here_since() {
        use VisitState as S;
        let waiting = seal(None, None);
        let applied = seal(Some(SealOutcome::Applied), Some(5));
        let rejected = seal(Some(SealOutcome::Rejected), None);
        let accepted = Some(Decision::Accepted);
        let declined = |is_sent| Some(Decision::Declined { is_sent });
        let rows = [
            ("new", S::Assigned, 1, None, false, None, S::Assigned),
            ("taken, not yet sent", S::Assigned, 1, accepted, false, None, S::Accepted),
            ("begun, not yet sent", S::Assigned, 1, accepted, true, None, S::InProgress),
            (
                "begun, server knows of the taking",
                S::Accepted,
                2,
                accepted,
                true,
                None,
                S::InProgress,
            ),
            (
                "handed back, not yet sent",
                S::Assigned,
                1,
                declined(false),
                false,
                None,
                S::Declined,
            ),
            ("given again", S::Assigned, 3, declined(true), false, None, S::Assigned),
            ("sealed, not yet sent", S::Accepted, 2, accepted, true, Some(&waiting), S::Submitted),
            ("sent, pull failed", S::Returned, 5, accepted, true, Some(&applied), S::Submitted),
            ("returned since", S::Returned, 6, accepted, true, Some(&applied), S::Returned),
            ("sealed again", S::Returned, 6, accepted, true, Some(&waiting), S::Submitted),
            ("refused", S::InProgress, 4, accepted, true, Some(&rejected), S::InProgress),
            ("cancelled meanwhile", S::Cancelled, 9, accepted, true, Some(&waiting), S::Cancelled),
        ];
        for (title, server, visit_rev, decision, is_started, last_seal, expected) in rows {
            let known = Known { server, visit_rev, decision, is_started, last_seal };
            assert_eq!(local_state(&known), expected, "{title}");
        }
    }
}
