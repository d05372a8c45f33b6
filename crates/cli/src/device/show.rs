//! How the device's state is printed: as lines for people, as JSON for programs.

use anyhow::Result;
use chrono::{DateTime, Local, SecondsFormat};
use mizan_device::device::Status;
use mizan_device::exchange::SyncReport;
use mizan_device::sync::Rejection;
use mizan_device::visit::{Delivery, Derived, GivenAnswer, VisitContact, VisitSummary, VisitView};
use mizan_domain::evaluation::RawAnswer;
use mizan_domain::text::Language;
use mizan_protocol::answer::AnswerJson;
use serde_json::{Value, json};

use super::brief::instructions;
use crate::out;

/// An answer in one word: its value, or `na`, `ne`.
pub(crate) fn short(answer: &RawAnswer) -> String {
    match answer {
        RawAnswer::Value(value) => value.to_string(),
        RawAnswer::NotApplicable(_) => "na".into(),
        RawAnswer::NotEvaluated(_) => "ne".into(),
    }
}

fn delivery(delivery: &Delivery) -> &'static str {
    match delivery {
        Delivery::NotSubmitted => "not_submitted",
        Delivery::Waiting => "waiting",
        Delivery::FilesWaiting => "files_waiting",
        Delivery::Sent => "sent",
        Delivery::Conflict => "conflict",
        Delivery::Rejected(_) => "rejected",
    }
}

fn moment(ms: i64) -> String {
    DateTime::from_timestamp_millis(ms)
        .map(|at| at.with_timezone(&Local).to_rfc3339_opts(SecondsFormat::Secs, true))
        .unwrap_or_else(|| ms.to_string())
}

/// Prints the list of visits.
pub(super) fn visits(visits: &[VisitSummary], as_json: bool) -> Result<()> {
    let row = |visit: &VisitSummary| {
        json!({
            "visit": visit.brief.visit,
            "centre": visit.brief.centre_code,
            "centre_name": visit.brief.centre,
            "kind": visit.brief.kind,
            "from": visit.brief.from,
            "to": visit.brief.to,
            "state": visit.state.word(),
            "answered": visit.answered,
            "to_answer": visit.to_answer,
            "delivery": delivery(&visit.delivery),
        })
    };
    if as_json {
        return out::json(&visits.iter().map(row).collect::<Vec<_>>());
    }
    if visits.is_empty() {
        eprintln!("no visits here; `mizan device sync` fetches what is assigned");
    }
    visits.iter().try_for_each(|visit| {
        let brief = &visit.brief;
        let to_answer = visit.to_answer.map_or("?".into(), |count| count.to_string());
        out::line(&format!(
            "{}  {}  {}  {} – {}  {}  {}/{to_answer}  {}  {}",
            brief.visit,
            brief.centre_code,
            brief.kind,
            brief.from,
            brief.to,
            visit.state.word(),
            visit.answered,
            delivery(&visit.delivery),
            brief.centre.ar
        ))
    })
}

/// Prints everything about a visit.
pub(super) fn visit(view: &VisitView, as_json: bool) -> Result<()> {
    if as_json {
        return out::json(&visit_json(view));
    }
    let brief = &view.brief;
    out::line(&format!("{}  {}  {}", brief.visit, brief.centre_code, brief.centre.ar))?;
    out::line(&format!("{}  {} – {}  {}", brief.kind, brief.from, brief.to, view.state.word()))?;
    out::line(&brief.scenario.ar)?;
    instructions(&brief.brief, Language::Arabic).iter().try_for_each(|line| out::line(line))?;
    for question in &brief.questions {
        let criterion = question.criterion.as_deref().unwrap_or("-");
        out::line(&format!("? {criterion}: {}", question.text))?;
    }
    for (of, at) in &view.times.moments {
        out::line(&format!("{}  {}", of.word(), moment(*at)))?;
    }
    for (place, of) in view.contacts.iter().enumerate() {
        contact(place + 1, of)?;
    }
    for derived in &view.derived {
        out::line(&told(view, derived))?;
    }
    if let Some(due) = view.summary.report_due_ms {
        out::line(&format!("report due  {}", moment(due)))?;
    }
    for given in &view.answers {
        let note = given.note.as_deref().unwrap_or("");
        out::line(&format!("{}  {}  {note}", given.criterion, short(&given.answer)))?;
    }
    for item in &view.evidence {
        out::line(&format!("{}  {}  {}", item.criterion, item.kind.word(), item.sha256))?;
    }
    for fault in &view.missing {
        out::line(&format!("missing: {fault}"))?;
    }
    Ok(())
}

fn contact(number: usize, of: &VisitContact) -> Result<()> {
    out::line(&format!("contact {number}  {}  {}", of.contact.channel.word(), of.id))?;
    for (place, (word, at)) in of.contact.moments.iter().enumerate() {
        out::line(&format!("  {}  {}  {}", place + 1, word.word(), moment(*at)))?;
    }
    Ok(())
}

