//! What a reviewer did, the latest first.

use mizan_protocol::id::VisitId;
use mizan_protocol::review::{ReviewDeed, ReviewHistory};

use crate::accounts::Caller;
use crate::error::Error;
use crate::programme::text_at;
use crate::tx::{Row, Tx, params};

/// Deeds of a page.
const PAGE: usize = 50;

/// What the caller did before an instant.
pub(crate) fn history(
    tx: &mut dyn Tx,
    caller: &Caller,
    before: i64,
) -> Result<ReviewHistory, Error> {
    let person = caller.person.0;
    // One more than a page of each kind tells whether there is more.
    let most = PAGE as i64 + 1;
    let mut read = |sql: &str, deed: fn(&Row) -> Result<ReviewDeed, Error>| {
        let rows = tx.query(sql, params![person, before, most])?;
        rows.iter().map(deed).collect::<Result<Vec<_>, _>>()
    };
    let mut deeds = read(include_str!("../sql/review/history.sql"), step)?;
    deeds.extend(read(include_str!("../sql/review/history_rulings.sql"), ruling)?);
    deeds.extend(read(include_str!("../sql/review/history_scorings.sql"), scoring)?);
    deeds.sort_by_key(|deed| std::cmp::Reverse(deed.at));
    // What was done at one instant stays on one page: the next begins before it.
    let more = match deeds.get(PAGE.saturating_sub(1)).map(|deed| deed.at) {
        Some(last) if deeds.len() > PAGE => {
            let until = deeds.iter().position(|deed| deed.at < last).unwrap_or(deeds.len());
            let more = until < deeds.len();
            deeds.truncate(until);
            more
        }
        Some(_) | None => false,
    };
    Ok(ReviewHistory { deeds, more })
}

/// A deed on a centre, whose cycle, code and names stand from a column on.
fn deed(row: &Row, deed: &str, at: i64, from: usize) -> Result<ReviewDeed, Error> {
    Ok(ReviewDeed {
        deed: deed.to_owned(),
        at,
        visit: None,
        cycle: row.text(from)?.to_owned(),
        centre: row.text(from + 1)?.to_owned(),
        centre_name: text_at(row, from + 2)?,
        criterion: None,
        confirmed: None,
        reason: None,
    })
}

fn step(row: &Row) -> Result<ReviewDeed, Error> {
    let state = row.text(0)?;
    let word = if state == "in_review" { "taken_up" } else { state };
    let visit = Some(VisitId(row.id(2)?));
    let reason = row.opt_text(7)?.map(str::to_owned);
    Ok(ReviewDeed { visit, reason, ..deed(row, word, row.int(1)?, 3)? })
}

fn ruling(row: &Row) -> Result<ReviewDeed, Error> {
    let confirmed = Some(row.flag(0)?);
    let (criterion, reason) = (Some(row.text(2)?.to_owned()), Some(row.text(7)?.to_owned()));
    Ok(ReviewDeed { criterion, confirmed, reason, ..deed(row, "ruled", row.int(1)?, 3)? })
}

fn scoring(row: &Row) -> Result<ReviewDeed, Error> {
    let visit = Some(VisitId(row.id(1)?));
    Ok(ReviewDeed { visit, ..deed(row, "scored", row.int(0)?, 2)? })
}
