//! Agencies, centres, rubrics and cycles.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use mizan_domain::cycle::{self, CycleEvent, CycleFacts, CycleState};
use mizan_domain::rubric::{Model, Rubric};
use mizan_protocol::api::{
    AgencyJson, CentreJson, ChangeAgency, ChangeCentre, CycleJson, NewAgency, NewCentre, NewCycle,
    NewPublication, Notice,
};
use mizan_protocol::canonical::Digest;
use mizan_protocol::code::ErrorBody;
use mizan_protocol::id::{AgencyId, CentreId, CycleId, RecordId};
use mizan_protocol::record::TextJson;
use mizan_protocol::rubric::{self, RubricRef};
use uuid::Uuid;

use crate::accounts::Caller;
use crate::error::Error;
use crate::publication::schedule;
use crate::tx::{Row, Tx, first, one, params};
use crate::{consolidated, visits};

/// The longest name, in characters.
pub(crate) const MAX_NAME: usize = 200;
/// The longest governorate or operator, in characters.
pub(crate) const MAX_TRAIT: usize = 100;
/// How large a centre may be.
pub(crate) const SIZES: [&str; 3] = ["small", "medium", "large"];

/// Whether a text can be a code.
pub(crate) fn is_code(text: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    (1..=40).contains(&text.len()) && text.chars().all(fits)
}

fn check_name(name: &TextJson) -> Result<(), Error> {
    for (field, text) in [("name.ar", &name.ar), ("name.en", &name.en)] {
        let chars = text.trim().chars().count();
        if chars == 0 || chars > MAX_NAME {
            return Err(Error::invalid(field, text, "1 to 200 characters in both languages"));
        }
    }
    Ok(())
}

