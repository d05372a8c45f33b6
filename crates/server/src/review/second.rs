//! The second, blind scoring of a share of visits: drawn when a visit is validated, scored by a reviewer who
//! has not seen the first scores, compared afterwards. The first evaluation is read and never altered.

use std::collections::BTreeMap;

use mizan_domain::cycle::CycleState;
use mizan_domain::evaluation::{Evaluation, read_answer};
use mizan_domain::exact::Exact;
use mizan_domain::second;
use mizan_protocol::answer::AnswerJson;
use mizan_protocol::canonical::Digest;
use mizan_protocol::code::ErrorBody;
use mizan_protocol::evaluation::EvaluationDocument;
use mizan_protocol::id::{CycleId, PersonId, VisitId};
use mizan_protocol::review::{
    AnswerPair, ReviewSettings, SecondComparison, SecondItem, SecondVisit, TakenBy,
};

use super::{facts, last_sealed};
use crate::accounts::{self, Caller};
use crate::error::Error;
use crate::judgement::evaluation_in;
use crate::keys::random_bytes;
use crate::programme::{self, text_at};
use crate::tx::{Row, Tx, first, one, params};
use crate::visits::{self, Visit};

/// What a cycle has that sets nothing of its review.
const UNSET: ReviewSettings = ReviewSettings {
    outlier_points: mizan_domain::checks::OUTLIER_POINTS,
    tolerance_points: second::TOLERANCE_POINTS,
    second_share: second::SHARE_PERCENT,
};

/// What a cycle sets of its review.
pub(crate) fn settings(tx: &mut dyn Tx, cycle: CycleId) -> Result<ReviewSettings, Error> {
    let sql = "SELECT outlier_points, tolerance_points, second_share FROM review_settings
               WHERE cycle_id = $1";
    let Some(row) = first(tx, sql, params![cycle.0])? else { return Ok(UNSET) };
    let number = |column| Ok::<_, Error>(u32::try_from(row.int(column)?).unwrap_or(u32::MAX));
    Ok(ReviewSettings {
        outlier_points: number(0)?,
        tolerance_points: number(1)?,
        second_share: number(2)?,
    })
}

/// The settings, of a cycle that there is.
pub(crate) fn read_settings(tx: &mut dyn Tx, cycle: CycleId) -> Result<ReviewSettings, Error> {
    programme::cycle_state(tx, cycle)?;
    settings(tx, cycle)
}

/// Sets what a cycle has of its review, before and during field work. What is drawn stays drawn.
pub(crate) fn set(
    tx: &mut dyn Tx,
    cycle: CycleId,
    new: ReviewSettings,
) -> Result<ReviewSettings, Error> {
    programme::require_state(tx, cycle, &[CycleState::Draft, CycleState::Open])?;
    let points =
        [("outlier_points", new.outlier_points), ("tolerance_points", new.tolerance_points)];
    for (field, value) in points {
        if !(1..=100).contains(&value) {
            return Err(Error::invalid(field, value, "1 to 100"));
        }
    }
    if new.second_share > 100 {
        return Err(Error::invalid("second_share", new.second_share, "0 to 100"));
    }
    seed(tx, cycle)?;
    tx.exec(
        "UPDATE review_settings SET outlier_points = $2, tolerance_points = $3, second_share = $4
         WHERE cycle_id = $1",
        params![cycle.0, new.outlier_points, new.tolerance_points, new.second_share],
    )?;
    Ok(new)
}

/// The cycle's seed, made when it is first needed and kept for good.
fn seed(tx: &mut dyn Tx, cycle: CycleId) -> Result<Vec<u8>, Error> {
    let sql = "SELECT seed FROM review_settings WHERE cycle_id = $1";
    if let Some(row) = first(tx, sql, params![cycle.0])? {
        return Ok(row.blob(0)?.to_vec());
    }
    let seed = random_bytes::<32>()?.to_vec();
    tx.exec(
        "INSERT INTO review_settings (cycle_id, outlier_points, tolerance_points, second_share, seed)
         VALUES ($1, $2, $3, $4, $5)",
        params![
            cycle.0,
            UNSET.outlier_points,
            UNSET.tolerance_points,
            UNSET.second_share,
            seed.clone()
        ],
    )?;
    Ok(seed)
}

