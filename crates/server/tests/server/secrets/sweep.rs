//! Everything a caller can be told: every route of the server's own description with ids of what there is,
//! of what belongs to others and of nothing, with good bodies and bad ones; every stream; every page.

use mizan_protocol::sync::PullRequest;
use mizan_tests::planted::Search;
use reqwest::redirect::Policy;
use reqwest::{Client, Method, Response};
use serde_json::{Value, json};

use super::world::World;
use crate::harness::Caller;
use crate::rights::{Ids, TABLE};

/// How answers may be packed, in turn.
const PACKED: [&str; 3] = ["identity", "gzip", "zstd"];
/// Fields of an answer's head that are another in each.
const OF_THE_REQUEST: [&str; 2] = ["x-request-id", "date"];

/// What a caller was told.
#[derive(Clone)]
pub struct Told {
    /// What was asked.
    pub asked: String,
    /// Status and headers.
    pub head: Vec<u8>,
    pub body: Vec<u8>,
}

impl Told {
    async fn of(asked: String, response: Response) -> Self {
        let mut head = format!("{}\n", response.status().as_u16()).into_bytes();
        for (name, value) in response.headers() {
            head.extend([name.as_str().as_bytes(), b": ", value.as_bytes(), b"\n"].concat());
        }
        Self { asked, head, body: response.bytes().await.unwrap().to_vec() }
    }

    /// What is found of what was planted, with its place.
    pub fn found(&self, search: &Search) -> Vec<String> {
        let found = search.in_bytes(&self.head).into_iter().chain(search.in_bytes(&self.body));
        found.map(|(kind, what)| format!("{} tells {kind}: {what}", self.asked)).collect()
    }

    /// The kinds of what is found.
    pub fn kinds(&self, search: &Search) -> Vec<&'static str> {
        let found = search.in_bytes(&self.head).into_iter().chain(search.in_bytes(&self.body));
        found.map(|(kind, _)| kind).collect()
    }

    /// The whole answer, but for what is another in each.
    fn compared(&self) -> String {
        let head = String::from_utf8_lossy(&self.head);
        let is_kept = |line: &&str| !OF_THE_REQUEST.iter().any(|of| line.starts_with(of));
        let head: Vec<&str> = head.lines().filter(is_kept).collect();
        format!("{}\n\n{}", head.join("\n"), String::from_utf8_lossy(&self.body))
    }

    pub fn status(&self) -> u16 {
        std::str::from_utf8(&self.head[..3]).unwrap().parse().unwrap()
    }
}

/// Somebody who hears what changes while others work.
pub struct Ear {
    caller: Caller,
    response: Response,
}

impl Ear {
    pub async fn of(caller: Caller) -> Self {
        let request = Client::new().get(format!("{}/api/events", caller.url));
        let token = caller.token.as_ref().unwrap();
        let response = request.bearer_auth(token).send().await.unwrap();
        Self { caller, response }
    }

    /// Ends the session, and with it what is heard.
    pub async fn heard(self, who: &str) -> Told {
        let (status, _, _) = self.caller.raw(Method::DELETE, "/api/session", None).await;
        assert!(status.is_success(), "{status}");
        Told::of(format!("{who}: GET /api/events"), self.response).await
    }
}