fn check_code(tx: &mut dyn Tx, taken: &str, code: &str) -> Result<(), Error> {
    if !is_code(code) {
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

/// Gives an agency another name, also where visits of its centres are told of.
pub(crate) fn change_agency(
    tx: &mut dyn Tx,
    id: AgencyId,
    ChangeAgency { name }: ChangeAgency,
) -> Result<AgencyJson, Error> {
    check_name(&name)?;
    let row = one(tx, "SELECT code FROM agencies WHERE id = $1", params![id.0])?;
    let code = row.text(0)?.to_owned();
    let sql = "UPDATE agencies SET name_ar = $2, name_en = $3 WHERE id = $1";
    tx.exec(sql, params![id.0, &name.ar, &name.en])?;
    for row in tx.query("SELECT id FROM centres WHERE agency_id = $1", params![id.0])? {
        visits::tell_again(tx, CentreId(row.id(0)?))?;
    }
    Ok(AgencyJson { id, code, name })
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
    check_traits(new.governorate.as_deref(), new.size.as_deref(), new.operator.as_deref())?;
    one(tx, "SELECT 1 FROM agencies WHERE id = $1", params![new.agency.0])?;
    let id = Uuid::now_v7();
    tx.exec(
        "INSERT INTO centres (id, code, agency_id, model, name_ar, name_en, governorate, size, operator)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        params![
            id,
            &new.code,
            new.agency.0,
            model.word(),
            &new.name.ar,
            &new.name.en,
            new.governorate.as_ref(),
            new.size.as_ref(),
            new.operator.as_ref()
        ],
    )?;
    let NewCentre { code, agency, model, name, governorate, size, operator } = new;
    Ok(CentreJson { id: CentreId(id), code, agency, model, name, governorate, size, operator })
}

/// Gives a centre another name and other traits, also where its visits are told of.
pub(crate) fn change_centre(
    tx: &mut dyn Tx,
    id: CentreId,
    change: ChangeCentre,
) -> Result<CentreJson, Error> {
    check_name(&change.name)?;
    let ChangeCentre { name, governorate, size, operator } = change;
    check_traits(governorate.as_deref(), size.as_deref(), operator.as_deref())?;
    let changed = tx.exec(
        "UPDATE centres SET name_ar = $2, name_en = $3, governorate = $4, size = $5, operator = $6
         WHERE id = $1",
        params![id.0, &name.ar, &name.en, governorate.as_ref(), size.as_ref(), operator.as_ref()],
    )?;
    if changed == 0 {
        return Err(Error::NotFound);
    }
    visits::tell_again(tx, id)?;
    let sql = "SELECT id, code, agency_id, model, name_ar, name_en, governorate, size, operator
               FROM centres WHERE id = $1";
    centre_of(&one(tx, sql, params![id.0])?)
}

/// What tells a centre apart has a word or is left out.
fn check_traits(
    governorate: Option<&str>,
    size: Option<&str>,
    operator: Option<&str>,
) -> Result<(), Error> {
    for (field, text) in [("governorate", governorate), ("operator", operator)] {
        let Some(text) = text else { continue };
        let chars = text.trim().chars().count();
        if chars == 0 || chars > MAX_TRAIT {
            return Err(Error::invalid(field, text, "1 to 100 characters, or nothing at all"));
        }
    }
    match size {
        Some(size) if !SIZES.contains(&size) => {
            Err(Error::invalid("size", size, &SIZES.join(", ")))
        }
        None | Some(_) => Ok(()),
    }
}

/// Every centre, by code.
pub(crate) fn centres(tx: &mut dyn Tx) -> Result<Vec<CentreJson>, Error> {
    let sql = "SELECT id, code, agency_id, model, name_ar, name_en, governorate, size, operator
               FROM centres ORDER BY code";
    tx.query(sql, &[])?.iter().map(centre_of).collect()
}

/// A centre whose columns start with id, code, agency, model, the two names, governorate, size and
/// operator.
pub(crate) fn centre_of(row: &Row) -> Result<CentreJson, Error> {
    let optional = |column| Ok::<_, Error>(row.opt_text(column)?.map(str::to_owned));
    Ok(CentreJson {
        id: CentreId(row.id(0)?),
        code: row.text(1)?.to_owned(),
        agency: AgencyId(row.id(2)?),
        model: row.text(3)?.to_owned(),
        name: text_at(row, 4)?,
        governorate: optional(6)?,
        size: optional(7)?,
        operator: optional(8)?,
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

/// A rubric as it is stored; its text is read only where it is needed, because it is long.
#[derive(Debug, Clone)]
pub(crate) struct StoredRubric {
    /// The id of its record in the streams.
    pub(crate) record: RecordId,
    /// Its name and identity.
    pub(crate) named: RubricRef,
}

/// Rubrics read before, by their digest: what a digest names never changes.
static READ_BEFORE: Mutex<BTreeMap<Digest, Arc<Rubric>>> = Mutex::new(BTreeMap::new());
/// The most rubrics kept read; a programme has a handful.
const KEPT_READ: usize = 32;

/// The rubric of a digest, if it was read before.
pub(crate) fn read_before(sha256: &Digest) -> Result<Option<Arc<Rubric>>, Error> {
    Ok(READ_BEFORE.lock().map_err(|_| Error::Stopped)?.get(sha256).map(Arc::clone))
}

impl StoredRubric {
    /// A rubric of a row whose columns from `column` on are its record, id, version and digest.
    pub(crate) fn at(row: &Row, column: usize) -> Result<Self, Error> {
        let named = RubricRef {
            id: row.text(column + 1)?.to_owned(),
            version: row.text(column + 2)?.to_owned(),
            sha256: row.digest(column + 3)?,
        };
        Ok(Self { record: RecordId(row.id(column)?), named })
    }

    /// Its canonical JSON.
    pub(crate) fn body(&self, tx: &mut dyn Tx) -> Result<String, Error> {
        let sql = "SELECT body FROM rubrics WHERE sha256 = $1";
        Ok(one(tx, sql, params![self.named.sha256])?.text(0)?.to_owned())
    }

    /// The rubric itself.
    pub(crate) fn rubric(&self, tx: &mut dyn Tx) -> Result<Arc<Rubric>, Error> {
        if let Some(rubric) = read_before(&self.named.sha256)? {
            return Ok(rubric);
        }
        let body = self.body(tx)?;
        let rubric = rubric::from_json(&serde_json::from_str(&body)?).map_err(|faults| {
            let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
            Error::StoredRubric(faults.join("; "))
        })?;
        let mut read_before = READ_BEFORE.lock().map_err(|_| Error::Stopped)?;
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
    let sql = "SELECT r.record_id, r.rubric_id, r.version, r.sha256 FROM cycle_rubrics c
               JOIN rubrics r ON r.sha256 = c.sha256 WHERE c.cycle_id = $1 AND c.model = $2";
    StoredRubric::at(&one(tx, sql, params![cycle.0, model])?, 0)
}

/// What a digest names, read.
pub(crate) fn rubric_at(tx: &mut dyn Tx, sha256: Digest) -> Result<Arc<Rubric>, Error> {
    match read_before(&sha256)? {
        Some(rubric) => Ok(rubric),
        None => rubric_by_digest(tx, sha256)?.rubric(tx),
    }
}

/// The rubric of a digest.
pub(crate) fn rubric_by_digest(tx: &mut dyn Tx, sha256: Digest) -> Result<StoredRubric, Error> {
    let sql = "SELECT record_id, rubric_id, version, sha256 FROM rubrics WHERE sha256 = $1";
    StoredRubric::at(&one(tx, sql, params![sha256])?, 0)
}

/// The rubric a centre of a cycle is judged by.
pub(crate) fn rubric_of_centre(
    tx: &mut dyn Tx,
    cycle: CycleId,
    centre: CentreId,
) -> Result<StoredRubric, Error> {
    let sql = "SELECT c.model FROM cycle_centres cc JOIN centres c ON c.id = cc.centre_id
               WHERE cc.cycle_id = $1 AND cc.centre_id = $2";
    let row = one(tx, sql, params![cycle.0, centre.0])?;
    rubric_of(tx, cycle, row.text(0)?)
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
    // Named twice, a centre is still one.
    for centre in new.centres.iter().collect::<BTreeSet<_>>() {
        one(tx, "SELECT 1 FROM centres WHERE id = $1", params![centre.0])?;
        let sql = "INSERT INTO cycle_centres (cycle_id, centre_id) VALUES ($1, $2)";
        tx.exec(sql, params![id, centre.0])?;
    }
    consolidated::rebuild_cycle(tx, CycleId(id))?;
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
    cycle_state_at(&one(tx, "SELECT state FROM cycles WHERE id = $1", params![id.0])?, 0)
}

/// The state of a cycle that stands in a column.
pub(crate) fn cycle_state_at(row: &Row, column: usize) -> Result<CycleState, Error> {
    CycleState::from_word(row.text(column)?)
        .ok_or(Error::Column { column, expected: "a cycle's state" })
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
pub(crate) fn facts(tx: &mut dyn Tx, id: CycleId) -> Result<CycleFacts, Error> {
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
        publications_scheduled: count(
            "SELECT COUNT(*) FROM publications WHERE cycle_id = $1 AND state = 'scheduled'",
        )?,
        appeals_pending: count(
            "SELECT COUNT(*) FROM appeals WHERE cycle_id = $1 AND state IN ('filed', 'examined')",
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
    if event != CycleEvent::Publish {
        tx.exec("UPDATE cycles SET state = $2 WHERE id = $1", params![id.0, next.word()])?;
    }
    match event {
        CycleEvent::Open => visits::hand_out(tx, id)?,
        CycleEvent::CloseFieldWork => visits::count_validated(tx, id, caller, now)?,
        // What is left goes out at once; the state follows from that.
        CycleEvent::Publish => {
            let rest = NewPublication { centres: None, at: None };
            schedule::schedule(tx, keys, caller, id, &rest, now)?;
        }
        CycleEvent::Close => {
            let sql = "UPDATE cycles SET closed_at = $2 WHERE id = $1";
            tx.exec(sql, params![id.0, now])?;
        }
        CycleEvent::Decide => {}
    }
    cycle(tx, id)
}