/// Draws for a visit that was just validated, and records ticket and share, drawn or not.
pub(super) fn draw(tx: &mut dyn Tx, visit: &Visit, now: i64) -> Result<(), Error> {
    let mut drawn_from = seed(tx, visit.cycle)?;
    drawn_from.extend_from_slice(visit.id.0.as_bytes());
    let ticket = second::ticket(Digest::of(&drawn_from).as_bytes());
    let share = settings(tx, visit.cycle)?.second_share;
    let drawn = second::is_drawn(ticket, share);
    tx.exec(
        "INSERT INTO second_draws (visit_id, ticket, share, drawn, at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (visit_id) DO NOTHING",
        params![visit.id.0, ticket, share, drawn, now],
    )?;
    Ok(())
}

const DRAWN: &str = include_str!("../sql/review/second.sql");

/// The drawn visits that are for the caller: not of the own agency. Those that wait come first.
pub(crate) fn list(tx: &mut dyn Tx, caller: &Caller) -> Result<Vec<SecondItem>, Error> {
    let sql = format!(
        "{DRAWN} AND NOT EXISTS (SELECT 1 FROM people q WHERE q.id = $1
         AND q.agency_id = c.agency_id)
         ORDER BY CASE WHEN s.submitted_at IS NULL THEN 0 ELSE 1 END, d.at, w.id"
    );
    let rows = tx.query(&sql, params![caller.person.0])?;
    rows.iter().map(|row| item_of(row, caller)).collect()
}

fn item_of(row: &Row, caller: &Caller) -> Result<SecondItem, Error> {
    let is_null = |column: usize| row.0.get(column) == Some(&crate::tx::Value::Null);
    let taken = match row.opt_id(7)?.map(PersonId) {
        None => None,
        Some(person) => {
            let is_you = person == caller.person;
            Some(TakenBy { name: text_at(row, 8)?, is_you, at: row.int(10)? })
        }
    };
    Ok(SecondItem {
        visit: VisitId(row.id(0)?),
        cycle: row.text(1)?.to_owned(),
        centre: row.text(2)?.to_owned(),
        centre_name: text_at(row, 3)?,
        kind: row.text(5)?.to_owned(),
        drawn_at: row.int(6)?,
        taken,
        submitted_at: if is_null(11) { None } else { Some(row.int(11)?) },
        is_open_to_you: !row.flag(12)?,
    })
}

/// A drawn visit, as the list has it.
fn item(tx: &mut dyn Tx, caller: &Caller, visit: &Visit) -> Result<SecondItem, Error> {
    accounts::require_other_agency(tx, caller, visit.centre)?;
    let sql = format!("{DRAWN} AND w.id = $2");
    match first(tx, &sql, params![caller.person.0, visit.id.0])? {
        Some(row) => item_of(&row, caller),
        None => Err(Error::refused("second.not_drawn")),
    }
}

/// Refuses whoever has seen the first scores, and whatever is handed in already.
fn require_blind(item: &SecondItem) -> Result<(), Error> {
    if item.submitted_at.is_some() {
        return Err(Error::refused("second.done"));
    }
    if !item.is_open_to_you {
        return Err(Error::refused("second.saw_first"));
    }
    Ok(())
}

