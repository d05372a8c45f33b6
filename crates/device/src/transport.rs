//! How requests reach the server: a trait, and HTTP by reqwest.
//!
//! Nothing here knows what the messages mean. Waiting is part of the trait, so that tests never sleep.

use std::fmt;
use std::future::Future;
use std::time::Duration;

use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, RETRY_AFTER};
use reqwest::redirect::Policy;
use reqwest::{Client, Response, Url};
use zeroize::Zeroizing;

use crate::error::Error;

/// The most bytes of an answer that are read.
const MAX_REPLY: usize = 8 << 20;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// For a request without a body worth speaking of.
const BASE_TIMEOUT_S: u64 = 60;
/// The slowest link that is waited for.
const SLOWEST_BYTES_PER_S: u64 = 16 << 10;

/// What is asked of the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// A message.
    Post,
    /// A file.
    Put,
}

/// One request.
#[derive(Clone)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// The path, from `/api`.
    pub path: String,
    /// The token of the session, if there is one.
    pub token: Option<Zeroizing<String>>,
    /// The media type of the body.
    pub content_type: String,
    /// The body.
    pub body: Vec<u8>,
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} {} ({} bytes)", self.method, self.path, self.body.len())
    }
}

/// One answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// Seconds the server asks to wait.
    pub retry_after_s: Option<u64>,
    /// The body.
    pub body: Vec<u8>,
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoReply {
    /// The server was not reached: it has seen nothing.
    Unreachable {
        /// Which server.
        server: String,
        /// Why.
        reason: String,
    },
    /// The connection broke: the server may or may not have acted.
    Cut {
        /// Why.
        reason: String,
    },
}

/// Carries requests to the server.
pub trait Transport: Sync {
    /// Sends one request and waits for its answer, once.
    fn send(&self, request: &Request) -> impl Future<Output = Result<Reply, NoReply>> + Send;

    /// Waits.
    fn pause(&self, ms: u64) -> impl Future<Output = ()> + Send;
}

/// HTTP.
#[derive(Debug, Clone)]
pub struct Http {
    client: Client,
    base: String,
}

impl Http {
    /// To the server at an address such as `https://mizan.example.org`. Without TLS only a server on
    /// this very machine is spoken to.
    ///
    /// # Errors
    /// [`Error::BadUrl`], [`Error::Tls`].
    pub fn new(server: &str) -> Result<Self, Error> {
        let refuse = || Error::BadUrl { url: server.to_owned() };
        let url = Url::parse(server).map_err(|_| refuse())?;
        let is_local = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
        if !(url.scheme() == "https" || url.scheme() == "http" && is_local) {
            return Err(refuse());
        }
        // A redirect could carry the token to another server.
        let builder = Client::builder().connect_timeout(CONNECT_TIMEOUT).redirect(Policy::none());
        let builder = if is_local {
            // Nothing to verify: the system's roots need not be there, and no proxy stands between.
            builder.no_proxy().tls_certs_only([])
        } else {
            builder
        };
        let client = builder.build().map_err(|error| Error::Tls { reason: innermost(&error) })?;
        Ok(Self { client, base: server.trim_end_matches('/').to_owned() })
    }

    fn judge(&self, error: &reqwest::Error) -> NoReply {
        let reason = innermost(error);
        if error.is_connect() {
            NoReply::Unreachable { server: self.base.clone(), reason }
        } else {
            NoReply::Cut { reason }
        }
    }
}

impl Transport for Http {
    async fn send(&self, request: &Request) -> Result<Reply, NoReply> {
        let url = format!("{}{}", self.base, request.path);
        let builder = match request.method {
            Method::Post => self.client.post(url),
            Method::Put => self.client.put(url),
        };
        let patience_s = BASE_TIMEOUT_S + request.body.len() as u64 / SLOWEST_BYTES_PER_S;
        let mut builder = builder
            .timeout(Duration::from_secs(patience_s))
            .header(CONTENT_TYPE, &request.content_type)
            .body(request.body.clone());
        if let Some(token) = &request.token {
            builder = builder.header(AUTHORIZATION, format!("Bearer {}", token.as_str()));
        }
        let response = builder.send().await.map_err(|error| self.judge(&error))?;
        let status = response.status().as_u16();
        let retry_after_s = retry_after_s(&response);
        let body = read_body(response).await.map_err(|reason| NoReply::Cut { reason })?;
        Ok(Reply { status, retry_after_s, body })
    }

    async fn pause(&self, ms: u64) {
        tokio::time::sleep(Duration::from_millis(ms)).await;
    }
}

fn retry_after_s(response: &Response) -> Option<u64> {
    response.headers().get(RETRY_AFTER)?.to_str().ok()?.parse().ok()
}

async fn read_body(mut response: Response) -> Result<Vec<u8>, String> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| innermost(&error))? {
        if body.len() + chunk.len() > MAX_REPLY {
            return Err(format!("the answer is longer than {MAX_REPLY} bytes"));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// The last cause of an error: "connection refused" rather than "error sending request".
fn innermost(error: &dyn std::error::Error) -> String {
    let mut error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string()
}
