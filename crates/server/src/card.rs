//! From a scorecard and its rubric to the report's model: every word and number looked up, nothing
//! computed anew.

use chrono::NaiveDate;
use mizan_domain::exact::Exact;
use mizan_domain::rubric::{CriticalEffect, Model, Rubric, VisitKind};
use mizan_domain::text::{Language, Text};
use mizan_protocol::canonical::canonical_json;
use mizan_protocol::score::{
    PublicationJson, RemarkJson, ResultJson, ScorecardJson, SignedScorecard,
};
use mizan_report::card::{
    Card, CentreScore, Criterion, Critical, CriticalEffect as Effect, CriticalFinding, FreeText,
    Level, Moderation, Outcome, Pillar, Remark, RemarkKind, RubricIdentity, Shown, State,
    VisitCounts, VisitKinds,
};
use mizan_report::{Attachment, Renderer};

use crate::error::Error;

/// The card of a scorecard in one language; remarks are taken in that language.
///
/// A scorecard that was never published has no names of its own: its code stands for the centre,
/// and it is marked as a draft.
///
/// # Errors
/// When the scorecard does not fit the rubric: an unknown criterion, pillar or level, or a number
/// that is none.
pub fn card(scorecard: &ScorecardJson, rubric: &Rubric, language: Language) -> Result<Card, Error> {
    let code = || Text::new(scorecard.centre.clone(), scorecard.centre.clone());
    let publication = scorecard.publication.as_deref();
    let named = |name: fn(&PublicationJson) -> Text, otherwise: fn() -> Text| {
        publication.map_or_else(otherwise, name)
    };
    let issued = publication.map_or("1970-01-01", |publication| publication.issued.as_str());
    let score = match (&scorecard.score, &scorecard.exact) {
        (Some(shown), Some(exact)) => {
            Some(CentreScore { shown: number(shown)?, exact: exact.clone() })
        }
        (_, _) => None,
    };
    let remarks = publication.map_or(&[] as &[RemarkJson], |publication| &publication.remarks);
    Ok(Card {
        programme: named(
            |p| (&p.programme).into(),
            || Text::new("برنامج التقييم", "Evaluation programme"),
        ),
        cycle: named(|p| (&p.cycle_name).into(), Text::default),
        centre: publication.map_or_else(code, |publication| (&publication.centre_name).into()),
        centre_code: scorecard.centre.clone(),
        agency: named(|p| (&p.agency).into(), Text::default),
        model: model_name(rubric.model()),
        rubric: RubricIdentity {
            id: scorecard.rubric.id.clone(),
            version: scorecard.rubric.version.clone(),
            sha256: scorecard.rubric.sha256.to_string(),
        },
        issued: issued.parse::<NaiveDate>().map_err(|_| unfit("issued", issued))?,
        version: publication.map_or(1, |publication| publication.version),
        draft: publication.is_none(),
        score,
        coverage: number(&scorecard.coverage)?,
        basic_compliance: scorecard.basic_compliance.as_deref().map(number).transpose()?,
        outcome: outcome(scorecard, rubric)?,
        moderation: moderation(publication, rubric)?,
        ladder: rubric.levels().iter().map(level).collect(),
        visits: VisitCounts {
            unannounced: publication.map_or(0, |publication| publication.unannounced_visits),
            scheduled: publication.map_or(0, |publication| publication.scheduled_visits),
        },
        pillars: pillars(scorecard, rubric, publication)?,
        remarks: remarks.iter().map(|given| remark(given, language)).collect::<Result<_, _>>()?,
        expected_actions: Vec::new(),
    })
}

fn unfit(place: &str, value: &str) -> Error {
    Error::Report(format!("{place}: `{value}` does not fit the rubric or is no number"))
}

fn model_name(model: Model) -> Text {
    match model {
        Model::InPerson => Text::new("نموذج المقر", "In-person model"),
        Model::Remote => Text::new("نموذج عن بُعد", "Remote model"),
    }
}

fn number(shown: &str) -> Result<Shown, Error> {
    let exact = Exact::from_decimal(shown).map_err(|_| unfit("number", shown))?;
    Ok(Shown::new(shown, exact.approximate()))
}

fn level(level: &mizan_domain::rubric::Level) -> Level {
    let min_score = Shown::new(level.min_score.to_decimal(), level.min_score.approximate());
    Level { id: level.id.clone(), name: level.name.clone(), min_score }
}

fn outcome(scorecard: &ScorecardJson, rubric: &Rubric) -> Result<Outcome, Error> {
    let at_level = |id: &str| {
        let rank = rubric.levels().iter().position(|level| level.id == id);
        let rank = rank.ok_or_else(|| unfit("level", id))?;
        let name = rubric.levels()[rank].name.clone();
        Ok(Outcome::Level { id: id.to_owned(), name, rank })
    };
    match (scorecard.outcome.as_str(), &scorecard.level) {
        ("level", Some(id)) => at_level(id),
        ("no_score", None) => Ok(Outcome::NoScore),
        ("insufficient_evidence", None) => Ok(Outcome::InsufficientEvidence),
        ("committee_decision", None) => Ok(Outcome::CommitteeDecision),
        (other, _) => Err(unfit("outcome", other)),
    }
}

