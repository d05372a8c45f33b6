//! Sessions of browsers: the cookie, and what keeps other sites from using it.
//!
//! A cookie goes with whatever any page asks of this server. It is therefore kept from other sites
//! (`SameSite=Strict`), what changes something must show what only the server's own page knows, and a
//! browser that says that another site asks is believed.

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::Response;

use crate::error::Error;

/// The prefix has browsers refuse it from another host, another path or without TLS.
pub(crate) const NAME: &str = "__Host-mizan";
/// What the page shows.
pub(crate) const CSRF_HEADER: &str = "x-mizan-csrf";

/// The token in a request's cookies.
pub(crate) fn token(headers: &HeaderMap) -> Option<&str> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';'));
    pairs.find_map(|pair| pair.trim().strip_prefix(NAME)?.strip_prefix('='))
}

/// The header that gives a browser its token for so long; an empty token takes it away.
pub(crate) fn set(token: &str, lasts_s: i64) -> Result<HeaderValue, Error> {
    let text =
        format!("{NAME}={token}; HttpOnly; Secure; SameSite=Strict; Path=/; Max-Age={lasts_s}");
    let mut value = HeaderValue::from_str(&text).map_err(|_| Error::Stopped)?;
    value.set_sensitive(true);
    Ok(value)
}

/// Whether a method only reads.
pub(crate) fn only_reads(method: &Method) -> bool {
    [Method::GET, Method::HEAD, Method::OPTIONS].contains(method)
}

/// Refuses whatever changes something and comes, by the browser's own word, from another site's page.
pub(crate) async fn refuse_other_sites(request: Request, next: Next) -> Result<Response, Error> {
    let site = request.headers().get("sec-fetch-site");
    let is_other = site.is_some_and(|site| site.as_bytes() == b"cross-site");
    if is_other && !only_reads(request.method()) {
        return Err(Error::refused("session.csrf"));
    }
    Ok(next.run(request).await)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cookie_is_found_among_others_and_no_other_is_taken_for_it() {
        let of = |lines: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(header::COOKIE, HeaderValue::from_static(line));
            }
            token(&headers).map(str::to_owned)
        };
        assert_eq!(of(&["a=b; __Host-mizan=abc; c=d"]).as_deref(), Some("abc"));
        assert_eq!(of(&["a=b", "__Host-mizan=abc"]).as_deref(), Some("abc"));
        assert_eq!(of(&["__Host-mizan2=abc", "x__Host-mizan=abc", "mizan=abc"]), None);
    }
}
