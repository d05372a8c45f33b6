//! One call of the page into the device's router, and the frame in which its answer comes back.
//!
//! A call is raw bytes with the headers `method`, `path` (percent-encoded, with its query) and,
//! with a body, `type`; Tauri overwrites `content-type` on the way, hence the other name.
//! The answer is one frame, numbers big-endian:
//!
//! | bytes | what |
//! |---|---|
//! | 2 | status |
//! | 2 | length of the content type |
//! | … | content type, UTF-8 |
//! | 2 | length of the content disposition |
//! | … | content disposition, UTF-8 |
//! | the rest | body |
//!
//! Not JSON, because photos would become arrays of numbers, and not one command per operation,
//! because the router has them all already.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, HeaderName};
use axum::http::{HeaderMap, Method, Request, Response, Uri};
use tauri::ipc::InvokeBody;
use tower::ServiceExt;

use crate::error::Error;

/// The only paths the page may ask for: the device's, and the central server's, which the device's router
/// carries on.
const PATHS: [&str; 2] = ["/api/device/", "/api/central/"];

/// Reads a call; the router sees it as an ordinary HTTP request.
pub(crate) fn request(headers: &HeaderMap, body: &InvokeBody) -> Result<Request<Body>, Error> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let method = text("method").and_then(|method| method.parse::<Method>().ok());
    let method = method.ok_or(Error::BadCall("method"))?;
    let path = text("path").filter(|path| PATHS.iter().any(|known| path.starts_with(known)));
    let uri = path.and_then(|path| path.parse::<Uri>().ok()).ok_or(Error::BadCall("path"))?;
    let body = bytes(body).ok_or(Error::BadCall("body"))?;
    let mut request = Request::new(Body::from(body));
    if let Some(kind) = headers.get("type") {
        request.headers_mut().insert(CONTENT_TYPE, kind.clone());
    }
    *request.method_mut() = method;
    *request.uri_mut() = uri;
    Ok(request)
}

/// The bytes of a command's body. Where its usual transport fails, Tauri sends numbers instead.
pub(crate) fn bytes(body: &InvokeBody) -> Option<Vec<u8>> {
    match body {
        InvokeBody::Raw(bytes) => Some(bytes.clone()),
        InvokeBody::Json(numbers) => {
            let byte = |number: &serde_json::Value| u8::try_from(number.as_u64()?).ok();
            numbers.as_array()?.iter().map(byte).collect()
        }
    }
}

/// Asks the router and frames what it answers.
pub(crate) async fn answer(router: Router, request: Request<Body>) -> Result<Vec<u8>, Error> {
    // A task of its own: a panic in a handler must end as an answer, or the page waits for ever.
    let handled = tokio::spawn(async move {
        let Ok(response) = router.oneshot(request).await;
        frame(response).await
    });
    handled.await.map_err(|_| Error::BrokeOff)?
}

async fn frame(response: Response<Body>) -> Result<Vec<u8>, Error> {
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await.map_err(|_| Error::BrokeOff)?;
    let mut frame = Vec::with_capacity(body.len() + 256);
    frame.extend(parts.status.as_u16().to_be_bytes());
    for name in [CONTENT_TYPE, CONTENT_DISPOSITION] {
        let value = header(&parts.headers, &name);
        let length = u16::try_from(value.len()).map_err(|_| Error::BrokeOff)?;
        frame.extend(length.to_be_bytes());
        frame.extend(value);
    }
    frame.extend_from_slice(&body);
    Ok(frame)
}

