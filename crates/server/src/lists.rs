//! The lists that pages show, each with the words it is sorted by and what of it its reader may see.

use mizan_domain::rubric::Rubric;
use mizan_protocol::record::TextJson;
use mizan_protocol::score::{ModerationJson, ScorecardJson};
use serde::Serialize;
use utoipa::ToSchema;

use crate::accounts::Caller;
use crate::error::Error;
use crate::paging::{List, Listed, Paged};
use crate::programme::{self, text_at};
use crate::publication::Readable;
use crate::tx::{Row, Tx};

/// An agency in a list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AgencyRow {
    /// Its id.
    pub(crate) id: String,
    /// Its code.
    pub(crate) code: String,
    /// Its name.
    pub(crate) name: TextJson,
    /// How many centres it has.
    pub(crate) centres: i64,
}

/// A centre in a list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CentreRow {
    /// Its id.
    pub(crate) id: String,
    /// Its code.
    pub(crate) code: String,
    /// Its name.
    pub(crate) name: TextJson,
    /// `in_person` or `remote`.
    pub(crate) model: String,
    /// Its agency's code.
    pub(crate) agency: String,
    /// Its agency's name.
    pub(crate) agency_name: TextJson,
}

/// A published scorecard in a list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ScorecardRow {
    /// The publication.
    pub(crate) id: String,
    /// The centre's code.
    pub(crate) centre: String,
    /// The centre's name, as it was published.
    pub(crate) centre_name: TextJson,
    /// The agency's name, as it was published.
    pub(crate) agency: TextJson,
    /// The cycle's number.
    pub(crate) cycle: String,
    /// The cycle's name.
    pub(crate) cycle_name: TextJson,
    /// Counts up with each publication of the centre in the cycle.
    pub(crate) version: u32,
    /// Whether a later version of the centre's scorecard in the cycle is out.
    pub(crate) superseded: bool,
    /// The day of publication, `YYYY-MM-DD`.
    pub(crate) issued: String,
    /// `level`, `no_score`, `insufficient_evidence` or `committee_decision`.
    pub(crate) outcome: String,
    /// The level given, by its name; a committee's own where it decided on another.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) level: Option<LevelRow>,
    /// The score, shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) score: Option<String>,
}

/// A level as a list shows it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LevelRow {
    /// Its name.
    pub(crate) name: TextJson,
    /// Its place among the rubric's levels, the best being 0.
    pub(crate) rank: usize,
    /// How many levels there are.
    pub(crate) of: usize,
}

/// Agencies.
pub(crate) fn agencies(tx: &mut dyn Tx, asked: &Paged) -> Result<Listed<AgencyRow>, Error> {
    let list = List {
        columns: "SELECT a.id, a.code, a.name_ar, a.name_en,
                  (SELECT COUNT(*) FROM centres c WHERE c.agency_id = a.id)",
        from: "FROM agencies a",
        within: "1 = 1",
        values: &[],
        sorts: &[("code", "a.code"), ("name_ar", "a.name_ar"), ("name_en", "a.name_en")],
        searched: &["a.code", "a.name_ar", "a.name_en"],
        tie: "a.id",
    };
    let row = |row: &Row| {
        Ok(AgencyRow {
            id: row.id(0)?.to_string(),
            code: row.text(1)?.to_owned(),
            name: text_at(row, 2)?,
            centres: row.int(4)?,
        })
    };
    list.read(tx, asked, |_, of| row(of))
}

