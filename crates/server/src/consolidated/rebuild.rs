//! A cycle's results from its answers: one thread reads and writes, the others score, a few hundred
//! documents at a time, so that a national cycle passes through and is never held whole.

use std::collections::{BTreeMap, HashMap};
use std::sync::mpsc::{Receiver, channel, sync_channel};
use std::sync::{Arc, Mutex};

use mizan_domain::appeal::{self, Correction};
use mizan_domain::rubric::Rubric;
use mizan_protocol::canonical::Digest;
use mizan_protocol::id::CycleId;
use mizan_protocol::rubric::RubricRef;
use uuid::Uuid;

use super::{Rebuilt, Rows, insert, rows};
use crate::error::Error;
use crate::judgement::{self, Material, Ruling, evaluation_of};
use crate::programme;
use crate::tx::{Tx, one, params};

/// Centres read at a time: some hundred documents.
const CENTRES: usize = 64;

/// A centre of the cycle.
struct Centre {
    id: Uuid,
    code: String,
    model: String,
}

/// What all centres of a cycle have in common.
struct Frame {
    cycle: Uuid,
    number: String,
    rubrics: BTreeMap<String, (Arc<Rubric>, RubricRef)>,
    rulings: HashMap<Uuid, Vec<Ruling>>,
}

/// Some centres with their documents, as they were read.
struct Batch<'a> {
    centres: &'a [Centre],
    documents: HashMap<Uuid, Vec<String>>,
    corrections: HashMap<Uuid, Vec<Correction>>,
}

/// Makes the results of one cycle anew.
pub(crate) fn rebuild_cycle(tx: &mut dyn Tx, cycle: CycleId) -> Result<Rebuilt, Error> {
    let sql = "SELECT centre_id, sha256 FROM results WHERE cycle_id = $1";
    let before = tx.query(sql, params![cycle.0])?;
    let before: HashMap<Uuid, Digest> =
        before.iter().map(|row| Ok((row.id(0)?, row.digest(1)?))).collect::<Result<_, Error>>()?;
    tx.exec("DELETE FROM result_parts WHERE cycle_id = $1", params![cycle.0])?;
    tx.exec("DELETE FROM results WHERE cycle_id = $1", params![cycle.0])?;
    let frame = frame(tx, cycle)?;
    let centres = centres(tx, &frame)?;
    let mut rebuilt = Rebuilt::default();
    let mut write = |tx: &mut dyn Tx, rows: Vec<Rows>| {
        rebuilt.centres += rows.len();
        let differs = |row: &&Rows| before.get(&row.centre) != Some(&row.sha256);
        rebuilt.changed += rows.iter().filter(differs).count();
        insert(tx, rows)
    };
    pass_through(tx, &frame, &centres, &mut write)?;
    Ok(rebuilt)
}

fn frame(tx: &mut dyn Tx, cycle: CycleId) -> Result<Frame, Error> {
    let number = one(tx, "SELECT number FROM cycles WHERE id = $1", params![cycle.0])?;
    let sql = "SELECT model FROM cycle_rubrics WHERE cycle_id = $1 ORDER BY model";
    let mut rubrics = BTreeMap::new();
    for row in tx.query(sql, params![cycle.0])? {
        let stored = programme::rubric_of(tx, cycle, row.text(0)?)?;
        rubrics.insert(row.text(0)?.to_owned(), (stored.rubric(tx)?, stored.named));
    }
    let sql = "SELECT centre_id, criterion, confirmed FROM critical_rulings
               WHERE cycle_id = $1 ORDER BY centre_id, criterion";
    let mut rulings: HashMap<Uuid, Vec<Ruling>> = HashMap::new();
    for row in tx.query(sql, params![cycle.0])? {
        let ruling = Ruling { criterion: row.text(1)?.to_owned(), confirmed: row.flag(2)? };
        rulings.entry(row.id(0)?).or_default().push(ruling);
    }
    Ok(Frame { cycle: cycle.0, number: number.text(0)?.to_owned(), rubrics, rulings })
}

