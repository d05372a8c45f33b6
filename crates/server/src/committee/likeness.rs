//! Two cycles like for like, where a rubric changed between them.

use mizan_domain::exact::Exact;
use mizan_domain::likeness::{self, Likeness, Mapped, like_for_like};
use mizan_domain::rubric::Rubric;
use mizan_domain::scoring::{CriterionResult, State};
use mizan_protocol::canonical::Digest;
use mizan_protocol::code::ErrorBody;
use mizan_protocol::committee::{
    EditMapping, LikeForLikeCentre, LikeForLikeScore, MappedJson, MappingJson,
};
use mizan_protocol::id::CycleId;
use mizan_protocol::score::{ResultJson, ScorecardJson};

use super::comparison::check_model;
use crate::accounts::Caller;
use crate::error::Error;
use crate::paging::{List, Listed, Paged};
use crate::programme::{self, StoredRubric, centre_of};
use crate::tx::{Row, Tx, first, params};

fn line_json(line: &Mapped) -> MappedJson {
    let (earlier, later) = (line.earlier.clone(), line.later.clone());
    MappedJson { earlier, later, likeness: line.likeness.word().to_owned() }
}

fn line_of(line: &MappedJson) -> Result<Mapped, Error> {
    let words: Vec<&str> = Likeness::ALL.iter().map(|likeness| likeness.word()).collect();
    let likeness = Likeness::from_word(&line.likeness)
        .ok_or_else(|| Error::invalid("likeness", &line.likeness, &words.join(", ")))?;
    Ok(Mapped { earlier: line.earlier.clone(), later: line.later.clone(), likeness })
}

/// Two rubrics and what became of the criteria of the first in the second.
struct Pair {
    earlier: StoredRubric,
    later: StoredRubric,
    lines: Vec<Mapped>,
    edited: bool,
}

fn pair(tx: &mut dyn Tx, earlier: StoredRubric, later: StoredRubric) -> Result<Pair, Error> {
    let sql = "SELECT lines FROM rubric_mappings WHERE earlier_sha256 = $1 AND later_sha256 = $2";
    let edited = first(tx, sql, params![earlier.named.sha256, later.named.sha256])?;
    let (lines, edited) = match edited {
        None => {
            let (before, after) = (earlier.rubric(tx)?, later.rubric(tx)?);
            (likeness::automatic(&before, &after), false)
        }
        Some(row) => {
            let lines: Vec<MappedJson> = serde_json::from_str(row.text(0)?)?;
            (lines.iter().map(line_of).collect::<Result<_, _>>()?, true)
        }
    };
    Ok(Pair { earlier, later, lines, edited })
}

fn of_digests(tx: &mut dyn Tx, earlier: Digest, later: Digest) -> Result<Pair, Error> {
    let (earlier, later) =
        (programme::rubric_by_digest(tx, earlier)?, programme::rubric_by_digest(tx, later)?);
    if earlier.rubric(tx)?.model() != later.rubric(tx)?.model() {
        let named = later.named.sha256;
        return Err(Error::invalid("later", named, "a rubric of the same model as the earlier"));
    }
    pair(tx, earlier, later)
}

/// The mapping between two rubrics.
pub(crate) fn mapping(
    tx: &mut dyn Tx,
    earlier: Digest,
    later: Digest,
) -> Result<MappingJson, Error> {
    let Pair { earlier, later, lines, edited } = of_digests(tx, earlier, later)?;
    let lines = lines.iter().map(line_json).collect();
    Ok(MappingJson { earlier: earlier.named, later: later.named, edited, lines })
}