/// Takes a drawn visit up, or shows the own one again.
pub(crate) fn take(
    tx: &mut dyn Tx,
    caller: &Caller,
    id: VisitId,
    now: i64,
) -> Result<SecondVisit, Error> {
    let visit = visits::find(tx, id)?;
    let found = item(tx, caller, &visit)?;
    require_blind(&found)?;
    programme::require_state(tx, visit.cycle, &[CycleState::Open, CycleState::Reviewing])?;
    match found.taken.as_ref().map(|taken| taken.is_you) {
        Some(true) => {}
        Some(false) => return Err(Error::refused("second.taken")),
        None => {
            let sql = "INSERT INTO second_scorings (visit_id, person_id, taken_at)
                       VALUES ($1, $2, $3)";
            tx.exec(sql, params![id.0, caller.person.0, now])?;
        }
    }
    show(tx, caller, &visit)
}

/// Takes over what another reviewer has not handed in; their answers stay with them.
pub(crate) fn take_over(
    tx: &mut dyn Tx,
    caller: &Caller,
    id: VisitId,
    reason: &str,
    now: i64,
) -> Result<SecondVisit, Error> {
    if reason.trim().is_empty() {
        return Err(Error::refused("visit.reason_missing"));
    }
    let visit = visits::find(tx, id)?;
    require_blind(&item(tx, caller, &visit)?)?;
    let sql = "UPDATE second_scorings SET person_id = $2, taken_at = $3 WHERE visit_id = $1";
    tx.exec(sql, params![id.0, caller.person.0, now])?;
    take(tx, caller, id, now)
}

fn document_of(tx: &mut dyn Tx, id: VisitId) -> Result<(EvaluationDocument, Digest), Error> {
    let sealed = last_sealed(tx, id)?;
    Ok((serde_json::from_str(&sealed.document)?, sealed.sha256))
}

fn show(tx: &mut dyn Tx, caller: &Caller, visit: &Visit) -> Result<SecondVisit, Error> {
    let (document, _) = document_of(tx, visit.id)?;
    let stored = programme::rubric_of(tx, visit.cycle, &visit.model)?;
    let notes = facts::texts(&document).into_iter();
    let notes: BTreeMap<String, String> =
        notes.map(|(criterion, text)| (criterion.to_owned(), text.to_owned())).collect();
    Ok(SecondVisit {
        item: item(tx, caller, visit)?,
        rubric: serde_json::from_str(&stored.body(tx)?)?,
        notes,
        times: document.times,
        contacts: document.contacts,
        evidence: document.evidence,
        answers: answers(tx, visit.id, caller.person)?,
    })
}

fn answers(tx: &mut dyn Tx, id: VisitId, by: PersonId) -> Result<Vec<AnswerJson>, Error> {
    let sql = "SELECT answer FROM second_answers WHERE visit_id = $1 AND person_id = $2
               ORDER BY criterion";
    let rows = tx.query(sql, params![id.0, by.0])?;
    rows.iter().map(|row| Ok(serde_json::from_str(row.text(0)?)?)).collect()
}

/// The caller's own scoring, still open.
fn own(tx: &mut dyn Tx, caller: &Caller, id: VisitId) -> Result<(Visit, SecondItem), Error> {
    let visit = visits::find(tx, id)?;
    let item = item(tx, caller, &visit)?;
    require_blind(&item)?;
    if item.taken.as_ref().is_some_and(|taken| taken.is_you) {
        return Ok((visit, item));
    }
    Err(Error::refused("second.taken"))
}

/// Keeps one answer. Given again, it takes the place of the one before.
pub(crate) fn answer(
    tx: &mut dyn Tx,
    caller: &Caller,
    id: VisitId,
    answer: &AnswerJson,
    now: i64,
) -> Result<(), Error> {
    let (visit, _) = own(tx, caller, id)?;
    let rubric = programme::rubric_of(tx, visit.cycle, &visit.model)?.rubric(tx)?;
    let raw = answer.to_raw().map_err(|fault| {
        Error::invalid("answer", fault.criterion, "exactly one of value, na and ne")
    })?;
    let note = answer.note.as_deref().unwrap_or_default();
    read_answer(&rubric, visit.kind, &answer.criterion, &raw)
        .map(drop)
        .and_then(|()| mizan_domain::evaluation::check_note(&answer.criterion, note))
        .map_err(|fault| {
            let body = ErrorBody::new(fault.code()).with("criterion", fault.criterion());
            let values = fault.params().into_iter();
            Error::Refused(values.fold(body, |body, (name, value)| body.with(name, value)))
        })?;
    tx.exec(
        "INSERT INTO second_answers (visit_id, person_id, criterion, answer, at)
         VALUES ($1, $2, $3, $4, $5) ON CONFLICT (visit_id, person_id, criterion)
         DO UPDATE SET answer = excluded.answer, at = excluded.at",
        params![id.0, caller.person.0, &answer.criterion, serde_json::to_string(answer)?, now],
    )?;
    Ok(())
}