/// The centres whose model has a rubric, by id: neighbours here are neighbours in the tables.
fn centres(tx: &mut dyn Tx, frame: &Frame) -> Result<Vec<Centre>, Error> {
    let sql =
        "SELECT c.id, c.code, c.model FROM cycle_centres cc JOIN centres c ON c.id = cc.centre_id
               WHERE cc.cycle_id = $1 ORDER BY c.id";
    let mut centres = Vec::new();
    for row in tx.query(sql, params![frame.cycle])? {
        let (code, model) = (row.text(1)?.to_owned(), row.text(2)?.to_owned());
        if frame.rubrics.contains_key(&model) {
            centres.push(Centre { id: row.id(0)?, code, model });
        }
    }
    Ok(centres)
}

/// Takes the rows of some centres in.
type Write<'a> = dyn FnMut(&mut dyn Tx, Vec<Rows>) -> Result<(), Error> + 'a;

fn pass_through(
    tx: &mut dyn Tx,
    frame: &Frame,
    centres: &[Centre],
    write: &mut Write<'_>,
) -> Result<(), Error> {
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    let (batches, waiting) = sync_channel(2 * workers);
    // The workers' alone: if none of them is left, the reader is told.
    let waiting = Arc::new(Mutex::new(waiting));
    let (done, scored) = channel();
    std::thread::scope(|scope| {
        for _ in 0..workers {
            let (done, waiting) = (done.clone(), Arc::clone(&waiting));
            scope.spawn(move || {
                while let Some(batch) = next(&waiting) {
                    // Nobody listens any more once something has failed.
                    drop(done.send(score(frame, &batch)));
                }
            });
        }
        drop((done, waiting));
        // Dropped when this closure returns, however it does: then the workers end.
        let batches = batches;
        for some in centres.chunks(CENTRES) {
            let (Some(from), Some(to)) = (some.first(), some.last()) else { continue };
            let between = (from.id, to.id);
            let batch = Batch {
                centres: some,
                documents: documents(tx, frame.cycle, between)?,
                corrections: judgement::corrections(tx, CycleId(frame.cycle), between)?,
            };
            batches.send(batch).map_err(|_| Error::Stopped)?;
            for rows in scored.try_iter() {
                write(tx, rows?)?;
            }
        }
        drop(batches);
        scored.iter().try_for_each(|rows| write(tx, rows?))
    })
}

fn next<T>(waiting: &Mutex<Receiver<T>>) -> Option<T> {
    waiting.lock().ok()?.recv().ok()
}

fn documents(
    tx: &mut dyn Tx,
    cycle: Uuid,
    (from, to): (Uuid, Uuid),
) -> Result<HashMap<Uuid, Vec<String>>, Error> {
    let sql = include_str!("../sql/documents_of_centres.sql");
    let mut documents: HashMap<Uuid, Vec<String>> = HashMap::new();
    for row in tx.query(sql, params![cycle, from, to])? {
        documents.entry(row.id(0)?).or_default().push(row.text(1)?.to_owned());
    }
    Ok(documents)
}

fn score(frame: &Frame, batch: &Batch<'_>) -> Result<Vec<Rows>, Error> {
    let one = |centre: &Centre| {
        let (rubric, named) = frame.rubrics.get(&centre.model).ok_or(Error::NotFound)?;
        let documents = batch.documents.get(&centre.id).map_or(&[] as &[String], Vec::as_slice);
        let evaluations = documents.iter().map(|document| evaluation_of(document));
        let corrections = batch.corrections.get(&centre.id).map_or(&[][..], Vec::as_slice);
        let material = Material {
            code: centre.code.clone(),
            cycle: frame.number.clone(),
            rubric: Arc::clone(rubric),
            named: named.clone(),
            evaluations: appeal::corrected(evaluations.collect::<Result<_, _>>()?, corrections),
            rulings: frame.rulings.get(&centre.id).cloned().unwrap_or_default(),
        };
        rows(frame.cycle, centre.id, &centre.model, &material.score()?)
    };
    batch.centres.iter().map(one).collect()
}
