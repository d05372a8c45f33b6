//! The review of the demo: every seal is opened and verified, one visit goes back with a question,
//! critical hits are ruled on, all is validated.

use anyhow::{Context as _, Result, bail};
use mizan_protocol::api::{CentreResult, CriticalRuling, ReturnVisit, ReviewItem, ReviewVisit};
use mizan_protocol::canonical::Digest;
use mizan_protocol::evaluation::EvaluationDocument;
use mizan_protocol::record::Question;
use serde_json::json;

use super::field::{self, Devices, Seen};
use super::programme::{Planned, Programme, password};
use super::story::Story;
use super::words;
use crate::client::Client;
use crate::progress::Progress;

/// What the review came to.
pub(super) struct Reviewed {
    pub(super) validated: usize,
    pub(super) returned: usize,
    pub(super) confirmed: usize,
    pub(super) dismissed: usize,
}

/// Reviews everything.
pub(super) fn review(
    server: &str,
    programme: &Programme,
    seen: &Seen,
    devices: &Devices,
    chair: &Client,
) -> Result<Reviewed> {
    let mut reviewer = Client::new(server)?;
    reviewer.sign_in("reviewer", &password("reviewer"))?;
    let queue: Vec<ReviewItem> = reviewer.get("/api/review/queue")?;
    if queue.len() != programme.visits.len() {
        bail!("{} of {} visits are in the queue", queue.len(), programme.visits.len());
    }
    let progress = Progress::start("review", queue.len());
    let to_return = programme.visits.first().context("a visit to return")?;
    for item in &queue {
        let (under_review, document) = take_up(&reviewer, item)?;
        look_at_evidence(&reviewer, &under_review, &document)?;
        if item.visit == to_return.id {
            send_back_and_wait(&reviewer, seen, devices, to_return)?;
            progress.note("one visit was returned with a question and came back as revision 2");
        }
        let path = format!("/api/visits/{}/validate", item.visit);
        let _: ReviewItem = reviewer.post(&path, &json!({}))?;
        progress.step();
    }
    let rulings = rule(&reviewer, programme, chair)?;
    let (confirmed, dismissed) = rulings;
    progress.note(&format!("critical hits: {confirmed} confirmed, {dismissed} dismissed"));
    progress.finish(&format!("{} seals verified, all visits validated", queue.len()));
    Ok(Reviewed { validated: queue.len(), returned: 1, confirmed, dismissed })
}

fn take_up(reviewer: &Client, item: &ReviewItem) -> Result<(ReviewVisit, EvaluationDocument)> {
    let path = format!("/api/visits/{}/review", item.visit);
    let under_review: ReviewVisit = reviewer.post(&path, &json!({}))?;
    let document = under_review.sealed.open();
    let document = document.with_context(|| format!("the seal of visit {}", item.visit))?;
    if document.visit != item.visit || under_review.item.evidence_missing > 0 {
        bail!("visit {} is not whole on the server", item.visit);
    }
    Ok((under_review, document))
}

/// Where a critical criterion is hit, its evidence is fetched and held against its digest.
fn look_at_evidence(
    reviewer: &Client,
    visit: &ReviewVisit,
    document: &EvaluationDocument,
) -> Result<()> {
    let about = |criterion: &str| visit.critical.iter().any(|critical| critical == criterion);
    for reference in document.evidence.iter().filter(|reference| about(&reference.criterion)) {
        let bytes = reviewer.bytes(&format!("/api/evidence/{}", reference.sha256))?;
        if Digest::of(&bytes) != reference.sha256 {
            bail!("the evidence {} came back with other bytes", reference.sha256);
        }
    }
    Ok(())
}

fn send_back_and_wait(
    reviewer: &Client,
    seen: &Seen,
    devices: &Devices,
    visit: &Planned,
) -> Result<()> {
    let observations = &seen[visit.centre][visit.place].observations;
    let noted = observations.iter().find(|observation| observation.note.is_some());
    let observation = noted.or_else(|| observations.first()).context("an answer to ask about")?;
    let question =
        Question { criterion: Some(observation.criterion.clone()), text: words::QUESTION.into() };
    let path = format!("/api/visits/{}/return", visit.id);
    let _: ReviewItem = reviewer.post(&path, &ReturnVisit { questions: vec![question] })?;
    let addition = "وقد تكرر ذلك مرتين، في أول الزيارة وفي آخرها.";
    field::answer_question(devices, visit, observation, addition)?;
    let queue: Vec<ReviewItem> = reviewer.get("/api/review/queue")?;
    let back = queue.iter().find(|item| item.visit == visit.id);
    let back = back.context("the returned visit did not come back to the queue")?;
    let (_, document) = take_up(reviewer, back)?;
    if document.revision != 2 {
        bail!("the returned visit came back as revision {}", document.revision);
    }
    Ok(())
}

/// Rules on every critical hit; returns how many were confirmed and dismissed.
fn rule(reviewer: &Client, programme: &Programme, chair: &Client) -> Result<(usize, usize)> {
    let path = format!("/api/cycles/{}/results", programme.cycle);
    let results: Vec<CentreResult> = chair.get(&path)?;
    let (mut confirmed, mut dismissed) = (0, 0);
    for result in &results {
        let centre = programme.centres.iter().find(|centre| centre.id == result.centre.id);
        let centre = centre.context("a result of a centre that is not in the demo")?;
        for hit in &result.scorecard.critical {
            let stands = centre.plot.story != Story::DismissedCap;
            let reason = match stands {
                true => "الدليل واضح، وتطابقت عليه الزيارات",
                false => "الفرق خصم معلن على البوابة في أيام الزيارة، ولا مخالفة فيه",
            };
            let ruling = CriticalRuling {
                criterion: hit.criterion.clone(),
                confirmed: stands,
                reason: reason.into(),
            };
            let (cycle, centre) = (programme.cycle, centre.id);
            reviewer.tell(&format!("/api/cycles/{cycle}/centres/{centre}/critical"), &ruling)?;
            if stands { confirmed += 1 } else { dismissed += 1 }
        }
    }
    Ok((confirmed, dismissed))
}
