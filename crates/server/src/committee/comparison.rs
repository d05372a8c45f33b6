//! Centres of one model side by side: ranked, filtered, sorted and paged. Models are never mixed.

use mizan_domain::reading::Reading;
use mizan_domain::rubric::Model;
use mizan_protocol::committee::{ComparedCentre, PartOverview};
use mizan_protocol::id::CycleId;
use mizan_protocol::score::ResultJson;
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use super::{count_at, exact_at, opt_number_at, overview};
use crate::error::Error;
use crate::paging::{List, Listed, Paged};
use crate::programme::{self, centre_of, text_at};
use crate::tx::{Row, Tx, Value, params};

/// What the list can be sorted by beside pillars, and where that stands.
const SORTS: [(&str, &str); 6] = [
    ("score", "COALESCE(p.score_order, -1)"),
    ("coverage", "p.coverage_order"),
    ("code", "c.code"),
    ("name_ar", "c.name_ar"),
    ("name_en", "c.name_en"),
    ("agency", "a.code"),
];
/// The order where nothing is said.
const BEST_FIRST: &str = "-score";
/// Before the id of a pillar that the list is sorted by.
const PILLAR: &str = "pillar.";

/// Which centres are wanted, beside those that hold a text.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(crate) struct Facets {
    /// The code of their agency.
    agency: Option<String>,
    /// Their governorate.
    governorate: Option<String>,
    /// Their size.
    size: Option<String>,
    /// Who runs them.
    operator: Option<String>,
    /// Their level.
    level: Option<String>,
    /// Their outcome.
    outcome: Option<String>,
}

impl Facets {
    /// Each column with the value it must have, if one is asked for.
    fn columns(&self) -> [(&'static str, Option<&String>); 6] {
        [
            ("a.code", self.agency.as_ref()),
            ("c.governorate", self.governorate.as_ref()),
            ("c.size", self.size.as_ref()),
            ("c.operator", self.operator.as_ref()),
            ("p.level", self.level.as_ref()),
            ("p.outcome", self.outcome.as_ref()),
        ]
    }
}

/// Refuses what is no model.
pub(crate) fn check_model(model: &str) -> Result<(), Error> {
    match Model::from_word(model) {
        Some(_) => Ok(()),
        None => Err(Error::invalid("model", model, "in_person, remote")),
    }
}

/// A page of the comparison of a model's centres.
pub(crate) fn comparison(
    tx: &mut dyn Tx,
    cycle: CycleId,
    model: &str,
    asked: &Paged,
    facets: &Facets,
) -> Result<Listed<ComparedCentre>, Error> {
    check_model(model)?;
    let rubric = programme::rubric_of(tx, cycle, model)?.rubric(tx)?;
    let (mut values, mut within) = (params![cycle.0, model].to_vec(), "1 = 1".to_owned());
    for (column, value) in facets.columns() {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            values.push(value.into());
            within += &format!(" AND {column} = ${}", values.len());
        }
    }
    let mut asked = asked.clone();
    asked.sort = asked.sort.filter(|sort| !sort.is_empty()).or(Some(BEST_FIRST.to_owned()));
    let pillars: Vec<String> =
        rubric.pillars().iter().map(|pillar| format!("{PILLAR}{}", pillar.id)).collect();
    let by_pillar = pillars.iter().map(|word| (word.as_str(), "COALESCE(s.score_order, -1)"));
    let sorts: Vec<(&str, &str)> = SORTS.into_iter().chain(by_pillar).collect();
    let mut from = include_str!("../sql/ranked_from.sql").to_owned();
    let word = asked.sort.as_deref().unwrap_or_default().trim_start_matches('-');
    if let Some(pillar) = word.strip_prefix(PILLAR) {
        values.push(pillar.into());
        from += &format!(
            " LEFT JOIN result_parts s ON s.cycle_id = $1 AND s.centre_id = p.centre_id
             AND s.reading = 'pillar' AND s.part = ${}",
            values.len()
        );
    }
    let list = List {
        columns: include_str!("../sql/ranked_columns.sql"),
        from: &from,
        within: &within,
        values: &values,
        sorts: &sorts,
        searched: &["c.code", "c.name_ar", "c.name_en"],
        tie: "c.code",
    };
    let mut listed = list.read(tx, &asked, |_, row| compared(row))?;
    for compared in &mut listed.rows {
        compared.pillars = results(tx, cycle, compared.centre.id.0, "pillar")?;
    }
    Ok(listed)
}

/// A row without its pillars.
fn compared(row: &Row) -> Result<ComparedCentre, Error> {
    Ok(ComparedCentre {
        rank: if row.0[12] == Value::Null { None } else { Some(count_at(row, 12)?) },
        centre: centre_of(row)?,
        agency_code: row.text(9)?.to_owned(),
        agency: text_at(row, 10)?,
        score: opt_number_at(row, 13)?,
        coverage: (&exact_at(row, 14)?).into(),
        outcome: row.text(15)?.to_owned(),
        level: row.opt_text(16)?.map(str::to_owned),
        critical_open: count_at(row, 17)?,
        critical_confirmed: count_at(row, 18)?,
        unannounced_visits: count_at(row, 19)?,
        scheduled_visits: count_at(row, 20)?,
        decided: row.flag(21)?,
        pillars: Vec::new(),
    })
}

/// The parts of one reading of one centre, by id.
pub(super) fn results(
    tx: &mut dyn Tx,
    cycle: CycleId,
    centre: Uuid,
    reading: &str,
) -> Result<Vec<ResultJson>, Error> {
    let sql = "SELECT part, state, score FROM result_parts
               WHERE cycle_id = $1 AND centre_id = $2 AND reading = $3 ORDER BY part";
    let part = |row: &Row| {
        let (shown, exact) =
            opt_number_at(row, 2)?.map(|number| (number.shown, number.exact)).unzip();
        let (id, state) = (row.text(0)?.to_owned(), row.text(1)?.to_owned());
        Ok(ResultJson { id, state, score: shown, exact })
    };
    tx.query(sql, params![cycle.0, centre, reading])?.iter().map(part).collect()
}

/// The second readings over all centres of a model.
pub(crate) fn readings(
    tx: &mut dyn Tx,
    cycle: CycleId,
    model: &str,
) -> Result<Vec<PartOverview>, Error> {
    check_model(model)?;
    programme::rubric_of(tx, cycle, model)?;
    let mut all = Vec::new();
    for reading in Reading::ALL {
        all.extend(overview::parts(tx, cycle, model, reading.word())?);
    }
    Ok(all)
}