/// Keeps an edited mapping, or goes back to the automatic one.
pub(crate) fn edit_mapping(
    tx: &mut dyn Tx,
    caller: &Caller,
    (earlier, later): (Digest, Digest),
    edit: &EditMapping,
    now: i64,
) -> Result<MappingJson, Error> {
    let Pair { earlier: before, later: after, .. } = of_digests(tx, earlier, later)?;
    let sql = "DELETE FROM rubric_mappings WHERE earlier_sha256 = $1 AND later_sha256 = $2";
    tx.exec(sql, params![earlier, later])?;
    if !edit.lines.is_empty() {
        let lines = edit.lines.iter().map(line_of).collect::<Result<Vec<_>, _>>()?;
        let (old, new) = (before.rubric(tx)?, after.rubric(tx)?);
        check(&old, &new, &lines)?;
        let sql = "INSERT INTO rubric_mappings (earlier_sha256, later_sha256, lines, person_id, at)
                   VALUES ($1, $2, $3, $4, $5)";
        let text = serde_json::to_string(&edit.lines)?;
        tx.exec(sql, params![earlier, later, text, caller.person.0, now])?;
    }
    mapping(tx, earlier, later)
}

fn check(earlier: &Rubric, later: &Rubric, lines: &[Mapped]) -> Result<(), Error> {
    likeness::check(earlier, later, lines).map_err(|faults| {
        let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
        let body = ErrorBody::new("mapping.invalid").with("faults", faults.len());
        Error::Refused(body.with("reason", faults.join("; ")))
    })
}

/// The centres of a model that have a result in both cycles, each like for like.
pub(crate) fn since(
    tx: &mut dyn Tx,
    (cycle, earlier): (CycleId, CycleId),
    model: &str,
    asked: &Paged,
) -> Result<Listed<LikeForLikeCentre>, Error> {
    check_model(model)?;
    let before = programme::rubric_of(tx, earlier, model)?;
    let after = programme::rubric_of(tx, cycle, model)?;
    let rubric = after.rubric(tx)?;
    let pair = pair(tx, before, after)?;
    let list = List {
        columns: include_str!("../sql/columns_of_two_cycles.sql"),
        from: "FROM results l JOIN results e ON e.centre_id = l.centre_id
               JOIN centres c ON c.id = l.centre_id",
        within: "l.cycle_id = $1 AND e.cycle_id = $2 AND l.model = $3 AND e.model = $3",
        values: params![cycle.0, earlier.0, model],
        sorts: &[("code", "c.code"), ("name_ar", "c.name_ar"), ("name_en", "c.name_en")],
        searched: &["c.code", "c.name_ar", "c.name_en"],
        tie: "c.code",
    };
    list.read(tx, asked, |_, row| compared(&rubric, &pair.lines, row))
}

fn compared(rubric: &Rubric, lines: &[Mapped], row: &Row) -> Result<LikeForLikeCentre, Error> {
    let later: ScorecardJson = serde_json::from_str(row.text(9)?)?;
    let earlier: ScorecardJson = serde_json::from_str(row.text(10)?)?;
    let compared = like_for_like(rubric, lines, &criteria(&earlier)?, &criteria(&later)?);
    let score = |card: ScorecardJson, score: Option<&Exact>| LikeForLikeScore {
        headline: card.score,
        level: card.level,
        like_for_like: score.map(Into::into),
    };
    Ok(LikeForLikeCentre {
        centre: centre_of(row)?,
        criteria: u32::try_from(compared.criteria.len()).unwrap_or(u32::MAX),
        earlier: score(earlier, compared.earlier.score.as_ref()),
        later: score(later, compared.later.score.as_ref()),
    })
}

/// The results of a scorecard's criteria.
pub(crate) fn criteria(card: &ScorecardJson) -> Result<Vec<CriterionResult>, Error> {
    let criterion = |result: &ResultJson| {
        let unfit = || Error::StoredRubric(format!("the result of {} cannot be read", result.id));
        let exact = result.exact.as_deref().map(Exact::from_fraction).transpose();
        Ok(CriterionResult {
            id: result.id.clone(),
            state: State::from_word(&result.state).ok_or_else(unfit)?,
            score: exact.map_err(|_| unfit())?,
            unannounced: None,
            scheduled: None,
        })
    };
    card.criteria.iter().map(criterion).collect()
}
