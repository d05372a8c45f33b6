//! The machine checks of visits that wait: gathers what they compare, for all visits at once or for one.

use std::collections::BTreeMap;

use mizan_domain::checks::{self, Elsewhere, Facts, Finding, Limits};
use mizan_domain::exact::Exact;
use mizan_domain::timeline::Moment;
use mizan_protocol::canonical::Digest;
use mizan_protocol::id::{CycleId, VisitId};
use mizan_protocol::review::{FindingJson, OtherVisit};
use uuid::Uuid;

use super::facts::Kept;
use super::second;
use crate::error::Error;
use crate::programme::text_at;
use crate::tx::{Row, Tx, Value, one, params};

/// Which visits are looked at.
#[derive(Clone, Copy)]
pub(crate) enum Scope {
    /// All that wait for review.
    Waiting,
    /// One, whatever its state.
    One(VisitId),
}

impl Scope {
    /// Runs a statement that ends where this limit belongs.
    fn query(self, tx: &mut dyn Tx, sql: &str) -> Result<Vec<Row>, Error> {
        match self {
            Self::Waiting => tx.query(&format!("{sql} w.state IN ('submitted', 'in_review')"), &[]),
            Self::One(visit) => tx.query(&format!("{sql} w.id = $1"), params![visit.0]),
        }
    }
}

/// What the checks find, by visit.
pub(crate) fn findings(
    tx: &mut dyn Tx,
    scope: Scope,
) -> Result<BTreeMap<Uuid, Vec<FindingJson>>, Error> {
    let mut cycles: BTreeMap<CycleId, Limits> = BTreeMap::new();
    let mut known = BTreeMap::new();
    let mut found = BTreeMap::new();
    for (visit, (cycle, facts)) in gather(tx, scope)? {
        let limits = match cycles.get(&cycle) {
            Some(limits) => *limits,
            None => {
                let outlier_points = second::settings(tx, cycle)?.outlier_points;
                *cycles.entry(cycle).or_insert(Limits { outlier_points })
            }
        };
        let of_visit = checks::check(&facts, limits);
        let told = of_visit.iter().map(|finding| told(tx, &mut known, finding));
        found.insert(visit, told.collect::<Result<_, _>>()?);
    }
    Ok(found)
}

type Gathered = BTreeMap<Uuid, (CycleId, Facts)>;

fn gather(tx: &mut dyn Tx, scope: Scope) -> Result<Gathered, Error> {
    let mut files = BTreeMap::new();
    let mut all = Gathered::new();
    for row in scope.query(tx, include_str!("../sql/review/facts.sql"))? {
        let kept: Kept = serde_json::from_str(row.text(2)?)?;
        let own = kept.own(row.opt_text(3)?.map(score).transpose()?)?;
        let facts = Facts {
            own,
            received_at: row.int(4)?,
            missing: Vec::new(),
            texts: Vec::new(),
            photos: Vec::new(),
            same_times: Vec::new(),
            elsewhere: Vec::new(),
            others: Vec::new(),
        };
        files.insert(row.id(0)?, kept.files);
        all.insert(row.id(0)?, (CycleId(row.id(1)?), facts));
    }
    let criterion = |visit: Uuid, file: &Digest| {
        files.get(&visit).and_then(|of| of.get(file)).cloned().unwrap_or_default()
    };
    each(tx, scope, &mut all, include_str!("../sql/review/missing.sql"), |facts, row| {
        let file = row.digest(1)?;
        facts.missing.push((criterion(row.id(0)?, &file), file.to_string()));
        Ok(())
    })?;
    each(tx, scope, &mut all, include_str!("../sql/review/photos.sql"), |facts, row| {
        let file = row.digest(1)?;
        let criterion = criterion(row.id(0)?, &file);
        facts.photos.push(elsewhere(row, criterion, file.to_string())?);
        Ok(())
    })?;
    gather_others(tx, scope, &mut all)?;
    Ok(all)
}

fn gather_others(tx: &mut dyn Tx, scope: Scope, all: &mut Gathered) -> Result<(), Error> {
    each(tx, scope, all, include_str!("../sql/review/texts.sql"), |facts, row| {
        facts.texts.push(elsewhere(row, row.text(1)?.to_owned(), String::new())?);
        Ok(())
    })?;
    each(tx, scope, all, include_str!("../sql/review/times.sql"), |facts, row| {
        facts.same_times.push(row.id(1)?.to_string());
        Ok(())
    })?;
    each(tx, scope, all, include_str!("../sql/review/places.sql"), |facts, row| {
        facts.elsewhere.push(row.id(1)?.to_string());
        Ok(())
    })?;
    each(tx, scope, all, include_str!("../sql/review/others.sql"), |facts, row| {
        facts.others.push((row.id(1)?.to_string(), score(row.text(2)?)?));
        Ok(())
    })
}

