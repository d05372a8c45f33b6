//! The audit, for administrators and observers.

use std::sync::Arc;

use axum::extract::{Query, State};
use mizan_domain::role::Role;
use mizan_protocol::audit::{AuditEntry, AuditHead, AuditPage};
use mizan_protocol::code::ErrorBody;
use serde::Deserialize;

use crate::accounts::Caller;
use crate::app::App;
use crate::audit::{self, Chosen};
use crate::error::Error;
use crate::json::Json;
use crate::paging::{Listed, Paged};
use crate::rights::Action;

/// Where a page begins.
#[derive(Debug, Deserialize)]
pub(super) struct After {
    #[serde(default)]
    after: i64,
}

/// Lists up to 500 entries of the audit after a number. Observers get aliases in place of ids, and no
/// details.
#[utoipa::path(get, path = "/api/audit", tag = "audit", security(("token" = [])),
    params(("after" = Option<i64>, Query, description = "the last number already known")),
    responses((status = 200, body = AuditPage), (status = "4XX", body = ErrorBody)))]
pub(super) async fn entries(
    State(app): State<Arc<App>>,
    caller: Caller,
    Query(After { after }): Query<After>,
) -> Result<Json<AuditPage>, Error> {
    caller.require(Action::ReadAudit)?;
    let mut page = app.store.read(move |tx| audit::page(tx, after)).await?;
    if caller.role != Role::Administrator {
        audit::for_observers(&app.keys, &mut page.entries);
    }
    Ok(Json(page))
}

/// Lists the audit a page at a time, of one deed or one person where that is asked for; sorted by `n`.
/// Observers get aliases in place of ids, and no details.
#[utoipa::path(get, path = "/api/lists/audit", tag = "lists", operation_id = "list_audit",
    security(("token" = []), ("cookie" = [])), params(Paged, Chosen),
    responses((status = 200, body = Listed<AuditEntry>), (status = "4XX", body = ErrorBody)))]
pub(super) async fn list(
    State(app): State<Arc<App>>,
    caller: Caller,
    Query(asked): Query<Paged>,
    Query(chosen): Query<Chosen>,
) -> Result<Json<Listed<AuditEntry>>, Error> {
    caller.require(Action::ReadAudit)?;
    let is_told_ids = caller.role == Role::Administrator;
    // What an id finds would tell whose it is.
    if chosen.person.is_some() && !is_told_ids {
        return Err(Error::invalid("person", "", "nobody: observers are told no ids"));
    }
    let mut listed = app.store.read(move |tx| audit::listed(tx, &asked, &chosen)).await?;
    if !is_told_ids {
        audit::for_observers(&app.keys, &mut listed.rows);
    }
    Ok(Json(listed))
}

/// Says how far the audit has come, signed by the server.
#[utoipa::path(get, path = "/api/audit/head", tag = "audit", security(("token" = [])),
    responses((status = 200, body = AuditHead), (status = "4XX", body = ErrorBody)))]
pub(super) async fn head(
    State(app): State<Arc<App>>,
    caller: Caller,
) -> Result<Json<AuditHead>, Error> {
    caller.require(Action::ReadAudit)?;
    let (keys, now) = (Arc::clone(&app.keys), app.now());
    Ok(Json(app.store.read(move |tx| audit::head(tx, &keys, now)).await?))
}
