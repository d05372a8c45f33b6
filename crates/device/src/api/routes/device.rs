//! Making, unlocking, locking and enrolling the device, and how its screen is set up.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use mizan_protocol::code::ErrorBody;
use tokio::sync::oneshot;

use crate::api::app::App;
use crate::api::refusal::Refusal;
use crate::api::settings::Settings;
use crate::api::view::device::{DeviceState, Enrol, NewPassphrase, Passphrase};
use crate::device::Device;
use crate::error::Error;
use crate::exchange;
use crate::home::Home;
use crate::keys::{KeyFile, Unlock};

/// Says where the device stands.
#[utoipa::path(get, path = "/api/device/state", tag = "device",
    responses((status = 200, body = DeviceState), (status = "5XX", body = ErrorBody)))]
pub(super) async fn state(State(app): State<Arc<App>>) -> Result<Json<DeviceState>, Refusal> {
    let look = |app: &App, device: Option<&mut Device>| {
        DeviceState::of(&Home::at(&app.environment.home), device.as_deref())
    };
    Ok(Json(app.look(look).await?))
}

/// Makes a device where there is none, and unlocks it.
#[utoipa::path(post, path = "/api/device/create", tag = "device", request_body = Passphrase,
    responses((status = 200, body = DeviceState), (status = "4XX", body = ErrorBody)))]
pub(super) async fn create(
    State(app): State<Arc<App>>,
    Json(given): Json<Passphrase>,
) -> Result<Json<DeviceState>, Refusal> {
    let make = move |app: &App| {
        let outside = &app.environment;
        let (now, rng) = (app.now().wall_ms, (outside.randomness)());
        Device::create(&outside.home, &given.passphrase, outside.cost, now, rng)
    };
    open(&app, make, |home| Err(Error::AlreadyExists { home: home.path().to_owned() })).await
}

/// Unlocks the device.
#[utoipa::path(post, path = "/api/device/unlock", tag = "device", request_body = Passphrase,
    responses((status = 200, body = DeviceState), (status = "4XX", body = ErrorBody)))]
pub(super) async fn unlock(
    State(app): State<Arc<App>>,
    Json(given): Json<Passphrase>,
) -> Result<Json<DeviceState>, Refusal> {
    let given = Arc::new(given);
    let again = Arc::clone(&given);
    let make = move |app: &App| {
        let (outside, unlock) = (&app.environment, Unlock::passphrase(&given.passphrase));
        Device::open(&outside.home, &unlock, app.now().wall_ms, (outside.randomness)())
    };
    // Open already: a wrong passphrase is told all the same.
    let check = move |home: &Home| {
        KeyFile::read(&home.keys())?.unlock(&Unlock::passphrase(&again.passphrase)).map(|_| ())
    };
    open(&app, make, check).await
}

/// Begins with an empty database after a damaged or missing one, which stays as it is.
#[utoipa::path(post, path = "/api/device/begin-again", tag = "device", request_body = Passphrase,
    responses((status = 200, body = DeviceState), (status = "4XX", body = ErrorBody)))]
pub(super) async fn begin_again(
    State(app): State<Arc<App>>,
    Json(given): Json<Passphrase>,
) -> Result<Json<DeviceState>, Refusal> {
    let make = move |app: &App| {
        let (outside, unlock) = (&app.environment, Unlock::passphrase(&given.passphrase));
        Device::begin_again(&outside.home, &unlock, app.now().wall_ms, (outside.randomness)())
    };
    open(&app, make, |home| Err(Error::AlreadyExists { home: home.path().to_owned() })).await
}

/// Locks the device: a running sync ends, and its keys leave the memory.
#[utoipa::path(post, path = "/api/device/lock", tag = "device",
    responses((status = 200, body = DeviceState), (status = "5XX", body = ErrorBody)))]
pub(super) async fn lock(State(app): State<Arc<App>>) -> Result<Json<DeviceState>, Refusal> {
    app.lock().await?;
    state(State(app)).await
}

/// Changes the passphrase.
#[utoipa::path(post, path = "/api/device/passphrase", tag = "device",
    request_body = NewPassphrase,
    responses((status = 204), (status = "4XX", body = ErrorBody)))]
pub(super) async fn change_passphrase(
    State(app): State<Arc<App>>,
    Json(given): Json<NewPassphrase>,
) -> Result<StatusCode, Refusal> {
    let cost = app.environment.cost;
    let change =
        move |device: &mut Device, _: &_| device.change_passphrase(&given.old, &given.new, cost);
    app.work(change).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Signs in to a server, once, and registers the device there.
#[utoipa::path(post, path = "/api/device/enrol", tag = "device", request_body = Enrol,
    responses((status = 200, body = DeviceState), (status = "4XX", body = ErrorBody),
        (status = "5XX", body = ErrorBody)))]
pub(super) async fn enrol(
    State(app): State<Arc<App>>,
    Json(asked): Json<Enrol>,
) -> Result<Json<DeviceState>, Refusal> {
    let (told, done) = oneshot::channel();
    let begin = move |app: &Arc<App>, opened: &mut crate::api::app::Opened| {
        opened.device().check_server(&asked.server)?;
        let connection = (app.environment.connect)(&asked.server)?;
        opened.exchange(move |device| async move {
            let Enrol { server, user, password, device_name } = &asked;
            let enrolled =
                exchange::enrol(&device, &connection, server, user, password, device_name).await;
            // Nobody may be waiting any more; the enrolment stands all the same.
            let _ = told.send(enrolled);
        });
        Ok(())
    };
    app.opened(begin).await?;
    // Ended without a word when the device is locked meanwhile.
    done.await.map_err(|_| Refusal::locked())??;
    state(State(app)).await
}

/// Gives how the screen is set up.
#[utoipa::path(get, path = "/api/device/settings", tag = "device",
    responses((status = 200, body = Settings)))]
pub(super) async fn settings(State(app): State<Arc<App>>) -> Result<Json<Settings>, Refusal> {
    app.blocking(|app| Ok(Json(Settings::read(&app.environment.home)))).await
}

/// Sets the screen up.
#[utoipa::path(put, path = "/api/device/settings", tag = "device", request_body = Settings,
    responses((status = 200, body = Settings), (status = "4XX", body = ErrorBody)))]
pub(super) async fn set_settings(
    State(app): State<Arc<App>>,
    Json(settings): Json<Settings>,
) -> Result<Json<Settings>, Refusal> {
    if !settings.is_sensible() {
        return Err(Refusal::invalid("lock_after_min", "0 to 1440"));
    }
    let write = move |app: &Arc<App>| {
        settings.write(&app.environment.home)?;
        Ok(Json(settings))
    };
    app.blocking(write).await
}

/// Puts a device in its place and says where it stands; `opened_already` judges when one is there.
async fn open(
    app: &Arc<App>,
    make: impl FnOnce(&App) -> Result<Device, Error> + Send + 'static,
    opened_already: impl FnOnce(&Home) -> Result<(), Error> + Send + 'static,
) -> Result<Json<DeviceState>, Refusal> {
    let open = move |app: &App, open: Option<&mut Device>| {
        let home = Home::at(&app.environment.home);
        if let Some(device) = open {
            opened_already(&home)?;
            return Ok((None, DeviceState::of(&home, Some(device))?));
        }
        let device = make(app)?;
        let state = DeviceState::of(&home, Some(&device))?;
        Ok((Some(device), state))
    };
    Ok(Json(app.open(open).await?))
}
