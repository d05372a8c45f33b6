//! A visit as its evaluator's device knows it: the brief from the server, the work on top of it.

mod state;

use std::collections::BTreeMap;
use std::sync::Arc;

use mizan_domain::contact::Contact;
use mizan_domain::evaluation::RawAnswer;
use mizan_domain::rubric::{Rubric, VisitKind};
use mizan_domain::submission::{self, Draft, DraftAnswer, SubmissionFault};
use mizan_domain::timeline::{Measured, Moment, Timeline};
use mizan_domain::visit::VisitState;
use mizan_protocol::canonical::Digest;
use mizan_protocol::code::ErrorBody;
use mizan_protocol::evaluation::SealedEvaluation;
use mizan_protocol::id::{ContactId, VisitId};
use mizan_protocol::record::{
    self, AcceptanceBody, AnswerBody, EvaluationBody, TimelineBody, VisitBody,
};
use mizan_protocol::rubric as rubric_json;
use mizan_protocol::sync::Record;

use crate::device::Device;
use crate::error::Error;
use crate::evidence;
use crate::grant::{Offline, outlasts_grant};
use crate::store::own_records::{self, OwnKey, OwnKind, OwnRecord, WayBack};
use crate::store::{evidence_files, evidence_links, pulled_records, rejections, seals};
use state::{Decision, Known, local_state};

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
    /// When the visit began, milliseconds since 1970 UTC.
    pub started_ms: Option<i64>,
    /// When it ended: on leaving, or with the last contact once all are settled.
    pub ended_ms: Option<i64>,
    /// When its report is due (M8), from its end until it is submitted.
    pub report_due_ms: Option<i64>,
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
    /// The summary a list shows of it.
    pub summary: VisitSummary,
    /// What it is scored by.
    pub rubric: Arc<Rubric>,
    /// The answers, in the rubric's order.
    pub answers: Vec<GivenAnswer>,
    /// The times noted, those of contacts included.
    pub times: Timeline,
    /// The contacts by their names, in the order they were opened.
    pub contacts: Vec<VisitContact>,
    /// What the times tell of criteria with a measure, in the rubric's order.
    pub derived: Vec<Derived>,
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
    /// How many undos there are from here; taking the first answer back is one of them.
    pub earlier: usize,
}

/// A contact with its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VisitContact {
    /// The contact.
    pub id: ContactId,
    /// Its channel and moments.
    pub contact: Contact,
}

/// What the times tell of a criterion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Derived {
    /// The criterion.
    pub criterion: String,
    /// The time, and how many waits or contacts it is the mean of.
    pub measured: Measured,
}

/// One criterion of a visit, as it stands after a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnswerState {
    /// Its answer, if it has one.
    pub answer: Option<GivenAnswer>,
    /// What keeps this criterion from being submitted.
    pub missing: Vec<SubmissionFault>,
    /// Where the visit stands.
    pub state: VisitState,
}

/// Work of this device on a visit that is no longer granted to its person. It is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Orphan {
    /// The visit.
    pub visit: VisitId,
    /// How many criteria are answered.
    pub answered: usize,
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

impl Delivery {
    /// How far a sealed evaluation has come; `refused` is why the server would not have it, if so.
    pub(crate) fn of(seal: &Seal, refused: Option<ErrorBody>) -> Self {
        match (seal.outcome, seal.complete_ms) {
            (None, _) => Self::Waiting,
            (Some(SealOutcome::Applied), None) => Self::FilesWaiting,
            (Some(SealOutcome::Applied), Some(_)) => Self::Sent,
            (Some(SealOutcome::Conflict), _) => Self::Conflict,
            (Some(SealOutcome::Rejected), _) => {
                Self::Rejected(refused.unwrap_or_else(|| ErrorBody::new("request.invalid")))
            }
        }
    }
}

