//! The frame of the API's description, and what is the same of every operation.

use mizan_protocol::code::ErrorBody;
use mizan_protocol::id::UploadId;
use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::schema::Ref;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{ContentBuilder, OpenApi as Openapi, RefOr, Response, ResponseBuilder};
use utoipa::{OpenApi, ToSchema as _};

use crate::cookie;

/// The frame.
#[derive(OpenApi)]
#[openapi(
    info(title = "Mizan central server", license(name = "MIT OR Apache-2.0")),
    // Named in a path alone.
    components(schemas(UploadId)),
    modifiers(&BearerTokens)
)]
pub(super) struct Description;

struct BearerTokens;

impl utoipa::Modify for BearerTokens {
    fn modify(&self, openapi: &mut Openapi) {
        let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
        let components = openapi.components.get_or_insert_default();
        components.add_security_scheme("token", SecurityScheme::Http(scheme));
        let name = cookie::NAME;
        let cookie = SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::new(name)));
        components.add_security_scheme("cookie", cookie);
    }
}

/// The description with what every operation has in common: a few words for each answer, and what is
/// answered when the server cannot do what it should.
pub(super) fn completed(mut openapi: Openapi) -> Openapi {
    for item in openapi.paths.paths.values_mut() {
        if let Some(head) = &mut item.head {
            complete(head, None);
        }
        for operation in operations(item) {
            complete(operation, Some(ErrorBody::name().as_ref()));
        }
    }
    openapi
}

/// The operations of a path that are answered with a body.
fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    let PathItem { get, put, post, delete, options, patch, trace, .. } = item;
    [get, put, post, delete, options, patch, trace].into_iter().flatten()
}

fn complete(operation: &mut Operation, fault: Option<&str>) {
    let responses = &mut operation.responses.responses;
    let mut broken = ResponseBuilder::new();
    if let Some(schema) = fault {
        let content = ContentBuilder::new().schema(Some(Ref::from_schema_name(schema)));
        broken = broken.content("application/json", content.build());
    }
    responses.entry("5XX".to_owned()).or_insert_with(|| broken.build().into());
    for (status, response) in responses {
        if let RefOr::T(response) = response
            && response.description.is_empty()
        {
            response.description = words(status, response).to_owned();
        }
    }
}

fn words(status: &str, response: &Response) -> &'static str {
    match status.as_bytes().first() {
        Some(b'2') if response.content.is_empty() => "Done.",
        Some(b'2') => "What was asked for.",
        Some(b'4') => "Refused: the code says why.",
        _ => "A fault of the server, or too much of its work at once: ask again later.",
    }
}
