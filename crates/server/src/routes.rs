//! The routes: each handler parses, authorizes, calls one function and answers.

pub mod accounts;
pub mod audit;
pub mod bundles;
pub mod committee;
mod description;
pub mod events;
pub mod evidence;
pub mod fairness;
pub mod field;
pub mod lists;
pub mod meetings;
pub mod planning;
pub mod programme;
pub mod publications;
pub mod quarantine;
pub mod replies;
pub mod results;
pub mod retention;
pub mod review;
pub mod second;
pub mod session;
pub mod uploads;

use std::sync::Arc;

use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Json, Router, middleware};
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{DefaultPredicate, NotForContentType, Predicate};
use tower_http::decompression::RequestDecompressionLayer;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::cookie;
use crate::error::Error;
use crate::json;
use crate::limits::Gates;
use crate::observe;
use crate::portal::{self, Caching};
use description::Description;

/// The largest body of a request, uploads and bundles aside.
const MAX_BODY_BYTES: usize = 8 << 20;

/// What a page may load: what this server gives it, and pictures it was handed as bytes.
const CONTENT_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    img-src 'self' blob: data:; font-src 'self'; connect-src 'self'; base-uri 'none'; \
    form-action 'none'; frame-ancestors 'none'";

/// What admits: each is a guess that somebody could make.
fn doors() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(session::sign_in, session::sign_out))
        .routes(routes!(session::challenge))
        .routes(routes!(session::device_sign_in))
        .routes(routes!(session::change_password))
        .routes(routes!(session::begin_totp))
        .routes(routes!(session::confirm_totp))
}

fn described(gates: &Gates) -> (Router<Arc<App>>, utoipa::openapi::OpenApi) {
    let (router, openapi) = OpenApiRouter::with_openapi(Description::openapi())
        .merge(gates.at_doors(doors()))
        .routes(routes!(session::who))
        .routes(routes!(session::own_sessions, session::end_other_sessions))
        .routes(routes!(accounts::devices, session::enrol_device))
        .routes(routes!(accounts::revoke_device))
        .routes(routes!(accounts::change_person))
        .routes(routes!(accounts::issue_code))
        .routes(routes!(accounts::reset_totp))
        .routes(routes!(accounts::set_password))
        .routes(routes!(programme::agencies, programme::add_agency))
        .routes(routes!(programme::centres, programme::add_centre))
        .routes(routes!(programme::change_agency))
        .routes(routes!(programme::change_centre))
        .routes(routes!(programme::people, programme::add_person))
        .routes(routes!(programme::rubrics, programme::add_rubric))
        .routes(routes!(planning::check_rubric))
        .routes(routes!(planning::rubric))
        .routes(routes!(programme::cycles, programme::add_cycle))
        .routes(routes!(planning::setup))
        .routes(routes!(programme::record_notice))
        .routes(routes!(programme::step_cycle))
        .routes(routes!(retention::read, retention::set))
        .routes(routes!(retention::purge))
        .routes(routes!(programme::visits, programme::plan_visit))
        .routes(routes!(planning::visit))
        .routes(routes!(planning::candidates))
        .routes(routes!(programme::assign_visit))
        .routes(routes!(programme::cancel_visit))
        .routes(routes!(programme::expose_visit))
        .routes(routes!(planning::import))
        .routes(routes!(events::events))
        .routes(routes!(lists::agencies))
        .routes(routes!(lists::centres))
        .routes(routes!(planning::people))
        .routes(routes!(audit::list))
        .routes(routes!(lists::scorecards))
        .routes(routes!(field::push))
        .routes(routes!(field::pull))
        .routes(routes!(evidence::missing))
        .routes(routes!(evidence::read))
        .merge(uploads::routes())
        .routes(routes!(bundles::take_in))
        .routes(routes!(quarantine::list))
        .routes(routes!(quarantine::show))
        .routes(routes!(quarantine::release))
        .routes(routes!(quarantine::set_aside))
        .routes(routes!(audit::entries))
        .routes(routes!(audit::head))
        .routes(routes!(review::queue))
        .routes(routes!(review::history))
        .routes(routes!(review::take_up, review::read))
        .routes(routes!(review::take_over))
        .routes(routes!(review::send_back))
        .routes(routes!(review::validate))
        .routes(routes!(review::rule_on_critical))
        .routes(routes!(results::overview))
        .routes(routes!(results::comparison))
        .routes(routes!(results::since))
        .routes(routes!(results::readings))
        .routes(routes!(results::centre))
        .routes(routes!(results::mapping, results::edit_mapping))
        .routes(routes!(fairness::levers))
        .routes(routes!(fairness::uncertainty))
        .routes(routes!(fairness::fairness))
        .routes(routes!(fairness::ratings))
        .routes(routes!(review::settings, review::set))
        .routes(routes!(second::list))
        .routes(routes!(second::take))
        .routes(routes!(second::take_over))
        .routes(routes!(second::answer))
        .routes(routes!(second::submit))
        .routes(routes!(second::comparison))
        .routes(routes!(committee::results))
        .routes(routes!(committee::explanation))
        .routes(routes!(committee::decide))
        .routes(routes!(meetings::rules, meetings::set_rules))
        .routes(routes!(meetings::meetings, meetings::call))
        .routes(routes!(meetings::meeting, meetings::change))
        .routes(routes!(meetings::step))
        .routes(routes!(meetings::minutes))
        .routes(routes!(meetings::minutes_pdf))
        .routes(routes!(meetings::item_step))
        .routes(routes!(meetings::vote))
        .routes(routes!(meetings::note))
        .routes(routes!(meetings::dissent))
        .routes(routes!(meetings::recuse))
        .routes(routes!(publications::publications, publications::schedule))
        .routes(routes!(publications::cancel))
        .routes(routes!(committee::scorecards))
        .routes(routes!(committee::scorecard_pdf))
        .routes(routes!(replies::scorecard))
        .routes(routes!(replies::actions))
        .routes(routes!(replies::action, replies::change_action))
        .routes(routes!(replies::appeals))
        .routes(routes!(replies::file))
        .routes(routes!(replies::appeal))
        .routes(routes!(replies::attach))
        .routes(routes!(replies::attached))
        .routes(routes!(replies::withdraw))
        .routes(routes!(replies::case))
        .routes(routes!(replies::preview))
        .routes(routes!(replies::rule))
        .split_for_parts();
    (router, description::completed(openapi))
}

