//! Meetings of the committee.

use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse as _, Response};
use mizan_domain::meeting::ItemEvent;
use mizan_protocol::code::ErrorBody;
use mizan_protocol::id::{CentreId, CycleId, MeetingId};
use mizan_protocol::meeting::{
    ChangeMeeting, CommitteeRules, ItemStep, MeetingJson, MeetingStep, NewMeeting, Recuse,
    SignedMinutes, VoteJson, Words,
};

use super::committee::{DocumentLanguage, language};
use crate::accounts::Caller;
use crate::app::App;
use crate::audit::{Act, By, Deed};
use crate::error::Error;
use crate::json::Json;
use crate::meetings::{self as actions, ballot, minutes as kept, paper};
use crate::rights::Action;
use crate::tx::Tx;

/// Says how the committee of a cycle decides.
#[utoipa::path(get, path = "/api/cycles/{cycle}/committee-rules", tag = "meetings",
    security(("token" = [])), params(("cycle" = CycleId, Path)),
    responses((status = 200, body = CommitteeRules), (status = "4XX", body = ErrorBody)))]
pub(super) async fn rules(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(cycle): Path<CycleId>,
) -> Result<Json<CommitteeRules>, Error> {
    caller.require(Action::ReadRules)?;
    Ok(Json(app.store.read(move |tx| actions::rules(tx, cycle)).await?))
}

/// Sets how the committee of a cycle decides.
#[utoipa::path(put, path = "/api/cycles/{cycle}/committee-rules", tag = "meetings",
    security(("token" = [])), params(("cycle" = CycleId, Path)), request_body = CommitteeRules,
    responses((status = 200, body = CommitteeRules), (status = "4XX", body = ErrorBody)))]
pub(super) async fn set_rules(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(cycle): Path<CycleId>,
    Json(rules): Json<CommitteeRules>,
) -> Result<Json<CommitteeRules>, Error> {
    caller.require(Action::ManageProgramme)?;
    let set = move |tx: &mut dyn Tx| actions::set_rules(tx, cycle, &rules);
    let act = move |rules: &CommitteeRules| {
        let act = Act::new(Deed::CommitteeRulesSet).on("cycle", cycle);
        act.with("quorum", rules.quorum).with("only_in_meetings", rules.only_in_meetings)
    };
    Ok(Json(app.change(By::from(&caller), set, act).await?))
}

/// Lists the meetings of a cycle.
#[utoipa::path(get, path = "/api/cycles/{cycle}/meetings", tag = "meetings",
    security(("token" = [])), params(("cycle" = CycleId, Path)),
    responses((status = 200, body = Vec<MeetingJson>), (status = "4XX", body = ErrorBody)))]
pub(super) async fn meetings(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(cycle): Path<CycleId>,
) -> Result<Json<Vec<MeetingJson>>, Error> {
    caller.require(Action::ReadMeetings)?;
    let read = move |tx: &mut dyn Tx| actions::meetings(tx, &caller, cycle);
    Ok(Json(app.store.read(read).await?))
}

/// Calls a meeting.
#[utoipa::path(post, path = "/api/cycles/{cycle}/meetings", tag = "meetings",
    security(("token" = [])), params(("cycle" = CycleId, Path)), request_body = NewMeeting,
    responses((status = 200, body = MeetingJson), (status = "4XX", body = ErrorBody)))]
pub(super) async fn call(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(cycle): Path<CycleId>,
    Json(new): Json<NewMeeting>,
) -> Result<Json<MeetingJson>, Error> {
    caller.require(Action::PrepareMeetings)?;
    let call = move |tx: &mut dyn Tx| actions::call(tx, &caller, cycle, &new);
    let act = |made: &MeetingJson| Act::new(Deed::MeetingCalled).on("meeting", made.id);
    Ok(Json(app.change(By::from(&caller), call, act).await?))
}

/// Shows a meeting.
#[utoipa::path(get, path = "/api/meetings/{meeting}", tag = "meetings", security(("token" = [])),
    params(("meeting" = MeetingId, Path)),
    responses((status = 200, body = MeetingJson), (status = "4XX", body = ErrorBody)))]
pub(super) async fn meeting(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(meeting): Path<MeetingId>,
) -> Result<Json<MeetingJson>, Error> {
    caller.require(Action::ReadMeetings)?;
    let read = move |tx: &mut dyn Tx| actions::show(tx, &caller, meeting);
    Ok(Json(app.store.read(read).await?))
}

