//! What one machine carries: sealed evaluations of 60 answers from 16 clients, each synced to the disk
//! before it is answered, on both engines; beside it what a bare commit costs on the same disk in the
//! same minute, so that the ratio holds on a busy machine.
//!
//! `scripts/bench` runs it; `MIZAN_BENCH_EVALUATIONS=100000` for the full size, `MIZAN_BENCH_ENGINE` for
//! one engine alone (`sqlite`, `postgres`).

mod machine;
mod programme;
mod traffic;

use std::path::Path;
use std::time::Duration;

use mizan_protocol::id::VisitId;
use mizan_server::engine::Location;
use mizan_server::store::Store;
use mizan_tests::postgres::{Cluster, Durability};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};

use crate::machine::{Bare, BarePostgres, Server, Spent, Watch, bare_sqlite, load, resident};
use crate::programme::Programme;
use crate::traffic::{Devices, send_all, send_when_due};

type Failed = Box<dyn std::error::Error + Send + Sync>;

/// Evaluations in the store at the end, unless the environment says otherwise.
const EVALUATIONS: usize = 30_000;
/// Pushes before anything is measured.
const WARM_UP: usize = 500;
const CLIENTS: usize = 16;
/// Arrivals a second of the open loop, and how many of them.
const ARRIVALS_PER_S: f64 = 100.0;
const ARRIVALS: usize = 2_000;
/// Connections of the open loop: more than ever wait at once.
const LANES: usize = 64;
/// Pushes that are signed ahead, so that they fit into memory.
const AHEAD: usize = 10_000;

fn main() -> Result<(), Failed> {
    let count = match std::env::var("MIZAN_BENCH_EVALUATIONS") {
        Ok(text) => text.parse()?,
        Err(_) => EVALUATIONS,
    };
    let only = std::env::var("MIZAN_BENCH_ENGINE").unwrap_or_default();
    if only != "postgres" {
        let folder = tempfile::tempdir()?;
        let mut bare = bare_sqlite(folder.path())?;
        let goals = Goals { name: "embedded SQLite", per_s: 1_000 };
        Bench { goals, count, folder: folder.path(), database: None, postmaster: None }
            .run(&mut bare)?;
    }
    if only != "sqlite" {
        let folder = tempfile::tempdir()?;
        let cluster = Cluster::start(Durability::Disk);
        let mut bare = BarePostgres::open(&cluster.new_database())?;
        let goals = Goals { name: "PostgreSQL", per_s: 500 };
        let postmaster = Some(bare.postmaster()?);
        let database = Some(cluster.new_database());
        Bench { goals, count, folder: folder.path(), database, postmaster }.run(&mut bare)?;
    }
    Ok(())
}

struct Goals {
    name: &'static str,
    per_s: u32,
}

/// One engine with everything around it.
struct Bench<'a> {
    goals: Goals,
    count: usize,
    folder: &'a Path,
    database: Option<String>,
    postmaster: Option<u32>,
}

