//! The routes: each handler parses, authorizes, calls one function and answers.

pub mod bundles;
pub mod committee;
pub mod field;
pub mod programme;
pub mod review;
pub mod session;

use std::sync::Arc;

use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::{Json, Router, middleware};
use utoipa::OpenApi;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::error::Error;

/// The largest body of a request, evidence aside.
const MAX_BODY_BYTES: usize = 8 << 20;

/// The frame of the API's description.
#[derive(OpenApi)]
#[openapi(
    info(title = "Mizan central server", license(name = "MIT OR Apache-2.0")),
    modifiers(&BearerTokens)
)]
struct Description;

struct BearerTokens;

impl utoipa::Modify for BearerTokens {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
        let components = openapi.components.get_or_insert_default();
        components.add_security_scheme("token", SecurityScheme::Http(scheme));
    }
}

fn described() -> (Router<Arc<App>>, utoipa::openapi::OpenApi) {
    OpenApiRouter::with_openapi(Description::openapi())
        .routes(routes!(session::sign_in, session::sign_out))
        .routes(routes!(session::challenge))
        .routes(routes!(session::device_sign_in))
        .routes(routes!(session::enrol_device))
        .routes(routes!(programme::agencies, programme::add_agency))
        .routes(routes!(programme::centres, programme::add_centre))
        .routes(routes!(programme::people, programme::add_person))
        .routes(routes!(programme::rubrics, programme::add_rubric))
        .routes(routes!(programme::cycles, programme::add_cycle))
        .routes(routes!(programme::record_notice))
        .routes(routes!(programme::step_cycle))
        .routes(routes!(programme::visits, programme::plan_visit))
        .routes(routes!(programme::assign_visit))
        .routes(routes!(programme::cancel_visit))
        .routes(routes!(programme::expose_visit))
        .routes(routes!(field::push))
        .routes(routes!(field::pull))
        .routes(routes!(field::missing_evidence))
        .merge(
            OpenApiRouter::new()
                .routes(routes!(field::put_evidence, review::evidence))
                .layer(field::evidence_limit()),
        )
        .routes(routes!(bundles::take_in))
        .routes(routes!(review::queue))
        .routes(routes!(review::take_up))
        .routes(routes!(review::send_back))
        .routes(routes!(review::validate))
        .routes(routes!(review::rule_on_critical))
        .routes(routes!(committee::results))
        .routes(routes!(committee::explanation))
        .routes(routes!(committee::decide))
        .routes(routes!(committee::scorecards))
        .routes(routes!(committee::scorecard_pdf))
        .split_for_parts()
}

/// The API's description: every route with its shapes and errors.
#[must_use]
pub fn openapi() -> utoipa::openapi::OpenApi {
    described().1
}

/// The server's router.
pub fn router(app: Arc<App>) -> Router {
    let (router, openapi) = described();
    let description = Arc::new(openapi);
    router
        .route("/", axum::routing::get(front_page))
        .route("/health", axum::routing::get(|| async { "ok\n" }))
        .route(
            "/api/openapi.json",
            axum::routing::get(move || async move { Json(&*description).into_response() }),
        )
        .fallback(|| async { Error::NotFound })
        .method_not_allowed_fallback(|| async { Error::NotFound })
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .layer(middleware::map_response(with_security_headers))
        .with_state(app)
}

/// What a browser finds at the address until the portal's screens are there.
async fn front_page() -> Html<&'static str> {
    Html(include_str!("front_page.html"))
}

async fn with_security_headers(mut response: Response) -> Response {
    let headers = response.headers_mut();
    let fixed = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'self'; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'",
        ),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    // A body that cannot be read is answered in the one shape errors have.
    let plain = headers
        .get(header::CONTENT_TYPE)
        .is_some_and(|value| value.as_bytes().starts_with(b"text/plain"));
    match response.status() {
        StatusCode::PAYLOAD_TOO_LARGE if plain => {
            Error::refused("request.too_large").into_response()
        }
        StatusCode::BAD_REQUEST
        | StatusCode::UNPROCESSABLE_ENTITY
        | StatusCode::UNSUPPORTED_MEDIA_TYPE
            if plain =>
        {
            Error::invalid("body", "", "JSON of the shape /api/openapi.json describes")
                .into_response()
        }
        _ => response,
    }
}
