//! The ratings of a model in a cycle as a table that `mizan stats` reads, evaluators under their pseudonyms.
//!
//! `person`, `rater`, `item`, `value` are what `mfrm` reads; `unit`, `rater`, `value` what `alpha`, `kappa` and `icc`
//! read. There is no date in it, and its order is that of codes.

use super::Names;
use super::material::{Material, on_step};
use crate::error::Error;

/// The columns. A value stands on a step of its scale, as the model takes it; the score is what the answer
/// is worth.
const COLUMNS: [&str; 7] = ["unit", "person", "rater", "item", "kind", "value", "score"];

/// The table.
pub(super) fn table(material: &Material, names: &Names) -> Result<String, Error> {
    let mut rows: Vec<[String; 7]> = Vec::new();
    for visit in &material.visits {
        let centre = &material.centres[visit.centre].code;
        let kind = visit.evaluation.kind.word();
        for (criterion, worth) in material.rubric.criteria().zip(&visit.worth) {
            let Some(worth) = worth else { continue };
            rows.push([
                format!("{centre} {kind} {}", criterion.id),
                centre.clone(),
                names.pseudonym(visit.evaluator),
                criterion.id.clone(),
                kind.to_owned(),
                on_step(&criterion.scale, *worth).to_string(),
                worth.to_string(),
            ]);
        }
    }
    rows.sort();
    let mut writer = csv::Writer::from_writer(Vec::new());
    let broken = |error: csv::Error| Error::Report(error.to_string());
    writer.write_record(COLUMNS).map_err(broken)?;
    for row in rows {
        writer.write_record(row).map_err(broken)?;
    }
    let bytes = writer.into_inner().map_err(|error| Error::Report(error.to_string()))?;
    String::from_utf8(bytes).map_err(|error| Error::Report(error.to_string()))
}
