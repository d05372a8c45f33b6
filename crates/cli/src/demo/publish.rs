//! The committee's work and the publication of the demo: remarks, one moderation, decisions; then every
//! manager signs in and fetches what is theirs.

use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context as _, Result, bail};
use mizan_domain::exact::Exact;
use mizan_domain::rubric::{Criterion, Rubric};
use mizan_protocol::api::{CentreResult, Decision, PublishedScorecard};
use mizan_protocol::canonical::{Digest, canonical_json};
use mizan_protocol::explanation::ExplanationJson;
use mizan_protocol::record::TextJson;
use mizan_protocol::score::{ModerationJson, RemarkJson, ScorecardJson};
use serde_json::json;

use super::field::Seen;
use super::folder::Folder;
use super::observe;
use super::process::parallel;
use super::programme::{Centre, Programme, Term, password};
use super::story::Story;
use super::words::{self, both};
use crate::client::{Client, Recording, refusal_code};
use crate::progress::Progress;
use crate::scorecard::replace;

/// How many strengths and how many matters to improve a centre is told.
const REMARKS: usize = 3;

/// Checks every score against an own computation, and decides.
pub(super) fn decide(
    programme: &Programme,
    seen: &Seen,
    chair: &Client,
) -> Result<Vec<CentreResult>> {
    let progress = Progress::start("decisions", programme.centres.len());
    let cycle = programme.cycle;
    let results: Vec<CentreResult> = chair.get(&format!("/api/cycles/{cycle}/results"))?;
    if results.len() != programme.centres.len() {
        bail!("{} results for {} centres", results.len(), programme.centres.len());
    }
    let mut moderated = 0;
    for result in &results {
        let place = programme.centres.iter().position(|centre| centre.id == result.centre.id);
        let place = place.context("a result of a centre that is not in the demo")?;
        let rubric = programme.rubric(place)?;
        same_score(rubric, &seen[place], &result.scorecard)?;
        let path = format!("/api/cycles/{cycle}/centres/{}", result.centre.id);
        let _: ExplanationJson = chair.get(&format!("{path}/explanation"))?;
        let moderation = moderation(&programme.centres[place], &result.scorecard);
        moderated += usize::from(moderation.is_some());
        let text = canonical_json(&result.scorecard).context("writing a scorecard")?;
        let decision = Decision {
            scorecard_sha256: Digest::of(text.as_bytes()),
            moderation,
            remarks: remarks(rubric, &result.scorecard),
            version_reason: None,
        };
        chair.tell(&format!("{path}/decision"), &decision)?;
        progress.step();
    }
    progress.note(&format!("{moderated} levels were moderated, each with its reason"));
    progress.finish(&format!("{} centres decided", results.len()));
    Ok(results)
}

/// Publishes what was decided.
pub(super) fn publish(programme: &Programme, chair: &Client) -> Result<()> {
    programme.step(chair, "decide")?;
    programme.step(chair, "publish")?;
    Ok(())
}

/// Holds the server's numbers against what this program computes from what was seen.
fn same_score(rubric: &Rubric, seen: &[observe::VisitSeen], theirs: &ScorecardJson) -> Result<()> {
    let hits = theirs.critical.iter().filter(|hit| hit.confirmed);
    let confirmed: Vec<String> = hits.map(|hit| hit.criterion.clone()).collect();
    let ours = observe::scorecard(rubric, seen, &confirmed).context("scoring what was seen")?;
    let mut ours = ScorecardJson::new(&theirs.centre, &theirs.cycle, rubric, &ours);
    // A dismissal is the reviewer's word, not a number: it is taken over as it stands.
    for (hit, ruled) in ours.critical.iter_mut().zip(&theirs.critical) {
        hit.dismissed = ruled.dismissed;
    }
    if ours != *theirs {
        let (ours, theirs_score) = (ours.exact, &theirs.exact);
        bail!(
            "centre {}: the server scores {theirs_score:?}, this program {ours:?}",
            theirs.centre
        );
    }
    Ok(())
}

