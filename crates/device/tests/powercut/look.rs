//! Opens what a cut left as a person would, and looks for everything that was acknowledged.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use mizan_device::keys::{Cost, Unlock};
use mizan_device::visit::VisitView;
use mizan_device::{Device, Error};
use mizan_domain::evaluation::RawAnswer;
use mizan_domain::scale::RawValue;

use crate::plan::{Step, Work, moment_ms, note};
use crate::support::{NOW, PASSPHRASE, rng, visit_id};

/// What was acknowledged before a cut.
#[derive(Debug, Clone, Default)]
pub(crate) struct Acknowledged {
    /// The device with its visits.
    pub(crate) is_made: bool,
    /// How many steps of the plan.
    pub(crate) steps: usize,
    /// What was sealed, by the number of its step, as JSON.
    pub(crate) sealed: BTreeMap<usize, String>,
}

/// What is wrong after a cut.
#[derive(Debug)]
pub(crate) enum Fault {
    /// Something that was acknowledged is not there.
    Lost(String),
    /// It does not open, or what it holds never was.
    Corrupt(String),
}

/// Looks at the device of a home.
pub(crate) fn look(home: &Path, plan: &[Step], promised: &Acknowledged) -> Result<(), Fault> {
    let mut device = match Device::open(home, &Unlock::passphrase(PASSPHRASE), NOW, rng(2)) {
        Ok(device) => device,
        Err(Error::NoDevice { .. }) if !promised.is_made => return begin(home),
        Err(Error::NoDevice { .. }) => return Err(Fault::Lost("the device is gone".into())),
        Err(error) => return Err(Fault::Corrupt(format!("it does not open: {error}"))),
    };
    if !promised.is_made {
        return Ok(());
    }
    let views = views(&mut device, plan)?;
    check_evidence(&device, &views)?;
    let found = found(&device, plan, &views)?;
    check_order(&found, plan, promised)?;
    check_seals(&device, plan, promised)?;
    let answer = RawAnswer::Value(RawValue::Bool(true));
    device
        .answer(visit_id(1), "A1", &answer, Some("after the cut"), NOW)
        .map_err(|error| Fault::Corrupt(format!("it takes no answer: {error}")))
}

/// A device whose making was cut short stands in nobody's way.
fn begin(home: &Path) -> Result<(), Fault> {
    Device::create(home, PASSPHRASE, Cost::TEST, NOW, rng(1))
        .map(drop)
        .map_err(|error| Fault::Corrupt(format!("none can be made any more: {error}")))
}

fn views(device: &mut Device, plan: &[Step]) -> Result<BTreeMap<u128, VisitView>, Fault> {
    let visits: BTreeSet<u128> = plan.iter().map(|step| step.visit).collect();
    let view = |visit: u128| match device.visit(visit_id(visit)) {
        Ok(view) => Ok((visit, view)),
        Err(Error::NoVisit { .. }) => Err(Fault::Lost(format!("visit {visit} is gone"))),
        Err(error) => Err(Fault::Corrupt(format!("visit {visit} cannot be read: {error}"))),
    };
    visits.into_iter().map(view).collect()
}

/// No row without its whole file.
fn check_evidence(device: &Device, views: &BTreeMap<u128, VisitView>) -> Result<(), Fault> {
    for item in views.values().flat_map(|view| &view.evidence) {
        device
            .evidence(&item.sha256)
            .map_err(|error| Fault::Corrupt(format!("a row without its file: {error}")))?;
    }
    Ok(())
}

/// Of each step whether it is there.
fn found(
    device: &Device,
    plan: &[Step],
    views: &BTreeMap<u128, VisitView>,
) -> Result<Vec<bool>, Fault> {
    let mut answers = BTreeMap::new();
    let corrupt = |error: Error| Fault::Corrupt(format!("an answer cannot be read: {error}"));
    for (visit, view) in views {
        for given in &view.answers {
            let earlier = device.earlier_answers(visit_id(*visit), &given.criterion);
            for given in earlier.map_err(corrupt)?.into_iter().chain([given.clone()]) {
                answers.insert((*visit, given.criterion, given.note), given.answer);
            }
        }
    }
    let is_there = |(number, step): (usize, &Step)| {
        let view = &views[&step.visit];
        match &step.work {
            Work::Answer(criterion, answer) => {
                let key = (step.visit, (*criterion).to_owned(), Some(note(number)));
                answers.get(&key) == Some(answer)
            }
            Work::Photo(criterion, sha256) => {
                view.evidence.iter().any(|of| of.sha256 == *sha256 && of.criterion == *criterion)
            }
            Work::Moment(moment) => {
                view.times.moments.iter().any(|(of, at)| of == moment && *at == moment_ms(*moment))
            }
            Work::Seal => !view.seals.is_empty(),
        }
    };
    Ok(plan.iter().enumerate().map(is_there).collect())
}

/// What is there is the beginning of the plan, up to what was acknowledged and at most one step more.
fn check_order(found: &[bool], plan: &[Step], promised: &Acknowledged) -> Result<(), Fault> {
    let steps = found.iter().position(|is_there| !is_there).unwrap_or(found.len());
    let step = |number: usize| format!("step {number} ({:?})", plan[number]);
    if let Some(later) = found.iter().skip(steps).position(|is_there| *is_there) {
        let (missing, there) = (step(steps), step(steps + later));
        return Err(Fault::Corrupt(format!("{missing} is missing and {there} is there")));
    }
    if steps > promised.steps + 1 {
        return Err(Fault::Corrupt(format!("{} was never asked for", step(steps - 1))));
    }
    if steps < promised.steps {
        return Err(Fault::Lost(format!(
            "{} and {} more",
            step(steps),
            promised.steps - steps - 1
        )));
    }
    Ok(())
}

/// What was sealed is there byte for byte.
fn check_seals(device: &Device, plan: &[Step], promised: &Acknowledged) -> Result<(), Fault> {
    for (number, sealed) in &promised.sealed {
        let kept = device
            .sealed(visit_id(plan[*number].visit), 1)
            .map_err(|error| Fault::Corrupt(format!("a seal cannot be read: {error}")))?;
        if serde_json::to_string(&kept).ok().as_ref() != Some(sealed) {
            return Err(Fault::Corrupt(format!("the seal of step {number} is another")));
        }
    }
    Ok(())
}
