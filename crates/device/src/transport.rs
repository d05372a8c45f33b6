//! How requests reach the server: a trait, and HTTP by reqwest.
//!
//! Nothing here knows what the messages mean. Waiting is part of the trait, so that tests never sleep.

use std::fmt;
use std::future::Future;
use std::io::{Read as _, Write as _};
use std::time::Duration;

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use reqwest::header::{
    ACCEPT_ENCODING, AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, LOCATION, RETRY_AFTER,
};
use reqwest::redirect::Policy;
use reqwest::{Client, Response, Url};
use zeroize::Zeroizing;

use crate::error::Error;

/// The most bytes of an answer that are read: a file that is fetched back has up to 20 MiB.
const MAX_REPLY: usize = 24 << 20;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// For a request without a body worth speaking of.
const BASE_TIMEOUT_S: u64 = 60;
/// The slowest link that is waited for.
const SLOWEST_BYTES_PER_S: u64 = 16 << 10;

/// Messages from this many bytes on travel compressed; files are compressed already.
const WORTH_COMPRESSING: usize = 1 << 10;
const JSON: &str = "application/json";
const GZIP: &str = "gzip";

/// What is asked of the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// A message, or the beginning of a file.
    Post,
    /// A part of a file.
    Patch,
    /// The question how far a file is.
    Head,
    /// A file that is fetched back.
    Get,
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
    /// What else is said of it, each name in lower case.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} {} ({} bytes)", self.method, self.path, self.body.len())
    }
}

/// One answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// Seconds the server asks to wait.
    pub retry_after_s: Option<u64>,
    /// Where a file is to be sent.
    pub location: Option<String>,
    /// How much of a file is there.
    pub upload_offset: Option<u64>,
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
        let (client, base) = client_to(server)?;
        Ok(Self { client, base })
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

/// A client of a server that may be spoken to, and the server's address without a slash at its end.
pub(crate) fn client_to(server: &str) -> Result<(Client, String), Error> {
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
    Ok((client, server.trim_end_matches('/').to_owned()))
}

impl Transport for Http {
    async fn send(&self, request: &Request) -> Result<Reply, NoReply> {
        let url = format!("{}{}", self.base, request.path);
        let builder = match request.method {
            Method::Post => self.client.post(url),
            Method::Patch => self.client.patch(url),
            Method::Head => self.client.head(url),
            Method::Get => self.client.get(url),
        };
        let patience_s = BASE_TIMEOUT_S + request.body.len() as u64 / SLOWEST_BYTES_PER_S;
        let mut builder = builder
            .timeout(Duration::from_secs(patience_s))
            .header(ACCEPT_ENCODING, GZIP)
            .header(CONTENT_TYPE, &request.content_type);
        builder = match compressed(request) {
            Some(body) => builder.header(CONTENT_ENCODING, GZIP).body(body),
            None => builder.body(request.body.clone()),
        };
        for (name, value) in &request.headers {
            builder = builder.header(*name, value);
        }
        if let Some(token) = &request.token {
            builder = builder.header(AUTHORIZATION, format!("Bearer {}", token.as_str()));
        }
        let response = builder.send().await.map_err(|error| self.judge(&error))?;
        let status = response.status().as_u16();
        let reply = Reply {
            status,
            retry_after_s: number(&response, RETRY_AFTER.as_str()),
            location: text(&response, LOCATION.as_str()).map(str::to_owned),
            upload_offset: number(&response, "upload-offset"),
            body: Vec::new(),
        };
        let body = read_body(response).await.map_err(|reason| NoReply::Cut { reason })?;
        Ok(Reply { body, ..reply })
    }

    async fn pause(&self, ms: u64) {
        tokio::time::sleep(Duration::from_millis(ms)).await;
    }
}

fn text<'a>(response: &'a Response, name: &str) -> Option<&'a str> {
    response.headers().get(name)?.to_str().ok()
}

fn number(response: &Response, name: &str) -> Option<u64> {
    text(response, name)?.parse().ok()
}

/// The body as it travels, if it is shorter so.
fn compressed(request: &Request) -> Option<Vec<u8>> {
    if request.content_type != JSON || request.body.len() < WORTH_COMPRESSING {
        return None;
    }
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    let body = encoder.write_all(&request.body).and_then(|()| encoder.finish()).ok()?;
    Some(body).filter(|body| body.len() < request.body.len())
}

