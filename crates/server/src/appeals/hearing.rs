//! Hearing an appeal: what it rests on, what a ruling would change, and the ruling. One that upholds makes a
//! new version of the scorecard, published in the same transaction.

use mizan_domain::appeal::{
    AppealActor, AppealEvent, AppealRefusal, AppealState, Correction, Ruling, check_ruling,
    corrected, hears, next,
};
use mizan_domain::role::Role;
use mizan_domain::rubric::VisitKind;
use mizan_protocol::answer::AnswerJson;
use mizan_protocol::api::Decision;
use mizan_protocol::canonical::canonical_json;
use mizan_protocol::evaluation::{EvaluationDocument, EvidenceRef};
use mizan_protocol::id::{AppealId, EvaluationId, PersonId, ScorecardId};
use mizan_protocol::record::TextJson;
use mizan_protocol::score::{ModerationJson, RemarkJson};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Appeal, AppealJson, Standing, find, set_state, show, written};
use crate::accounts::Caller;
use crate::error::Error;
use crate::judgement::{self, CorrectionJson, Material};
use crate::keys::Keys;
use crate::publication::schedule;
use crate::tx::{Row, Tx, one, params};
use crate::{consolidated, meetings, programme, results};

/// What those who rule read of an appeal.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AppealCase {
    /// The appeal.
    pub(crate) appeal: AppealJson,
    /// The criterion, as its rubric has it.
    #[schema(value_type = Object)]
    pub(crate) criterion: serde_json::Value,
    /// What each visit that counts says of the criterion, as it was given.
    pub(crate) visits: Vec<HeardVisit>,
    /// The rulings, the first before the committee's.
    pub(crate) rulings: Vec<HeardRuling>,
    /// The step the caller may take now: `examine` or `rule`.
    pub(crate) step: Option<String>,
    /// Why the caller may take none, as the code of the refusal.
    pub(crate) barred: Option<String>,
    /// The numbers as they are now.
    pub(crate) now: Standing,
}

/// What a visit says of the criterion; neither who made it nor when.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HeardVisit {
    /// The evaluation.
    pub(crate) evaluation: EvaluationId,
    /// `unannounced` or `scheduled`.
    pub(crate) kind: String,
    /// The answer given.
    pub(crate) answer: Option<AnswerJson>,
    /// Its evidence.
    pub(crate) evidence: Vec<EvidenceRef>,
}

/// A ruling, as those who hear the appeal read it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HeardRuling {
    /// `central_team`, `reviewers` or `committee`.
    pub(crate) body: String,
    /// `upheld`, `partly` or `refused`.
    pub(crate) ruling: String,
    /// Why.
    pub(crate) reason: String,
    /// What it says the answers are.
    pub(crate) corrections: Vec<CorrectionJson>,
}

/// A ruling.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub(crate) struct NewRuling {
    /// `upheld`, `partly` or `refused`.
    pub(crate) ruling: String,
    /// Why; the committee's is read by the centre.
    pub(crate) reason: String,
    /// What the answers are now; none with a refusal.
    #[serde(default)]
    pub(crate) corrections: Vec<CorrectionJson>,
}

/// Corrections whose effect is asked for.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub(crate) struct Supposed {
    /// What the answers would be.
    pub(crate) corrections: Vec<CorrectionJson>,
}

/// What corrections would change.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Effect {
    /// The numbers as they are.
    pub(crate) before: Standing,
    /// The numbers as they would be.
    pub(crate) after: Standing,
}

/// Who the caller is to an appeal.
fn actor(tx: &mut dyn Tx, caller: &Caller, appeal: &Appeal) -> Result<AppealActor, Error> {
    let of = params![appeal.cycle.0, appeal.centre.0, caller.person.0];
    let row = one(tx, include_str!("../sql/replies/actor.sql"), of)?;
    let presides = match caller.role {
        Role::CommitteeChair => true,
        Role::CommitteeMember => chairs_abstain(tx, appeal)?,
        _ => false,
    };
    Ok(AppealActor {
        role: caller.role,
        is_party: row.flag(0)?,
        has_judged: row.flag(1)?,
        presides,
    })
}