/// The level the committee gives beside the computed outcome, where it gives one.
pub(super) fn moderation(centre: &Centre, scorecard: &ScorecardJson) -> Option<ModerationJson> {
    let decided = |level: &str, reason: TextJson| {
        Some(ModerationJson { level: Some(level.to_owned()), reason })
    };
    match (centre.plot.story, scorecard.outcome.as_str()) {
        (Story::Moderated, _) => decided(
            "meets",
            both(
                "ثبت للجنة أن عطلاً في نظام وطني لا شأن للمركز به أثّر في بعض الإجابات، ورأت بالإجماع أن ما دون \
                 الحد بأقل من درجة واحدة يعود إلى ذلك.",
                "The committee established that a fault of a national system, not of the centre's doing, \
                 affected some answers, and found unanimously that the gap of less than one point is due \
                 to it.",
            ),
        ),
        (_, "committee_decision") => decided(
            "needs_improvement",
            both(
                "ثبتت مخالفة حرجة في النزاهة، فلا يُمنح المركز مستوى أعلى في هذه \
                 الدورة، ويُتابَع تنفيذ خطة التصحيح خلال 60 يوماً.",
                "A critical breach of integrity was confirmed: no higher level is \
                 given in this cycle, and the corrective plan is followed up within 60 days.",
            ),
        ),
        (_, _) => None,
    }
}

/// Three strengths and three matters to improve, from different pillars as far as possible.
fn remarks(rubric: &Rubric, scorecard: &ScorecardJson) -> Vec<RemarkJson> {
    let scored: Vec<(&Criterion, f64)> = scorecard
        .criteria
        .iter()
        .filter_map(|result| {
            let score = result.score.as_ref()?.parse().ok()?;
            Some((rubric.criterion(&result.id)?, score))
        })
        .collect();
    let weight = |criterion: &Criterion| Exact::approximate(&criterion.weight);
    let strengths = scored.iter().filter(|(_, score)| *score >= 90.0);
    let strengths = strengths.map(|(c, score)| (*c, *score, weight(c) * score));
    let gaps = scored.iter().filter(|(_, score)| *score < 90.0);
    let gaps = gaps.map(|(c, score)| (*c, *score, weight(c) * (100.0 - score)));
    let remark = |kind: &str, (criterion, score): (&Criterion, f64)| RemarkJson {
        criterion: criterion.id.clone(),
        kind: kind.to_owned(),
        text: (&words::remark(criterion, score)).into(),
    };
    let strengths = foremost(rubric, strengths.collect());
    let gaps = foremost(rubric, gaps.collect());
    let strengths = strengths.into_iter().map(|found| remark("strength", found));
    strengths.chain(gaps.into_iter().map(|found| remark("improvement", found))).collect()
}

/// The foremost by what they weigh, each from another pillar while there are others.
fn foremost<'a>(
    rubric: &Rubric,
    mut found: Vec<(&'a Criterion, f64, f64)>,
) -> Vec<(&'a Criterion, f64)> {
    // Equal weights keep the rubric's order: the sort is stable.
    found.sort_by(|(_, _, a), (_, _, b)| b.total_cmp(a));
    let pillar = |criterion: &Criterion| {
        rubric.pillars().iter().position(|pillar| pillar.criteria.contains(criterion))
    };
    let mut chosen: Vec<(&Criterion, f64)> = Vec::new();
    for others_only in [true, false] {
        for (criterion, score, _) in &found {
            let taken = chosen.iter().any(|(c, _)| c.id == criterion.id);
            let known = chosen.iter().any(|(c, _)| pillar(c) == pillar(criterion));
            if chosen.len() < REMARKS && !taken && !(others_only && known) {
                chosen.push((criterion, *score));
            }
        }
    }
    chosen
}

/// A manager who has signed in, and every byte received since.
pub(super) struct Manager {
    pub(super) client: Client,
    recording: Recording,
}

