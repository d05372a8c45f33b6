//! What those call who answer for other people's accounts and devices.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use mizan_protocol::code::ErrorBody;
use mizan_protocol::id::{DeviceId, PersonId};
use mizan_protocol::session::{ChangePerson, DeviceJson, EnrolmentCode, RevokeDevice, SetPassword};

use crate::accounts::devices::{self, Contents};
use crate::accounts::{self as people, Caller, codes, factor, sign_in};
use crate::app::App;
use crate::audit::{Act, By, Deed};
use crate::error::Error;
use crate::json::Json;
use crate::rights::Action;
use crate::tx::Tx;

/// Closes an account, or opens it again.
#[utoipa::path(post, path = "/api/people/{person}", tag = "accounts", security(("token" = [])),
    params(("person" = PersonId, Path)), request_body = ChangePerson,
    responses((status = 204), (status = "4XX", body = ErrorBody)))]
pub(super) async fn change_person(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(person): Path<PersonId>,
    Json(change): Json<ChangePerson>,
) -> Result<StatusCode, Error> {
    caller.require(Action::ManagePeople)?;
    let (by, now) = (By::from(&caller), app.now());
    let set = if change.active { "open" } else { "closed" };
    let change = move |tx: &mut dyn Tx| people::set_active(tx, &caller, person, &change, now);
    let act = move |(): &()| Act::new(Deed::AccountChanged).on("person", person).with("set", set);
    app.change(by, change, act).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Gives somebody who forgot theirs a new password; their sessions end.
#[utoipa::path(post, path = "/api/people/{person}/password", tag = "accounts",
    security(("token" = [])), params(("person" = PersonId, Path)), request_body = SetPassword,
    responses((status = 204), (status = "4XX", body = ErrorBody)))]
pub(super) async fn set_password(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(person): Path<PersonId>,
    Json(request): Json<SetPassword>,
) -> Result<StatusCode, Error> {
    caller.require(Action::ManagePeople)?;
    sign_in::set_password(&app, caller, person, request).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Issues a code that enrols one device of an evaluator, once, within 72 hours. An earlier one ends.
#[utoipa::path(post, path = "/api/people/{person}/enrolment-code", tag = "accounts",
    security(("token" = [])), params(("person" = PersonId, Path)),
    responses((status = 200, body = EnrolmentCode), (status = "4XX", body = ErrorBody)))]
pub(super) async fn issue_code(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(person): Path<PersonId>,
) -> Result<Json<EnrolmentCode>, Error> {
    caller.require(Action::ManageDevices)?;
    let now = app.now();
    let issue = move |tx: &mut dyn Tx| codes::issue(tx, person, now);
    let act = move |_: &EnrolmentCode| Act::new(Deed::CodeIssued).on("person", person);
    Ok(Json(app.change(By::from(&caller), issue, act).await?))
}

/// Takes away the second factor of somebody who lost it; their sessions end.
#[utoipa::path(delete, path = "/api/people/{person}/totp", tag = "accounts",
    security(("token" = [])), params(("person" = PersonId, Path)),
    responses((status = 204), (status = "4XX", body = ErrorBody)))]
pub(super) async fn reset_totp(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(person): Path<PersonId>,
) -> Result<StatusCode, Error> {
    caller.require(Action::ManagePeople)?;
    let reset = move |tx: &mut dyn Tx| factor::reset(tx, &caller, person);
    let act = move |(): &()| Act::new(Deed::FactorReset).on("person", person);
    app.change(By::from(&caller), reset, act).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Lists the devices.
#[utoipa::path(get, path = "/api/devices", tag = "accounts", security(("token" = [])),
    responses((status = 200, body = Vec<DeviceJson>), (status = "4XX", body = ErrorBody)))]
pub(super) async fn devices(
    State(app): State<Arc<App>>,
    caller: Caller,
) -> Result<Json<Vec<DeviceJson>>, Error> {
    caller.require(Action::ManageDevices)?;
    Ok(Json(app.store.read(devices::devices).await?))
}

/// Admits a device no longer, and orders it to wipe itself if that is wanted.
#[utoipa::path(post, path = "/api/devices/{device}/revoke", tag = "accounts",
    security(("token" = [])), params(("device" = DeviceId, Path)), request_body = RevokeDevice,
    responses((status = 204), (status = "4XX", body = ErrorBody)))]
pub(super) async fn revoke_device(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(device): Path<DeviceId>,
    Json(request): Json<RevokeDevice>,
) -> Result<StatusCode, Error> {
    caller.require(Action::ManageDevices)?;
    let contents = if request.wipe { Contents::Wipe } else { Contents::Stay };
    let now = app.now();
    let revoke = move |tx: &mut dyn Tx| devices::revoke(tx, device, contents, now);
    let act = move |(): &()| {
        Act::new(Deed::DeviceRevoked).on("device", device).with("wipe", request.wipe)
    };
    app.change(By::from(&caller), revoke, act).await?;
    Ok(StatusCode::NO_CONTENT)
}
