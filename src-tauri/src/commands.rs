//! The three commands the page may call. Each reads its call, asks one function, answers.

use axum::Router;
use percent_encoding::percent_decode_str;
use tauri::ipc::{Request, Response};
use tauri::{AppHandle, State, WebviewWindow};

use crate::drops::Drops;
use crate::error::Error;
use crate::{bridge, save};

/// Asks the device's router; see [`bridge`] for the form of call and answer.
#[tauri::command]
pub(crate) async fn api(
    request: Request<'_>,
    router: State<'_, Router>,
) -> Result<Response, Error> {
    let request = bridge::request(request.headers(), request.body())?;
    Ok(Response::new(bridge::answer(router.inner().clone(), request).await?))
}

/// Writes the body where the person says, under the name in the header `name` unless they choose
/// another. False means they changed their mind.
#[tauri::command]
pub(crate) async fn save_file(
    request: Request<'_>,
    app: AppHandle,
    window: WebviewWindow,
) -> Result<bool, Error> {
    let name = header(&request, "name")?;
    let bytes = bridge::bytes(request.body()).ok_or(Error::BadCall("body"))?;
    let Some(path) = save::ask(&app, &window, &name).await? else { return Ok(false) };
    let written = tokio::task::spawn_blocking(move || save::write(&path, &bytes));
    written.await.map_err(|_| Error::BrokeOff)?.map_err(Error::NotWritten)?;
    Ok(true)
}

/// The bytes of a file of the last drop; its id is in the header `file`.
#[tauri::command]
pub(crate) async fn dropped_file(
    request: Request<'_>,
    drops: State<'_, Drops>,
) -> Result<Response, Error> {
    let file = drops.find(&header(&request, "file")?)?;
    let read = tokio::task::spawn_blocking(move || file.read());
    let bytes = read.await.map_err(|_| Error::BrokeOff)?.map_err(Error::NotRead)?;
    Ok(Response::new(bytes))
}

/// A header's value, percent-decoded because a header holds no Arabic.
fn header(request: &Request<'_>, name: &'static str) -> Result<String, Error> {
    let value = request.headers().get(name).and_then(|value| value.to_str().ok());
    let text = value.and_then(|value| percent_decode_str(value).decode_utf8().ok());
    text.map(|text| text.into_owned()).ok_or(Error::BadCall(name))
}
