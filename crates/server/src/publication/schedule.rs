//! Publications: chosen centres at a set time. Until then nobody outside the committee finds a trace of
//! them, for nothing is written where others read.

use std::sync::Arc;
use std::time::Duration;

use mizan_domain::publication::{
    PublicationState, ToPublish, cancel as cancelled, cycle_after, may_schedule,
};
use mizan_protocol::api::{NewPublication, ScheduledPublication};
use mizan_protocol::id::{CentreId, CycleId, PublicationId};
use uuid::Uuid;

use super::publish;
use crate::accounts::Caller;
use crate::app::App;
use crate::audit::{self, Act, By, Deed};
use crate::error::{Error, stated};
use crate::keys::Keys;
use crate::programme;
use crate::tx::{Row, Tx, first, one, params};

/// How long a publication may go unnoticed that another process scheduled.
const LOOK_AGAIN: Duration = Duration::from_millis(500);

fn to_publish(tx: &mut dyn Tx, cycle: CycleId, centre: CentreId) -> Result<ToPublish, Error> {
    let of = params![cycle.0, centre.0];
    let mut version = |sql: &str| -> Result<Option<u32>, Error> {
        let found = first(tx, sql, of)?.map(|row| row.int(0)).transpose()?;
        Ok(found.and_then(|version| u32::try_from(version).ok()))
    };
    let judged = version("SELECT 1 FROM cycle_centres WHERE cycle_id = $1 AND centre_id = $2")?;
    judged.ok_or_else(|| Error::invalid("centres", centre, "centres of the cycle"))?;
    Ok(ToPublish {
        decided: version("SELECT version FROM decisions WHERE cycle_id = $1 AND centre_id = $2")?,
        published: version(
            "SELECT version FROM scorecards WHERE cycle_id = $1 AND centre_id = $2
             ORDER BY version DESC LIMIT 1",
        )?,
        is_scheduled: is_scheduled(tx, cycle, centre)?,
    })
}

/// Whether a publication of a centre is to come.
pub(crate) fn is_scheduled(
    tx: &mut dyn Tx,
    cycle: CycleId,
    centre: CentreId,
) -> Result<bool, Error> {
    let sql = "SELECT 1 FROM publications p JOIN publication_centres c ON c.publication_id = p.id
               WHERE p.cycle_id = $1 AND c.centre_id = $2 AND p.state = 'scheduled'";
    Ok(first(tx, sql, params![cycle.0, centre.0])?.is_some())
}

/// The centres of a cycle whose decision is neither out nor to come.
pub(crate) fn unpublished(tx: &mut dyn Tx, cycle: CycleId) -> Result<Vec<CentreId>, Error> {
    let rows = tx.query(include_str!("../sql/unpublished_centres.sql"), params![cycle.0])?;
    rows.iter().map(|row| row.id(0).map(CentreId)).collect()
}

/// Schedules a publication; one whose time has come goes out in the same transaction.
pub(crate) fn schedule(
    tx: &mut dyn Tx,
    keys: &Keys,
    caller: &Caller,
    cycle: CycleId,
    new: &NewPublication,
    now: i64,
) -> Result<ScheduledPublication, Error> {
    let state = programme::cycle_state(tx, cycle)?;
    let centres = match &new.centres {
        Some(centres) => centres.clone(),
        None => unpublished(tx, cycle)?,
    };
    let ready = centres.iter().map(|centre| to_publish(tx, cycle, *centre));
    let ready = ready.collect::<Result<Vec<_>, _>>()?;
    may_schedule(caller.role, state, &ready)?;
    let at = new.at.unwrap_or(now).max(now);
    let id = enter(tx, caller, cycle, &centres, (at, now))?;
    if at <= now {
        carry_out(tx, keys, id, now)?;
    }
    find(tx, id)
}

/// Publishes what was just decided of a centre.
pub(crate) fn publish_now(
    tx: &mut dyn Tx,
    keys: &Keys,
    caller: &Caller,
    (cycle, centre): (CycleId, CentreId),
    now: i64,
) -> Result<(), Error> {
    let id = enter(tx, caller, cycle, &[centre], (now, now))?;
    carry_out(tx, keys, id, now)
}

fn enter(
    tx: &mut dyn Tx,
    caller: &Caller,
    cycle: CycleId,
    centres: &[CentreId],
    (at, now): (i64, i64),
) -> Result<PublicationId, Error> {
    let id = PublicationId(Uuid::new_v4());
    tx.exec(
        "INSERT INTO publications (id, cycle_id, at, state, person_id, made_at)
         VALUES ($1, $2, $3, $4, $5, $6)",
        params![id.0, cycle.0, at, PublicationState::Scheduled.word(), caller.person.0, now],
    )?;
    let rows: Vec<_> = centres.iter().map(|centre| params![id.0, centre.0].to_vec()).collect();
    let sql = "INSERT INTO publication_centres (publication_id, centre_id) VALUES ($1, $2)
               ON CONFLICT (publication_id, centre_id) DO NOTHING";
    tx.exec_many(sql, &rows)?;
    Ok(id)
}

fn find(tx: &mut dyn Tx, id: PublicationId) -> Result<ScheduledPublication, Error> {
    let sql =
        "SELECT id, cycle_id, at, state, made_at, ended_at, reason FROM publications WHERE id = $1";
    let row = one(tx, sql, params![id.0])?;
    publication(tx, &row)
}

