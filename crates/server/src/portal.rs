//! The portal's pages: the built screens, carried inside the program.
//!
//! A release build embeds `ui/dist`; a debug build reads it where it lies, so that a change of the screens
//! needs no new build here. Where none was built, a plain page says what this server is.
//! The evaluator's own page (`index.html`) is not served: it works on a device's router alone.

use axum::extract::Request;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use rust_embed::{EmbeddedFile, RustEmbed};

use crate::error::Error;

/// The page every address of the portal begins with; what follows `#` is the page's own.
const PAGE: &str = "portal.html";
/// Vite names what lies here by its content.
const HASHED: &str = "assets/";

#[derive(RustEmbed)]
#[folder = "../../ui/dist"]
#[allow_missing = true]
struct Built;

/// How long a browser may keep an answer; whatever does not say so is not kept at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Caching {
    /// For good: another content has another name.
    Immutable,
    /// Asked for again each time, by its tag.
    Revalidated,
}

impl Caching {
    pub(crate) fn header(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::Immutable => "public, max-age=31536000, immutable",
            Self::Revalidated => "no-cache",
        })
    }
}

/// Answers whatever is not a route: a file of the portal, or nothing.
pub(crate) async fn file(request: Request) -> Response {
    if ![Method::GET, Method::HEAD].contains(request.method()) {
        return Error::NotFound.into_response();
    }
    let path = request.uri().path().trim_start_matches('/');
    let name = match path {
        "" => PAGE,
        PAGE | "index.html" => return Error::NotFound.into_response(),
        other => other,
    };
    match Built::get(name) {
        Some(file) => answer(&request, name, file),
        None if path.is_empty() => Html(include_str!("front_page.html")).into_response(),
        None => Error::NotFound.into_response(),
    }
}

fn answer(request: &Request, name: &str, file: EmbeddedFile) -> Response {
    // Weak: the same content travels compressed and as it is.
    let tag = format!("W/\"{}\"", hex::encode(&file.metadata.sha256_hash()[..16]));
    let known = request.headers().get(header::IF_NONE_MATCH);
    let is_known = known.and_then(|known| known.to_str().ok()).is_some_and(|known| {
        known.split(',').any(|one| one.trim().trim_start_matches("W/") == &tag[2..])
    });
    let mut response = if is_known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        ([(header::CONTENT_TYPE, media_type(name))], file.data.into_owned()).into_response()
    };
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    let is_hashed = name.starts_with(HASHED);
    let caching = if is_hashed { Caching::Immutable } else { Caching::Revalidated };
    response.extensions_mut().insert(caching);
    response
}

/// The few kinds of files a build has.
fn media_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, ending)| ending) {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("woff2") => "font/woff2",
        Some("json") => "application/json",
        _ => "application/octet-stream",
    }
}
