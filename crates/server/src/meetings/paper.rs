//! Minutes as they are printed: with the rubric's names for its levels.

use mizan_domain::rubric::Rubric;
use mizan_domain::text::Text;
use mizan_protocol::id::{CycleId, MeetingId};
use mizan_protocol::meeting::{MinutesItem, NamedWords, RecusalJson, VoteJson};
use mizan_report::card::FreeText;
use mizan_report::minutes::{
    Choice, Computed, Decided, Ground, Item, Member, Minutes, Recusal, Said, Signed, Vote,
};

use super::minutes::minutes;
use crate::error::Error;
use crate::keys::Keys;
use crate::programme;
use crate::tx::{Tx, one, params};
use crate::visits::day;

/// The minutes of a closed meeting, to be printed.
pub(crate) fn paper(tx: &mut dyn Tx, keys: &Keys, id: MeetingId) -> Result<Minutes, Error> {
    let signed = minutes(tx, keys, id)?;
    let row = one(tx, "SELECT cycle_id FROM meetings WHERE id = $1", params![id.0])?;
    let cycle = CycleId(row.id(0)?);
    let minutes = signed.minutes;
    let mut items = Vec::with_capacity(minutes.items.len());
    for item in &minutes.items {
        let rubric = programme::rubric_of_centre(tx, cycle, item.item.centre)?.rubric(tx)?;
        items.push(item_of(item, &rubric)?);
    }
    Ok(Minutes {
        programme: (&minutes.programme).into(),
        cycle: (&minutes.cycle_name).into(),
        number: minutes.number,
        date: day("date", &minutes.date)?,
        place: minutes.place,
        quorum: minutes.quorum,
        members: minutes
            .members
            .iter()
            .map(|member| Member {
                name: (&member.name).into(),
                chairs: member.role == "committee_chair",
                present: member.present,
            })
            .collect(),
        items,
        signed: Signed {
            sha256: signed.sha256.to_string(),
            public_key: signed.public_key.to_string(),
            signature: signed.signature.to_string(),
        },
    })
}

fn item_of(item: &MinutesItem, rubric: &Rubric) -> Result<Item, Error> {
    let of = &item.item;
    let decided = match (of.state.as_str(), &item.moderation) {
        ("decided", None) => Decided::AsComputed,
        ("decided", Some(moderation)) => Decided::Moderated {
            level: moderation.level.as_deref().map(|level| name(rubric, level)).transpose()?,
            reason: (&moderation.reason).into(),
        },
        _ => Decided::Deferred,
    };
    Ok(Item {
        code: of.code.clone(),
        centre: (&of.name).into(),
        score: item.score.clone(),
        computed: match (&item.level, item.outcome.as_str()) {
            (Some(level), _) => Computed::Level(name(rubric, level)?),
            (None, "no_score") => Computed::NoScore,
            (None, "insufficient_evidence") => Computed::InsufficientEvidence,
            (None, _) => Computed::CommitteeDecision,
        },
        decided,
        recusals: of.recusals.iter().map(recusal).collect(),
        votes: of
            .votes
            .iter()
            .map(|vote| {
                let choice = choice(&vote.vote, rubric)?;
                Ok(Vote { name: (&vote.name).into(), choice })
            })
            .collect::<Result<_, Error>>()?,
        notes: of.notes.iter().map(said).collect(),
        dissents: of.dissents.iter().map(said).collect(),
    })
}

fn recusal(recusal: &RecusalJson) -> Recusal {
    Recusal {
        name: (&recusal.name).into(),
        ground: match recusal.ground.as_str() {
            "agency" => Ground::Agency,
            "interest" => Ground::Interest,
            _ => Ground::OwnReason,
        },
        reason: recusal.reason.as_ref().map(FreeText::written),
    }
}

fn choice(vote: &VoteJson, rubric: &Rubric) -> Result<Choice, Error> {
    Ok(match (vote.choice.as_str(), &vote.level) {
        ("level", Some(level)) => Choice::Level(name(rubric, level)?),
        ("no_level", _) => Choice::NoLevel,
        _ => Choice::AsComputed,
    })
}

fn said(words: &NamedWords) -> Said {
    Said { name: (&words.name).into(), text: FreeText::written(&words.text) }
}

fn name(rubric: &Rubric, level: &str) -> Result<Text, Error> {
    let found = rubric.levels().iter().find(|found| found.id == level);
    Ok(found.ok_or(Error::NotFound)?.name.clone())
}