fn chairs_abstain(tx: &mut dyn Tx, appeal: &Appeal) -> Result<bool, Error> {
    let sql = "SELECT id FROM people WHERE role = 'committee_chair' AND active = 1 ORDER BY id";
    for row in tx.query(sql, &[])? {
        if !meetings::is_recused(tx, appeal.cycle, appeal.centre, PersonId(row.id(0)?))? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The step of a role.
fn event_of(role: Role) -> AppealEvent {
    if role.is_committee() { AppealEvent::Rule } else { AppealEvent::Examine }
}

/// What an appeal rests on. Nobody of the centre's side hears it.
pub(crate) fn case(tx: &mut dyn Tx, caller: &Caller, id: AppealId) -> Result<AppealCase, Error> {
    let appeal = find(tx, caller, id)?;
    let actor = actor(tx, caller, &appeal)?;
    if actor.is_party {
        return Err(AppealRefusal::OwnAgency.into());
    }
    let event = event_of(caller.role);
    let (step, barred) = match next(appeal.state, event, actor) {
        Ok(_) => (Some(event.word().to_owned()), None),
        Err(refusal) => (None, Some(refusal.code().to_owned())),
    };
    let stored = programme::rubric_of_centre(tx, appeal.cycle, appeal.centre)?;
    let material = judgement::of_centre(tx, appeal.cycle, appeal.centre)?;
    Ok(AppealCase {
        criterion: criterion_in(&stored.body(tx)?, &appeal.criterion)?,
        visits: visits(tx, &appeal, &material)?,
        rulings: rulings(tx, id)?,
        step,
        barred,
        now: standing(tx, &appeal, &material)?,
        appeal: show(tx, caller, id)?,
    })
}

fn visits(tx: &mut dyn Tx, appeal: &Appeal, material: &Material) -> Result<Vec<HeardVisit>, Error> {
    let criterion = material.rubric.criterion(&appeal.criterion).ok_or(Error::NotFound)?;
    let sql = include_str!("../sql/visits_that_count.sql");
    let mut heard = Vec::new();
    for row in tx.query(sql, params![appeal.cycle.0, appeal.centre.0])? {
        let document: EvaluationDocument = serde_json::from_str(row.text(1)?)?;
        let kind = VisitKind::from_word(&document.visit_kind);
        if !kind.is_some_and(|kind| criterion.is_judged_on(kind)) {
            continue;
        }
        let mine = |of: &str| of == appeal.criterion;
        heard.push(HeardVisit {
            evaluation: document.evaluation,
            kind: document.visit_kind,
            answer: document.answers.into_iter().find(|answer| mine(&answer.criterion)),
            evidence: document.evidence.into_iter().filter(|of| mine(&of.criterion)).collect(),
        });
    }
    // In an order that does not tell which was first.
    heard.sort_by_key(|visit| (visit.kind.clone(), visit.evaluation.0.as_u64_pair().1));
    heard.reverse();
    Ok(heard)
}

fn rulings(tx: &mut dyn Tx, id: AppealId) -> Result<Vec<HeardRuling>, Error> {
    let sql = "SELECT role, ruling, reason, corrections FROM appeal_rulings
               WHERE appeal_id = $1 ORDER BY stage";
    let ruling = |row: &Row| {
        let body = match Role::from_word(row.text(0)?) {
            Some(Role::CentralTeam) => "central_team",
            Some(Role::Reviewer) => "reviewers",
            _ => "committee",
        };
        Ok(HeardRuling {
            body: body.to_owned(),
            ruling: row.text(1)?.to_owned(),
            reason: row.text(2)?.to_owned(),
            corrections: serde_json::from_str(row.text(3)?)?,
        })
    };
    tx.query(sql, params![id.0])?.iter().map(ruling).collect()
}

/// The numbers of some material, with the committee's own level where it decided on one.
fn standing(tx: &mut dyn Tx, appeal: &Appeal, material: &Material) -> Result<Standing, Error> {
    let card = material.score()?.draft;
    let moderation = decided(tx, appeal)?.moderation;
    Ok(Standing::of(&card, moderation.as_ref(), &appeal.criterion, &material.rubric))
}

/// A criterion of a rubric's text, as the text has it.
fn criterion_in(rubric: &str, id: &str) -> Result<serde_json::Value, Error> {
    let rubric: serde_json::Value = serde_json::from_str(rubric)?;
    let pillars = rubric["pillars"].as_array().into_iter().flatten();
    let mut criteria = pillars.flat_map(|pillar| pillar["criteria"].as_array()).flatten();
    criteria.find(|criterion| criterion["id"] == id).cloned().ok_or(Error::NotFound)
}

fn domain_of(corrections: &[CorrectionJson]) -> Result<Vec<Correction>, Error> {
    corrections.iter().map(CorrectionJson::to_domain).collect()
}

/// What corrections would change, by the scoring that publication uses.
pub(crate) fn preview(
    tx: &mut dyn Tx,
    caller: &Caller,
    id: AppealId,
    supposed: &Supposed,
) -> Result<Effect, Error> {
    let appeal = find(tx, caller, id)?;
    if actor(tx, caller, &appeal)?.is_party {
        return Err(AppealRefusal::OwnAgency.into());
    }
    let mut material = judgement::of_centre(tx, appeal.cycle, appeal.centre)?;
    let before = standing(tx, &appeal, &material)?;
    let corrections = domain_of(&supposed.corrections)?;
    if !corrections.is_empty() {
        check(&appeal, &material, Ruling::Partly, &corrections)?;
        material.evaluations = corrected(material.evaluations, &corrections);
    }
    Ok(Effect { before, after: standing(tx, &appeal, &material)? })
}

fn check(
    appeal: &Appeal,
    material: &Material,
    ruling: Ruling,
    corrections: &[Correction],
) -> Result<(), Error> {
    let criterion = material.rubric.criterion(&appeal.criterion).ok_or(Error::NotFound)?;
    Ok(check_ruling(ruling, criterion, &material.evaluations, corrections)?)
}

/// Rules on an appeal: for the first time, or for the committee.
pub(crate) fn rule(
    tx: &mut dyn Tx,
    keys: &Keys,
    caller: &Caller,
    id: AppealId,
    new: &NewRuling,
    now: i64,
) -> Result<AppealJson, Error> {
    let appeal = find(tx, caller, id)?;
    let event = event_of(caller.role);
    let actor = actor(tx, caller, &appeal)?;
    let state = next(appeal.state, event, actor)?;
    hears(programme::cycle_state(tx, appeal.cycle)?)?;
    let ruling = Ruling::from_word(&new.ruling)
        .ok_or_else(|| Error::invalid("ruling", &new.ruling, "upheld, partly, refused"))?;
    let reason = written("reason", &new.reason)?;
    let material = judgement::of_centre(tx, appeal.cycle, appeal.centre)?;
    check(&appeal, &material, ruling, &domain_of(&new.corrections)?)?;
    let stage = if event == AppealEvent::Rule { 2 } else { 1_i64 };
    tx.exec(
        "INSERT INTO appeal_rulings (appeal_id, stage, ruling, reason, corrections, person_id, role, at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        params![
            id.0,
            stage,
            ruling.word(),
            reason,
            serde_json::to_string(&new.corrections)?,
            caller.person.0,
            caller.role.word(),
            now
        ],
    )?;
    set_state(tx, id, state)?;
    if state == AppealState::Ruled && ruling.corrects() {
        let made = publish_anew(tx, keys, caller, &appeal, now)?;
        tx.exec("UPDATE appeals SET made_id = $2 WHERE id = $1", params![id.0, made.0])?;
    }
    show(tx, caller, id)
}

/// The decision on a centre, and the versions decided and published.
struct Decided {
    version: i64,
    moderation: Option<ModerationJson>,
    remarks: Vec<RemarkJson>,
}

fn decided(tx: &mut dyn Tx, appeal: &Appeal) -> Result<Decided, Error> {
    let sql = "SELECT version, moderation, remarks FROM decisions
               WHERE cycle_id = $1 AND centre_id = $2";
    let row = one(tx, sql, params![appeal.cycle.0, appeal.centre.0])?;
    Ok(Decided {
        version: row.int(0)?,
        moderation: row.opt_text(1)?.map(serde_json::from_str).transpose()?,
        remarks: serde_json::from_str(row.text(2)?)?,
    })
}

/// Publishes the centre's scorecard as the corrected answers make it, beside what is out.
fn publish_anew(
    tx: &mut dyn Tx,
    keys: &Keys,
    caller: &Caller,
    appeal: &Appeal,
    now: i64,
) -> Result<ScorecardId, Error> {
    let Appeal { cycle, centre, .. } = *appeal;
    let decided = decided(tx, appeal)?;
    let sql = "SELECT MAX(version) FROM scorecards WHERE cycle_id = $1 AND centre_id = $2";
    let out = one(tx, sql, params![cycle.0, centre.0])?.int(0)?;
    if schedule::is_scheduled(tx, cycle, centre)? || decided.version > out {
        return Err(Error::refused("appeal.version_pending"));
    }
    consolidated::refresh(tx, cycle, centre)?;
    let (draft, sha256) = consolidated::draft(tx, cycle, centre)?;
    let criterion = &appeal.criterion;
    let reason = TextJson {
        ar: format!("قرار اللجنة في تظلم على المعيار {criterion}"),
        en: format!("The committee’s ruling on an appeal against criterion {criterion}"),
    };
    let decision = Decision {
        scorecard_sha256: sha256,
        moderation: decided.moderation,
        remarks: decided.remarks,
        version_reason: Some(reason),
    };
    let rubric = programme::rubric_of_centre(tx, cycle, centre)?.rubric(tx)?;
    results::check_decision(&rubric, &draft, &decision)?;
    tx.exec(
        "UPDATE decisions SET scorecard = $3, person_id = $4, at = $5, version = $6,
         version_reason = $7 WHERE cycle_id = $1 AND centre_id = $2",
        params![
            cycle.0,
            centre.0,
            canonical_json(&draft)?,
            caller.person.0,
            now,
            out + 1,
            serde_json::to_string(&decision.version_reason)?
        ],
    )?;
    schedule::publish_now(tx, keys, caller, (cycle, centre), now)?;
    let sql = "SELECT id FROM scorecards WHERE cycle_id = $1 AND centre_id = $2 AND version = $3";
    Ok(ScorecardId(one(tx, sql, params![cycle.0, centre.0, out + 1])?.id(0)?))
}
