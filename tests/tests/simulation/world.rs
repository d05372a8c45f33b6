//! The programme, its people, and what happens next.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use mizan_device::Error;
use mizan_device::transport::Http;
use mizan_protocol::api::{
    AgencyJson, CentreJson, CycleJson, NewAgency, NewCentre, NewCycle, NewVisit, ReviewItem,
    VisitJson,
};
use mizan_protocol::id::VisitId;
use mizan_protocol::proof::{self, End, Site};
use mizan_protocol::rubric::RubricRef;
use mizan_server::engine::Location;
use mizan_server::store::Store;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use reqwest::Method;
use serde_json::{Value, json};

use crate::check;
use crate::harness::{Caller, Programme, Server, brief, rubric, text};
use crate::network::{Became, Network};
use crate::person::Person;

const CENTRES: usize = 120;
const EVALUATORS: usize = 4;
/// How often the network heals and everything is looked at.
const REST_EVERY: u64 = 5_000;

/// Set by the panic that ends the server at a labelled place.
pub static SERVER_CRASHED: AtomicBool = AtomicBool::new(false);
/// Set by a panic that nobody planned.
pub static PANICKED: AtomicBool = AtomicBool::new(false);
/// What a planned panic says.
pub const PLANNED: &str = "the suite ends the process";

pub struct World {
    pub programme: Programme,
    pub people: Vec<Person>,
    pub reviewer: Caller,
    pub manager: Caller,
    network: Arc<Network>,
    rng: StdRng,
    http: Option<Http>,
    backup: Option<Vec<u8>>,
    /// Visits that were given to another or cancelled at some time.
    pub taken_away: BTreeSet<VisitId>,
    /// Backups put back.
    pub restored: u64,
    /// Who may not do field work at the moment.
    pub barred: Vec<bool>,
    crashes: u64,
    restarts: u64,
    syncs: u64,
    rests: u64,
}

impl World {
    pub async fn begin(seed: u64) -> Self {
        let programme = programme().await;
        let reviewer = programme.person("reviewer", "reviewer", |_| {}).await;
        let centre = programme.centres[0].id;
        let manager = programme.person("manager", "manager", |new| new.centre = Some(centre)).await;
        let network = Arc::<Network>::default();
        let url = programme.server.url.clone();
        let mut people = Vec::new();
        for n in 0..EVALUATORS {
            let user = format!("evaluator-{n}");
            let caller = programme.person(&user, "evaluator", |_| {}).await;
            let visit = programme.plan(n, "unannounced").await;
            programme.assign(visit.id, &caller).await;
            // One of them has a later version of the program.
            people.push(Person::enrol(&user, caller.id(), &url, network.line(n == 0)).await);
        }
        programme.open().await;
        let http = Some(Http::new(&url).unwrap());
        let barred = vec![false; people.len()];
        Self {
            programme,
            people,
            reviewer,
            manager,
            network,
            rng: StdRng::seed_from_u64(seed),
            http,
            backup: None,
            taken_away: BTreeSet::new(),
            restored: 0,
            barred,
            crashes: 0,
            restarts: 0,
            syncs: 0,
            rests: 0,
        }
    }

    pub fn told(&self) -> String {
        let answers: u64 = self.people.iter().map(|person| person.word.answers).sum();
        let seals: usize = self.people.iter().map(|person| person.word.seals.len()).sum();
        format!(
            "{answers} answers and {seals} sealed evaluations acknowledged, {} syncs, {} crashes, \
             {} restarts, {} backups put back, {} times at rest",
            self.syncs, self.crashes, self.restarts, self.restored, self.rests
        )
    }

    /// So many steps, with rests; the first violation ends it.
    pub async fn run(&mut self, steps: u64) -> Result<&Self, String> {
        for step in 1..=steps {
            self.step().await?;
            if step % REST_EVERY == 0 || step == steps {
                self.rest().await.map_err(|told| format!("step {step}: {told}"))?;
            }
        }
        Ok(self)
    }

    async fn step(&mut self) -> Result<(), String> {
        if self.network.is_idle() || self.rng.random_range(0..100) < 35 {
            self.act().await;
        } else {
            self.network.step(&mut self.rng, self.http.as_ref(), false).await;
        }
        self.settle(false).await
    }

    /// Lets everybody go on as far as they can without the network.
    async fn settle(&mut self, is_healthy: bool) -> Result<(), String> {
        for _ in 0..4 {
            tokio::task::yield_now().await;
        }
        if SERVER_CRASHED.swap(false, Ordering::Relaxed) {
            self.restart_server().await;
        }
        for at in 0..self.people.len() {
            match self.people[at].ended_sync().await {
                None => {}
                Some(None) => self.crashes += 1,
                Some(Some(ended)) => {
                    self.syncs += 1;
                    check::ended(&self.people[at].user, &ended, is_healthy)?;
                }
            }
        }
        if PANICKED.load(Ordering::Relaxed) {
            return Err("a panic that nobody planned".into());
        }
        self.network.violation().map_or(Ok(()), Err)
    }