/// A body and what it is said to be.
type Body = (&'static str, Vec<u8>);

/// Asks, and keeps what it is told.
pub struct Sweep {
    client: Client,
    caller: Caller,
    pub told: Vec<Told>,
}

impl Sweep {
    pub fn by(caller: &Caller) -> Self {
        let client = Client::builder().redirect(Policy::none()).build().unwrap();
        Self { client, caller: caller.clone(), told: Vec::new() }
    }

    /// Asks for everything, and gives what was told of what is not there otherwise than of what is
    /// others'. `has` names the routes that show the caller what is at hand.
    pub async fn everything(&mut self, world: &World, has: &[&str]) -> Vec<String> {
        let description: Value = serde_json::to_value(mizan_server::routes::openapi()).unwrap();
        let mut different = Vec::new();
        for (method, path, _) in TABLE {
            // It ends the session it is called with: the last of all.
            if (*method, *path) == ("DELETE", "/api/session") {
                continue;
            }
            // It ends with the session: [`Ear`] hears it to its end.
            if *path == "/api/events" && self.caller.token.is_some() {
                continue;
            }
            let operation = &description["paths"][path][method.to_lowercase()];
            different.extend(self.route(world, (method, path), operation, has).await);
        }
        self.pages(&description).await;
        self.published(world).await;
        if self.caller.token.is_some() {
            self.streams(world).await;
        }
        self.ask(Method::DELETE, "/api/session", None).await;
        different
    }

    async fn route(
        &mut self,
        world: &World,
        (method, path): (&str, &str),
        operation: &Value,
        has: &[&str],
    ) -> Vec<String> {
        let route = format!("{method} {path}");
        let verb: Method = method.parse().unwrap();
        let mut answers = Vec::new();
        for ids in [world.ids(0), world.ids(1), Ids::unknown()] {
            let url = ids.path(path);
            assert!(!url.contains('{'), "{route}: say in `Ids::path` what fills its place");
            let body = good_body(&route, &ids, operation);
            // One after the other in the same form, so that what is told can be compared.
            let told = self.ask_as(verb.clone(), &url, body, "identity").await;
            answers.push(told.compared());
        }
        let url = world.ids(0).path(path);
        for body in bad_bodies(&world.ids(0).body(&route), operation) {
            self.ask(verb.clone(), &url, Some(body)).await;
        }
        if path.contains('{') {
            for bad in ["x", "%00", "..%2F..", "%D8%B3"] {
                let (before, behind) = path.split_once('{').unwrap();
                let behind = behind.split_once('}').unwrap().1;
                let url = world.ids(0).path(&format!("{before}{bad}{behind}"));
                let body = good_body(&route, &world.ids(0), operation);
                self.ask(verb.clone(), &url, body).await;
            }
        }
        answers.dedup();
        if has.contains(&path) || answers.len() == 1 {
            return Vec::new();
        }
        vec![format!("{route}:\n{}", answers.join("\n---\n"))]
    }

    /// What is no part of the API, and what is asked in a way nobody should ask.
    async fn pages(&mut self, description: &Value) {
        let pages = [
            "/",
            "/portal.html",
            "/index.html",
            "/health",
            "/healthz",
            "/metrics",
            "/nowhere",
            "/api/openapi.json",
        ];
        for page in pages {
            for method in [Method::GET, Method::HEAD, Method::POST, Method::OPTIONS] {
                self.ask(method, page, None).await;
            }
        }
        for path in description["paths"].as_object().unwrap().keys() {
            for method in ["PUT", "HEAD", "BREW"] {
                if !TABLE.iter().any(|(of, at, _)| of == &method && at == path) {
                    self.ask(method.parse().unwrap(), path, None).await;
                }
            }
        }
    }

    /// Every stream from its beginning, from where others stand, and from nowhere.
    async fn streams(&mut self, world: &World) {
        let mut cursors = Vec::new();
        let others = [&world.evaluators[0].caller, &world.reviewer, &world.chair];
        for other in others.into_iter().chain([&self.caller]) {
            // Of those whose session has ended by now there is none.
            let (_, pulled) = other.answer(Method::POST, "/api/sync/pull", json!({})).await;
            let pages = pulled["streams"].as_array().into_iter().flatten();
            cursors.extend(pages.map(|page| page["cursor"].as_str().unwrap().to_owned()));
        }
        cursors.push("AAAA".to_owned());
        let names = ["evaluator", "reviewers", "committee", "centre", "agency", "R", "C"];
        for cursor in cursors {
            let cursors = names.iter().map(|name| ((*name).to_owned(), cursor.clone())).collect();
            let body = serde_json::to_vec(&PullRequest { cursors }).unwrap();
            for packed in PACKED {
                let body = Some(("application/json", body.clone()));
                self.ask_as(Method::POST, "/api/sync/pull", body, packed).await;
            }
        }
    }

    /// What comes of publication.
    pub async fn published(&mut self, world: &World) {
        for path in ["/api/scorecards", "/api/audit", "/api/audit/head"] {
            self.page(path).await;
        }
        for (centre, lang) in [(0, "ar"), (0, "en"), (1, "ar")] {
            let card = world.ids(centre).path("/api/scorecards/{scorecard}/pdf");
            self.page(&card.replace("lang=en", &format!("lang={lang}"))).await;
        }
        let body = Some(("application/json", b"{}".to_vec()));
        self.ask(Method::POST, "/api/sync/pull", body).await;
    }

    pub async fn page(&mut self, path: &str) {
        self.ask(Method::GET, path, None).await;
    }

    async fn ask(&mut self, method: Method, path: &str, body: Option<Body>) {
        let packed = PACKED[self.told.len() % PACKED.len()];
        self.ask_as(method, path, body, packed).await;
    }

    async fn ask_as(
        &mut self,
        method: Method,
        path: &str,
        body: Option<Body>,
        packed: &str,
    ) -> &Told {
        let url = format!("{}{path}", self.caller.url);
        let asked = format!("{method} {path}");
        let mut request = self.client.request(method, url).header("accept-encoding", packed);
        if let Some(token) = &self.caller.token {
            request = request.bearer_auth(token);
        }
        if path.starts_with("/api/evidence/uploads") {
            request = request.header("tus-resumable", "1.0.0").header("upload-offset", "0");
        }
        if let Some((kind, body)) = body {
            request = request.header("content-type", kind).body(body);
        }
        let told = Told::of(asked, request.send().await.unwrap()).await;
        assert!(told.status() < 500, "{}: {}", told.asked, told.status());
        self.told.push(told);
        self.told.last().unwrap()
    }
}

/// What kind of body a route takes, as it is described.
fn kind_of_body(operation: &Value) -> Option<&str> {
    let content = operation["requestBody"]["content"].as_object()?;
    content.keys().next().map(String::as_str)
}

fn good_body(route: &str, ids: &Ids, operation: &Value) -> Option<Body> {
    let body = ids.body(route);
    match kind_of_body(operation)? {
        "application/json" => {
            let may_be_empty = route == "POST /api/sync/pull";
            assert!(may_be_empty || body != json!({}), "{route}: say in `Ids::body` what it takes");
            Some(("application/json", serde_json::to_vec(&body).unwrap()))
        }
        "application/octet-stream" => Some(("application/octet-stream", b"MZNB".to_vec())),
        "application/offset+octet-stream" => Some(("application/offset+octet-stream", vec![0; 9])),
        other => panic!("{route}: say here what a body of {other} is"),
    }
}

/// Bodies that are not what the route takes.
fn bad_bodies(good: &Value, operation: &Value) -> Vec<Body> {
    let Some(kind) = kind_of_body(operation) else { return Vec::new() };
    let mut bodies: Vec<Body> = vec![
        ("application/json", Vec::new()),
        ("application/json", b"{".to_vec()),
        ("text/plain", b"\xFF\xFE\x00".to_vec()),
    ];
    if kind == "application/json" {
        for bad in [json!([]), json!({}), spoiled(good)] {
            bodies.push(("application/json", serde_json::to_vec(&bad).unwrap()));
        }
    }
    bodies
}

/// The same shape with a number for every text and a text for everything else.
fn spoiled(good: &Value) -> Value {
    match good {
        Value::Object(fields) => {
            fields.iter().map(|(name, value)| (name.clone(), spoiled(value))).collect()
        }
        Value::String(_) => json!(7),
        _ => json!("seven"),
    }
}
