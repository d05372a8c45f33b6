//! A client of the central server's API: JSON in, JSON out, errors with their code.
//!
//! A client may write down every byte it receives; the demo proves with it what managers can see.

use std::fs::File;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow};
use mizan_protocol::code::{CODES, ErrorBody};
use mizan_protocol::session::{Session, SignIn};
use reqwest::blocking::{RequestBuilder, Response};
use reqwest::header::{CONTENT_TYPE, HeaderMap, RETRY_AFTER};
use reqwest::{Method, StatusCode};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// How often a busy server is asked again.
const TRIES: u32 = 5;
/// The longest that is waited before asking again.
const LONGEST_WAIT: Duration = Duration::from_secs(10);
/// The slowest link that a file is sent over.
const SLOWEST_BYTES_PER_S: u64 = 16 << 10;

/// The server refused a request.
#[derive(Debug)]
pub(crate) struct Refused {
    /// What was asked.
    pub(crate) request: String,
    /// The HTTP status.
    pub(crate) status: StatusCode,
    /// The error as the server sent it.
    pub(crate) error: ErrorBody,
}

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let code = &self.error.code;
        write!(f, "{}: {} {code}", self.request, self.status.as_u16())?;
        if let Some((_, meaning)) = CODES.iter().find(|(known, _)| known == code) {
            write!(f, ": {meaning}")?;
        }
        for (name, value) in &self.error.params {
            write!(f, "; {name} = {value}")?;
        }
        match &self.error.request_id {
            Some(id) => write!(f, " (request {id})"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Refused {}

/// The code of the refusal an error comes from, if it is one.
pub(crate) fn refusal_code(error: &anyhow::Error) -> Option<&str> {
    error.downcast_ref::<Refused>().map(|refused| refused.error.code.as_str())
}

/// Every byte a client received, in the order of arrival.
pub(crate) type Recording = Arc<Mutex<Vec<u8>>>;

/// A client of one server, signed in or not.
#[derive(Clone)]
pub(crate) struct Client {
    http: reqwest::blocking::Client,
    base: String,
    token: Option<String>,
    recording: Option<Recording>,
}

impl Client {
    /// A client of the server at `base`, such as `http://127.0.0.1:8080`.
    pub(crate) fn new(base: &str) -> Result<Self> {
        let http = reqwest::blocking::Client::builder()
            .timeout(Duration::from_secs(60))
            .connect_timeout(Duration::from_secs(5))
            .build()
            .context("preparing the HTTP client")?;
        Ok(Self { http, base: base.trim_end_matches('/').into(), token: None, recording: None })
    }

    /// The same client with a token.
    pub(crate) fn with_token(mut self, token: String) -> Self {
        self.token = Some(token);
        self
    }

    /// The same client, writing down what it receives.
    pub(crate) fn recording(mut self, recording: Recording) -> Self {
        self.recording = Some(recording);
        self
    }

    /// Signs in by password and keeps the token.
    pub(crate) fn sign_in(&mut self, user: &str, password: &str) -> Result<Session> {
        self.sign_in_with(user, password, None)
    }

    /// The same with the code of a second factor, where the account has one.
    pub(crate) fn sign_in_with(
        &mut self,
        user: &str,
        password: &str,
        otp: Option<&str>,
    ) -> Result<Session> {
        let mut request = SignIn::by_password(user, password);
        request.otp = otp.map(str::to_owned);
        let session: Session =
            self.post("/api/session", &request).with_context(|| format!("signing in as {user}"))?;
        self.token = Some(session.token.clone());
        Ok(session)
    }

    /// `GET`, answered with JSON.
    pub(crate) fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T> {
        self.json(Method::GET, path, None::<&()>)
    }

    /// `POST` of JSON, answered with JSON.
    pub(crate) fn post<T: DeserializeOwned>(&self, path: &str, body: &impl Serialize) -> Result<T> {
        self.json(Method::POST, path, Some(body))
    }

    /// `PUT` of JSON, answered with JSON.
    pub(crate) fn put<T: DeserializeOwned>(&self, path: &str, body: &impl Serialize) -> Result<T> {
        self.json(Method::PUT, path, Some(body))
    }

    /// `POST` of JSON whose answer is of no interest.
    pub(crate) fn tell(&self, path: &str, body: &impl Serialize) -> Result<()> {
        self.send(Method::POST, path, Some(body)).map(drop)
    }

    /// `DELETE`.
    pub(crate) fn delete(&self, path: &str) -> Result<()> {
        self.send(Method::DELETE, path, None::<&()>).map(drop)
    }

    /// `GET`, answered with bytes.
    pub(crate) fn bytes(&self, path: &str) -> Result<Vec<u8>> {
        self.send(Method::GET, path, None::<&()>)
    }

    fn json<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: Option<&impl Serialize>,
    ) -> Result<T> {
        let answer = self.send(method.clone(), path, body)?;
        serde_json::from_slice(&answer)
            .with_context(|| format!("reading the answer to {method} {path}"))
    }

    /// `POST` of a file's bytes, answered with bytes. The file is read as it is sent.
    pub(crate) fn post_file(&self, path: &str, file: &Path) -> Result<Vec<u8>> {
        self.send_with(Method::POST, path, |request| {
            let name = file.display();
            let file = File::open(file).with_context(|| format!("reading {name}"))?;
            let length = file.metadata().with_context(|| format!("reading {name}"))?.len();
            let patience = Duration::from_secs(60 + length / SLOWEST_BYTES_PER_S);
            let typed = request.header(CONTENT_TYPE, "application/octet-stream");
            Ok(typed.timeout(patience).body(file))
        })
    }

    fn send(&self, method: Method, path: &str, body: Option<&impl Serialize>) -> Result<Vec<u8>> {
        self.send_with(method, path, |request| {
            Ok(match body {
                Some(body) => request.json(body),
                None => request,
            })
        })
    }

    /// Sends a request until the server is not busy; `fill` gives it its body, each time anew.
    fn send_with(
        &self,
        method: Method,
        path: &str,
        fill: impl Fn(RequestBuilder) -> Result<RequestBuilder>,
    ) -> Result<Vec<u8>> {
        let asked = format!("{method} {path}");
        for attempt in 1.. {
            let mut request = self.http.request(method.clone(), format!("{}{path}", self.base));
            if let Some(token) = &self.token {
                request = request.bearer_auth(token);
            }
            let request = fill(request)?;
            let (status, headers, bytes) = self.receive(request, &asked)?;
            let told = wait(&headers, attempt);
            if is_passing(status, told) && attempt < TRIES {
                std::thread::sleep(told.min(LONGEST_WAIT));
                continue;
            }
            return if status.is_success() {
                Ok(bytes)
            } else {
                Err(refused(asked, status, &bytes))
            };
        }
        Err(anyhow!("{asked}: the server stays busy; try again later"))
    }

    fn receive(
        &self,
        request: RequestBuilder,
        asked: &str,
    ) -> Result<(StatusCode, HeaderMap, Vec<u8>)> {
        let response: Response = request.send().map_err(|error| {
            let base = &self.base;
            let remedy = "check the address and that `mizan serve` runs there";
            match error.is_connect() {
                true => anyhow!("{asked}: no server answers at {base}; {remedy}"),
                false => anyhow::Error::new(error).context(format!("{asked} at {base}")),
            }
        })?;
        let (status, headers) = (response.status(), response.headers().clone());
        let version = response.version();
        let bytes =
            response.bytes().with_context(|| format!("reading the answer to {asked}"))?.to_vec();
        if let Some(recording) = &self.recording
            && let Ok(mut recording) = recording.lock()
        {
            recording.extend(format!("{version:?} {status}\n").into_bytes());
            for (name, value) in &headers {
                recording.extend(name.as_str().as_bytes());
                recording.extend(b": ");
                recording.extend(value.as_bytes());
                recording.push(b'\n');
            }
            recording.push(b'\n');
            recording.extend(&bytes);
            recording.push(b'\n');
        }
        Ok((status, headers, bytes))
    }
}

fn wait(headers: &HeaderMap, attempt: u32) -> Duration {
    let named = headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
    Duration::from_secs(named.unwrap_or_else(|| u64::from(attempt)))
}

/// Whether the same request is worth sending again after that wait.
fn is_passing(status: StatusCode, wait: Duration) -> bool {
    match status {
        StatusCode::SERVICE_UNAVAILABLE => true,
        StatusCode::TOO_MANY_REQUESTS => wait <= LONGEST_WAIT,
        _ => false,
    }
}

fn refused(request: String, status: StatusCode, bytes: &[u8]) -> anyhow::Error {
    let error = serde_json::from_slice(bytes).unwrap_or_else(|_| {
        let start = String::from_utf8_lossy(&bytes[..bytes.len().min(200)]).into_owned();
        ErrorBody::new("unknown").with("answer", start)
    });
    Refused { request, status, error }.into()
}
