//! The appeals of the demo: managers appeal against a criterion of their scorecard, the central team examines,
//! the chair rules for the committee. In past cycles all are settled; in the present one some wait.

use anyhow::{Context as _, Result, bail};
use mizan_domain::rubric::{Criterion, Rubric};
use mizan_domain::scale::{Maturity, Met, Scale};
use mizan_protocol::answer::{AnswerJson, ValueJson};
use mizan_protocol::api::PublishedScorecard;
use mizan_protocol::id::{AppealId, EvaluationId};
use serde::Deserialize;
use serde_json::{Value, json};

use super::chance::Chance;
use super::programme::Programme;
use super::publish::Manager;
use super::story::Story;
use crate::client::Client;
use crate::progress::Progress;

/// What becomes of an appeal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// The committee finds it right: a second version of the scorecard stands beside the first.
    Upheld,
    /// The committee finds it wrong.
    Refused,
    /// The centre takes it back.
    Withdrawn,
    /// The central team has ruled, the committee has not.
    Examined,
    /// Nobody has looked at it.
    Filed,
}

impl Fate {
    /// The fate as the summary tells it.
    pub(super) fn told(self) -> &'static str {
        match self {
            Self::Upheld => "upheld: version 2",
            Self::Refused => "refused",
            Self::Withdrawn => "withdrawn",
            Self::Examined => "examined, waits for the committee",
            Self::Filed => "filed, waits for the central team",
        }
    }
}

/// The appeals of a past cycle, which could not be closed while one waits.
pub(super) const SETTLED: [Fate; 3] = [Fate::Upheld, Fate::Refused, Fate::Withdrawn];
/// The appeals of the present cycle.
pub(super) const WAITING: [Fate; 2] = [Fate::Filed, Fate::Examined];

/// An appeal, and what became of it.
#[derive(Debug, Clone)]
pub(super) struct Heard {
    /// The centre's code.
    pub(super) centre: String,
    pub(super) criterion: String,
    pub(super) fate: Fate,
}

/// What managers write.
const TEXT: &str =
    "نرى أن ما سُجّل في هذا المعيار لا يطابق ما كان عليه المركز في تلك المدة، وسجلات المركز تُظهر ذلك.";
const UPHELD: &str = "تبيّن من السجلات أن ما سُجّل لا يطابق الواقع، فيُصحَّح الجواب.";
const REFUSED: &str = "الدليل واضح، ولم يأتِ التظلم بما يخالفه.";

/// Files an appeal of each fate, at as many centres where nothing else happens.
pub(super) fn hear(
    programme: &Programme,
    managers: &[Manager],
    chair: &Client,
    fates: &[Fate],
    chance: Chance,
) -> Result<Vec<Heard>> {
    let progress = Progress::start("appeals", fates.len());
    let chance = programme.term.chance(chance).of("appeals");
    let mut places: Vec<usize> = (0..managers.len()).collect();
    places.sort_by(|a, b| chance.at(*a).unit().total_cmp(&chance.at(*b).unit()));
    places.retain(|place| programme.centres[*place].plot.story == Story::Plain);
    let mut heard = Vec::new();
    for place in places {
        let Some(fate) = fates.get(heard.len()) else { break };
        let cards = managers[place].scorecards(programme.term)?;
        let card = cards.first().context("a centre without a scorecard")?;
        let rubric = programme.rubric(place)?;
        let Some(criterion) = appealable(rubric, card) else { continue };
        let appeal = Appeal { programme, manager: &managers[place], chair, card, criterion };
        appeal.take(*fate)?;
        let centre = programme.centres[place].named.code.clone();
        heard.push(Heard { centre, criterion: criterion.id.clone(), fate: *fate });
        progress.step();
    }
    progress.finish(&format!("{} filed and heard as far as they are", heard.len()));
    Ok(heard)
}

/// The first criterion that a centre was told to improve and of which no more hangs than its score.
fn appealable<'a>(rubric: &'a Rubric, card: &PublishedScorecard) -> Option<&'a Criterion> {
    let remarks = &card.scorecard.publication.as_ref()?.remarks;
    let gaps = remarks.iter().filter(|remark| remark.kind == "improvement");
    let mut criteria = gaps.filter_map(|remark| rubric.criterion(&remark.criterion));
    criteria.find(|criterion| criterion.critical.is_none())
}

/// An appeal that is made.
struct Appeal<'a> {
    programme: &'a Programme,
    manager: &'a Manager,
    chair: &'a Client,
    card: &'a PublishedScorecard,
    criterion: &'a Criterion,
}