fn header<'a>(headers: &'a HeaderMap, name: &HeaderName) -> &'a [u8] {
    let value = headers.get(name).map(|value| value.as_bytes());
    value.filter(|value| std::str::from_utf8(value).is_ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use axum::Json;
    use axum::extract::Query;
    use axum::http::StatusCode;
    use axum::routing::{get, post};
    use serde_json::{Value, json};

    use super::*;

    fn router() -> Router {
        Router::new()
            .route("/api/device/state", get(|| async { Json(json!({"phase": "new"})) }))
            .route(
                "/api/device/echo",
                post(|headers: HeaderMap, Query(query): Query<Value>, body: axum::body::Bytes| async move {
                    let kind = headers[CONTENT_TYPE].to_str().unwrap().to_owned();
                    let length = body.len();
                    let headers = [(CONTENT_DISPOSITION, "attachment; filename=\"a.mizb\"")];
                    (StatusCode::CREATED, headers, Json(json!([kind, query["kind"], length])))
                }),
            )
            .route("/api/device/panics", get(breaks))
    }

    async fn breaks() -> StatusCode {
        panic!("a handler's fault")
    }

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap()))
            .collect()
    }

    /// Status, content type, content disposition, body.
    fn parts(frame: &[u8]) -> (u16, String, String, Vec<u8>) {
        let (status, rest) = frame.split_at(2);
        let text = |bytes: &[u8]| {
            let length = usize::from(u16::from_be_bytes([bytes[0], bytes[1]]));
            let (text, rest) = bytes[2..].split_at(length);
            (String::from_utf8(text.to_vec()).unwrap(), rest.to_vec())
        };
        let (kind, rest) = text(rest);
        let (disposition, body) = text(&rest);
        (u16::from_be_bytes([status[0], status[1]]), kind, disposition, body)
    }

    async fn call(pairs: &[(&'static str, &str)], body: InvokeBody) -> Result<Vec<u8>, Error> {
        answer(router(), request(&headers(pairs), &body)?).await
    }

    #[tokio::test]
    async fn a_call_reaches_its_route_and_the_frame_holds_the_answer() {
        let pairs = [("method", "GET"), ("path", "/api/device/state")];
        let frame = call(&pairs, InvokeBody::Raw(Vec::new())).await.unwrap();
        let (status, kind, disposition, body) = parts(&frame);
        assert_eq!((status, kind.as_str(), disposition.as_str()), (200, "application/json", ""));
        assert_eq!(body, br#"{"phase":"new"}"#);
    }

    #[tokio::test]
    async fn type_query_and_bytes_arrive_and_the_disposition_comes_back() {
        let pairs = [
            ("method", "POST"),
            ("path", "/api/device/echo?kind=photo%20a"),
            ("type", "image/jpeg"),
        ];
        for body in [InvokeBody::Raw(vec![0, 255, 7]), InvokeBody::Json(json!([0, 255, 7]))] {
            let (status, _, disposition, body) = parts(&call(&pairs, body).await.unwrap());
            assert_eq!((status, disposition.as_str()), (201, "attachment; filename=\"a.mizb\""));
            let told: Value = serde_json::from_slice(&body).unwrap();
            assert_eq!(told, json!(["image/jpeg", "photo a", 3]));
        }
    }

    #[tokio::test]
    async fn an_unknown_path_is_the_routers_to_refuse() {
        let pairs = [("method", "GET"), ("path", "/api/device/nothing")];
        let frame = call(&pairs, InvokeBody::Raw(Vec::new())).await.unwrap();
        assert_eq!(parts(&frame).0, 404);
    }

    #[tokio::test]
    async fn a_panic_in_a_handler_ends_as_an_error() {
        let pairs = [("method", "GET"), ("path", "/api/device/panics")];
        let outcome = call(&pairs, InvokeBody::Raw(Vec::new())).await;
        assert!(matches!(outcome, Err(Error::BrokeOff)), "{outcome:?}");
    }

    #[test]
    fn what_is_not_a_call_is_refused() {
        let raw = InvokeBody::Raw(Vec::new());
        let device = "/api/device/state";
        let rows: [(&str, HeaderMap, InvokeBody); 7] = [
            ("method", headers(&[("path", device)]), raw.clone()),
            ("method", headers(&[("method", "G T"), ("path", device)]), raw.clone()),
            ("path", headers(&[("method", "GET")]), raw.clone()),
            ("path", headers(&[("method", "GET"), ("path", "/api/x")]), raw.clone()),
            ("path", headers(&[("method", "GET"), ("path", "http://a/api/device/x")]), raw),
            ("body", headers(&[("method", "GET"), ("path", device)]), InvokeBody::Json(json!({}))),
            (
                "body",
                headers(&[("method", "GET"), ("path", device)]),
                InvokeBody::Json(json!([256])),
            ),
        ];
        for (what, headers, body) in rows {
            let outcome = request(&headers, &body);
            assert!(matches!(outcome, Err(Error::BadCall(named)) if named == what), "{what}");
        }
    }
}