/// The API's description: every route with its shapes and errors.
#[must_use]
pub fn openapi() -> utoipa::openapi::OpenApi {
    described(&Gates::open()).1
}

/// The server's router.
pub(crate) fn router(app: Arc<App>, gates: &Gates) -> Router {
    let (router, openapi) = described(gates);
    let description = Arc::new(openapi);
    let router = router
        .route("/health", axum::routing::get(|| async { "ok\n" }))
        .route("/healthz", axum::routing::get(observe::healthz))
        .route(
            "/api/openapi.json",
            axum::routing::get(move || async move { Json(&*description).into_response() }),
        )
        .fallback(portal::file)
        .method_not_allowed_fallback(|| async { Error::NotFound })
        // Counted after decompression: what is small on the line may be large in memory.
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .layer(middleware::from_fn(cookie::refuse_other_sites))
        .layer(RequestDecompressionLayer::new())
        .layer(CompressionLayer::new().compress_when(worth_compressing()));
    // Outermost: also what is refused has the headers, the one shape of errors, and its line in the log.
    gates
        .at_all(router)
        .layer(middleware::map_response(with_security_headers))
        .layer(middleware::from_fn_with_state(Arc::clone(&app), observe::observe))
        .with_state(app)
}

/// Whatever is long enough and not compressed already.
fn worth_compressing() -> impl Predicate {
    DefaultPredicate::new()
        .and(NotForContentType::const_new("font/"))
        .and(NotForContentType::const_new("application/pdf"))
}

/// Over TLS: browsers shall never come back without it.
pub(crate) async fn with_strict_transport(mut response: Response) -> Response {
    let year = HeaderValue::from_static("max-age=31536000");
    response.headers_mut().insert(header::STRICT_TRANSPORT_SECURITY, year);
    response
}

async fn with_security_headers(response: Response) -> Response {
    let mut response = in_one_shape(response);
    let caching = response.extensions().get::<Caching>().map(|caching| caching.header());
    let caching = caching.unwrap_or(HeaderValue::from_static("no-store"));
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, caching);
    let fixed = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CONTENT_SECURITY_POLICY, CONTENT_POLICY),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

/// A body that cannot be read is answered in the one shape errors have.
fn in_one_shape(response: Response) -> Response {
    let kind = response.headers().get(header::CONTENT_TYPE);
    // What the layers themselves refuse has no body at all.
    let plain = kind.is_none_or(|value| value.as_bytes().starts_with(b"text/plain"));
    match response.status() {
        StatusCode::PAYLOAD_TOO_LARGE if plain => {
            Error::refused("request.too_large").into_response()
        }
        StatusCode::BAD_REQUEST
        | StatusCode::UNPROCESSABLE_ENTITY
        | StatusCode::UNSUPPORTED_MEDIA_TYPE
            if plain =>
        {
            json::unreadable()
        }
        _ => response,
    }
}