/// Centres.
pub(crate) fn centres(tx: &mut dyn Tx, asked: &Paged) -> Result<Listed<CentreRow>, Error> {
    let list = List {
        columns: "SELECT c.id, c.code, c.name_ar, c.name_en, c.model, a.code, a.name_ar, a.name_en",
        from: "FROM centres c JOIN agencies a ON a.id = c.agency_id",
        within: "1 = 1",
        values: &[],
        sorts: &[
            ("code", "c.code"),
            ("name_ar", "c.name_ar"),
            ("name_en", "c.name_en"),
            ("model", "c.model"),
            ("agency_ar", "a.name_ar"),
            ("agency_en", "a.name_en"),
        ],
        searched: &["c.code", "c.name_ar", "c.name_en", "a.code", "a.name_ar", "a.name_en"],
        tie: "c.id",
    };
    let row = |row: &Row| {
        Ok(CentreRow {
            id: row.id(0)?.to_string(),
            code: row.text(1)?.to_owned(),
            name: text_at(row, 2)?,
            model: row.text(4)?.to_owned(),
            agency: row.text(5)?.to_owned(),
            agency_name: text_at(row, 6)?,
        })
    };
    list.read(tx, asked, |_, of| row(of))
}

/// Published scorecards, those the caller may read.
pub(crate) fn scorecards(
    tx: &mut dyn Tx,
    caller: &Caller,
    asked: &Paged,
) -> Result<Listed<ScorecardRow>, Error> {
    let (within, values) = Readable::by(caller)?.limit(1);
    let list = List {
        columns: "SELECT s.id, s.body, q.sha256, CASE WHEN EXISTS (SELECT 1 FROM scorecards l
                  WHERE l.cycle_id = s.cycle_id AND l.centre_id = s.centre_id
                  AND l.version > s.version) THEN 1 ELSE 0 END",
        from: "FROM scorecards s JOIN centres c ON c.id = s.centre_id
               JOIN cycles y ON y.id = s.cycle_id
               JOIN cycle_rubrics q ON q.cycle_id = s.cycle_id AND q.model = c.model",
        within: &within,
        values: &values,
        sorts: &[
            ("issued", "y.published_at"),
            ("centre", "c.code"),
            ("name_ar", "c.name_ar"),
            ("name_en", "c.name_en"),
            ("cycle", "y.number"),
        ],
        searched: &["c.code", "c.name_ar", "c.name_en", "y.number", "y.name_ar", "y.name_en"],
        tie: "c.code, s.version, s.id",
    };
    list.read(tx, asked, |tx, row| scorecard_of(tx, row, row.flag(3)?))
}

/// The row of a published scorecard, from its id, its body and its rubric's digest.
pub(crate) fn scorecard_of(
    tx: &mut dyn Tx,
    row: &Row,
    superseded: bool,
) -> Result<ScorecardRow, Error> {
    let mut card: ScorecardJson = serde_json::from_str(row.text(1)?)?;
    let expected = "a published scorecard";
    let published = card.publication.take().ok_or(Error::Column { column: 1, expected })?;
    let moderation = published.moderation.as_ref();
    let is_given = given(&card, moderation).is_some();
    let level = level_given(&card, moderation, &*programme::rubric_at(tx, row.digest(2)?)?);
    Ok(ScorecardRow {
        id: row.id(0)?.to_string(),
        centre: card.centre,
        centre_name: published.centre_name,
        agency: published.agency,
        cycle: card.cycle,
        cycle_name: published.cycle_name,
        version: published.version,
        superseded,
        issued: published.issued,
        outcome: if is_given { "level".to_owned() } else { card.outcome },
        level,
        score: card.score,
    })
}

/// The id of the level given: the committee's own where it decided on another.
fn given<'a>(card: &'a ScorecardJson, moderation: Option<&'a ModerationJson>) -> Option<&'a str> {
    moderation.map_or(card.level.as_deref(), |decided| decided.level.as_deref())
}

/// The level a scorecard gives.
pub(crate) fn level_given(
    card: &ScorecardJson,
    moderation: Option<&ModerationJson>,
    rubric: &Rubric,
) -> Option<LevelRow> {
    let id = given(card, moderation)?;
    let rank = rubric.levels().iter().position(|level| level.id == id)?;
    let name = (&rubric.levels()[rank].name).into();
    Some(LevelRow { name, rank, of: rubric.levels().len() })
}
