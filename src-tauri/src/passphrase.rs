//! A passphrase given at the start, for demonstrations and tests, on its way to the router.
//!
//! It must not stay in the environment: WebKit's processes inherit that, and other programs of the
//! same user can read it. Taking a variable out is not enough, because the system goes on showing
//! what a process began with; so the app starts itself once more, the passphrase in a pipe.

use std::fmt;
use std::io::{self, Read, Write};
use std::process::{Command, ExitCode, Stdio};

use axum::Router;
use axum::body::Body;
use axum::http::header::CONTENT_TYPE;
use axum::http::{Request, StatusCode};
use serde_json::json;
use tower::ServiceExt;
use zeroize::Zeroizing;

use crate::options::PASSPHRASE;

/// A pipe takes this much without a reader on every system.
const MAX_BYTES: usize = 4096;

/// The passphrase; wiped when done with, and never shown.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Passphrase(Zeroizing<String>);

/// More than anybody types.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a passphrase has {MAX_BYTES} bytes at most")]
pub(crate) struct TooLong;

impl fmt::Debug for Passphrase {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Passphrase(…)")
    }
}

impl Passphrase {
    /// Takes a text as it is.
    pub(crate) fn new(text: String) -> Result<Self, TooLong> {
        let text = Zeroizing::new(text);
        if text.len() > MAX_BYTES { Err(TooLong) } else { Ok(Self(text)) }
    }

    /// Reads it up to the end, without the line's end that `echo` adds.
    pub(crate) fn read(from: impl Read) -> io::Result<Self> {
        // All the room at once: a text that grows leaves copies behind.
        let mut text = Zeroizing::new(String::with_capacity(2 * MAX_BYTES));
        from.take(MAX_BYTES as u64 + 2).read_to_string(&mut text)?;
        let line = text.strip_suffix('\n').unwrap_or(&text);
        let line = line.strip_suffix('\r').unwrap_or(line);
        Self::new(line.to_owned()).map_err(io::Error::other)
    }

    /// Starts the app anew with the same arguments and without the variable; returns only when
    /// that went wrong, or where a process cannot become another one, when the other has ended.
    pub(crate) fn start_again(self) -> io::Result<ExitCode> {
        let (reader, mut writer) = io::pipe()?;
        writer.write_all(self.0.as_bytes())?;
        drop((self, writer));
        let mut command = Command::new(std::env::current_exe()?);
        command.args(std::env::args_os().skip(1)).arg("--passphrase-stdin");
        become_another(command.env_remove(PASSPHRASE).stdin(Stdio::from(reader)))
    }

    /// Asks the router once to unlock the device; its status.
    pub(crate) async fn unlock(self, router: Router) -> StatusCode {
        let mut request = Request::new(Body::from(json!({ "passphrase": *self.0 }).to_string()));
        *request.method_mut() = axum::http::Method::POST;
        *request.uri_mut() = axum::http::Uri::from_static("/api/device/unlock");
        let json = axum::http::HeaderValue::from_static("application/json");
        request.headers_mut().insert(CONTENT_TYPE, json);
        let Ok(response) = router.oneshot(request).await;
        response.status()
    }
}

#[cfg(unix)]
fn become_another(command: &mut Command) -> io::Result<ExitCode> {
    Err(std::os::unix::process::CommandExt::exec(command))
}

#[cfg(not(unix))]
fn become_another(command: &mut Command) -> io::Result<ExitCode> {
    let ended = command.status()?;
    Ok(if ended.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

#[cfg(test)]
mod tests {
    use axum::Json;
    use axum::routing::post;
    use serde_json::Value;

    use super::*;

    fn passphrase(text: &str) -> Passphrase {
        Passphrase::new(text.to_owned()).unwrap()
    }

    #[test]
    fn one_line_end_belongs_to_the_terminal() {
        for (given, meant) in [("a b", "a b"), ("a b\n", "a b"), ("a\r\n", "a"), ("a\n\n", "a\n")] {
            assert_eq!(Passphrase::read(given.as_bytes()).unwrap(), passphrase(meant), "{given:?}");
        }
    }

    #[test]
    fn what_nobody_types_is_refused_and_not_cut_short() {
        let longest = "x".repeat(MAX_BYTES);
        assert_eq!(Passphrase::read(longest.as_bytes()).unwrap(), passphrase(&longest));
        let longer = longest + "y";
        assert!(Passphrase::read(longer.as_bytes()).is_err());
        assert_eq!(Passphrase::new(longer), Err(TooLong));
    }

    #[test]
    fn it_is_never_shown() {
        assert_eq!(format!("{:?}", passphrase("open sesame")), "Passphrase(…)");
    }

    #[tokio::test]
    async fn the_router_is_asked_to_unlock_as_the_page_asks() {
        let unlock = |Json(asked): Json<Value>| async move {
            if asked == json!({ "passphrase": "سمسم" }) {
                StatusCode::OK
            } else {
                StatusCode::FORBIDDEN
            }
        };
        let router = Router::new().route("/api/device/unlock", post(unlock));
        assert_eq!(passphrase("سمسم").unlock(router.clone()).await, StatusCode::OK);
        assert_eq!(passphrase("other").unlock(router).await, StatusCode::FORBIDDEN);
    }
}