    async fn act(&mut self) {
        let at = self.rng.random_range(0..self.people.len());
        match self.rng.random_range(0..1000) {
            0..600 => {
                if !self.people[at].work(&mut self.rng).await {
                    self.crashes += 1;
                }
            }
            600..800 => self.people[at].begin_sync(),
            800..830 => {
                self.people[at].crash().await;
                self.crashes += 1;
            }
            830..865 => {
                // The one between an answer and its commit matters most, and is passed most often by others.
                let site = match self.rng.random_range(0..Site::ALL.len() + 3) {
                    at if at < Site::ALL.len() => Site::ALL[at],
                    _ => Site::ServerCommits,
                };
                proof::arm(site, self.rng.random_range(0..4), End::Panic);
            }
            865..870 => {
                // Up to an hour to either side.
                self.people[at].skew = self.rng.random_range(-3_600_000..=3_600_000);
            }
            870..875 => self.go_down_or_up().await,
            875..920 => self.plan(at).await,
            920..965 => self.review().await,
            965..985 => self.take_away(at).await,
            985..992 => self.bar_or_admit(at).await,
            992..995 => self.back_up().await,
            // Seldom: it makes devices send everything again, and would hide what was lost before.
            995 if self.rng.random_range(0..4) == 0 => self.put_back().await,
            _ => self.watch_manager().await,
        }
    }

    async fn restart_server(&mut self) {
        proof::disarm();
        self.programme.server.pause().await;
        self.programme.server.resume().await;
        self.restarts += 1;
        self.find_server();
    }

    fn find_server(&mut self) {
        let url = self.programme.server.url.clone();
        self.http = Some(Http::new(&url).unwrap());
        for caller in [&mut self.programme.admin, &mut self.reviewer, &mut self.manager] {
            caller.url.clone_from(&url);
        }
    }

    async fn go_down_or_up(&mut self) {
        if self.http.is_some() {
            self.http = None;
        } else {
            self.restart_server().await;
        }
    }

    async fn plan(&mut self, at: usize) {
        let centre = self.programme.centres[self.rng.random_range(0..CENTRES)].id;
        let new = NewVisit {
            centre,
            kind: if self.rng.random() { "unannounced" } else { "scheduled" }.into(),
            from: "2026-11-02".into(),
            to: "2026-11-13".into(),
            scenario: text("اسأل عن الرخصة", "Ask about the licence"),
            brief: brief(),
        };
        let admin = &self.programme.admin;
        let path = self.programme.path("visits");
        let body = serde_json::to_value(new).unwrap();
        let (status, _, bytes) = admin.raw(Method::POST, &path, Some(&body)).await;
        if !status.is_success() {
            return;
        }
        let visit: VisitJson = serde_json::from_slice(&bytes).unwrap();
        let body = json!({ "evaluator": self.people[at].id });
        let path = format!("/api/visits/{}/assign", visit.id);
        // The rules of assignment may refuse; the visit then waits without an evaluator.
        admin.raw(Method::POST, &path, Some(&body)).await;
    }

    /// Gives a visit to somebody else, or cancels it.
    async fn take_away(&mut self, at: usize) {
        let admin = &self.programme.admin;
        let path = self.programme.path("visits");
        let (_, _, bytes) = admin.raw(Method::GET, &path, None).await;
        let Ok(mut visits) = serde_json::from_slice::<Vec<VisitJson>>(&bytes) else { return };
        visits.retain(|of| ["assigned", "accepted", "in_progress"].contains(&of.state.as_str()));
        if visits.is_empty() {
            return;
        }
        let visit = visits[self.rng.random_range(0..visits.len())].id;
        self.taken_away.insert(visit);
        let (path, body) = if self.rng.random() {
            (format!("/api/visits/{visit}/assign"), json!({ "evaluator": self.people[at].id }))
        } else {
            (format!("/api/visits/{visit}/cancel"), json!({ "reason": "the centre is closed" }))
        };
        admin.raw(Method::POST, &path, Some(&body)).await;
    }

    async fn review(&mut self) {
        let (_, _, bytes) = self.reviewer.raw(Method::GET, "/api/review/queue", None).await;
        let Ok(queue) = serde_json::from_slice::<Vec<ReviewItem>>(&bytes) else { return };
        if queue.is_empty() {
            return;
        }
        let visit = queue[self.rng.random_range(0..queue.len())].visit;
        let path = |step: &str| format!("/api/visits/{visit}/{step}");
        self.reviewer.raw(Method::POST, &path("review"), Some(&json!({}))).await;
        let questions = json!({ "questions": [{ "criterion": "P1", "text": "which door?" }] });
        let (step, body) =
            if self.rng.random() { ("return", questions) } else { ("validate", json!({})) };
        self.reviewer.raw(Method::POST, &path(step), Some(&body)).await;
    }

    /// Takes somebody's role away, or gives it back.
    async fn bar_or_admit(&mut self, at: usize) {
        let role = if self.barred[at] { "evaluator" } else { "observer" };
        let id = self.people[at].id.0;
        // It is the administrator's change, and not the server's to crash under.
        proof::disarm();
        let store = Store::open(&self.programme.server.location()).unwrap();
        let change = move |tx: &mut dyn mizan_server::tx::Tx| {
            tx.exec("UPDATE people SET role = $2 WHERE id = $1", &[id.into(), role.into()])
        };
        store.write(change).await.unwrap();
        self.barred[at] = !self.barred[at];
    }