/// Changes the attendance and the agenda of a meeting.
#[utoipa::path(post, path = "/api/meetings/{meeting}", tag = "meetings", security(("token" = [])),
    params(("meeting" = MeetingId, Path)), request_body = ChangeMeeting,
    responses((status = 200, body = MeetingJson), (status = "4XX", body = ErrorBody)))]
pub(super) async fn change(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(meeting): Path<MeetingId>,
    Json(change): Json<ChangeMeeting>,
) -> Result<Json<MeetingJson>, Error> {
    caller.require(Action::PrepareMeetings)?;
    let body = move |tx: &mut dyn Tx| actions::change(tx, &caller, meeting, &change);
    let act = move |_: &MeetingJson| Act::new(Deed::MeetingChanged).on("meeting", meeting);
    Ok(Json(app.change(By::from(&caller), body, act).await?))
}

/// Opens a meeting, or closes it.
#[utoipa::path(post, path = "/api/meetings/{meeting}/step", tag = "meetings",
    security(("token" = [])), params(("meeting" = MeetingId, Path)), request_body = MeetingStep,
    responses((status = 200, body = MeetingJson), (status = "4XX", body = ErrorBody)))]
pub(super) async fn step(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(meeting): Path<MeetingId>,
    Json(MeetingStep { event }): Json<MeetingStep>,
) -> Result<Json<MeetingJson>, Error> {
    caller.require(Action::PresideMeetings)?;
    let (keys, now) = (Arc::clone(&app.keys), app.now());
    let body = move |tx: &mut dyn Tx| actions::step(tx, &keys, &caller, meeting, &event, now);
    let act = move |after: &MeetingJson| {
        Act::new(Deed::MeetingStepped).on("meeting", meeting).with("state", &after.state)
    };
    Ok(Json(app.change(By::from(&caller), body, act).await?))
}

/// Gives the signed minutes of a closed meeting.
#[utoipa::path(get, path = "/api/meetings/{meeting}/minutes", tag = "meetings",
    security(("token" = [])), params(("meeting" = MeetingId, Path)),
    responses((status = 200, body = SignedMinutes), (status = "4XX", body = ErrorBody)))]
pub(super) async fn minutes(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(meeting): Path<MeetingId>,
) -> Result<Json<SignedMinutes>, Error> {
    caller.require(Action::ReadMeetings)?;
    let keys = Arc::clone(&app.keys);
    let read = move |tx: &mut dyn Tx| kept::minutes(tx, &keys, meeting);
    Ok(Json(app.store.read(read).await?))
}

/// Gives the minutes of a closed meeting as a PDF, which says how to hold it against the signed minutes.
#[utoipa::path(get, path = "/api/meetings/{meeting}/minutes/pdf", tag = "meetings",
    operation_id = "minutes_pdf", security(("token" = [])),
    params(("meeting" = MeetingId, Path), ("lang" = String, Query, description = "`ar` or `en`")),
    responses((status = 200, body = Vec<u8>, content_type = "application/pdf"),
        (status = "4XX", body = ErrorBody)))]
pub(super) async fn minutes_pdf(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(meeting): Path<MeetingId>,
    Query(DocumentLanguage { lang }): Query<DocumentLanguage>,
) -> Result<Response, Error> {
    caller.require(Action::ReadMeetings)?;
    let language = language(&lang)?;
    let keys = Arc::clone(&app.keys);
    let minutes = app.store.read(move |tx| paper::paper(tx, &keys, meeting)).await?;
    let render = move || {
        app.with_renderer(|renderer| {
            let rendered = renderer.render_minutes(&minutes, language);
            rendered.map_err(|error| Error::Report(error.to_string()))
        })
    };
    let pdf = tokio::task::spawn_blocking(render).await.map_err(|_| Error::Stopped)??;
    Ok(([(CONTENT_TYPE, "application/pdf")], pdf).into_response())
}

/// Enters what is done about a centre on an agenda: that it is done, and never what was chosen or said.
fn on_centre(deed: Deed, meeting: MeetingId, centre: CentreId) -> Act {
    Act::new(deed).on("centre", centre).with("meeting", meeting)
}

/// Opens or closes the ballot on a centre, or leaves it to another meeting.
#[utoipa::path(post, path = "/api/meetings/{meeting}/centres/{centre}/step", tag = "meetings",
    security(("token" = [])), params(("meeting" = MeetingId, Path), ("centre" = CentreId, Path)),
    request_body = ItemStep,
    responses((status = 200, body = MeetingJson), (status = "4XX", body = ErrorBody)))]