/// Hands a second scoring in; it can no longer change then.
pub(crate) fn submit(
    tx: &mut dyn Tx,
    caller: &Caller,
    id: VisitId,
    now: i64,
) -> Result<SecondItem, Error> {
    let (visit, _) = own(tx, caller, id)?;
    let rubric = programme::rubric_of(tx, visit.cycle, &visit.model)?.rubric(tx)?;
    let given = answers(tx, id, caller.person)?;
    let asked = rubric.criteria().filter(|criterion| criterion.is_judged_on(visit.kind));
    let is_open = |id: &str| !given.iter().any(|answer| answer.criterion == id);
    let open: Vec<&str> =
        asked.map(|criterion| criterion.id.as_str()).filter(|id| is_open(id)).collect();
    if let Some(criterion) = open.first() {
        let body = ErrorBody::new("second.incomplete").with("missing", open.len());
        return Err(Error::Refused(body.with("criterion", criterion)));
    }
    let sql = "UPDATE second_scorings SET submitted_at = $2 WHERE visit_id = $1";
    tx.exec(sql, params![id.0, now])?;
    item(tx, caller, &visit)
}

/// Both scorings side by side, once the second is handed in.
pub(crate) fn comparison(
    tx: &mut dyn Tx,
    caller: &Caller,
    id: VisitId,
) -> Result<SecondComparison, Error> {
    let visit = visits::find(tx, id)?;
    let item = item(tx, caller, &visit)?;
    if item.submitted_at.is_none() {
        return Err(Error::refused("second.not_done"));
    }
    let sql = "SELECT person_id FROM second_scorings WHERE visit_id = $1";
    let scorer = PersonId(one(tx, sql, params![id.0])?.id(0)?);
    let (document, first_sha256) = document_of(tx, id)?;
    let stored = programme::rubric_of(tx, visit.cycle, &visit.model)?;
    let given = answers(tx, id, scorer)?;
    let second_document = EvaluationDocument { answers: given, ..document.clone() };
    let evaluations: [Evaluation; 2] =
        [evaluation_in(&document)?, evaluation_in(&second_document)?];
    let tolerance = settings(tx, visit.cycle)?.tolerance_points;
    let rubric = stored.rubric(tx)?;
    let compared = second::compare(&rubric, &evaluations[0], &evaluations[1], tolerance);
    let shown = |score: &Option<Exact>| score.as_ref().map(Exact::shown);
    let answer_of = |of: &EvaluationDocument, criterion: &str| {
        of.answers.iter().find(|answer| answer.criterion == criterion).cloned()
    };
    let pair = |pair: &second::Pair| AnswerPair {
        first: answer_of(&document, &pair.criterion),
        second: answer_of(&second_document, &pair.criterion),
        first_score: shown(&pair.first),
        second_score: shown(&pair.second),
        difference: shown(&pair.difference),
        beyond: pair.is_beyond,
        criterion: pair.criterion.clone(),
    };
    Ok(SecondComparison {
        item,
        rubric: serde_json::from_str(&stored.body(tx)?)?,
        first_sha256,
        first: shown(&compared.first),
        second: shown(&compared.second),
        difference: shown(&compared.difference),
        beyond: compared.is_beyond,
        tolerance,
        pairs: compared.pairs.iter().map(pair).collect(),
        evidence: document.evidence.clone(),
    })
}