/// What the times tell of a criterion, with its unit and how many waits or contacts it is the mean of.
fn told(view: &VisitView, derived: &Derived) -> String {
    let unit = view.rubric.criterion(&derived.criterion).and_then(|of| of.timed_by());
    let unit = unit.map_or("", |(_, unit)| unit.word());
    let (value, spans) = (derived.measured.as_answer(), derived.measured.spans);
    let mean = if spans > 1 { format!(", the mean of {spans}") } else { String::new() };
    format!("{}  the times tell {value} {unit}{mean}", derived.criterion)
}

fn contact_json(of: &VisitContact) -> Value {
    let moment = |(word, at): &(mizan_domain::contact::ContactMoment, i64)| json!({ "moment": word.word(), "at": at });
    json!({
        "id": of.id,
        "channel": of.contact.channel.word(),
        "moments": of.contact.moments.iter().map(moment).collect::<Vec<_>>(),
    })
}

fn derived_json(derived: &Derived) -> Value {
    json!({
        "criterion": derived.criterion,
        "value": derived.measured.as_answer(),
        "spans": derived.measured.spans,
    })
}

fn visit_json(view: &VisitView) -> Value {
    let answer = |given: &GivenAnswer| {
        AnswerJson::new(&given.criterion, &given.answer, given.note.as_deref())
    };
    let evidence = |item: &mizan_device::visit::EvidenceItem| {
        json!({
            "criterion": item.criterion,
            "kind": item.kind.word(),
            "sha256": item.sha256,
            "media_type": item.media_type,
            "bytes": item.bytes,
            "sent": item.is_sent,
        })
    };
    let times: serde_json::Map<String, Value> =
        view.times.moments.iter().map(|(of, at)| (of.word().to_owned(), (*at).into())).collect();
    json!({
        "brief": view.brief,
        "state": view.state.word(),
        "answers": view.answers.iter().map(answer).collect::<Vec<_>>(),
        "times": times,
        "contacts": view.contacts.iter().map(contact_json).collect::<Vec<_>>(),
        "derived": view.derived.iter().map(derived_json).collect::<Vec<_>>(),
        "report_due": view.summary.report_due_ms.map(moment),
        "evidence": view.evidence.iter().map(evidence).collect::<Vec<_>>(),
        "missing": view.missing.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "revisions": view.seals.len(),
        "delivery": delivery(&view.delivery),
    })
}

/// Prints how the device stands.
pub(super) fn status(status: &Status, as_json: bool) -> Result<()> {
    let enrolment = status.enrolment.as_ref();
    let last_sync = status.last_sync_ms.map(moment);
    if as_json {
        return out::json(&json!({
            "server": enrolment.map(|enrolment| &enrolment.server),
            "device": enrolment.map(|enrolment| enrolment.device),
            "person": enrolment.map(|enrolment| &enrolment.person),
            "public_key": status.public_key,
            "unlocks_by": status.slots,
            "visits": status.visits,
            "orphans": status.orphans,
            "unsent_records": status.unsent_records,
            "unsent_files": status.unsent_files,
            "conflicts": status.conflicts,
            "rejections": status.rejections,
            "open_bundles": status.open_bundles,
            "last_sync": last_sync,
        }));
    }
    match enrolment {
        Some(enrolment) => {
            let (user, server) = (&enrolment.person.user, &enrolment.server);
            out::line(&format!("enrolled as {user} at {server}"))?;
        }
        None => out::line("not enrolled; `mizan device init` enrols it")?,
    }
    out::line(&format!("unlocks by {}", status.slots.join(", ")))?;
    out::line(&format!("{} visits", status.visits))?;
    let (records, files) = (status.unsent_records, status.unsent_files);
    out::line(&format!("waiting to be sent: {records} records, {files} files"))?;
    let (conflicts, rejections) = (status.conflicts, status.rejections);
    out::line(&format!("{conflicts} conflicts, {rejections} refusals"))?;
    if status.open_bundles > 0 {
        out::line(&format!("bundles waiting for their answer: {}", status.open_bundles))?;
    }
    for orphan in &status.orphans {
        out::line(&format!("visit {orphan} is no longer yours; its answers are kept here"))?;
    }
    out::line(&format!("last sync: {}", last_sync.as_deref().unwrap_or("never")))
}

/// Tells what the server would not have.
pub(super) fn refusals(refusals: &[Rejection]) {
    for refusal in refusals {
        let (visit, code) = (refusal.key.visit, &refusal.error.code);
        let params = &refusal.error.params;
        eprintln!("the server refused a record of visit {visit}: {code} {params:?}");
    }
}

/// What a sync came to, as JSON.
pub(super) fn synced(report: &SyncReport) -> Value {
    let fault = |fault: &mizan_device::exchange::StreamFault| json!({ "stream": fault.stream, "repaired": fault.is_repaired });
    json!({
        "applied": report.pushed.applied,
        "same": report.pushed.same,
        "conflicts": report.pushed.conflicts,
        "rejected": report.pushed.rejected,
        "files_sent": report.files_sent,
        "files_broken": report.files_broken,
        "received": report.pulled,
        "dropped_streams": report.dropped,
        "faults": report.faults.iter().map(fault).collect::<Vec<_>>(),
    })
}