/// Takes each row of a statement to the facts of its visit.
fn each(
    tx: &mut dyn Tx,
    scope: Scope,
    all: &mut Gathered,
    sql: &str,
    take: impl Fn(&mut Facts, &Row) -> Result<(), Error>,
) -> Result<(), Error> {
    for row in scope.query(tx, sql)? {
        if let Some((_, facts)) = all.get_mut(&row.id(0)?) {
            take(facts, &row)?;
        }
    }
    Ok(())
}

fn elsewhere(row: &Row, criterion: String, file: String) -> Result<Elsewhere, Error> {
    let others = u32::try_from(row.int(3)?).unwrap_or(u32::MAX);
    Ok(Elsewhere { criterion, file, visit: row.id(2)?.to_string(), others })
}

fn score(text: &str) -> Result<Exact, Error> {
    Exact::from_decimal(text).map_err(|_| Error::Column { column: 3, expected: "a score" })
}

/// A finding as it is told, with the other visit it names.
fn told(
    tx: &mut dyn Tx,
    known: &mut BTreeMap<String, OtherVisit>,
    finding: &Finding,
) -> Result<FindingJson, Error> {
    let (criterion, file, visit) = place(finding);
    let other = visit.map(|visit| other(tx, known, visit)).transpose()?;
    let evidence = file.and_then(|file| file.parse().ok());
    let named = params_of(finding).into_iter().map(|(name, value)| (name.to_owned(), value));
    Ok(FindingJson {
        check: finding.word().to_owned(),
        criterion: criterion.filter(|id| !id.is_empty()).cloned(),
        evidence,
        other,
        params: named.collect(),
    })
}

/// The criterion, the file and the other visit of a finding.
fn place(finding: &Finding) -> (Option<&String>, Option<&String>, Option<&String>) {
    match finding {
        Finding::EvidenceMissing { criterion, file } => (Some(criterion), Some(file), None),
        Finding::PhotoReused { criterion, file, visit, .. } => {
            (Some(criterion), Some(file), Some(visit))
        }
        Finding::TextRepeated { criterion, visit, .. } => (Some(criterion), None, Some(visit)),
        Finding::TwoPlaces { visit }
        | Finding::SameTimes { visit }
        | Finding::Outlier { visit, .. } => (None, None, Some(visit)),
        Finding::ImpossibleTime(_)
        | Finding::TimeAhead { .. }
        | Finding::SameInstant { .. }
        | Finding::StraightLining { .. }
        | Finding::TooFast { .. } => (None, None, None),
    }
}

/// What was compared.
fn params_of(finding: &Finding) -> Vec<(&'static str, String)> {
    match finding {
        Finding::EvidenceMissing { .. } | Finding::TwoPlaces { .. } | Finding::SameTimes { .. } => {
            Vec::new()
        }
        Finding::ImpossibleTime(fault) => fault.params(),
        Finding::TimeAhead { last, received } => {
            vec![("last", last.to_string()), ("received", received.to_string())]
        }
        Finding::SameInstant { moments } => {
            let words: Vec<&str> = moments.iter().copied().map(Moment::word).collect();
            vec![("moments", words.join(","))]
        }
        Finding::StraightLining { alike, graded } => {
            vec![("alike", alike.to_string()), ("graded", graded.to_string())]
        }
        Finding::TextRepeated { others, .. } | Finding::PhotoReused { others, .. } => {
            vec![("others", others.to_string())]
        }
        Finding::Outlier { score, other, allowed, .. } => vec![
            ("score", score.shown()),
            ("other", other.shown()),
            ("allowed", allowed.to_string()),
        ],
        Finding::TooFast { seconds, criteria } => {
            vec![("seconds", seconds.to_string()), ("criteria", criteria.to_string())]
        }
    }
}

fn other(
    tx: &mut dyn Tx,
    known: &mut BTreeMap<String, OtherVisit>,
    visit: &str,
) -> Result<OtherVisit, Error> {
    if let Some(other) = known.get(visit) {
        return Ok(other.clone());
    }
    let id: Uuid = visit.parse().map_err(|_| Error::NotFound)?;
    let sql = "SELECT c.code, c.name_ar, c.name_en, v.kind, y.number FROM visits v
               JOIN centres c ON c.id = v.centre_id JOIN cycles y ON y.id = v.cycle_id
               WHERE v.id = $1";
    let row = one(tx, sql, &[Value::from(id)])?;
    let other = OtherVisit {
        visit: VisitId(id),
        centre: row.text(0)?.to_owned(),
        centre_name: text_at(&row, 1)?,
        kind: row.text(3)?.to_owned(),
        cycle: row.text(4)?.to_owned(),
    };
    known.insert(visit.to_owned(), other.clone());
    Ok(other)
}
