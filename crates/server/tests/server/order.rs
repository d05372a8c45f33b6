//! Many write at once while somebody reads: nobody skips a row, whatever the order of the commits.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use mizan_protocol::proof::{Fault, is_planted};
use mizan_server::engine::Location;
use mizan_server::store::Store;
use mizan_server::tx::Engine;
use mizan_tests::postgres::shared;

use crate::engines::on_both_engines;
use crate::harness::engine;

const WRITERS: usize = 8;
const ROWS: usize = 60;

on_both_engines! {
    a_reader_beside_many_writers_misses_nothing,
}

/// With numbers that are taken before the transaction, as a database's own counter gives them, the reader
/// does miss some, though not each time.
async fn a_reader_beside_many_writers_misses_nothing() {
    let times = if is_planted(Fault::SequenceFirst) { 20 } else { 1 };
    for _ in 0..times {
        assert_eq!(missed_beside_writers().await, 0, "rows that the reader's cursor went past");
    }
}

/// How many rows of a stream a reader never meets that follows its cursor while others write: through one
/// process on the embedded engine, through two on PostgreSQL.
async fn missed_beside_writers() -> usize {
    let folder = tempfile::tempdir().unwrap();
    let (location, processes) = match engine() {
        Engine::Sqlite => (Location::File(folder.path().join("mizan.db")), 1),
        Engine::Postgres => (Location::parse(&shared().new_database()), 2),
    };
    let open = || {
        let location = location.clone();
        async {
            tokio::task::spawn_blocking(move || Store::open(&location)).await.unwrap().unwrap()
        }
    };
    let mut stores = Vec::new();
    for _ in 0..processes {
        stores.push(Arc::new(open().await));
    }
    let is_over = Arc::new(AtomicBool::new(false));
    let reader = tokio::spawn(follow(Arc::new(open().await), Arc::clone(&is_over)));
    let mut writers = tokio::task::JoinSet::new();
    for writer in 0..WRITERS {
        let store = Arc::clone(&stores[writer % processes]);
        writers.spawn(async move {
            for row in 0..ROWS {
                let id = format!("{writer} {row}").into_bytes();
                let sql = "INSERT INTO stream_rows (stream, record_id, kind, rev, body)
                           VALUES ('C', $1, 'visit', 1, '{}')";
                store.write(move |tx| tx.exec(sql, &[id.into()])).await.unwrap();
            }
        });
    }
    writers.join_all().await;
    is_over.store(true, Ordering::SeqCst);
    WRITERS * ROWS - reader.await.unwrap()
}

/// Reads on from the last number it met, once more after the writers are done; gives how many rows came.
async fn follow(store: Arc<Store>, is_over: Arc<AtomicBool>) -> usize {
    let (mut met, mut cursor) = (BTreeSet::new(), 0);
    loop {
        let is_last = is_over.load(Ordering::SeqCst);
        let sql = "SELECT record_id, seq FROM stream_rows WHERE stream = 'C' AND seq > $1
                   ORDER BY seq LIMIT 50";
        let read = store.read(move |tx| tx.query(sql, &[cursor.into()])).await;
        let rows = read.unwrap();
        for row in &rows {
            met.insert(row.blob(0).unwrap().to_vec());
            cursor = row.int(1).unwrap();
        }
        if is_last && rows.is_empty() {
            return met.len();
        }
    }
}
