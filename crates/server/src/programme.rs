//! Agencies, centres, rubrics and cycles.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use mizan_domain::cycle::{self, CycleEvent, CycleFacts, CycleState};
use mizan_domain::rubric::{Model, Rubric};
use mizan_protocol::api::{
    AgencyJson, CentreJson, CycleJson, NewAgency, NewCentre, NewCycle, Notice,
};
use mizan_protocol::canonical::Digest;
use mizan_protocol::code::ErrorBody;
use mizan_protocol::id::{AgencyId, CentreId, CycleId, RecordId};
use mizan_protocol::record::TextJson;
use mizan_protocol::rubric::{self, RubricRef};
use uuid::Uuid;

use crate::accounts::Caller;
use crate::error::Error;
use crate::tx::{Row, Tx, first, one, params};
use crate::{publication, visits};

fn check_name(name: &TextJson) -> Result<(), Error> {
    for (field, text) in [("name.ar", &name.ar), ("name.en", &name.en)] {
        let chars = text.trim().chars().count();
        if chars == 0 || chars > 200 {
            return Err(Error::invalid(field, text, "1 to 200 characters in both languages"));
        }
    }
    Ok(())
}

fn check_code(tx: &mut dyn Tx, taken: &str, code: &str) -> Result<(), Error> {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if code.is_empty() || code.len() > 40 || !code.chars().all(fits) {
        return Err(Error::invalid("code", code, "1 to 40 letters, digits, - and _"));
    }
    match first(tx, taken, params![code])? {
        Some(_) => Err(Error::invalid("code", code, "a code that is not used yet")),
        None => Ok(()),
    }
}

/// Adds an agency.
pub(crate) fn add_agency(tx: &mut dyn Tx, new: NewAgency) -> Result<AgencyJson, Error> {
    check_code(tx, "SELECT 1 FROM agencies WHERE code = $1", &new.code)?;
    check_name(&new.name)?;
    let id = Uuid::now_v7();
    tx.exec(
        "INSERT INTO agencies (id, code, name_ar, name_en) VALUES ($1, $2, $3, $4)",
        params![id, &new.code, &new.name.ar, &new.name.en],
    )?;
    Ok(AgencyJson { id: AgencyId(id), code: new.code, name: new.name })
}

/// Every agency, by code.
pub(crate) fn agencies(tx: &mut dyn Tx) -> Result<Vec<AgencyJson>, Error> {
    let rows = tx.query("SELECT id, code, name_ar, name_en FROM agencies ORDER BY code", &[])?;
    let agency = |row: &Row| {
        Ok(AgencyJson {
            id: AgencyId(row.id(0)?),
            code: row.text(1)?.to_owned(),
            name: text_at(row, 2)?,
        })
    };
    rows.iter().map(agency).collect()
}

/// A text whose Arabic stands in `column` and its English in the next.
pub(crate) fn text_at(row: &Row, column: usize) -> Result<TextJson, Error> {
    Ok(TextJson { ar: row.text(column)?.to_owned(), en: row.text(column + 1)?.to_owned() })
}

/// Adds a centre.
pub(crate) fn add_centre(tx: &mut dyn Tx, new: NewCentre) -> Result<CentreJson, Error> {
    check_code(tx, "SELECT 1 FROM centres WHERE code = $1", &new.code)?;
    check_name(&new.name)?;
    let model = Model::from_word(&new.model)
        .ok_or_else(|| Error::invalid("model", &new.model, "in_person, remote"))?;
    one(tx, "SELECT 1 FROM agencies WHERE id = $1", params![new.agency.0])?;
    let id = Uuid::now_v7();
    tx.exec(
        "INSERT INTO centres (id, code, agency_id, model, name_ar, name_en)
         VALUES ($1, $2, $3, $4, $5, $6)",
        params![id, &new.code, new.agency.0, model.word(), &new.name.ar, &new.name.en],
    )?;
    let NewCentre { code, agency, model, name } = new;
    Ok(CentreJson { id: CentreId(id), code, agency, model, name })
}