fn moderation(
    publication: Option<&PublicationJson>,
    rubric: &Rubric,
) -> Result<Option<Moderation>, Error> {
    let Some(decided) = publication.and_then(|publication| publication.moderation.as_ref()) else {
        return Ok(None);
    };
    let rank_of = |id: &String| {
        let rank = rubric.levels().iter().position(|level| level.id == *id);
        rank.ok_or_else(|| unfit("moderation", id))
    };
    let rank = decided.level.as_ref().map(rank_of).transpose()?;
    Ok(Some(Moderation { rank, reason: (&decided.reason).into() }))
}

fn state(result: &ResultJson) -> Result<State, Error> {
    match (result.state.as_str(), &result.score) {
        ("scored", Some(score)) => Ok(State::Scored(number(score)?)),
        ("na", None) => Ok(State::NotApplicable),
        ("ne", None) => Ok(State::NotEvaluated),
        (other, _) => Err(unfit(&result.id, other)),
    }
}

fn result_of<'a>(results: &'a [ResultJson], id: &str) -> Result<&'a ResultJson, Error> {
    results.iter().find(|result| result.id == id).ok_or_else(|| unfit("result", id))
}

fn pillars(
    scorecard: &ScorecardJson,
    rubric: &Rubric,
    publication: Option<&PublicationJson>,
) -> Result<Vec<Pillar>, Error> {
    let one = |pillar: &mizan_domain::rubric::Pillar| {
        let median = publication.and_then(|publication| publication.medians.get(&pillar.id));
        let criteria = pillar.criteria.iter().map(|criterion| one_criterion(scorecard, criterion));
        Ok(Pillar {
            id: pillar.id.clone(),
            name: pillar.name.clone(),
            weight: pillar.weight.to_decimal(),
            state: state(result_of(&scorecard.pillars, &pillar.id)?)?,
            median: median.map(|median| number(median)).transpose()?,
            criteria: criteria.collect::<Result<_, _>>()?,
        })
    };
    rubric.pillars().iter().map(one).collect()
}

fn one_criterion(
    scorecard: &ScorecardJson,
    criterion: &mizan_domain::rubric::Criterion,
) -> Result<Criterion, Error> {
    let hit = scorecard.critical.iter().find(|hit| hit.criterion == criterion.id);
    let finding = match hit {
        None => CriticalFinding::Clear,
        Some(hit) if hit.confirmed => CriticalFinding::Confirmed,
        Some(hit) if hit.dismissed => CriticalFinding::Dismissed,
        Some(_) => CriticalFinding::Open,
    };
    let critical = criterion.critical.map(|effect| Critical {
        effect: match effect {
            CriticalEffect::Cap => Effect::Cap,
            CriticalEffect::Fail => Effect::Fail,
        },
        finding,
    });
    let judged = |kind| criterion.is_judged_on(kind);
    Ok(Criterion {
        id: criterion.id.clone(),
        name: criterion.name.clone(),
        weight: criterion.weight.to_decimal(),
        visits: match (judged(VisitKind::Unannounced), judged(VisitKind::Scheduled)) {
            (true, false) => VisitKinds::Unannounced,
            (false, true) => VisitKinds::Scheduled,
            (true, true) | (false, false) => VisitKinds::Both,
        },
        state: state(result_of(&scorecard.criteria, &criterion.id)?)?,
        basic: criterion.basic,
        critical,
    })
}

fn remark(given: &RemarkJson, language: Language) -> Result<Remark, Error> {
    let kind = match given.kind.as_str() {
        "strength" => RemarkKind::Strength,
        "improvement" => RemarkKind::Improvement,
        other => return Err(unfit("remark", other)),
    };
    let text = Text::from(&given.text).get(language).to_owned();
    Ok(Remark { criterion: given.criterion.clone(), kind, text: FreeText { text, language } })
}

/// Renders a scorecard's document.
///
/// # Errors
/// As [`card`], or when the report refuses it.
pub fn render(
    renderer: &mut Renderer,
    scorecard: &ScorecardJson,
    rubric: &Rubric,
    language: Language,
) -> Result<Vec<u8>, Error> {
    let card = card(scorecard, rubric, language)?;
    renderer.render(&card, language).map_err(|error| Error::Report(error.to_string()))
}

/// Renders a published scorecard's document, with the signed scorecard inside it.
///
/// # Errors
/// As [`card`], or when the report refuses it.
pub fn render_signed(
    renderer: &mut Renderer,
    signed: &SignedScorecard,
    rubric: &Rubric,
    language: Language,
) -> Result<Vec<u8>, Error> {
    let card = card(&signed.scorecard, rubric, language)?;
    let description = match language {
        Language::Arabic => "بطاقة الأداء كما وقعها الخادم، للتحقق منها بالأمر mizan verify",
        Language::English => "The scorecard as the server signed it, to be checked by mizan verify",
    };
    let attachment = Attachment {
        name: SignedScorecard::FILE,
        media_type: "application/json",
        description: description.to_owned(),
        bytes: canonical_json(signed)?.into_bytes(),
    };
    let rendered = renderer.render_with(&card, language, &[attachment]);
    rendered.map_err(|error| Error::Report(error.to_string()))
}