impl Manager {
    /// What was received so far.
    pub(super) fn received(&self) -> Vec<u8> {
        self.recording.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The centre's scorecards of a cycle that hold.
    pub(super) fn scorecards(&self, term: Term) -> Result<Vec<PublishedScorecard>> {
        let mut published: Vec<PublishedScorecard> = self.client.get("/api/scorecards")?;
        let number = term.number.to_string();
        published.retain(|card| card.scorecard.cycle == number && !card.superseded);
        Ok(published)
    }
}

/// Every manager signs in, for the whole demo.
pub(super) fn sign_managers_in(server: &str, centres: &[Centre]) -> Result<Vec<Manager>> {
    parallel(centres, |_, centre| {
        let recording = Arc::new(Mutex::new(Vec::new()));
        let mut client = Client::new(server)?.recording(recording.clone());
        client.sign_in(&centre.manager, &password("manager"))?;
        Ok(Manager { client, recording })
    })
}

/// Every manager looks around while the visits are planned and under review.
pub(super) fn managers_look_early(programme: &Programme, managers: &[Manager]) -> Result<()> {
    let progress = Progress::start("managers", managers.len());
    parallel(managers, |place, manager| {
        let centre = &programme.centres[place];
        if !manager.scorecards(programme.term)?.is_empty() {
            bail!("{} sees a scorecard before publication", centre.manager);
        }
        look_around(&manager.client, programme, centre)?;
        progress.step();
        Ok(())
    })?;
    progress.finish("every manager looked around before publication and found nothing");
    Ok(())
}

/// Asks for everything that is none of a manager's business; every answer must be a refusal.
fn look_around(client: &Client, programme: &Programme, centre: &Centre) -> Result<()> {
    let cycle = programme.cycle;
    let own = programme.visits.iter().find(|visit| programme.centres[visit.centre].id == centre.id);
    let mut paths = vec![
        "/api/people".to_owned(),
        "/api/centres".into(),
        "/api/cycles".into(),
        "/api/review/queue".into(),
        format!("/api/cycles/{cycle}/visits"),
        format!("/api/cycles/{cycle}/results"),
        format!("/api/cycles/{cycle}/centres/{}/explanation", centre.id),
    ];
    paths.extend(own.map(|visit| format!("/api/visits/{}", visit.id)));
    for path in paths {
        match client.bytes(&path) {
            Ok(_) => bail!("{} was let into {path}", centre.manager),
            Err(error) if refusal_code(&error).is_some() => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Every manager fetches the own scorecard: as data, by sync, and as PDF in both languages.
pub(super) fn managers_download(
    programme: &Programme,
    managers: &[Manager],
    folder: &Folder,
) -> Result<usize> {
    let progress = Progress::start("downloads", managers.len());
    let written = parallel(managers, |place, manager| {
        let centre = &programme.centres[place];
        let code = &centre.named.code;
        let published = manager.scorecards(programme.term)?;
        let [own] = published.as_slice() else {
            bail!("{} sees {} scorecards; one is theirs", centre.manager, published.len());
        };
        if own.scorecard.centre != *code {
            bail!("{} sees the scorecard of {}", centre.manager, own.scorecard.centre);
        }
        let text = canonical_json(&own.scorecard).context("writing a scorecard")?;
        let signed = own.public_key.verify(text.as_bytes(), &own.signature);
        signed.with_context(|| format!("the server's signature of the scorecard of {code}"))?;
        for language in ["ar", "en"] {
            let path = format!("/api/scorecards/{}/pdf?lang={language}", own.id);
            let pdf = manager.client.bytes(&path)?;
            if !pdf.starts_with(b"%PDF-") {
                bail!("what came from {path} is no PDF");
            }
            let file = folder.scorecards().join(format!("{code}-{language}.pdf"));
            replace(&file, &pdf).with_context(|| format!("writing {}", file.display()))?;
        }
        manager.client.tell("/api/sync/pull", &json!({}))?;
        look_around(&manager.client, programme, centre)?;
        progress.step();
        Ok(2)
    })?;
    let pdfs = written.into_iter().sum();
    progress.finish(&format!("{pdfs} PDFs, every scorecard's signature verified"));
    Ok(pdfs)
}