pub(super) async fn item_step(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path((meeting, centre)): Path<(MeetingId, CentreId)>,
    Json(ItemStep { event }): Json<ItemStep>,
) -> Result<Json<MeetingJson>, Error> {
    caller.require(Action::PresideMeetings)?;
    let body = move |tx: &mut dyn Tx| ballot::step(tx, &caller, (meeting, centre), &event);
    let act = move |_: &MeetingJson| on_centre(Deed::AgendaStepped, meeting, centre);
    Ok(Json(app.change(By::from(&caller), body, act).await?))
}

/// Votes on a centre; nobody else sees it before the ballot is closed.
#[utoipa::path(post, path = "/api/meetings/{meeting}/centres/{centre}/vote", tag = "meetings",
    security(("token" = [])), params(("meeting" = MeetingId, Path), ("centre" = CentreId, Path)),
    request_body = VoteJson,
    responses((status = 200, body = MeetingJson), (status = "4XX", body = ErrorBody)))]
pub(super) async fn vote(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path((meeting, centre)): Path<(MeetingId, CentreId)>,
    Json(vote): Json<VoteJson>,
) -> Result<Json<MeetingJson>, Error> {
    caller.require(Action::TakePartInMeetings)?;
    let body = move |tx: &mut dyn Tx| ballot::vote(tx, &caller, (meeting, centre), &vote);
    let act = move |_: &MeetingJson| on_centre(Deed::VoteCast, meeting, centre);
    Ok(Json(app.change(By::from(&caller), body, act).await?))
}

/// Notes what was said of a centre.
#[utoipa::path(post, path = "/api/meetings/{meeting}/centres/{centre}/notes", tag = "meetings",
    security(("token" = [])), params(("meeting" = MeetingId, Path), ("centre" = CentreId, Path)),
    request_body = Words,
    responses((status = 200, body = MeetingJson), (status = "4XX", body = ErrorBody)))]
pub(super) async fn note(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path((meeting, centre)): Path<(MeetingId, CentreId)>,
    Json(words): Json<Words>,
) -> Result<Json<MeetingJson>, Error> {
    caller.require(Action::TakePartInMeetings)?;
    let now = app.now();
    let body = move |tx: &mut dyn Tx| {
        ballot::say(tx, &caller, (meeting, centre), ItemEvent::Note, &words, now)
    };
    let act = move |_: &MeetingJson| on_centre(Deed::DiscussionNoted, meeting, centre);
    Ok(Json(app.change(By::from(&caller), body, act).await?))
}

/// Records that a member does not share the decision on a centre.
#[utoipa::path(post, path = "/api/meetings/{meeting}/centres/{centre}/dissents", tag = "meetings",
    security(("token" = [])), params(("meeting" = MeetingId, Path), ("centre" = CentreId, Path)),
    request_body = Words,
    responses((status = 200, body = MeetingJson), (status = "4XX", body = ErrorBody)))]
pub(super) async fn dissent(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path((meeting, centre)): Path<(MeetingId, CentreId)>,
    Json(words): Json<Words>,
) -> Result<Json<MeetingJson>, Error> {
    caller.require(Action::TakePartInMeetings)?;
    let now = app.now();
    let body = move |tx: &mut dyn Tx| {
        ballot::say(tx, &caller, (meeting, centre), ItemEvent::Dissent, &words, now)
    };
    let act = move |_: &MeetingJson| on_centre(Deed::DissentRecorded, meeting, centre);
    Ok(Json(app.change(By::from(&caller), body, act).await?))
}

/// Records that a member abstains from a centre.
#[utoipa::path(post, path = "/api/meetings/{meeting}/centres/{centre}/recusals", tag = "meetings",
    security(("token" = [])), params(("meeting" = MeetingId, Path), ("centre" = CentreId, Path)),
    request_body = Recuse,
    responses((status = 200, body = MeetingJson), (status = "4XX", body = ErrorBody)))]
pub(super) async fn recuse(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path((meeting, centre)): Path<(MeetingId, CentreId)>,
    Json(recuse): Json<Recuse>,
) -> Result<Json<MeetingJson>, Error> {
    caller.require(Action::TakePartInMeetings)?;
    let now = app.now();
    let body = move |tx: &mut dyn Tx| ballot::recuse(tx, &caller, (meeting, centre), &recuse, now);
    let act = move |_: &MeetingJson| on_centre(Deed::MemberRecused, meeting, centre);
    Ok(Json(app.change(By::from(&caller), body, act).await?))
}