impl Bench<'_> {
    fn location(&self) -> Location {
        let file = || Location::File(self.folder.join("mizan.db"));
        self.database.as_deref().map_or_else(file, Location::parse)
    }

    fn run(&self, bare: &mut dyn Bare) -> Result<(), Failed> {
        let store = Store::open(&self.location())?;
        let programme = Programme::write(&store, self.count + WARM_UP + ARRIVALS)?;
        drop(store);
        let server = Server::start(self.folder, self.database.as_deref())?;
        let idle = resident(server.id())?;
        let devices = Devices::sign_in(&programme, &server.address)?;
        println!("-- {} (goal {} a second)", self.goals.name, self.goals.per_s);

        let (warm_up, visits) = programme.visits.split_at(WARM_UP);
        let (arrivals, visits) = visits.split_at(ARRIVALS);
        let (few, rest) = visits.split_at(self.count / 10);
        send_all(&server.address, &devices.pushes(warm_up, CLIENTS)?)?;
        let watch = Watch::begin(server.id());
        let short = self.throughput(&server, &devices, few, bare)?;
        self.latency(&server, &devices, arrivals)?;
        let long = short + self.growth(&server, &devices, rest)?;
        let grown = long.as_secs_f64() / short.as_secs_f64();
        println!(
            "growth: {} in {:.1} s, {} in {:.1} s: {grown:.1}x for ten times as many (at most 11x)",
            few.len(),
            short.as_secs_f64(),
            self.count,
            long.as_secs_f64()
        );
        let peaks = watch.end()?;
        println!(
            "memory: {idle:.0} MB at the start, at most {:.0} MB resident and {:.0} MB proportional \
             (goal under 60 MB)",
            peaks.rss, peaks.pss
        );
        server.kill()?;
        self.check(self.count + WARM_UP + ARRIVALS)
    }

    fn throughput(
        &self,
        server: &Server,
        devices: &Devices<'_>,
        visits: &[(VisitId, usize)],
        bare: &mut dyn Bare,
    ) -> Result<Duration, Failed> {
        let lanes = devices.pushes(visits, CLIENTS)?;
        let bytes: usize = lanes.iter().flatten().map(Vec::len).sum();
        let bare_before = bare.rate()?;
        let before = Spent::until_now(server.id(), self.postmaster)?;
        let took = send_all(&server.address, &lanes)?;
        let after = Spent::until_now(server.id(), self.postmaster)?;
        let commits = (bare_before + bare.rate()?) / 2.0;
        let (spent, count) = (after.since(before), visits.len() as f64);
        let rate = count / took.as_secs_f64();
        let ms = |seconds: f64| seconds * 1e3 / count;
        println!(
            "{rate:.0} durable evaluations a second, {CLIENTS} clients, {:.1} kB each; {:.2} of the \
             {commits:.0} bare commits a second",
            bytes as f64 / count / 1e3,
            rate / commits
        );
        let database = match self.postmaster {
            Some(_) => format!(", PostgreSQL {:.2} ms", ms(spent.database)),
            None => String::new(),
        };
        println!(
            "processor time each: server {:.2} ms{database}, generator {:.2} ms; meanwhile others kept \
             {:.2} cores busy, load average {}",
            ms(spent.server),
            ms(spent.generator),
            after.others(before),
            load()
        );
        Ok(took)
    }

    fn latency(
        &self,
        server: &Server,
        devices: &Devices<'_>,
        visits: &[(VisitId, usize)],
    ) -> Result<(), Failed> {
        let lanes = devices.pushes(visits, LANES)?;
        let before = Spent::until_now(server.id(), self.postmaster)?;
        let took = send_when_due(&server.address, &lanes, &arrivals(visits))?;
        let after = Spent::until_now(server.id(), self.postmaster)?;
        let at = |percent: usize| took[(took.len() * percent / 100).min(took.len() - 1)];
        println!(
            "{ARRIVALS_PER_S:.0} arrivals a second: median {:.1?}, p99 {:.1?} (goal under 250 ms), \
             longest {:.1?}; others kept {:.2} cores busy, load average {}",
            at(50),
            at(99),
            at(100),
            after.others(before),
            load()
        );
        Ok(())
    }

    fn growth(
        &self,
        server: &Server,
        devices: &Devices<'_>,
        visits: &[(VisitId, usize)],
    ) -> Result<Duration, Failed> {
        let mut took = Duration::ZERO;
        for chunk in visits.chunks(AHEAD) {
            took += send_all(&server.address, &devices.pushes(chunk, CLIENTS)?)?;
        }
        Ok(took)
    }

    /// What was acknowledged must be there after the server was killed.
    fn check(&self, acknowledged: usize) -> Result<(), Failed> {
        let store = Store::open(&self.location())?;
        let runtime = tokio::runtime::Builder::new_current_thread().build()?;
        let count = "SELECT COUNT(*) FROM evaluations";
        let read = store.read(move |tx| tx.query(count, &[])?[0].int(0));
        let found = runtime.block_on(read)?;
        if found != acknowledged as i64 {
            return Err(format!("{acknowledged} were acknowledged, {found} are there").into());
        }
        println!("killed without warning: {found} acknowledged, {found} there");
        Ok(())
    }
}

/// When each of the pushes is due, by lane: at random, so many a second in the mean.
fn arrivals(visits: &[(VisitId, usize)]) -> Vec<Vec<Duration>> {
    let mut rng = StdRng::seed_from_u64(100);
    let mut due = vec![Vec::new(); LANES];
    let mut at = 0.0;
    for (_, by) in visits {
        at -= (1.0 - rng.random::<f64>()).ln() / ARRIVALS_PER_S;
        due[by % LANES].push(Duration::from_secs_f64(at));
    }
    due
}
