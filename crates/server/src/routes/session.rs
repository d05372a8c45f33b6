//! Signing in and out, one's own password and second factor, and enrolling devices.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use mizan_protocol::code::ErrorBody;
use mizan_protocol::id::DeviceId;
use mizan_protocol::session::{
    Challenge, ChallengeRequest, ChangePassword, DeviceSignIn, EnrolDevice, EnrolledDevice,
    MAX_CLOCK_OFF_MS, OfflineGrant, Session, SignIn, TotpCode, TotpSetup,
};

use crate::accounts::devices::{self, Answered};
use crate::accounts::own::{self, Me, OwnSessions};
use crate::accounts::sessions::{self, Begun, Purpose};
use crate::accounts::{factor, sign_in as entrance};
use crate::app::{AnySession, App, Enrolling, WithoutFactor};
use crate::audit::{Act, By, Deed};
use crate::cookie;
use crate::error::Error;
use crate::json::Json;
use crate::rights::Action;
use crate::tx::Tx;

/// A session as its holder is told of it.
fn told(begun: Begun) -> Session {
    Session {
        token: begun.token,
        csrf: begun.csrf,
        expires_in: begun.lasts_ms / 1_000,
        person: begun.person,
        bundle_key: None,
        server_key: None,
        grant: None,
    }
}

/// Signs in by password and, where the account has one, second factor; or by an enrolment code, for a
/// session that can only enrol a device.
#[utoipa::path(post, path = "/api/session", tag = "session", request_body = SignIn,
    responses((status = 200, body = Session), (status = "4XX", body = ErrorBody)))]
pub(super) async fn sign_in(
    State(app): State<Arc<App>>,
    Json(request): Json<SignIn>,
) -> Result<Response, Error> {
    let begun = match entrance::sign_in(&app, request).await {
        Err(refused @ Error::SignInRefused) => {
            app.figures.refused_sign_ins.inc();
            return Err(refused);
        }
        done => done?,
    };
    let mut session = told(begun);
    if session.csrf.is_none() {
        return Ok(Json(session).into_response());
    }
    let token = std::mem::take(&mut session.token);
    let set = cookie::set(&token, session.expires_in)?;
    Ok(([(header::SET_COOKIE, set)], Json(session)).into_response())
}

/// Ends the session.
#[utoipa::path(delete, path = "/api/session", tag = "session",
    security(("token" = []), ("cookie" = [])),
    responses((status = 204), (status = "4XX", body = ErrorBody)))]
pub(super) async fn sign_out(
    State(app): State<Arc<App>>,
    AnySession(session): AnySession,
) -> Result<Response, Error> {
    session.caller.require(Action::KeepOwnAccount)?;
    let by = By::from(&session.caller);
    let end = move |tx: &mut dyn Tx| sessions::end(tx, &session.caller);
    app.change(by, end, |_| Act::new(Deed::SignedOut)).await?;
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, cookie::set("", 0)?)]).into_response())
}

/// Says who is signed in and what they may do; nothing where nobody is, which is no fault of a page that
/// asks.
#[utoipa::path(get, path = "/api/session", tag = "session",
    security((), ("token" = []), ("cookie" = [])),
    responses((status = 200, body = Me), (status = 204), (status = "4XX", body = ErrorBody)))]
pub(super) async fn who(
    State(app): State<Arc<App>>,
    found: Result<AnySession, Error>,
    headers: HeaderMap,
) -> Result<Response, Error> {
    let by_cookie = !headers.contains_key(header::AUTHORIZATION);
    let AnySession(session) = match found {
        Err(Error::NoSession) if by_cookie => return Ok(StatusCode::NO_CONTENT.into_response()),
        found => found?,
    };
    session.caller.require(Action::KeepOwnAccount)?;
    if session.purpose == Purpose::Enrol {
        return Err(Error::NotFound);
    }
    let standing = app.standing(&session);
    let me = app.store.read(move |tx| own::me(tx, &session, standing)).await?;
    // A page that was loaded again has forgotten it.
    let token = cookie::token(&headers).filter(|_| by_cookie);
    let csrf = token.map(|token| app.keys.shown_by_pages(token));
    Ok(Json(Me { csrf, ..me }).into_response())
}

/// Lists where the caller is signed in.
#[utoipa::path(get, path = "/api/sessions", tag = "session",
    security(("token" = []), ("cookie" = [])),
    responses((status = 200, body = OwnSessions), (status = "4XX", body = ErrorBody)))]
pub(super) async fn own_sessions(
    State(app): State<Arc<App>>,
    WithoutFactor(caller): WithoutFactor,
) -> Result<Json<OwnSessions>, Error> {
    caller.require(Action::KeepOwnAccount)?;
    let now = app.now();
    Ok(Json(app.store.read(move |tx| own::places(tx, &caller, now)).await?))
}

/// Ends the caller's other sessions.
#[utoipa::path(delete, path = "/api/sessions", tag = "session",
    security(("token" = []), ("cookie" = [])),
    responses((status = 204), (status = "4XX", body = ErrorBody)))]
pub(super) async fn end_other_sessions(
    State(app): State<Arc<App>>,
    WithoutFactor(caller): WithoutFactor,
) -> Result<StatusCode, Error> {
    caller.require(Action::KeepOwnAccount)?;
    let by = By::from(&caller);
    let end = move |tx: &mut dyn Tx| sessions::end_others(tx, &caller);
    app.change(by, end, |()| Act::new(Deed::SignedOut).with("which", "others")).await?;
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
    let make = move |tx: &mut dyn Tx| devices::challenge(tx, request.device, now);
    Ok(Json(Challenge { challenge: app.store.write(make).await? }))
}

