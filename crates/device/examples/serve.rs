//! The device's router and the built screens on this machine alone, for tests in an ordinary browser.
//!
//! `serve --home DIR --ui DIR [--listen 127.0.0.1:0] [--cheap-keys]` prints its address once it accepts,
//! and ends on SIGTERM. It guards the door no better than the machine does, so no program that is shipped
//! holds it.

use std::convert::Infallible;
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::PathBuf;

use axum::extract::Request;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use axum::{Router, middleware};
use mizan_device::api::{Environment, router};
use mizan_device::keys::Cost;
use tokio::net::TcpListener;
use tower::ServiceExt as _;
use tower_http::services::{ServeDir, ServeFile};

const USAGE: &str = "serve --home DIR --ui DIR [--listen 127.0.0.1:0] [--cheap-keys]";

/// What the window allows its page, over HTTP.
const POLICY: &str = "default-src 'self'; connect-src 'self'; img-src 'self' blob: data:; \
    font-src 'self'; style-src 'self' 'unsafe-inline'; script-src 'self'; object-src 'none'; \
    frame-ancestors 'none'";

struct Arguments {
    home: PathBuf,
    ui: PathBuf,
    listen: SocketAddr,
    cheap_keys: bool,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments = arguments(std::env::args().skip(1))?;
    let mut environment = Environment::of_system(arguments.home);
    if arguments.cheap_keys {
        environment.cost = Cost::TEST;
    }
    let page = ServeFile::new(arguments.ui.join("index.html"));
    let files = ServeDir::new(arguments.ui).fallback(page);
    let device = router(environment);
    // Told apart by hand: what a route's wildcard matched would count among the device's parameters.
    let either = async move |request: Request| -> Result<Response, Infallible> {
        if request.uri().path().starts_with("/api/") {
            return device.oneshot(request).await;
        }
        Ok(files.oneshot(request).await?.into_response())
    };
    let app = Router::new().fallback(either).layer(middleware::map_response(with_policy));
    let listener = TcpListener::bind(arguments.listen).await?;
    writeln!(std::io::stdout(), "http://{}", listener.local_addr()?)?;
    tokio::select! {
        served = axum::serve(listener, app) => served?,
        ended = ended() => ended?,
    }
    Ok(())
}

fn arguments(mut given: impl Iterator<Item = String>) -> Result<Arguments, String> {
    let (mut home, mut ui, mut cheap_keys) = (None, None, false);
    let mut listen = SocketAddr::from(([127, 0, 0, 1], 0));
    while let Some(name) = given.next() {
        if name == "--cheap-keys" {
            cheap_keys = true;
            continue;
        }
        let value = given.next().ok_or_else(|| format!("{name} needs a value; {USAGE}"))?;
        match name.as_str() {
            "--home" => home = Some(PathBuf::from(value)),
            "--ui" => ui = Some(PathBuf::from(value)),
            "--listen" => listen = value.parse().map_err(|_| format!("`{value}` is no address"))?,
            _ => return Err(format!("there is no {name}; {USAGE}")),
        }
    }
    if !listen.ip().is_loopback() {
        return Err(format!("{listen} is not on this machine alone; listen on 127.0.0.1"));
    }
    let (Some(home), Some(ui)) = (home, ui) else { return Err(USAGE.to_owned()) };
    Ok(Arguments { home, ui, listen, cheap_keys })
}

async fn with_policy(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

/// Waits for a signal to end.
#[cfg(unix)]
async fn ended() -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};

    let mut terminated = signal(SignalKind::terminate())?;
    tokio::select! {
        _ = terminated.recv() => Ok(()),
        interrupted = tokio::signal::ctrl_c() => interrupted,
    }
}

/// Waits for a signal to end.
#[cfg(not(unix))]
async fn ended() -> std::io::Result<()> {
    tokio::signal::ctrl_c().await
}
