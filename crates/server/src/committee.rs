//! What the committee reads before publication, all of it from consolidated results. Evaluators leave here
//! under a pseudonym.

pub(crate) mod centre;
pub(crate) mod comparison;
pub(crate) mod levers;
pub(crate) mod likeness;
pub(crate) mod overview;

use mizan_domain::exact::Exact;
use mizan_protocol::committee::NumberJson;

use crate::error::Error;
use crate::tx::Row;

/// The exact number in a column.
fn exact_at(row: &Row, column: usize) -> Result<Exact, Error> {
    let bad = |_| Error::Column { column, expected: "an exact number" };
    Exact::from_fraction(row.text(column)?).map_err(bad)
}

/// The exact number in a column that may be NULL, as it is and as it is shown.
fn opt_number_at(row: &Row, column: usize) -> Result<Option<NumberJson>, Error> {
    match row.opt_text(column)? {
        None => Ok(None),
        Some(_) => exact_at(row, column).map(|number| Some((&number).into())),
    }
}

/// The count in a column.
fn count_at(row: &Row, column: usize) -> Result<u32, Error> {
    Ok(u32::try_from(row.int(column)?).unwrap_or(u32::MAX))
}