/// Every centre, by code.
pub(crate) fn centres(tx: &mut dyn Tx) -> Result<Vec<CentreJson>, Error> {
    let sql = "SELECT id, code, agency_id, model, name_ar, name_en FROM centres ORDER BY code";
    tx.query(sql, &[])?.iter().map(centre_of).collect()
}

/// A centre whose columns start with id, code, agency, model and the two names.
pub(crate) fn centre_of(row: &Row) -> Result<CentreJson, Error> {
    Ok(CentreJson {
        id: CentreId(row.id(0)?),
        code: row.text(1)?.to_owned(),
        agency: AgencyId(row.id(2)?),
        model: row.text(3)?.to_owned(),
        name: text_at(row, 4)?,
    })
}

/// Adds a rubric. The same rubric added again is the same; another text under the same id and
/// version is refused: a change is a new version.
pub(crate) fn add_rubric(tx: &mut dyn Tx, rubric: &Rubric) -> Result<RubricRef, Error> {
    let named = RubricRef::of(rubric);
    let sql = "SELECT sha256 FROM rubrics WHERE rubric_id = $1 AND version = $2";
    if let Some(row) = first(tx, sql, params![&named.id, &named.version])? {
        let same = row.digest(0)? == named.sha256;
        let refuse = || Error::invalid("version", &named.version, "a version not used before");
        return if same { Ok(named) } else { Err(refuse()) };
    }
    tx.exec(
        "INSERT INTO rubrics (sha256, record_id, rubric_id, version, model, body)
         VALUES ($1, $2, $3, $4, $5, $6)",
        params![
            named.sha256,
            Uuid::now_v7(),
            &named.id,
            &named.version,
            rubric.model().word(),
            rubric::canonical(rubric)
        ],
    )?;
    Ok(named)
}

/// Every rubric, by id and version.
pub(crate) fn rubrics(tx: &mut dyn Tx) -> Result<Vec<RubricRef>, Error> {
    let sql = "SELECT rubric_id, version, sha256 FROM rubrics ORDER BY rubric_id, version";
    let named = |row: &Row| {
        let (id, version) = (row.text(0)?.to_owned(), row.text(1)?.to_owned());
        Ok(RubricRef { id, version, sha256: row.digest(2)? })
    };
    tx.query(sql, &[])?.iter().map(named).collect()
}

/// A rubric as it is stored.
pub(crate) struct StoredRubric {
    /// The id of its record in the streams.
    pub(crate) record: RecordId,
    /// Its name and identity.
    pub(crate) named: RubricRef,
    /// Its canonical JSON.
    pub(crate) body: String,
}

/// Rubrics read before, by their digest: what a digest names never changes.
static READ_BEFORE: Mutex<BTreeMap<Digest, Arc<Rubric>>> = Mutex::new(BTreeMap::new());
/// The most rubrics kept read; a programme has a handful.
const KEPT_READ: usize = 32;

impl StoredRubric {
    /// The rubric itself.
    pub(crate) fn rubric(&self) -> Result<Arc<Rubric>, Error> {
        let mut read_before = READ_BEFORE.lock().map_err(|_| Error::Stopped)?;
        if let Some(rubric) = read_before.get(&self.named.sha256) {
            return Ok(Arc::clone(rubric));
        }
        let rubric = rubric::from_json(&serde_json::from_str(&self.body)?).map_err(|faults| {
            let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
            Error::StoredRubric(faults.join("; "))
        })?;
        if read_before.len() >= KEPT_READ {
            read_before.clear();
        }
        let rubric = Arc::new(rubric);
        read_before.insert(self.named.sha256, Arc::clone(&rubric));
        Ok(rubric)
    }
}