async fn read_body(response: Response) -> Result<Vec<u8>, String> {
    let is_compressed = text(&response, CONTENT_ENCODING.as_str()) == Some(GZIP);
    let body = read_as_sent(response).await?;
    // The answer to a HEAD says how its body would be compressed, and has none.
    if !is_compressed || body.is_empty() {
        return Ok(body);
    }
    // What is short on the line may be long in memory.
    let mut whole = Vec::new();
    let limit = MAX_REPLY as u64 + 1;
    let read = GzDecoder::new(body.as_slice()).take(limit).read_to_end(&mut whole);
    match read {
        Ok(len) if len > MAX_REPLY => Err(too_long()),
        Ok(_) => Ok(whole),
        Err(error) => Err(format!("the answer cannot be decompressed: {error}")),
    }
}

fn too_long() -> String {
    format!("the answer is longer than {MAX_REPLY} bytes")
}

async fn read_as_sent(mut response: Response) -> Result<Vec<u8>, String> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| innermost(&error))? {
        if body.len() + chunk.len() > MAX_REPLY {
            return Err(too_long());
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

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::{TcpListener, TcpStream};
    use std::thread::{self, JoinHandle};

    use super::*;

    fn zipped(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    /// Reads one request: its head in lower case and its body as it travelled.
    fn read_request(line: &mut TcpStream) -> (String, Vec<u8>) {
        let mut read = Vec::new();
        let end = b"\r\n\r\n";
        let head = loop {
            let mut chunk = [0; 4096];
            let len = line.read(&mut chunk).unwrap();
            assert!(len > 0, "the request ended early");
            read.extend_from_slice(&chunk[..len]);
            if let Some(at) = read.windows(end.len()).position(|window| window == end) {
                break at + end.len();
            }
        };
        let told = String::from_utf8(read[..head].to_vec()).unwrap().to_lowercase();
        let length = told.lines().find_map(|line| line.strip_prefix("content-length: "));
        let mut body = read.split_off(head);
        let missing = length.unwrap().parse::<usize>().unwrap() - body.len();
        let mut rest = vec![0; missing];
        line.read_exact(&mut rest).unwrap();
        body.extend(rest);
        (told, body)
    }

    /// A server that answers one request.
    fn one_answer(headers: &str, body: Vec<u8>) -> (Http, JoinHandle<(String, Vec<u8>)>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let http = Http::new(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
        let head = format!("HTTP/1.1 200 OK\r\n{headers}content-length: {}\r\n\r\n", body.len());
        let answered = thread::spawn(move || {
            let (mut line, _) = listener.accept().unwrap();
            let request = read_request(&mut line);
            line.write_all(head.as_bytes()).unwrap();
            line.write_all(&body).unwrap();
            request
        });
        (http, answered)
    }

    fn request(content_type: &str, body: Vec<u8>) -> Request {
        Request {
            method: Method::Post,
            path: "/api/sync/push".to_owned(),
            token: None,
            content_type: content_type.to_owned(),
            headers: Vec::new(),
            body,
        }
    }

    #[tokio::test]
    async fn long_messages_travel_compressed_both_ways() {
        let long = "{\"note\":\"انتظار\"}".repeat(500).into_bytes();
        let (http, answered) = one_answer("content-encoding: gzip\r\n", zipped(&long));
        let reply = http.send(&request(JSON, long.clone())).await.unwrap();
        assert!(reply.body == long);
        let (head, body) = answered.join().unwrap();
        assert!(head.contains("accept-encoding: gzip") && head.contains("content-encoding: gzip"));
        assert!(body.len() * 10 < long.len());
        let mut whole = Vec::new();
        GzDecoder::new(body.as_slice()).read_to_end(&mut whole).unwrap();
        assert!(whole == long);
    }

    #[tokio::test]
    async fn an_answer_without_a_body_is_one_however_it_would_be_compressed() {
        let (http, answered) = one_answer("content-encoding: gzip\r\n", Vec::new());
        let reply = http.send(&request(JSON, b"{}".to_vec())).await.unwrap();
        assert_eq!((reply.status, reply.body), (200, Vec::new()));
        answered.join().unwrap();
    }

    #[tokio::test]
    async fn short_messages_and_files_travel_as_they_are() {
        for (content_type, body) in
            [(JSON, b"{}".to_vec()), ("application/offset+octet-stream", vec![7; 4096])]
        {
            let (http, answered) = one_answer("", Vec::new());
            http.send(&request(content_type, body.clone())).await.unwrap();
            let (head, sent) = answered.join().unwrap();
            assert!(!head.contains("content-encoding") && sent == body);
        }
    }

    #[tokio::test]
    async fn an_answer_too_long_once_decompressed_is_none() {
        let (http, answered) =
            one_answer("content-encoding: gzip\r\n", zipped(&vec![0; MAX_REPLY + 1]));
        let refused = http.send(&request(JSON, b"{}".to_vec())).await.unwrap_err();
        assert!(matches!(refused, NoReply::Cut { reason } if reason.contains("longer than")));
        answered.join().unwrap();
    }
}