/// What the demo reads of an appeal.
#[derive(Deserialize)]
struct Answered {
    id: AppealId,
    state: String,
    #[serde(default)]
    after: Option<After>,
}

#[derive(Deserialize)]
struct After {
    version: u32,
}

/// What the demo reads of a case.
#[derive(Deserialize)]
struct Case {
    visits: Vec<VisitHeard>,
}

/// What a visit says of the criterion.
#[derive(Deserialize)]
struct VisitHeard {
    evaluation: EvaluationId,
    answer: Option<AnswerJson>,
}

impl Appeal<'_> {
    fn take(&self, fate: Fate) -> Result<()> {
        let ground = if fate == Fate::Upheld { "factual_error" } else { "evidence_ignored" };
        let new = json!({ "criterion": self.criterion.id, "ground": ground, "text": TEXT });
        let path = format!("/api/scorecards/{}/appeals", self.card.id);
        let filed: Answered = self.manager.client.post(&path, &new)?;
        let state = match fate {
            Fate::Filed => filed.state,
            Fate::Withdrawn => {
                let path = format!("/api/appeals/{}/withdraw", filed.id);
                self.manager.client.post::<Answered>(&path, &json!({}))?.state
            }
            Fate::Examined => self.rule(&self.programme.central, filed.id, &self.refusal())?.state,
            Fate::Refused => {
                self.rule(&self.programme.central, filed.id, &self.refusal())?;
                self.rule(self.chair, filed.id, &self.refusal())?.state
            }
            Fate::Upheld => {
                let ruling = self.correction(filed.id)?;
                self.rule(&self.programme.central, filed.id, &ruling)?;
                let ruled = self.rule(self.chair, filed.id, &ruling)?;
                if ruled.after.is_none_or(|after| after.version != 2) {
                    bail!("the appeal of {} made no second version", self.card.scorecard.centre);
                }
                ruled.state
            }
        };
        let expected = match fate {
            Fate::Upheld | Fate::Refused => "ruled",
            Fate::Withdrawn => "withdrawn",
            Fate::Examined => "examined",
            Fate::Filed => "filed",
        };
        if state != expected {
            bail!("the appeal of {} is {state}, not {expected}", self.card.scorecard.centre);
        }
        Ok(())
    }

    fn rule(&self, client: &Client, appeal: AppealId, ruling: &Value) -> Result<Answered> {
        client.post(&format!("/api/appeals/{appeal}/ruling"), ruling)
    }

    fn refusal(&self) -> Value {
        json!({ "ruling": "refused", "reason": REFUSED })
    }

    /// A ruling by which every visit saw the criterion fulfilled.
    fn correction(&self, appeal: AppealId) -> Result<Value> {
        let case: Case = self.chair.get(&format!("/api/appeals/{appeal}/case"))?;
        let full = full(&self.criterion.scale);
        let corrections: Vec<Value> = case
            .visits
            .into_iter()
            .filter_map(|visit| Some((visit.evaluation, visit.answer?.value?)))
            .filter(|(_, value)| *value != full)
            .map(|(evaluation, _)| {
                let answer = json!({ "criterion": self.criterion.id, "value": full });
                json!({ "evaluation": evaluation, "answer": answer })
            })
            .collect();
        Ok(json!({ "ruling": "upheld", "reason": UPHELD, "corrections": corrections }))
    }
}

/// The value that is worth all.
fn full(scale: &Scale) -> ValueJson {
    match scale {
        Scale::YesNo => ValueJson::Bool(true),
        Scale::MetPartlyNot => ValueJson::Text(Met::Met.word().to_owned()),
        Scale::Level0To5 => ValueJson::Integer(5),
        Scale::Maturity => {
            let best = Maturity::ALL.last().map_or("", |best| best.word());
            ValueJson::Text(best.to_owned())
        }
        Scale::Timed { full_at, .. } => ValueJson::Text(full_at.to_decimal()),
        Scale::Percent { target } => ValueJson::Text(target.to_decimal()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mizan_domain::evaluation::{Answer, RawAnswer, read_answer_to};
    use mizan_domain::exact::Exact;

    #[test]
    fn the_full_value_of_every_criterion_is_worth_all() {
        for rubric in crate::shipped::rubrics().unwrap() {
            for criterion in rubric.criteria() {
                let answer = RawAnswer::Value((&full(&criterion.scale)).into());
                let read = read_answer_to(criterion, criterion.visits[0], &answer).unwrap();
                let Answer::Scored { score, .. } = read else { panic!("{}", criterion.id) };
                assert_eq!(score, Exact::from(100), "{}", criterion.id);
            }
        }
    }
}
