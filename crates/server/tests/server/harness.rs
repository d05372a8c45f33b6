//! A server on a free port with a small programme, and callers of every role.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::future::Future;
use std::path::Path;
use std::sync::Arc;

use mizan_protocol::answer::{AnswerJson, ValueJson};
use mizan_protocol::api::{
    AgencyJson, CentreJson, CycleJson, NewAgency, NewCentre, NewCycle, NewPerson, NewVisit, Notice,
    VisitJson,
};
use mizan_protocol::code::ErrorBody;
use mizan_protocol::evaluation::{EvaluationDocument, EvidenceRef, SCHEMA, SealedEvaluation};
use mizan_protocol::id::{
    AgencyId, ContactId, CycleId, DeviceId, EvaluationId, OperationId, PersonId, RecordId, VisitId,
};
use mizan_protocol::record::{
    AcceptanceBody, BriefJson, ContactJson, ContactMomentJson, EvaluationBody, TextJson,
};
use mizan_protocol::rubric::RubricRef;
use mizan_protocol::session::{EnrolDevice, EnrolledDevice, Person, Session, SignIn};
use mizan_protocol::signature::{BundleKey, PublicKey, SecretKey};
use mizan_protocol::sync::{
    Operation, Outcome, PullRequest, PullResponse, PushRequest, PushResponse, Record,
};
use mizan_server::Config;
use mizan_server::engine::Location;
use mizan_server::limits::Limits;
use mizan_server::tx::Engine;
use mizan_tests::postgres::shared;
use reqwest::{Method, StatusCode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

pub const PASSWORD: &str = "correct horse battery";
/// Stands in every evaluator's name, and must never reach a manager.
pub const SECRET: &str = "Zzyzx";
/// 2026-11-01T08:00:00Z.
pub const NOW: i64 = 1_793_520_000_000;

/// A contact of every document, whose id must never reach a manager.
pub const CONTACT: u128 = 0x0190_0000_0000_7000_8000_c0c0_c0c0_c0c0;
/// Stands in every text of a brief, and must never reach a manager.
pub const BRIEF: &str = "Qwyjibo";

/// What takes the schema back to where uploads came in: all that later steps made.
pub const SINCE_UPLOADS: &[&str] = &[
    "DROP TABLE purged_files",
    "DROP TABLE purges",
    "ALTER TABLE cycles DROP COLUMN closed_at",
    "ALTER TABLE cycles DROP COLUMN retention_days",
    "DROP TABLE appeal_files",
    "DROP TABLE appeal_rulings",
    "DROP TABLE appeals",
    "DROP TABLE action_steps",
    "DROP TABLE actions",
    "DROP TABLE account_changes",
    "DROP TABLE second_answers",
    "DROP TABLE second_scorings",
    "DROP TABLE second_draws",
    "DROP TABLE review_settings",
    "DROP TABLE evaluation_texts",
    "DROP TABLE evaluation_facts",
    "DROP INDEX evaluation_evidence_by_digest",
    "DROP INDEX visits_by_state",
    "DROP INDEX visit_steps_by_person",
    "DROP TABLE result_parts",
    "DROP TABLE results",
    "DROP TABLE rubric_mappings",
    "DROP INDEX visits_by_stage",
    "DROP INDEX visits_by_load",
    "DROP INDEX evaluation_evidence_by_file",
    "ALTER TABLE centres DROP COLUMN governorate",
    "ALTER TABLE centres DROP COLUMN size",
    "ALTER TABLE centres DROP COLUMN operator",
    "DROP TABLE minutes",
    "DROP TABLE meeting_words",
    "DROP TABLE votes",
    "DROP TABLE recusals",
    "DROP TABLE agenda_items",
    "DROP TABLE meeting_attendance",
    "DROP TABLE meetings",
    "DROP TABLE committee_rules",
    "DROP TABLE publication_centres",
    "DROP TABLE publications",
    "ALTER TABLE decisions DROP COLUMN version",
    "ALTER TABLE decisions DROP COLUMN version_reason",
    "DELETE FROM settings WHERE name = 'consolidated'",
];

/// A brief with everything in it.
pub fn brief() -> BriefJson {
    let planted = |what: &str| Some(text(&format!("{what} قوييجيبو"), &format!("{what} {BRIEF}")));
    BriefJson {
        persona: planted("persona"),
        answer_key: planted("key"),
        safety: planted("safety"),
        max_minutes: Some(45),
        report_within_h: 12,
    }
}

/// A call that was answered after 20 seconds.
pub fn call(id: u128) -> ContactJson {
    let moment = |word: &str, at| ContactMomentJson { moment: word.into(), at };
    ContactJson {
        id: ContactId(uuid::Uuid::from_u128(id)),
        channel: "phone".into(),
        moments: vec![
            moment("dialled", NOW),
            moment("answered", NOW + 20_000),
            moment("ended", NOW + 60_000),
        ],
    }
}

pub fn text(ar: &str, en: &str) -> TextJson {
    TextJson { ar: ar.into(), en: en.into() }
}

thread_local! {
    /// The engine of the test that runs on this thread.
    static ENGINE: Cell<Engine> = const { Cell::new(Engine::Sqlite) };
    /// How far the test has moved the clock of its servers.
    static LATER: Cell<i64> = const { Cell::new(0) };
    /// Every call of this thread's test that succeeded.
    static DONE: RefCell<Vec<(Method, String)>> = const { RefCell::new(Vec::new()) };
    /// One client for every call: making one reads all certificates of the system. It keeps no connection,
    /// because the next test on this thread has a runtime of its own.
    static CLIENT: reqwest::Client =
        reqwest::Client::builder().pool_max_idle_per_host(0).build().unwrap();
}

/// A client for calls of any kind.
pub fn client() -> reqwest::Client {
    CLIENT.with(Clone::clone)
}

/// The clock of the servers.
pub fn clock() -> i64 {
    NOW + LATER.get()
}

/// Moves the clock of this test's servers on.
pub fn later(ms: i64) {
    LATER.set(LATER.get() + ms);
}

/// The engine servers are started on by the running test.
pub fn engine() -> Engine {
    ENGINE.get()
}

/// Every call of the running test that succeeded.
pub fn done() -> Vec<(Method, String)> {
    DONE.with_borrow(Clone::clone)
}

/// Runs a test's body on an engine.
pub fn run_on(engine: Engine, body: impl Future<Output = ()>) {
    ENGINE.set(engine);
    LATER.set(0);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(body);
}

pub struct Server {
    pub folder: Arc<TempDir>,
    pub database: Option<Location>,
    pub url: String,
    /// What of the configuration this server has otherwise.
    change: fn(Config) -> Config,
    stop: Option<oneshot::Sender<()>>,
    task: Option<JoinHandle<Result<(), mizan_server::error::Error>>>,
}

impl Server {
    pub async fn start() -> Self {
        Self::start_in(&std::env::temp_dir(), |config| config).await
    }

    pub async fn start_as(change: fn(Config) -> Config) -> Self {
        Self::start_in(&std::env::temp_dir(), change).await
    }

    /// A server whose folder lies in another.
    pub async fn start_in(place: &Path, change: fn(Config) -> Config) -> Self {
        let folder = Arc::new(tempfile::tempdir_in(place).unwrap());
        let database = match engine() {
            Engine::Sqlite => None,
            Engine::Postgres => Some(Location::parse(&shared().new_database())),
        };
        Self::on_as(folder, database, change).await
    }

    /// A server with an administrator, on a folder and a database.
    pub async fn on(folder: Arc<TempDir>, database: Option<Location>) -> Self {
        Self::on_as(folder, database, |config| config).await
    }

    async fn on_as(
        folder: Arc<TempDir>,
        database: Option<Location>,
        change: fn(Config) -> Config,
    ) -> Self {
        let name = text("المدير", "Administrator");
        let url = String::new();
        let mut server = Self { folder, database, url, change, stop: None, task: None };
        let config = server.config();
        mizan_server::create_administrator(&config, "admin", PASSWORD, name).await.unwrap();
        server.resume().await;
        server
    }

    /// Another server of the same folder and database, not started yet.
    pub fn twin(&self) -> Self {
        let (folder, database) = (Arc::clone(&self.folder), self.database.clone());
        let url = String::new();
        Self { folder, database, url, change: self.change, stop: None, task: None }
    }

    pub fn data(&self) -> &Path {
        self.folder.path()
    }

    pub fn config(&self) -> Config {
        let config = Config::new(self.data().to_owned(), clock);
        let (listen, database) = ("127.0.0.1:0".into(), self.database.clone());
        (self.change)(Config { listen, database, limits: Limits::none(), ..config })
    }

    /// The data, as the server finds them.
    pub fn location(&self) -> Location {
        let file = || Location::File(self.data().join("mizan.db"));
        self.database.clone().unwrap_or_else(file)
    }

    pub async fn resume(&mut self) {
        self.resume_with(|_| {}).await;
    }

    /// Starts the server again, set up in another way.
    pub async fn resume_with(&mut self, change: impl FnOnce(&mut Config)) {
        let (stop, stopped) = oneshot::channel::<()>();
        let (listening, address) = oneshot::channel();
        let mut config = self.config();
        change(&mut config);
        let serve = async move {
            let until = async {
                stopped.await.unwrap_err();
            };
            mizan_server::serve(config, until, |at| assert_eq!(listening.send(at), Ok(()))).await
        };
        let task = tokio::spawn(serve);
        self.url = match address.await {
            Ok(address) => format!("http://{address}"),
            Err(_) => panic!("the server does not listen: {:?}", task.await),
        };
        self.task = Some(task);
        self.stop = Some(stop);
    }

    pub async fn pause(&mut self) {
        drop(self.stop.take());
        self.task.take().unwrap().await.unwrap().unwrap();
    }

    pub async fn sign_in(&self, user: &str) -> Caller {
        let guest = Caller { url: self.url.clone(), token: None, person: None };
        let request = SignIn::by_password(user, PASSWORD);
        let session: Session = guest.post("/api/session", &request).await;
        Caller { token: Some(session.token.clone()), person: Some(session.person.clone()), ..guest }
    }
}

#[derive(Clone)]
pub struct Caller {
    pub url: String,
    pub token: Option<String>,
    pub person: Option<Person>,
}

impl Caller {
    pub fn id(&self) -> PersonId {
        self.person.as_ref().unwrap().id
    }

    /// Status, headers as text, body.
    pub async fn raw(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> (StatusCode, String, Vec<u8>) {
        let url = format!("{}{path}", self.url);
        let mut request = client().request(method.clone(), url);
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status(), format!("{:?}", response.headers()));
        if status.is_success() {
            DONE.with_borrow_mut(|done| done.push((method, path.to_owned())));
        }
        (status, headers, response.bytes().await.unwrap().to_vec())
    }

    /// Status and body, JSON or nothing.
    pub async fn answer(&self, method: Method, path: &str, body: Value) -> (u16, Value) {
        let body = (method != Method::GET).then_some(body);
        let (status, _, bytes) = self.raw(method, path, body.as_ref()).await;
        (status.as_u16(), serde_json::from_slice(&bytes).unwrap_or_default())
    }

    /// The status of an answer that may have no end; its body where it is refused.
    pub async fn begin(&self, path: &str) -> (u16, Value) {
        let mut request = reqwest::Client::new().get(format!("{}{path}", self.url));
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        let response = request.send().await.unwrap();
        let status = response.status();
        let refused = status.is_client_error() || status.is_server_error();
        let body = if refused { response.json().await.unwrap() } else { Value::Null };
        (status.as_u16(), body)
    }

    async fn call(
        &self,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> Result<Value, (StatusCode, ErrorBody)> {
        let (status, _, bytes) = self.raw(method, path, body.as_ref()).await;
        if status.is_success() {
            return Ok(serde_json::from_slice(&bytes).unwrap_or(Value::Null));
        }
        let text = String::from_utf8_lossy(&bytes).into_owned();
        Err((
            status,
            serde_json::from_slice(&bytes).unwrap_or_else(|_| panic!("{path}: {status} {text}")),
        ))
    }

    pub async fn get<T: DeserializeOwned>(&self, path: &str) -> T {
        let value =
            self.call(Method::GET, path, None).await.unwrap_or_else(|e| panic!("{path}: {e:?}"));
        serde_json::from_value(value).unwrap()
    }

    pub async fn post<T: DeserializeOwned>(&self, path: &str, body: &impl Serialize) -> T {
        let body = serde_json::to_value(body).unwrap();
        let value = self
            .call(Method::POST, path, Some(body))
            .await
            .unwrap_or_else(|e| panic!("{path}: {e:?}"));
        serde_json::from_value(value).unwrap()
    }

    /// Sends bytes and gives what they are answered with.
    pub async fn post_bytes(&self, path: &str, bytes: Vec<u8>) -> Vec<u8> {
        let request = client().post(format!("{}{path}", self.url));
        let request = request.bearer_auth(self.token.as_ref().unwrap()).body(bytes);
        let response = request.send().await.unwrap();
        assert!(response.status().is_success(), "{path}: {}", response.status());
        DONE.with_borrow_mut(|done| done.push((Method::POST, path.to_owned())));
        response.bytes().await.unwrap().to_vec()
    }

    /// The code with which a call is refused.
    pub async fn refused(&self, method: Method, path: &str, body: Value) -> String {
        let body = (method != Method::GET).then_some(body);
        self.call(method, path, body).await.expect_err(path).1.code
    }

    pub async fn pull(&self) -> PullResponse {
        self.post("/api/sync/pull", &PullRequest::default()).await
    }
}

/// Two agencies, two centres in person, a rubric of two criteria, a cycle, and people.
pub struct Programme {
    pub server: Server,
    pub admin: Caller,
    pub agencies: Vec<AgencyJson>,
    pub centres: Vec<CentreJson>,
    pub rubric: RubricRef,
    pub cycle: CycleId,
}

pub fn rubric() -> Value {
    let both = json!(["unannounced", "scheduled"]);
    let name = |en: &str| json!({ "ar": "معيار", "en": en });
    json!({
        "id": "small", "version": "1.0.0", "model": "in_person",
        "title": { "ar": "دليل صغير", "en": "A small guide" },
        "policy": { "unannounced_share": 0.7, "min_coverage": 70, "critical_cap": "plain" },
        "levels": [
            { "id": "gold", "name": { "ar": "ذهبي", "en": "Gold" }, "min_score": 90 },
            { "id": "plain", "name": { "ar": "عادي", "en": "Plain" }, "min_score": 0, "allows_critical": true },
        ],
        "pillars": [{
            "id": "P", "name": { "ar": "محور", "en": "Pillar" }, "weight": 100,
            "criteria": [
                { "id": "P1", "name": name("First"), "guidance": name("Look"), "weight": 60,
                  "scale": { "kind": "yes_no" }, "visits": both,
                  "evidence": { "rule": "optional", "kinds": ["photo"] }, "critical": "fail", "basic": true },
                { "id": "P2", "name": name("Second"), "guidance": name("Look"), "weight": 40,
                  "scale": { "kind": "percent" }, "visits": both,
                  "evidence": { "rule": "none" } },
            ],
        }],
    })
}

/// A centre of which no more is known.
pub fn new_centre(code: String, agency: AgencyId, model: String, name: TextJson) -> NewCentre {
    NewCentre { code, agency, model, name, governorate: None, size: None, operator: None }
}

impl Programme {
    pub async fn start() -> Self {
        let server = Server::start().await;
        let admin = server.sign_in("admin").await;
        let mut agencies = Vec::new();
        let mut centres = Vec::new();
        for n in 1..=2 {
            let new = NewAgency { code: format!("A-{n}"), name: text("جهة", "Agency") };
            let agency: AgencyJson = admin.post("/api/agencies", &new).await;
            let name = text("مركز الأمل", "Hope centre");
            let (code, model) = (format!("C-{n}"), "in_person".to_owned());
            let new = new_centre(code, agency.id, model, name);
            centres.push(admin.post::<CentreJson>("/api/centres", &new).await);
            agencies.push(agency);
        }
        let rubric: RubricRef = admin.post("/api/rubrics", &rubric()).await;
        let new = NewCycle {
            number: "4".into(),
            name: text("الدورة الرابعة", "Cycle 4"),
            programme: text("برنامج", "Programme"),
            rubrics: vec![rubric.sha256],
            centres: centres.iter().map(|centre| centre.id).collect(),
        };
        let cycle: CycleJson = admin.post("/api/cycles", &new).await;
        Self { server, admin, agencies, centres, rubric, cycle: cycle.id }
    }

    pub async fn person(
        &self,
        user: &str,
        role: &str,
        change: impl FnOnce(&mut NewPerson),
    ) -> Caller {
        let name =
            if role == "evaluator" { text("زيزكس", SECRET) } else { text("شخص", "Person") };
        let mut new = NewPerson {
            user: user.into(),
            password: PASSWORD.into(),
            name,
            role: role.into(),
            agency: None,
            centre: None,
            interests: Vec::new(),
        };
        change(&mut new);
        self.admin.post::<Person>("/api/people", &new).await;
        self.server.sign_in(user).await
    }

    pub fn path(&self, rest: &str) -> String {
        format!("/api/cycles/{}/{rest}", self.cycle)
    }

    pub async fn plan(&self, centre: usize, kind: &str) -> VisitJson {
        let new = NewVisit {
            centre: self.centres[centre].id,
            kind: kind.into(),
            from: "2026-11-02".into(),
            to: "2026-11-13".into(),
            scenario: text("اسأل عن الرخصة", "Ask about the licence"),
            brief: brief(),
        };
        self.admin.post(&self.path("visits"), &new).await
    }

    pub async fn assign(&self, visit: VisitId, evaluator: &Caller) -> VisitJson {
        let body = json!({ "evaluator": evaluator.id() });
        self.admin.post(&format!("/api/visits/{visit}/assign"), &body).await
    }

    pub async fn open(&self) {
        let notice = Notice {
            date: "2026-10-20".into(),
            text: text("ستجري زيارات", "Visits will be made"),
            recipients: "all agencies".into(),
        };
        let _: Value = self.admin.post(&self.path("notice"), &notice).await;
        let _: Value = self.step(&self.admin, "open").await;
    }

    pub async fn step(&self, by: &Caller, event: &str) -> Value {
        by.post(&self.path("step"), &json!({ "event": event })).await
    }
}

/// An evaluator's enrolled device.
pub struct Device {
    pub caller: Caller,
    pub id: DeviceId,
    pub key: SecretKey,
    pub bundle_key: Option<BundleKey>,
    pub server_key: Option<PublicKey>,
}

pub fn fresh() -> uuid::Uuid {
    uuid::Uuid::now_v7()
}

pub fn record(id: RecordId, kind: &str, base_rev: i64, body: impl Serialize) -> Record {
    Record {
        id,
        kind: kind.into(),
        schema_v: 1,
        rubric_v: None,
        base_rev,
        rev: 0,
        body: serde_json::to_value(body).unwrap(),
        deleted: false,
        unknown: serde_json::Map::new(),
    }
}

/// A push as the version before sends it.
pub fn unsigned(operations: Vec<Operation>) -> PushRequest {
    PushRequest { epoch: None, operations, link: None }
}

impl Device {
    pub async fn enrol(caller: &Caller, seed: u8) -> Self {
        let key = SecretKey::from_seed(&zeroize::Zeroizing::new([seed; 32]));
        let request = EnrolDevice { name: "tablet".into(), public_key: key.public() };
        let enrolled: EnrolledDevice = caller.post("/api/devices", &request).await;
        let EnrolledDevice { device: id, bundle_key, server_key, receipts: _ } = enrolled;
        Self { caller: caller.clone(), id, key, bundle_key, server_key }
    }

    pub async fn push(&self, operations: Vec<Operation>) -> Vec<Outcome> {
        let response: PushResponse =
            self.caller.post("/api/sync/push", &unsigned(operations)).await;
        response.outcomes.into_iter().map(|outcome| outcome.outcome).collect()
    }

    pub async fn push_record(&self, record: Record) -> Outcome {
        let operation = Operation { op_id: OperationId(fresh()), record };
        self.push(vec![operation]).await.remove(0)
    }

    pub async fn accept(&self, visit: VisitId, rubric: &RubricRef) -> Outcome {
        let body = AcceptanceBody::Accepted {
            visit,
            no_interest: true,
            brief_rubric: rubric.sha256,
            at: NOW,
        };
        self.push_record(record(RecordId(fresh()), "acceptance", 0, body)).await
    }

    pub fn document(
        &self,
        visit: &VisitJson,
        rubric: &RubricRef,
        first: bool,
        second: &str,
    ) -> EvaluationDocument {
        let note = Some("what was seen".to_owned());
        let answer = |criterion: &str, value| AnswerJson {
            criterion: criterion.into(),
            value: Some(value),
            na: None,
            ne: None,
            note: note.clone(),
        };
        EvaluationDocument {
            schema: SCHEMA,
            evaluation: EvaluationId(fresh()),
            visit: visit.id,
            revision: 1,
            device: self.id,
            rubric: rubric.clone(),
            visit_kind: visit.kind.clone(),
            answers: vec![
                answer("P1", ValueJson::Bool(first)),
                answer("P2", ValueJson::Text(second.into())),
            ],
            times: BTreeMap::from([("arrived".into(), NOW), ("left".into(), NOW + 900_000)]),
            contacts: vec![call(CONTACT)],
            evidence: Vec::<EvidenceRef>::new(),
            followed_brief: true,
            submitted_at: NOW,
        }
    }

    pub async fn submit(&self, document: &EvaluationDocument) -> Outcome {
        let sealed = SealedEvaluation::seal(document, &self.key).unwrap();
        let body = EvaluationBody { visit: document.visit, sealed };
        self.push_record(record(RecordId(fresh()), "evaluation", 0, body)).await
    }
}

pub fn rejected(outcome: Outcome) -> String {
    match outcome {
        Outcome::Rejected { error } => error.code,
        other => panic!("expected a rejection, got {other:?}"),
    }
}