/// What every step on a visit needs.
#[derive(Debug, Clone)]
pub(crate) struct Brief {
    pub(crate) body: VisitBody,
    pub(crate) rev: i64,
    pub(crate) kind: VisitKind,
    /// What the server says of the state; `state` is what was done here since on top of it.
    server: VisitState,
    pub(crate) state: VisitState,
    pub(crate) rubric: Option<Arc<Rubric>>,
}

impl Brief {
    pub(crate) fn rubric(&self) -> Result<&Arc<Rubric>, Error> {
        self.rubric.as_ref().ok_or(Error::NoRubric { sha256: self.body.rubric.sha256 })
    }
}

impl Device {
    /// The visits granted to this device's person, by their first day; of a device that has gone too long
    /// without its server, those in progress.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn visits(&mut self) -> Result<Vec<VisitSummary>, Error> {
        let answered = own_records::count_answers(self.store.read())?;
        let mut summaries = Vec::new();
        for (visit, brief) in self.briefs()? {
            if !self.shows(&brief) {
                continue;
            }
            let times = self.times(visit)?;
            let answered = answered.get(&visit).copied().unwrap_or(0);
            summaries.push(self.summary(&brief, &times, answered)?);
        }
        summaries.sort_by(|a, b| {
            (&a.brief.from, &a.brief.centre_code).cmp(&(&b.brief.from, &b.brief.centre_code))
        });
        Ok(summaries)
    }

    fn shows(&self, brief: &Brief) -> bool {
        self.offline() != Offline::Ended || outlasts_grant(brief.state)
    }

    /// How many visits are not shown until the device has met its server again.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn hidden_visits(&mut self) -> Result<usize, Error> {
        Ok(self.briefs()?.values().filter(|brief| !self.shows(brief)).count())
    }

    fn summary(
        &self,
        brief: &Brief,
        times: &Timeline,
        answered: usize,
    ) -> Result<VisitSummary, Error> {
        let judged = |rubric: &Arc<Rubric>| {
            rubric.criteria().filter(|criterion| criterion.is_judged_on(brief.kind)).count()
        };
        let is_open = matches!(brief.state, VisitState::Accepted | VisitState::InProgress);
        let ended_ms = times.ended();
        let within_ms = i64::from(brief.body.brief.report_within_h) * 3_600_000;
        Ok(VisitSummary {
            brief: brief.body.clone(),
            state: brief.state,
            answered,
            to_answer: brief.rubric.as_ref().map(judged),
            started_ms: times.started(),
            ended_ms,
            report_due_ms: ended_ms.filter(|_| is_open).map(|at| at.saturating_add(within_ms)),
            delivery: self.delivery(brief.body.visit)?,
        })
    }

    /// Everything about one visit.
    ///
    /// # Errors
    /// [`Error::NoVisit`], [`Error::NoRubric`], [`Error::GrantEnded`].
    pub fn visit(&mut self, visit: VisitId) -> Result<VisitView, Error> {
        let brief = self.brief(visit)?;
        if !self.shows(&brief) {
            return Err(Error::GrantEnded { visit });
        }
        let rubric = brief.rubric()?.clone();
        let answers = self.answers(visit, &rubric)?;
        let body = self.timeline_body(visit)?;
        let (times, contacts) = (timeline(&body), contacts(&body));
        let evidence = evidence_links::of_visit(self.store.read(), visit)?;
        let draft = draft(brief.kind, &answers, &evidence, &times);
        let summary = self.summary(&brief, &times, answers.len())?;
        Ok(VisitView {
            brief: brief.body.clone(),
            state: brief.state,
            missing: submission::check(&rubric, &draft),
            derived: derived(&rubric, brief.kind, &times),
            rubric,
            answers,
            times,
            contacts,
            evidence,
            seals: seals::of_visit(self.store.read(), visit)?,
            delivery: summary.delivery.clone(),
            summary,
        })
    }

    /// One criterion of a visit as it stands, without reading the others.
    ///
    /// # Errors
    /// [`Error::NoVisit`], [`Error::NoRubric`].
    pub fn answer_state(&mut self, visit: VisitId, criterion: &str) -> Result<AnswerState, Error> {
        let brief = self.brief(visit)?;
        let key = OwnKey { visit, kind: OwnKind::Answer, part: criterion.to_owned() };
        let answer = self.standing_answer(&key)?;
        let evidence = evidence_links::of_criterion(self.store.read(), visit, criterion)?;
        let given: Vec<GivenAnswer> = answer.iter().cloned().collect();
        let draft = draft(brief.kind, &given, &evidence, &self.times(visit)?);
        let missing = submission::check_criterion(brief.rubric()?, &draft, criterion);
        Ok(AnswerState { answer, missing, state: brief.state })
    }

    /// Visits that hold work of this device but are no longer granted to its person.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn orphans(&mut self) -> Result<Vec<Orphan>, Error> {
        let briefs = self.briefs()?;
        let answered = own_records::count_answers(self.store.read())?;
        let worked = own_records::visits(self.store.read())?;
        let orphan =
            |visit: VisitId| Orphan { visit, answered: answered.get(&visit).copied().unwrap_or(0) };
        Ok(worked.into_iter().filter(|of| !briefs.contains_key(of)).map(orphan).collect())
    }

    /// What keeps a visit from being submitted; empty when nothing does.
    ///
    /// # Errors
    /// [`Error::NoVisit`], [`Error::NoRubric`].
    pub fn check(&mut self, visit: VisitId) -> Result<Vec<SubmissionFault>, Error> {
        Ok(self.visit(visit)?.missing)
    }

    /// The answers to a criterion that were replaced or cleared, oldest first.
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
        let answers = history.iter().filter(|version| !version.deleted);
        answers.map(|version| given(&version.body, version.way_back)).collect()
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
        self.evidence_file(sha256).map(|(_, bytes)| bytes)
    }

    /// The media type of a piece of evidence and its plain bytes, held against their digest.
    ///
    /// # Errors
    /// [`Error::NoEvidence`], [`Error::EvidenceBroken`].
    pub fn evidence_file(&self, sha256: &Digest) -> Result<(String, Vec<u8>), Error> {
        let file = evidence_files::find(self.store.read(), sha256)?
            .ok_or(Error::NoEvidence { sha256: *sha256 })?;
        let bytes = evidence::read(&self.home.evidence(), sha256, &file.key)?;
        Ok((file.media_type, bytes))
    }

    /// A rubric by its digest.
    ///
    /// # Errors
    /// [`Error::NoRubric`].
    pub fn rubric(&mut self, sha256: &Digest) -> Result<Arc<Rubric>, Error> {
        let rubrics = self.load_rubrics()?;
        rubrics.get(sha256).cloned().ok_or(Error::NoRubric { sha256: *sha256 })
    }

    /// The digest of each sealed text of a visit, by the number of its seal.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn seal_digests(&self, visit: VisitId) -> Result<BTreeMap<u32, Digest>, Error> {
        seals::digests(self.store.read(), visit)
    }

    pub(crate) fn answers(
        &self,
        visit: VisitId,
        rubric: &Rubric,
    ) -> Result<Vec<GivenAnswer>, Error> {
        let records = own_records::answers(self.store.read(), visit)?;
        let mut answers: Vec<GivenAnswer> =
            records.iter().map(given_of).collect::<Result<_, _>>()?;
        let order: BTreeMap<&str, usize> =
            rubric.criteria().enumerate().map(|(at, of)| (of.id.as_str(), at)).collect();
        answers.sort_by_key(|given| order.get(given.criterion.as_str()).copied());
        Ok(answers)
    }

    /// The answer that stands, if one does.
    pub(crate) fn standing_answer(&self, key: &OwnKey) -> Result<Option<GivenAnswer>, Error> {
        let found = own_records::find(self.store.read(), key)?;
        found.filter(|record| !record.deleted).as_ref().map(given_of).transpose()
    }

    pub(crate) fn times(&self, visit: VisitId) -> Result<Timeline, Error> {
        Ok(timeline(&self.timeline_body(visit)?))
    }

    /// The times as they are kept, with whatever this version does not know.
    pub(crate) fn timeline_body(&self, visit: VisitId) -> Result<TimelineBody, Error> {
        let key = OwnKey { visit, kind: OwnKind::Timeline, part: String::new() };
        match own_records::find(self.store.read(), &key)? {
            Some(found) => serde_json::from_str(&found.body).map_err(Error::stored("timeline")),
            None => Ok(TimelineBody { visit, times: BTreeMap::new(), contacts: Vec::new() }),
        }
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
            let brief = Brief { rev: record.rev, kind, server, state, rubric, body };
            briefs.insert(brief.body.visit, Arc::new(brief));
        }
        Ok(briefs)
    }

    /// Looks again where one visit stands, after work on it; the others are as they were.
    pub(crate) fn refresh(&mut self, visit: VisitId) {
        let Some(brief) = self.briefs.as_ref().and_then(|briefs| briefs.get(&visit)) else {
            return;
        };
        match self.state(&brief.body, brief.server, brief.rev) {
            Ok(state) => {
                let brief = Arc::new(Brief { state, ..Brief::clone(brief) });
                self.briefs.get_or_insert_default().insert(visit, brief);
            }
            // The work itself is on the disk; whoever asks next reads everything anew.
            Err(_) => self.briefs = None,
        }
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
        let part = seal.number.to_string();
        let refused = match seal.outcome {
            Some(SealOutcome::Rejected) => rejections::of(read, visit, OwnKind::Evaluation, &part)?,
            Some(SealOutcome::Applied | SealOutcome::Conflict) | None => None,
        };
        Ok(Delivery::of(&seal, refused))
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

/// The time-line a body means. A contact of a later shape stays in the body and is not shown.
pub(crate) fn timeline(body: &TimelineBody) -> Timeline {
    let moment = |(word, at): (&String, &i64)| Some((Moment::from_word(word)?, *at));
    Timeline {
        moments: body.times.iter().filter_map(moment).collect(),
        contacts: contacts(body).into_iter().map(|named| named.contact).collect(),
    }
}

/// The contacts of a body, named, as far as this version knows them.
pub(crate) fn contacts(body: &TimelineBody) -> Vec<VisitContact> {
    let named = body.contacts.iter().filter_map(|of| Some((of.id, of.to_contact().ok()?)));
    named.map(|(id, contact)| VisitContact { id, contact }).collect()
}

/// What the times tell of the criteria that are judged on this kind of visit.
fn derived(rubric: &Rubric, kind: VisitKind, times: &Timeline) -> Vec<Derived> {
    let judged = rubric.criteria().filter(|criterion| criterion.is_judged_on(kind));
    let of = judged.filter_map(|criterion| {
        let (measure, unit) = criterion.timed_by()?;
        let measured = times.measure(measure, unit)?;
        Some(Derived { criterion: criterion.id.clone(), measured })
    });
    of.collect()
}

/// An answer from its record.
pub(crate) fn given_of(record: &OwnRecord) -> Result<GivenAnswer, Error> {
    given(&record.body, record.way_back)
}

/// An answer from its record's body.
pub(crate) fn given(body: &str, way_back: WayBack) -> Result<GivenAnswer, Error> {
    let body: AnswerBody = serde_json::from_str(body).map_err(Error::stored("answer"))?;
    let answer = body.answer.to_raw().map_err(|fault| {
        Error::stored("answer")(<serde_json::Error as serde::de::Error>::custom(fault))
    })?;
    Ok(GivenAnswer {
        criterion: body.answer.criterion,
        answer,
        note: body.answer.note,
        at_ms: body.at,
        earlier: way_back.undos as usize,
    })
}

fn read_visit(record: &Record) -> Option<(VisitBody, VisitKind, VisitState)> {
    let body: VisitBody = serde_json::from_value(record.body.clone()).ok()?;
    let kind = VisitKind::from_word(&body.kind)?;
    let state = VisitState::from_word(&body.state)?;
    Some((body, kind, state))
}
