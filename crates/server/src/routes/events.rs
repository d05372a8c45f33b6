//! The stream that tells pages what to read again.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse as _, Response};
use futures_util::stream;
use mizan_protocol::code::ErrorBody;
use serde::Serialize;
use utoipa::ToSchema;

use crate::accounts::Caller;
use crate::app::App;
use crate::error::Error;
use crate::events::{Listener, Told, Topic};
use crate::rights::Action;

/// How often a line says nothing, so that whatever stands between does not cut it.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// What a page is told: topics, and never content.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Changed {
    /// What has changed.
    topics: Vec<Topic>,
}

/// Tells as server-sent events which topics have changed, of those the caller may read. It ends with the
/// session; whoever comes back with `Last-Event-ID` is told what was missed.
#[utoipa::path(get, path = "/api/events", tag = "events",
    security(("token" = []), ("cookie" = [])),
    responses((status = 200, body = Changed, content_type = "text/event-stream"), (status = 204),
        (status = "4XX", body = ErrorBody)))]
pub(super) async fn events(
    State(app): State<Arc<App>>,
    caller: Result<Caller, Error>,
    headers: HeaderMap,
) -> Result<Response, Error> {
    let caller = match caller {
        // The one answer after which a browser does not come back by itself.
        Err(Error::NoSession) if headers.contains_key("last-event-id") => {
            return Ok(StatusCode::NO_CONTENT.into_response());
        }
        caller => caller?,
    };
    caller.require(Action::KeepOwnAccount)?;
    let place = headers.get("last-event-id").and_then(|value| value.to_str().ok());
    let listener = Listener::new(app, &caller, place).await?;
    let told = stream::unfold(listener, |mut listener| async {
        let told = listener.next().await?;
        Some((event_of(told), listener))
    });
    let beat = KeepAlive::new().interval(HEARTBEAT);
    Ok(Sse::new(told).keep_alive(beat).into_response())
}

fn event_of(told: Told) -> Result<Event, Infallible> {
    let changed = Changed { topics: told.topics };
    let json = serde_json::to_string(&changed).expect("words are always JSON");
    Ok(Event::default().id(told.place).data(json))
}
