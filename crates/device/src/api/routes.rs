//! The routes: each handler parses, calls one function of the device and answers.

mod answers;
mod bundles;
mod device;
mod evidence;
mod ledger;
mod sync;
mod times;
mod visits;

use std::sync::Arc;

use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use axum::{Router, middleware};
use mizan_protocol::code::ErrorBody;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::api::app::App;
use crate::api::central;
use crate::api::environment::Environment;
use crate::api::refusal::Refusal;

/// The largest body of a request, evidence aside.
const MAX_BODY_BYTES: usize = 1 << 20;

/// The frame of the API's description.
#[derive(OpenApi)]
#[openapi(info(title = "Mizan device", license(name = "MIT OR Apache-2.0")))]
struct Description;

fn described() -> (Router<Arc<App>>, utoipa::openapi::OpenApi) {
    OpenApiRouter::with_openapi(Description::openapi())
        .routes(routes!(device::state))
        .routes(routes!(device::create))
        .routes(routes!(device::unlock))
        .routes(routes!(device::begin_again))
        .routes(routes!(device::lock))
        .routes(routes!(device::change_passphrase))
        .routes(routes!(device::enrol))
        .routes(routes!(device::settings, device::set_settings))
        .routes(routes!(visits::visits))
        .routes(routes!(visits::visit))
        .routes(routes!(visits::rubric))
        .routes(routes!(visits::accept))
        .routes(routes!(visits::decline))
        .routes(routes!(visits::submit))
        .routes(routes!(answers::answer))
        .routes(routes!(answers::note))
        .routes(routes!(answers::undo))
        .routes(routes!(times::set, times::remove))
        .routes(routes!(times::open_contact))
        .routes(routes!(times::remove_contact))
        .routes(routes!(times::add_moment))
        .routes(routes!(times::correct_moment, times::remove_moment))
        .routes(routes!(evidence::read))
        .routes(routes!(evidence::detach))
        .merge(
            OpenApiRouter::new()
                .routes(routes!(evidence::attach))
                .layer(DefaultBodyLimit::max(evidence::BODY_LIMIT)),
        )
        .routes(routes!(sync::start, sync::status))
        .routes(routes!(sync::cancel))
        .routes(routes!(bundles::write))
        .merge(
            OpenApiRouter::new()
                .routes(routes!(bundles::take_in))
                .layer(DefaultBodyLimit::max(bundles::ANSWER_LIMIT)),
        )
        .routes(routes!(ledger::ledger))
        .routes(routes!(ledger::conflicts))
        .routes(routes!(ledger::resolve))
        .routes(routes!(ledger::rejections))
        .routes(routes!(ledger::send_again))
        .split_for_parts()
}

/// The API's description: every route with its shapes and errors.
#[must_use]
pub fn openapi() -> utoipa::openapi::OpenApi {
    described().1
}

/// The device's router. It needs a Tokio runtime with its timer around it.
pub fn router(environment: Environment) -> Router {
    described()
        .0
        // No route of the device's own, and in no description of its: the server describes what lies there.
        .route("/api/central/{*rest}", any(central::forward))
        .fallback(|| async { Refusal::not_found() })
        .method_not_allowed_fallback(|| async { Refusal::not_found() })
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .layer(middleware::map_response(finish))
        .with_state(Arc::new(App::new(environment)))
}

/// Nothing of a visit may stay in a cache, and no file is taken for a page. A body that cannot be read is
/// answered in the one shape errors have, without its words: they could repeat a passphrase.
async fn finish(response: Response) -> Response {
    let is_plain = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|value| value.as_bytes().starts_with(b"text/plain"));
    let mut response = match response.status() {
        StatusCode::PAYLOAD_TOO_LARGE if is_plain => {
            let body = ErrorBody::new("request.too_large").with("max", MAX_BODY_BYTES);
            Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, body).into_response()
        }
        StatusCode::BAD_REQUEST
        | StatusCode::UNPROCESSABLE_ENTITY
        | StatusCode::UNSUPPORTED_MEDIA_TYPE
            if is_plain =>
        {
            Refusal::invalid("request", "what the API's description says").into_response()
        }
        _ => response,
    };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}