    fn file(&self) -> std::path::PathBuf {
        match self.programme.server.location() {
            Location::File(path) => path,
            Location::Postgres(_) => unreachable!("the simulation runs on the embedded engine"),
        }
    }

    async fn back_up(&mut self) {
        self.programme.server.pause().await;
        let connection = rusqlite::Connection::open(self.file()).unwrap();
        connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
        drop(connection);
        self.backup = Some(std::fs::read(self.file()).unwrap());
        self.programme.server.resume().await;
        self.find_server();
    }

    async fn put_back(&mut self) {
        let Some(backup) = self.backup.clone() else { return };
        self.programme.server.pause().await;
        for suffix in ["-wal", "-shm"] {
            let _ = std::fs::remove_file(format!("{}{suffix}", self.file().display()));
        }
        std::fs::write(self.file(), backup).unwrap();
        self.programme.server.resume().await;
        self.find_server();
        self.restored += 1;
        // Roles went back too.
        for at in 0..self.people.len() {
            if self.barred[at] {
                self.barred[at] = false;
                self.bar_or_admit(at).await;
            }
        }
    }

    async fn watch_manager(&mut self) {
        if let Err(told) = check::manager(self).await {
            panic!("{told}");
        }
    }

    /// The network heals, everybody syncs until there is nothing left to do, and all is looked at.
    async fn rest(&mut self) -> Result<(), String> {
        proof::disarm();
        if self.http.is_none() {
            self.restart_server().await;
        }
        self.rests += 1;
        let mut quiet = vec![0; self.people.len()];
        let mut last = vec![String::new(); self.people.len()];
        for _ in 0..20 {
            for person in &mut self.people {
                person.begin_sync();
            }
            while self.people.iter().any(Person::is_syncing) {
                let step = self.network.step(&mut self.rng, self.http.as_ref(), true).await;
                for _ in 0..4 {
                    tokio::task::yield_now().await;
                }
                if SERVER_CRASHED.swap(false, Ordering::Relaxed) {
                    self.restart_server().await;
                }
                let is_idle = matches!(step, Became::Nothing);
                for at in 0..self.people.len() {
                    let Some(ended) = self.people[at].ended_sync().await else { continue };
                    let Some(ended) = ended else { continue };
                    check::ended(&self.people[at].user, &ended, true)?;
                    last[at] = format!("{ended:?}");
                    quiet[at] = if is_quiet(&ended) { quiet[at] + 1 } else { 0 };
                }
                if is_idle {
                    tokio::time::sleep(std::time::Duration::from_micros(50)).await;
                }
            }
            if quiet.iter().all(|times| *times >= 2) {
                return check::everything(self).await;
            }
        }
        Err(format!("it does not come to rest: {quiet:?}, {last:#?}"))
    }
}

/// Nothing was left to do.
fn is_quiet(ended: &Result<mizan_device::exchange::SyncReport, Error>) -> bool {
    match ended {
        Ok(report) => report.pushed.settled() == 0 && report.files_sent == 0,
        // Whoever was barred cannot send, and keeps what they have.
        Err(Error::Refused { status, .. }) => *status == 404,
        Err(_) => false,
    }
}

/// A programme of many centres, so that everybody can be sent to many.
async fn programme() -> Programme {
    let server = Server::start_in(&crate::person::memory(), |config| config).await;
    let admin = server.sign_in("admin").await;
    let mut agencies = Vec::new();
    for n in 0..4 {
        let new = NewAgency { code: format!("A-{n}"), name: text("جهة", "Agency") };
        agencies.push(admin.post::<AgencyJson>("/api/agencies", &new).await);
    }
    let mut centres = Vec::new();
    for n in 0..CENTRES {
        let agency = agencies[n % agencies.len()].id;
        let (code, model) = (format!("C-{n}"), "in_person".to_owned());
        let name = text("مركز", "Centre");
        let (governorate, size, operator) = (None, None, None);
        let new = NewCentre { code, agency, model, name, governorate, size, operator };
        centres.push(admin.post::<CentreJson>("/api/centres", &new).await);
    }
    let rubric: RubricRef = admin.post::<RubricRef>("/api/rubrics", &rubric()).await;
    let new = NewCycle {
        number: "4".into(),
        name: text("الدورة الرابعة", "Cycle 4"),
        programme: text("برنامج", "Programme"),
        rubrics: vec![rubric.sha256],
        centres: centres.iter().map(|centre| centre.id).collect(),
    };
    let cycle: CycleJson = admin.post("/api/cycles", &new).await;
    Programme { server, admin, agencies, centres, rubric, cycle: cycle.id }
}

/// What a request said, as a value.
pub async fn ask(by: &Caller, path: &str) -> Value {
    let (_, _, bytes) = by.raw(Method::GET, path, None).await;
    serde_json::from_slice(&bytes).unwrap_or(Value::Null)
}