fn publication(tx: &mut dyn Tx, row: &Row) -> Result<ScheduledPublication, Error> {
    let id = row.id(0)?;
    let sql = "SELECT centre_id FROM publication_centres WHERE publication_id = $1
               ORDER BY centre_id";
    let centres = tx.query(sql, params![id])?;
    let ended = row.0.get(5).filter(|value| **value != crate::tx::Value::Null);
    Ok(ScheduledPublication {
        id: PublicationId(id),
        cycle: CycleId(row.id(1)?),
        centres: centres.iter().map(|row| row.id(0).map(CentreId)).collect::<Result<_, _>>()?,
        at: row.int(2)?,
        state: row.text(3)?.to_owned(),
        made_at: row.int(4)?,
        ended_at: ended.map(|_| row.int(5)).transpose()?,
        reason: row.opt_text(6)?.map(str::to_owned),
    })
}

/// Every publication of a cycle, the last made first.
pub(crate) fn publications(
    tx: &mut dyn Tx,
    cycle: CycleId,
) -> Result<Vec<ScheduledPublication>, Error> {
    let sql = "SELECT id, cycle_id, at, state, made_at, ended_at, reason FROM publications
               WHERE cycle_id = $1 ORDER BY made_at DESC, id";
    let rows = tx.query(sql, params![cycle.0])?;
    rows.iter().map(|row| publication(tx, row)).collect()
}

/// Takes a publication back whose time has not come.
pub(crate) fn cancel(
    tx: &mut dyn Tx,
    caller: &Caller,
    id: PublicationId,
    reason: &str,
    now: i64,
) -> Result<ScheduledPublication, Error> {
    let reason = stated(reason)?;
    let row = one(tx, "SELECT state, at FROM publications WHERE id = $1", params![id.0])?;
    let mut state = state_at(&row)?;
    if mizan_domain::publication::is_due(state, row.int(1)?, now) {
        // Nobody has got round to it yet: it is out all the same.
        state = PublicationState::Published;
    }
    let state = cancelled(state, caller.role)?;
    let sql = "UPDATE publications SET state = $2, ended_at = $3, reason = $4 WHERE id = $1";
    tx.exec(sql, params![id.0, state.word(), now, reason])?;
    find(tx, id)
}

fn state_at(row: &Row) -> Result<PublicationState, Error> {
    PublicationState::from_word(row.text(0)?)
        .ok_or(Error::Column { column: 0, expected: "a publication's state" })
}

/// Carries a scheduled publication out, once: whoever comes second finds it done.
fn carry_out(tx: &mut dyn Tx, keys: &Keys, id: PublicationId, now: i64) -> Result<(), Error> {
    let sql = "UPDATE publications SET state = 'published', ended_at = $2
               WHERE id = $1 AND state = 'scheduled'";
    if tx.exec(sql, params![id.0, now])? == 0 {
        return Ok(());
    }
    let cycle = one(tx, "SELECT cycle_id FROM publications WHERE id = $1", params![id.0])?;
    let cycle = CycleId(cycle.id(0)?);
    publish(tx, keys, cycle, id, now)?;
    let sql = "SELECT COUNT(*) FROM cycle_centres cc WHERE cc.cycle_id = $1 AND NOT EXISTS
               (SELECT 1 FROM scorecards s WHERE s.cycle_id = cc.cycle_id AND s.centre_id = cc.centre_id)";
    let left = usize::try_from(one(tx, sql, params![cycle.0])?.int(0)?).unwrap_or(usize::MAX);
    let state = programme::cycle_state(tx, cycle)?;
    let after = cycle_after(state, left);
    if after != state {
        let sql = "UPDATE cycles SET state = $2, published_at = $3 WHERE id = $1";
        tx.exec(sql, params![cycle.0, after.word(), now])?;
    }
    Ok(())
}

/// Carries out whatever is due.
fn publish_due(tx: &mut dyn Tx, keys: &Keys, now: i64) -> Result<(), Error> {
    let sql = "SELECT id FROM publications WHERE state = 'scheduled' AND at <= $1 ORDER BY at, id";
    for row in tx.query(sql, params![now])? {
        let id = PublicationId(row.id(0)?);
        carry_out(tx, keys, id, now)?;
        let act = Act::new(Deed::PublicationDue).on("publication", id);
        audit::enter(tx, By::NOBODY, act, now)?;
    }
    Ok(())
}

fn next_due(tx: &mut dyn Tx) -> Result<Option<i64>, Error> {
    let sql = "SELECT at FROM publications WHERE state = 'scheduled' ORDER BY at LIMIT 1";
    first(tx, sql, &[])?.map(|row| row.int(0)).transpose()
}

/// Publishes each publication when its time comes, until it is dropped.
pub(crate) async fn publish_when_due(app: Arc<App>) {
    loop {
        let mut pause = LOOK_AGAIN;
        match due_now(&app).await {
            Ok(Some(at)) => {
                let left = u64::try_from(at - app.now()).unwrap_or(0);
                pause = pause.min(Duration::from_millis(left));
            }
            Ok(None) => {}
            Err(error) => tracing::error!(cause = %error, "what is due was not published yet"),
        }
        // Never without a breath, should the clock stand.
        tokio::time::sleep(pause.max(Duration::from_millis(5))).await;
    }
}

/// Publishes what is due; gives the time of what comes next.
async fn due_now(app: &Arc<App>) -> Result<Option<i64>, Error> {
    let Some(at) = app.store.read(next_due).await? else { return Ok(None) };
    let now = app.now();
    if at > now {
        return Ok(Some(at));
    }
    let keys = Arc::clone(&app.keys);
    app.store.write(move |tx| publish_due(tx, &keys, now)).await?;
    app.store.read(next_due).await
}
