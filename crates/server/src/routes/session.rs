//! Signing in and out, and enrolling devices.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use mizan_protocol::code::ErrorBody;
use mizan_protocol::session::{
    Challenge, ChallengeRequest, DeviceSignIn, EnrolDevice, EnrolledDevice, Session, SignIn,
};

use crate::accounts::{self, Caller, DEVICE_SESSION_MS, PASSWORD_SESSION_MS};
use crate::app::{App, Token};
use crate::error::Error;
use crate::rights::Action;

/// Signs in by password.
#[utoipa::path(post, path = "/api/session", tag = "session", request_body = SignIn,
    responses((status = 200, body = Session), (status = "4XX", body = ErrorBody)))]
pub(super) async fn sign_in(
    State(app): State<Arc<App>>,
    Json(request): Json<SignIn>,
) -> Result<Json<Session>, Error> {
    let user = request.user.clone();
    let account = app.store.read(move |tx| accounts::find_account(tx, &user)).await?;
    let (person, hash) = account.unzip();
    let check = move || accounts::password_matches(&request.password, hash.as_deref());
    let matches = app.hashing(check).await?;
    let person = person.filter(|_| matches).ok_or(Error::SignInRefused)?;
    let now = app.now();
    let begin = move |tx: &mut dyn crate::tx::Tx| {
        accounts::begin_session(tx, person, None, now, PASSWORD_SESSION_MS)
    };
    let (token, person) = app.store.write(begin).await?;
    Ok(Json(Session { token, expires_in: PASSWORD_SESSION_MS / 1000, person, bundle_key: None }))
}

/// Ends the session.
#[utoipa::path(delete, path = "/api/session", tag = "session", security(("token" = [])),
    responses((status = 204), (status = "4XX", body = ErrorBody)))]
pub(super) async fn sign_out(
    State(app): State<Arc<App>>,
    Token(token): Token,
) -> Result<StatusCode, Error> {
    app.store.write(move |tx| accounts::end_session(tx, &token)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Gives a device a text to sign.
#[utoipa::path(post, path = "/api/session/challenge", tag = "session", request_body = ChallengeRequest,
    responses((status = 200, body = Challenge), (status = "4XX", body = ErrorBody)))]
pub(super) async fn challenge(
    State(app): State<Arc<App>>,
    Json(request): Json<ChallengeRequest>,
) -> Result<Json<Challenge>, Error> {
    let now = app.now();
    let make = move |tx: &mut dyn crate::tx::Tx| accounts::challenge(tx, request.device, now);
    Ok(Json(Challenge { challenge: app.store.write(make).await? }))
}

/// Signs in by a device's key.
#[utoipa::path(post, path = "/api/session/device", tag = "session", request_body = DeviceSignIn,
    responses((status = 200, body = Session), (status = "4XX", body = ErrorBody)))]
pub(super) async fn device_sign_in(
    State(app): State<Arc<App>>,
    Json(signed): Json<DeviceSignIn>,
) -> Result<Json<Session>, Error> {
    let now = app.now();
    let device = signed.device;
    let begin = move |tx: &mut dyn crate::tx::Tx| {
        let Some(person) = accounts::answer_challenge(tx, &signed, now)? else { return Ok(None) };
        accounts::begin_session(tx, person, Some(device), now, DEVICE_SESSION_MS).map(Some)
    };
    // The challenge is used up even when the answer is wrong, so the change is kept either way.
    let (token, person) = app.store.write(begin).await?.ok_or(Error::SignInRefused)?;
    let bundle_key = Some(app.keys.bundles.public());
    Ok(Json(Session { token, expires_in: DEVICE_SESSION_MS / 1000, person, bundle_key }))
}

/// Enrols the device the caller works on.
#[utoipa::path(post, path = "/api/devices", tag = "session", security(("token" = [])),
    request_body = EnrolDevice,
    responses((status = 200, body = EnrolledDevice), (status = "4XX", body = ErrorBody)))]
pub(super) async fn enrol_device(
    State(app): State<Arc<App>>,
    caller: Caller,
    Json(request): Json<EnrolDevice>,
) -> Result<Json<EnrolledDevice>, Error> {
    caller.require(Action::DoFieldWork)?;
    let now = app.now();
    let device =
        app.store.write(move |tx| accounts::enrol(tx, caller.person, &request, now)).await?;
    Ok(Json(EnrolledDevice { device, bundle_key: Some(app.keys.bundles.public()) }))
}
