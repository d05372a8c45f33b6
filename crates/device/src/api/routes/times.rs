//! The moments of a visit, and its contacts with theirs. Each change fills in the answers it tells.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use mizan_domain::contact::{Channel, ContactMoment};
use mizan_domain::timeline::Moment;
use mizan_protocol::code::ErrorBody;
use mizan_protocol::id::{ContactId, VisitId};

use crate::api::app::App;
use crate::api::refusal::Refusal;
use crate::api::view::time::{ContactOpened, ContactTime, Correction, When};
use crate::api::view::visit::{self, VisitView};
use crate::clock::{At, Reading};
use crate::device::Device;
use crate::error::Error;

/// Notes a moment, or corrects it.
#[utoipa::path(put, path = "/api/device/visits/{visit}/times/{moment}", tag = "times",
    params(("visit" = VisitId, Path), ("moment" = String, Path)), request_body = When,
    responses((status = 200, body = VisitView), (status = "4XX", body = ErrorBody)))]
pub(super) async fn set(
    State(app): State<Arc<App>>,
    Path((id, word)): Path<(VisitId, String)>,
    Json(given): Json<When>,
) -> Result<Json<VisitView>, Refusal> {
    let moment = moment(&word)?;
    change(&app, id, move |device, now| match given.at_ms {
        Some(at_ms) => device.time_at(id, moment, at_ms, now.wall_ms),
        None => device.time_now(id, moment, now.clone()).map(|_| ()),
    })
    .await
}

/// Takes a moment back.
#[utoipa::path(delete, path = "/api/device/visits/{visit}/times/{moment}", tag = "times",
    params(("visit" = VisitId, Path), ("moment" = String, Path)),
    responses((status = 200, body = VisitView), (status = "4XX", body = ErrorBody)))]
pub(super) async fn remove(
    State(app): State<Arc<App>>,
    Path((id, word)): Path<(VisitId, String)>,
) -> Result<Json<VisitView>, Refusal> {
    let moment = moment(&word)?;
    change(&app, id, move |device, now| device.untime(id, moment, now.wall_ms)).await
}

/// Opens a contact, after those there are.
#[utoipa::path(post, path = "/api/device/visits/{visit}/contacts", tag = "times",
    params(("visit" = VisitId, Path)), request_body = ContactOpened,
    responses((status = 200, body = VisitView), (status = "4XX", body = ErrorBody)))]
pub(super) async fn open_contact(
    State(app): State<Arc<App>>,
    Path(id): Path<VisitId>,
    Json(given): Json<ContactOpened>,
) -> Result<Json<VisitView>, Refusal> {
    let channel = Channel::from_word(&given.channel)
        .ok_or_else(|| unknown("channel", Channel::ALL.iter().map(|of| of.word())))?;
    change(&app, id, move |device, now| {
        device.add_contact(id, channel, None, now.wall_ms).map(|_| ())
    })
    .await
}

/// Takes a contact back, with its moments.
#[utoipa::path(delete, path = "/api/device/visits/{visit}/contacts/{contact}", tag = "times",
    params(("visit" = VisitId, Path), ("contact" = ContactId, Path)),
    responses((status = 200, body = VisitView), (status = "4XX", body = ErrorBody)))]
pub(super) async fn remove_contact(
    State(app): State<Arc<App>>,
    Path((id, contact)): Path<(VisitId, ContactId)>,
) -> Result<Json<VisitView>, Refusal> {
    change(&app, id, move |device, now| device.remove_contact(id, contact, now.wall_ms)).await
}

/// Notes the next moment of a contact.
#[utoipa::path(post, path = "/api/device/visits/{visit}/contacts/{contact}/moments", tag = "times",
    params(("visit" = VisitId, Path), ("contact" = ContactId, Path)),
    request_body = ContactTime,
    responses((status = 200, body = VisitView), (status = "4XX", body = ErrorBody)))]
pub(super) async fn add_moment(
    State(app): State<Arc<App>>,
    Path((id, contact)): Path<(VisitId, ContactId)>,
    Json(given): Json<ContactTime>,
) -> Result<Json<VisitView>, Refusal> {
    let moment = ContactMoment::from_word(&given.moment)
        .ok_or_else(|| unknown("moment", ContactMoment::ALL.iter().map(|of| of.word())))?;
    change(&app, id, move |device, now| {
        let at = match given.at_ms {
            Some(at_ms) => At::Given { at_ms, now_ms: now.wall_ms },
            None => At::Now(now.clone()),
        };
        device.contact_moment(id, contact, moment, &at).map(|_| ())
    })
    .await
}

/// Corrects a moment of a contact, counted from 0.
#[utoipa::path(put, path = "/api/device/visits/{visit}/contacts/{contact}/moments/{index}",
    tag = "times",
    params(("visit" = VisitId, Path), ("contact" = ContactId, Path), ("index" = usize, Path)),
    request_body = Correction,
    responses((status = 200, body = VisitView), (status = "4XX", body = ErrorBody)))]
pub(super) async fn correct_moment(
    State(app): State<Arc<App>>,
    Path((id, contact, index)): Path<(VisitId, ContactId, usize)>,
    Json(Correction { at_ms }): Json<Correction>,
) -> Result<Json<VisitView>, Refusal> {
    change(&app, id, move |device, now| {
        device.correct_contact_moment(id, contact, index, at_ms, now.wall_ms)
    })
    .await
}

/// Takes a moment of a contact back, counted from 0.
#[utoipa::path(delete, path = "/api/device/visits/{visit}/contacts/{contact}/moments/{index}",
    tag = "times",
    params(("visit" = VisitId, Path), ("contact" = ContactId, Path), ("index" = usize, Path)),
    responses((status = 200, body = VisitView), (status = "4XX", body = ErrorBody)))]
pub(super) async fn remove_moment(
    State(app): State<Arc<App>>,
    Path((id, contact, index)): Path<(VisitId, ContactId, usize)>,
) -> Result<Json<VisitView>, Refusal> {
    change(&app, id, move |device, now| {
        device.remove_contact_moment(id, contact, index, now.wall_ms)
    })
    .await
}

/// Changes the times of a visit and gives it whole: the answers may have changed with them.
async fn change(
    app: &Arc<App>,
    id: VisitId,
    change: impl FnOnce(&mut Device, &Reading) -> Result<(), Error> + Send + 'static,
) -> Result<Json<VisitView>, Refusal> {
    let work = move |device: &mut Device, now: &Reading| {
        change(device, now)?;
        visit::visit(device, id)
    };
    Ok(Json(app.work(work).await?))
}

fn moment(word: &str) -> Result<Moment, Refusal> {
    let allowed = || unknown("moment", Moment::ALL.iter().map(|of| of.word()));
    Moment::from_word(word).ok_or_else(allowed)
}

fn unknown(field: &str, allowed: impl Iterator<Item = &'static str>) -> Refusal {
    Refusal::invalid(field, &allowed.collect::<Vec<_>>().join(", "))
}