/// The rubric of a model in a cycle.
pub(crate) fn rubric_of(
    tx: &mut dyn Tx,
    cycle: CycleId,
    model: &str,
) -> Result<StoredRubric, Error> {
    let sql = "SELECT r.record_id, r.rubric_id, r.version, r.sha256, r.body FROM cycle_rubrics c
               JOIN rubrics r ON r.sha256 = c.sha256 WHERE c.cycle_id = $1 AND c.model = $2";
    let row = one(tx, sql, params![cycle.0, model])?;
    let named = RubricRef {
        id: row.text(1)?.to_owned(),
        version: row.text(2)?.to_owned(),
        sha256: row.digest(3)?,
    };
    Ok(StoredRubric { record: RecordId(row.id(0)?), named, body: row.text(4)?.to_owned() })
}

/// Adds a cycle in draft.
pub(crate) fn add_cycle(tx: &mut dyn Tx, new: NewCycle) -> Result<CycleJson, Error> {
    check_name(&new.name)?;
    check_name(&new.programme)?;
    let taken = "SELECT 1 FROM cycles WHERE number = $1";
    if new.number.trim().is_empty() || first(tx, taken, params![&new.number])?.is_some() {
        return Err(Error::invalid("number", &new.number, "a number no other cycle has"));
    }
    let id = Uuid::now_v7();
    tx.exec(
        "INSERT INTO cycles (id, number, name_ar, name_en, programme_ar, programme_en, state)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        params![
            id,
            &new.number,
            &new.name.ar,
            &new.name.en,
            &new.programme.ar,
            &new.programme.en,
            CycleState::Draft.word()
        ],
    )?;
    add_cycle_rubrics(tx, id, &new.rubrics)?;
    for centre in &new.centres {
        one(tx, "SELECT 1 FROM centres WHERE id = $1", params![centre.0])?;
        let sql = "INSERT INTO cycle_centres (cycle_id, centre_id) VALUES ($1, $2)";
        tx.exec(sql, params![id, centre.0])?;
    }
    let NewCycle { number, name, .. } = new;
    Ok(CycleJson { id: CycleId(id), number, name, state: CycleState::Draft.word().to_owned() })
}

fn add_cycle_rubrics(tx: &mut dyn Tx, cycle: Uuid, rubrics: &[Digest]) -> Result<(), Error> {
    for sha256 in rubrics {
        let row = first(tx, "SELECT model FROM rubrics WHERE sha256 = $1", params![*sha256])?;
        let row = row.ok_or_else(|| Error::invalid("rubrics", sha256, "rubrics of this server"))?;
        let model = row.text(0)?;
        let taken = "SELECT 1 FROM cycle_rubrics WHERE cycle_id = $1 AND model = $2";
        if first(tx, taken, params![cycle, model])?.is_some() {
            return Err(Error::invalid("rubrics", sha256, "one rubric for each model"));
        }
        let sql = "INSERT INTO cycle_rubrics (cycle_id, model, sha256) VALUES ($1, $2, $3)";
        tx.exec(sql, params![cycle, model, *sha256])?;
    }
    Ok(())
}

/// Every cycle, oldest first.
pub(crate) fn cycles(tx: &mut dyn Tx) -> Result<Vec<CycleJson>, Error> {
    let sql = "SELECT id, number, name_ar, name_en, state FROM cycles ORDER BY id";
    tx.query(sql, &[])?.iter().map(cycle_json).collect()
}

fn cycle_json(row: &Row) -> Result<CycleJson, Error> {
    Ok(CycleJson {
        id: CycleId(row.id(0)?),
        number: row.text(1)?.to_owned(),
        name: text_at(row, 2)?,
        state: row.text(4)?.to_owned(),
    })
}

/// One cycle.
pub(crate) fn cycle(tx: &mut dyn Tx, id: CycleId) -> Result<CycleJson, Error> {
    let sql = "SELECT id, number, name_ar, name_en, state FROM cycles WHERE id = $1";
    cycle_json(&one(tx, sql, params![id.0])?)
}

