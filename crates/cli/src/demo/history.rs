//! The past cycles of the demo, each made as the present one is: planned and opened, scored on devices,
//! reviewed, decided, published, answered by the centres, closed.
//!
//! What they say of the past is said with the means there are: the days of plan, notice, visits and dues lie
//! half a year apart; when something was received, reviewed, decided or published is the server's own word,
//! and so it is the day of the demo.

use anyhow::Result;
use mizan_domain::rubric::Rubric;
use mizan_protocol::committee::{EditMapping, MappingJson};
use mizan_protocol::id::VisitId;
use mizan_protocol::rubric::digest;

use super::actions::{self, Kept};
use super::appeals::{self, Heard};
use super::chance::Chance;
use super::earlier_rubric;
use super::field::{self, Devices};
use super::folder::Folder;
use super::meeting::Meeting;
use super::planted;
use super::programme::{Centre, Institutions, Programme, Term, add_rubrics, password};
use super::publish::{self, Manager};
use super::review;
use super::story;
use crate::client::Client;

/// What is there for the past to happen with.
pub(super) struct Stage<'a> {
    pub(super) server: &'a str,
    pub(super) institutions: &'a Institutions,
    pub(super) devices: &'a Devices,
    pub(super) managers: &'a [Manager],
    pub(super) folder: &'a Folder,
    pub(super) chance: Chance,
}

/// A past cycle.
pub(super) struct Past {
    pub(super) number: usize,
    /// The version of its rubrics.
    pub(super) version: String,
    pub(super) visits: Vec<VisitId>,
    pub(super) answers: usize,
    /// The mean score of its centres, as it was first published.
    pub(super) mean: f64,
    pub(super) appeals: Vec<Heard>,
    pub(super) actions: Kept,
    /// Whether its evaluators are not all fair.
    pub(super) planted: bool,
}

/// Makes so many past cycles, the first of them first.
pub(super) fn make(stage: &Stage<'_>, history: usize) -> Result<Vec<Past>> {
    if history == 0 {
        return Ok(Vec::new());
    }
    let Institutions { rubrics, centres, admin, central, .. } = stage.institutions;
    let earlier = rubrics.iter().map(earlier_rubric::rubric).collect::<Result<Vec<Rubric>>>()?;
    add_rubrics(admin, &earlier)?;
    for (before, after) in earlier.iter().zip(rubrics) {
        let path = format!("/api/rubrics/{}/mapping/{}", digest(before), digest(after));
        let edit = EditMapping { lines: earlier_rubric::mapping(before, after) };
        let _: MappingJson = central.put(&path, &edit)?;
    }
    let named: Vec<_> = centres.iter().map(|centre| centre.named.clone()).collect();
    let present: Vec<_> = centres.iter().map(|centre| centre.plot).collect();
    let plots = story::past(&named, &present, history, stage.chance);
    let mut past = Vec::new();
    for (place, plots) in plots.into_iter().enumerate().rev() {
        let age = place + 1;
        let with = |(centre, plot): (&Centre, _)| Centre { plot, ..centre.clone() };
        let centres = centres.iter().zip(plots).map(with).collect();
        // The first half of them; of an odd number, the larger one.
        let rubrics = if age > history / 2 { &earlier } else { rubrics };
        let term = Term::of(age, history);
        eprintln!("cycle {}: {} days ago", term.number, term.days_ago());
        past.push(cycle(stage, term, rubrics, centres, age == history)?);
    }
    Ok(past)
}

/// Makes one of them; in the first the committee meets.
fn cycle(
    stage: &Stage<'_>,
    term: Term,
    rubrics: &[Rubric],
    centres: Vec<Centre>,
    meets: bool,
) -> Result<Past> {
    let Stage { server, institutions, devices, managers, folder, chance } = *stage;
    let programme = institutions.open(term, rubrics.to_vec(), centres, chance)?;
    let seen = field::imagine(&programme, chance)?;
    let work = field::score_past(&programme, &seen, devices, folder, chance)?;
    let mut chair = Client::new(server)?;
    chair.sign_in("chair", &password("committee_chair"))?;
    review::review(server, &programme, &seen, devices, &chair)?;
    programme.step(&programme.central, "close_field_work")?;
    let meeting = match meets {
        true => Some(Meeting::hold(server, &programme, &institutions.staff, &chair)?),
        false => None,
    };
    let results = publish::decide(&programme, &seen, &chair)?;
    meeting.iter().try_for_each(Meeting::close)?;
    publish::publish(&programme, &chair)?;
    let appeals = appeals::hear(&programme, managers, &chair, &appeals::SETTLED, chance)?;
    let actions = actions::keep(&programme, managers, chance)?;
    programme.step(&chair, "close")?;
    let scores: Vec<f64> =
        results.iter().filter_map(|result| result.scorecard.score.as_ref()?.parse().ok()).collect();
    Ok(Past {
        number: term.number,
        version: version(&programme),
        visits: programme.visits.iter().map(|visit| visit.id).collect(),
        answers: work.answers,
        mean: scores.iter().sum::<f64>() / scores.len().max(1) as f64,
        appeals,
        actions,
        planted: term.age == planted::AGE,
    })
}

/// The versions of the rubrics, which may have one each.
fn version(programme: &Programme) -> String {
    let mut versions: Vec<&str> = programme.rubrics.iter().map(Rubric::version).collect();
    versions.dedup();
    versions.join(", ")
}