/// Signs in by a device's key. A device that was revoked is told so, and whether to wipe itself.
#[utoipa::path(post, path = "/api/session/device", tag = "session", request_body = DeviceSignIn,
    responses((status = 200, body = Session), (status = "4XX", body = ErrorBody)))]
pub(super) async fn device_sign_in(
    State(app): State<Arc<App>>,
    Json(signed): Json<DeviceSignIn>,
) -> Result<Json<Session>, Error> {
    let now = app.now();
    let device = signed.device;
    let clock_off_ms = signed.clock.map_or(0, |clock| clock.saturating_sub(now));
    // The challenge is used up even when the answer is wrong, so the change is kept either way.
    let begin = move |tx: &mut dyn Tx| devices::sign_in(tx, &signed, now);
    let act = move |answered: &Answered| match answered {
        Answered::Begun(begun) => {
            let by = By { person: Some(begun.person.id.0), device: Some(device.0) };
            let act = Act::new(Deed::SignedIn).with("by", "device_key").by(by);
            match clock_off_ms.saturating_abs() > MAX_CLOCK_OFF_MS {
                true => act.with("clock_off_s", clock_off_ms / 1_000),
                false => act,
            }
        }
        Answered::Revoked(_) | Answered::Wrong => {
            Act::new(Deed::SignInRefused).with("by", "device_key")
        }
    };
    match app.change(By::NOBODY, begin, act).await? {
        Answered::Begun(begun) => Ok(Json(Session {
            bundle_key: Some(app.keys.bundles.public()),
            server_key: Some(app.keys.signing.public()),
            grant: Some(OfflineGrant::sign(device, now, now + app.offline_ms, &app.keys.signing)),
            ..told(begun)
        })),
        Answered::Revoked(wipe_at) => Err(devices::revoked(&app.keys, device, wipe_at)),
        Answered::Wrong => {
            app.figures.refused_sign_ins.inc();
            Err(Error::SignInRefused)
        }
    }
}

/// Changes the caller's password; their other sessions end.
#[utoipa::path(post, path = "/api/session/password", tag = "session",
    security(("token" = []), ("cookie" = [])), request_body = ChangePassword,
    responses((status = 204), (status = "4XX", body = ErrorBody)))]
pub(super) async fn change_password(
    State(app): State<Arc<App>>,
    WithoutFactor(caller): WithoutFactor,
    Json(request): Json<ChangePassword>,
) -> Result<StatusCode, Error> {
    caller.require(Action::KeepOwnAccount)?;
    entrance::change_password(&app, caller, request).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Begins a second factor for the caller's account; it counts once its first code is given.
#[utoipa::path(post, path = "/api/session/totp", tag = "session",
    security(("token" = []), ("cookie" = [])),
    responses((status = 200, body = TotpSetup), (status = "4XX", body = ErrorBody)))]
pub(super) async fn begin_totp(
    State(app): State<Arc<App>>,
    WithoutFactor(caller): WithoutFactor,
) -> Result<Json<TotpSetup>, Error> {
    caller.require(Action::KeepOwnAccount)?;
    let keys = Arc::clone(&app.keys);
    let begin = move |tx: &mut dyn Tx| factor::begin(tx, &keys, &caller);
    Ok(Json(app.change(By::from(&caller), begin, |_| Act::new(Deed::FactorBegun)).await?))
}

/// Takes the first code of the caller's second factor; from now on signing in needs one.
#[utoipa::path(post, path = "/api/session/totp/confirm", tag = "session",
    security(("token" = []), ("cookie" = [])), request_body = TotpCode,
    responses((status = 204), (status = "4XX", body = ErrorBody)))]
pub(super) async fn confirm_totp(
    State(app): State<Arc<App>>,
    WithoutFactor(caller): WithoutFactor,
    Json(given): Json<TotpCode>,
) -> Result<StatusCode, Error> {
    caller.require(Action::KeepOwnAccount)?;
    let (keys, now) = (Arc::clone(&app.keys), app.now());
    let confirm = move |tx: &mut dyn Tx| factor::confirm(tx, &keys, &caller, &given.code, now);
    app.change(By::from(&caller), confirm, |()| Act::new(Deed::FactorConfirmed)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Enrols the device the caller works on.
#[utoipa::path(post, path = "/api/devices", tag = "session", security(("token" = [])),
    request_body = EnrolDevice,
    responses((status = 200, body = EnrolledDevice), (status = "4XX", body = ErrorBody)))]
pub(super) async fn enrol_device(
    State(app): State<Arc<App>>,
    Enrolling(session): Enrolling,
    Json(request): Json<EnrolDevice>,
) -> Result<Json<EnrolledDevice>, Error> {
    session.caller.require(Action::DoFieldWork)?;
    let now = app.now();
    let enrol = move |tx: &mut dyn Tx| devices::enrol(tx, &session, &request, now);
    let by = By::from(&session.caller);
    let act = |device: &DeviceId| Act::new(Deed::DeviceEnrolled).on("device", device);
    let device = app.change(by, enrol, act).await?;
    Ok(Json(EnrolledDevice {
        device,
        bundle_key: Some(app.keys.bundles.public()),
        server_key: Some(app.keys.signing.public()),
        receipts: true,
    }))
}