/// The state of a cycle.
pub(crate) fn cycle_state(tx: &mut dyn Tx, id: CycleId) -> Result<CycleState, Error> {
    let row = one(tx, "SELECT state FROM cycles WHERE id = $1", params![id.0])?;
    CycleState::from_word(row.text(0)?)
        .ok_or(Error::Column { column: 0, expected: "a cycle's state" })
}

/// Refuses whatever needs the cycle in one of certain states.
pub(crate) fn require_state(
    tx: &mut dyn Tx,
    id: CycleId,
    allowed: &[CycleState],
) -> Result<(), Error> {
    let state = cycle_state(tx, id)?;
    if allowed.contains(&state) {
        return Ok(());
    }
    Err(Error::Refused(ErrorBody::new("cycle.wrong_state").with("state", state.word())))
}

/// Records the notice to the entities (M13).
pub(crate) fn record_notice(tx: &mut dyn Tx, id: CycleId, notice: &Notice) -> Result<(), Error> {
    require_state(tx, id, &[CycleState::Draft])?;
    visits::day("date", &notice.date)?;
    for text in [&notice.text.ar, &notice.text.en, &notice.recipients] {
        if text.trim().is_empty() {
            return Err(Error::invalid("notice", "", "date, text in both languages, recipients"));
        }
    }
    let body = serde_json::to_string(notice)?;
    tx.exec("UPDATE cycles SET notice = $2 WHERE id = $1", params![id.0, body])?;
    Ok(())
}

/// What the gates of a cycle ask about.
fn facts(tx: &mut dyn Tx, id: CycleId) -> Result<CycleFacts, Error> {
    let mut count = |sql: &str| -> Result<usize, Error> {
        let number = one(tx, sql, params![id.0])?.int(0)?;
        Ok(usize::try_from(number).unwrap_or(0))
    };
    Ok(CycleFacts {
        notice_recorded: count(
            "SELECT COUNT(*) FROM cycles WHERE id = $1 AND notice IS NOT NULL",
        )? > 0,
        centres_without_rubric: count(
            "SELECT COUNT(*) FROM cycle_centres cc JOIN centres c ON c.id = cc.centre_id
             WHERE cc.cycle_id = $1 AND NOT EXISTS (SELECT 1 FROM cycle_rubrics r
             WHERE r.cycle_id = cc.cycle_id AND r.model = c.model)",
        )?,
        visits: count("SELECT COUNT(*) FROM visits WHERE cycle_id = $1")?,
        visits_unsettled: count(
            "SELECT COUNT(*) FROM visits WHERE cycle_id = $1
             AND state NOT IN ('validated', 'counted', 'cancelled', 'exposed')",
        )?,
        centres_undecided: count(
            "SELECT COUNT(*) FROM cycle_centres cc WHERE cc.cycle_id = $1 AND NOT EXISTS
             (SELECT 1 FROM decisions d WHERE d.cycle_id = cc.cycle_id AND d.centre_id = cc.centre_id)",
        )?,
    })
}

/// Takes a step of a cycle, with all it brings along.
pub(crate) fn step(
    tx: &mut dyn Tx,
    keys: &crate::keys::Keys,
    caller: &Caller,
    id: CycleId,
    event: &str,
    now: i64,
) -> Result<CycleJson, Error> {
    let words: Vec<&str> = CycleEvent::ALL.iter().map(|event| event.word()).collect();
    let event = CycleEvent::from_word(event)
        .ok_or_else(|| Error::invalid("event", event, &words.join(", ")))?;
    let state = cycle_state(tx, id)?;
    let facts = facts(tx, id)?;
    let next = cycle::next(state, event, caller.role, facts)?;
    tx.exec("UPDATE cycles SET state = $2 WHERE id = $1", params![id.0, next.word()])?;
    match event {
        CycleEvent::Open => visits::hand_out(tx, id)?,
        CycleEvent::CloseFieldWork => visits::count_validated(tx, id, caller, now)?,
        CycleEvent::Publish => publication::publish(tx, keys, id, now)?,
        CycleEvent::Decide | CycleEvent::Close => {}
    }
    cycle(tx, id)
}
