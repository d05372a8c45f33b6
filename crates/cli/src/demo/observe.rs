//! What evaluators see: answers, notes, times and evidence, believable and the same for the same seed.
//!
//! Each criterion of a centre has a draw of its own; the centre's quality moves all answers up or down
//! together, so that a target score can be approached by bisection with the real scoring.

use std::collections::BTreeMap;

use mizan_domain::evaluation::{Answer, Evaluation, RawAnswer, read_answer_to};
use mizan_domain::exact::Exact;
use mizan_domain::rubric::{Criterion, EvidenceKind, EvidenceNeed, Model, Rubric, VisitKind};
use mizan_domain::scale::{Maturity, Met, RawValue, Scale, TimeUnit};
use mizan_domain::scoring::{Outcome, Scorecard, score};
use mizan_domain::timeline::Moment;

use super::chance::Chance;
use super::story::{Plot, Story};
use super::words::{self, EXCEPTIONS};

/// One criterion as it was seen on a visit.
#[derive(Debug, Clone)]
pub(super) struct Observation {
    pub(super) criterion: String,
    pub(super) answer: RawAnswer,
    pub(super) note: Option<String>,
    pub(super) evidence: Option<EvidenceKind>,
}

/// One visit as it was lived.
#[derive(Debug, Clone)]
pub(super) struct VisitSeen {
    pub(super) kind: VisitKind,
    pub(super) observations: Vec<Observation>,
    /// Milliseconds after the arrival; none on a secret remote visit, which goes by its contacts.
    pub(super) moments: BTreeMap<Moment, i64>,
}

/// The kinds of the visits of a centre, in their order.
pub(super) const VISITS: [VisitKind; 3] =
    [VisitKind::Unannounced, VisitKind::Unannounced, VisitKind::Scheduled];

/// How a visit's evaluator sees and writes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Hand {
    /// Writes notes in Arabic, else in English.
    pub(super) arabic: bool,
    /// What is added to the centre's quality before it is judged; 0 for whoever is fair.
    pub(super) shift: f64,
}

/// The cycle in which visits are made and the hands that make them, by the visit's place.
#[derive(Debug, Clone, Copy)]
pub(super) struct Made {
    /// How many cycles ago: what a visit alone sees differs from cycle to cycle, what the centre is like
    /// remains.
    pub(super) age: usize,
    pub(super) hands: [Hand; 3],
}

impl Made {
    /// The number of a visit over all cycles; in the present one its place.
    fn turn(&self, place: usize) -> usize {
        place + VISITS.len() * self.age
    }
}

/// What is seen at a centre on its visits.
pub(super) fn centre(rubric: &Rubric, plot: Plot, chance: Chance, made: &Made) -> Vec<VisitSeen> {
    let mut best: Option<(f64, Vec<VisitSeen>)> = None;
    for salt in 0..12 {
        let scene = Scene { rubric, plot, chance: chance.of("salt").at(salt), made };
        let (miss, seen) = scene.approach();
        if best.as_ref().is_none_or(|(least, _)| miss < *least) {
            best = Some((miss, seen));
        }
        if best.as_ref().is_some_and(|(least, _)| *least < 0.6) {
            break;
        }
    }
    best.map(|(_, seen)| seen).unwrap_or_default()
}

/// The scorecard that follows from what was seen.
pub(super) fn scorecard(
    rubric: &Rubric,
    seen: &[VisitSeen],
    confirmed: &[String],
) -> Option<Scorecard> {
    let evaluation = |(place, visit): (usize, &VisitSeen)| Evaluation {
        id: place.to_string(),
        kind: visit.kind,
        answers: visit
            .observations
            .iter()
            .map(|seen| (seen.criterion.clone(), seen.answer.clone()))
            .collect(),
    };
    let evaluations: Vec<Evaluation> = seen.iter().enumerate().map(evaluation).collect();
    score(rubric, &evaluations, confirmed).ok()
}

struct Scene<'a> {
    rubric: &'a Rubric,
    plot: Plot,
    chance: Chance,
    made: &'a Made,
}

impl Scene<'_> {
    /// The visits whose score comes nearest to the target, and by how much it misses; a wrong level
    /// counts as a wide miss.
    fn approach(&self) -> (f64, Vec<VisitSeen>) {
        let (mut low, mut high) = (0.1, 1.4);
        let mut nearest = (f64::MAX, Vec::new());
        for _ in 0..14 {
            let quality = (low + high) / 2.0;
            let seen = self.visits(quality);
            let Some(card) = scorecard(self.rubric, &seen, &[]) else { continue };
            let reached = card.score.as_ref().map_or(0.0, Exact::approximate);
            let level = card.outcome.level();
            let thin = self.plot.story == Story::Thin;
            let wrong = match thin {
                true => card.outcome != Outcome::InsufficientEvidence,
                false => self.plot.level.is_some() && level != self.plot.level,
            };
            let miss = (reached - self.plot.target).abs() + if wrong { 50.0 } else { 0.0 };
            if miss < nearest.0 {
                nearest = (miss, seen);
            }
            if reached < self.plot.target { low = quality } else { high = quality }
        }
        nearest
    }

    fn visits(&self, quality: f64) -> Vec<VisitSeen> {
        VISITS.iter().enumerate().map(|(place, kind)| self.visit(quality, place, *kind)).collect()
    }

    fn visit(&self, quality: f64, place: usize, kind: VisitKind) -> VisitSeen {
        let quality = quality + self.made.hands[place].shift;
        let judged = self.rubric.criteria().filter(|criterion| criterion.is_judged_on(kind));
        let answers: Vec<(&Criterion, RawAnswer)> =
            judged.map(|criterion| (criterion, self.answer(criterion, quality, place))).collect();
        let wait = minutes(&answers, "R3");
        let observations = answers
            .into_iter()
            .map(|(criterion, answer)| {
                let no_delay = criterion.id == "R7" && wait.is_some_and(|wait| wait <= 15.0);
                let reason = self.text(words::NO_DELAY, place);
                let answer = if no_delay { RawAnswer::NotApplicable(reason) } else { answer };
                self.observation(criterion, kind, answer, place)
            })
            .collect();
        let mut visit = VisitSeen { kind, observations, moments: BTreeMap::new() };
        if self.rubric.model() == Model::InPerson || kind == VisitKind::Scheduled {
            visit.moments = moments(&visit, self.chance.of("moments").at(self.made.turn(place)));
        }
        visit
    }

    fn observation(
        &self,
        criterion: &Criterion,
        kind: VisitKind,
        answer: RawAnswer,
        place: usize,
    ) -> Observation {
        let chance = self.chance.of("evidence").of(&criterion.id);
        let chance = chance.at(self.made.turn(place));
        let scored = match read_answer_to(criterion, kind, &answer) {
            Ok(Answer::Scored { score, .. }) => Some(score),
            Ok(Answer::NotApplicable(_) | Answer::NotEvaluated(_)) | Err(_) => None,
        };
        let below_full = scored.is_some_and(|score| score < Exact::from(100));
        let note = below_full.then(|| note(criterion, &answer, self.made.hands[place].arabic));
        let attach = match criterion.evidence.need {
            EvidenceNeed::Required => true,
            EvidenceNeed::Optional => chance.happens(0.08),
            EvidenceNeed::None => false,
        };
        let attach = attach && matches!(answer, RawAnswer::Value(_));
        let evidence = attach.then(|| *chance.of("kind").pick(&criterion.evidence.kinds));
        Observation { criterion: criterion.id.clone(), answer, note, evidence }
    }

    fn answer(&self, criterion: &Criterion, quality: f64, place: usize) -> RawAnswer {
        let id = criterion.id.as_str();
        if let Some(value) = self.told(id, place) {
            return RawAnswer::Value(RawValue::Bool(value));
        }
        if self.suspended(id, place) {
            return RawAnswer::NotEvaluated(self.text(words::SUSPENDED, place));
        }
        if let Some(exception) = EXCEPTIONS.iter().find(|exception| exception.criterion == id) {
            let chance = self.chance.of("exception").of(id);
            let turn = self.made.turn(place);
            let chance = if exception.by_visit { chance.at(turn) } else { chance };
            let secret = VISITS[place] == VisitKind::Unannounced;
            if chance.happens(exception.share) && (exception.not_applicable || secret) {
                let reason = self.text(exception.reason, place);
                return match exception.not_applicable {
                    true => RawAnswer::NotApplicable(reason),
                    false => RawAnswer::NotEvaluated(reason),
                };
            }
        }
        RawAnswer::Value(self.value(criterion, quality, place))
    }

    /// The answers the centre's story is about; all other critical criteria stay out of danger.
    fn told(&self, criterion: &str, place: usize) -> Option<bool> {
        if self.plot.story.critical() != Some(criterion) {
            return None;
        }
        // The dismissed hit was seen on the secret visits alone.
        Some(self.plot.story == Story::DismissedCap && VISITS[place] == VisitKind::Scheduled)
    }

    fn suspended(&self, criterion: &str, place: usize) -> bool {
        self.plot.story == Story::Thin
            && VISITS[place] == VisitKind::Unannounced
            && (criterion.starts_with(['R', 'D']) || criterion.starts_with('S'))
            && !matches!(criterion, "S1" | "S5" | "R1")
    }

    fn value(&self, criterion: &Criterion, quality: f64, place: usize) -> RawValue {
        let own = self.chance.of("criterion").of(&criterion.id);
        // Visits of one centre mostly see the same; now and then one sees its own.
        let seen = own.of("visit").at(self.made.turn(place));
        let draw = if seen.happens(0.15) { seen.of("draw") } else { own.of("draw") };
        let spread = |width: f64| (quality + width * draw.normal()).clamp(0.0, 1.0);
        let critical = criterion.critical.is_some();
        let at_least = |value: f64, least: f64| if critical { value.max(least) } else { value };
        match &criterion.scale {
            Scale::YesNo => RawValue::Bool(critical || draw.unit() < quality),
            Scale::MetPartlyNot => {
                let met = at_least(spread(0.22), 0.5);
                let word = if met >= 0.8 {
                    Met::Met
                } else if met >= 0.42 {
                    Met::Partly
                } else {
                    Met::Not
                };
                RawValue::Text(word.word().into())
            }
            Scale::Level0To5 => {
                RawValue::Integer((at_least(spread(0.1), 0.6) * 5.0).round() as i64)
            }
            Scale::Maturity => {
                let step = (at_least(spread(0.12), 0.5) * 4.0).round() as usize;
                RawValue::Text(Maturity::ALL[step.min(4)].word().into())
            }
            Scale::Timed { unit, full_at, zero_at } => {
                let (full, zero) = (full_at.approximate(), zero_at.approximate());
                let reached = spread(0.14);
                let time = match reached > 0.96 {
                    true => full * (0.35 + 0.65 * draw.of("quick").unit()),
                    false => zero - reached * (zero - full),
                };
                RawValue::Text(rounded_time(time, *unit))
            }
            Scale::Percent { target } => {
                let target = target.approximate();
                let reached = at_least(spread(0.12), 0.7);
                let rate = match reached > 0.97 {
                    true => target + (100.0 - target) * draw.of("over").unit(),
                    false => target * reached,
                };
                RawValue::Text(format!("{:.0}", rate.clamp(0.0, 100.0)))
            }
        }
    }

    fn text(&self, (ar, en): (&str, &str), place: usize) -> String {
        (if self.made.hands[place].arabic { ar } else { en }).to_owned()
    }
}

/// Seconds are whole, all else goes by halves: as a person with a watch writes it down.
fn rounded_time(time: f64, unit: TimeUnit) -> String {
    let halves = match unit {
        TimeUnit::Seconds => time.round() * 2.0,
        TimeUnit::Minutes | TimeUnit::Hours | TimeUnit::WorkingHours => (time * 2.0).round(),
    } as i64;
    match halves.rem_euclid(2) {
        0 => (halves / 2).to_string(),
        _ => format!("{}.5", halves / 2),
    }
}

fn note(criterion: &Criterion, answer: &RawAnswer, arabic: bool) -> String {
    let RawAnswer::Value(value) = answer else { return String::new() };
    let step = match value {
        RawValue::Bool(yes) => usize::from(!yes),
        RawValue::Integer(level) => usize::try_from(*level).unwrap_or(0),
        RawValue::Text(word) => {
            let met = Met::ALL.iter().position(|step| step.word() == word);
            let maturity = Maturity::ALL.iter().position(|step| step.word() == word);
            match met.or(maturity) {
                Some(step) => step,
                None => return words::measured(&criterion.scale, word, arabic),
            }
        }
    };
    let anchor = criterion.anchors.get(step).unwrap_or(&criterion.name);
    if arabic { anchor.ar.clone() } else { anchor.en.clone() }
}

fn minutes(answers: &[(&Criterion, RawAnswer)], id: &str) -> Option<f64> {
    answers.iter().find(|(criterion, _)| criterion.id == id).and_then(|(_, answer)| number(answer))
}

fn number(answer: &RawAnswer) -> Option<f64> {
    match answer {
        RawAnswer::Value(RawValue::Text(text)) => text.parse().ok(),
        RawAnswer::Value(RawValue::Bool(_) | RawValue::Integer(_))
        | RawAnswer::NotApplicable(_)
        | RawAnswer::NotEvaluated(_) => None,
    }
}

/// The moments that agree with the times answered.
fn moments(visit: &VisitSeen, chance: Chance) -> BTreeMap<Moment, i64> {
    let answered = |id: &str| {
        let found = visit.observations.iter().find(|seen| seen.criterion == id)?;
        number(&found.answer).map(|minutes| (minutes * 60_000.0).round() as i64)
    };
    let draw = |name: &str, from: usize, to: usize| {
        60_000 * (from + chance.of(name).below(to - from)) as i64
    };
    let mut moments = BTreeMap::from([(Moment::Arrived, 0)]);
    moments.extend(answered("R1").map(|greeted| (Moment::Greeted, greeted)));
    let Some(wait) = answered("R3") else {
        moments.insert(Moment::Left, draw("left", 25, 80));
        return moments;
    };
    let ticket = answered("R1").unwrap_or(60_000) + 30_000;
    let called = ticket + wait;
    let done = called + answered("D2").unwrap_or_else(|| draw("service", 6, 15));
    moments.insert(Moment::Ticket, ticket);
    moments.insert(Moment::Called, called);
    moments.insert(Moment::Done, done);
    moments.insert(Moment::Left, done + draw("left", 1, 6));
    moments
}

#[cfg(test)]
mod tests {
    use super::super::{contacts, names, story};
    use super::*;
    use mizan_domain::submission::{Draft, DraftAnswer, check};
    use mizan_domain::timeline::Timeline;

    const fn hand(arabic: bool) -> Hand {
        Hand { arabic, shift: 0.0 }
    }

    const FAIR: Made = Made { age: 0, hands: [hand(true), hand(false), hand(true)] };

    fn all(seed: u64) -> Vec<(story::Plot, Rubric, Vec<VisitSeen>)> {
        let rubrics = crate::shipped::rubrics().unwrap();
        let centres = names::centres(24);
        let chance = Chance::new(seed);
        let plots = story::plots(&centres, chance);
        centres
            .iter()
            .zip(plots)
            .enumerate()
            .map(|(place, (named, plot))| {
                let model = if named.remote { Model::Remote } else { Model::InPerson };
                let rubric = rubrics.iter().find(|rubric| rubric.model() == model).unwrap().clone();
                let seen = centre(&rubric, plot, chance.of("centre").at(place), &FAIR);
                (plot, rubric, seen)
            })
            .collect()
    }

    #[test]
    fn every_centre_comes_to_its_level_whatever_the_seed() {
        for seed in [7, 1, 99] {
            for (place, (plot, rubric, seen)) in all(seed).iter().enumerate() {
                let card = scorecard(rubric, seen, &[]).unwrap();
                let level = card.outcome.level();
                let score = card.score.clone().map(|score| score.shown());
                match plot.story {
                    Story::Thin => assert_eq!(card.outcome, Outcome::InsufficientEvidence),
                    _ => assert_eq!(level, plot.level, "seed {seed} place {place} {score:?}"),
                }
                let hits: Vec<&str> =
                    card.critical.iter().map(|hit| hit.criterion.as_str()).collect();
                assert_eq!(hits, plot.story.critical().into_iter().collect::<Vec<_>>(), "{place}");
            }
        }
    }

    #[test]
    fn who_sees_worse_scores_lower_than_the_others_at_the_same_centre() {
        let rubrics = crate::shipped::rubrics().unwrap();
        let plot = Plot { story: Story::Plain, target: 82.0, level: None };
        let severe = Hand { shift: super::super::planted::SEVERITY, ..hand(true) };
        for rubric in &rubrics {
            for place in 0..6 {
                let chance = Chance::new(7).of("centre").at(place);
                let made = Made { age: 1, hands: [severe, hand(true), hand(true)] };
                let seen = centre(rubric, plot, chance, &made);
                let alone = |visit: usize| {
                    let card = scorecard(rubric, &seen[visit..=visit], &[]).unwrap();
                    card.score.unwrap().approximate()
                };
                let (low, other) = (alone(0), alone(1));
                assert!(low < other - 5.0, "{} at {place}: {low} beside {other}", rubric.id());
            }
        }
    }

    #[test]
    fn a_centre_is_recognised_from_cycle_to_cycle_and_never_seen_twice_alike() {
        let rubric = &crate::shipped::rubrics().unwrap()[0];
        let plot = Plot { story: Story::Plain, target: 82.0, level: None };
        let seen = |age| centre(rubric, plot, Chance::new(7), &Made { age, ..FAIR });
        let answers = |seen: &[VisitSeen]| -> Vec<RawAnswer> {
            let all = seen.iter().flat_map(|visit| &visit.observations);
            all.map(|observation| observation.answer.clone()).collect()
        };
        let (now, then) = (answers(&seen(0)), answers(&seen(1)));
        let alike = now.iter().zip(&then).filter(|(now, then)| now == then).count();
        assert!(alike * 100 > now.len() * 60 && alike < now.len(), "{alike} of {}", now.len());
    }

    /// The time-line of a visit that begins on a Sunday morning.
    fn timeline(rubric: &Rubric, visit: &VisitSeen) -> Timeline {
        let started = (3 * 24 + 6) * 3_600_000;
        let moments = visit.moments.iter().map(|(of, after)| (*of, started + after)).collect();
        Timeline { moments, contacts: contacts::of(rubric, visit, started, Chance::new(1)) }
    }

    #[test]
    fn the_times_tell_exactly_what_was_answered() {
        let mut told = 0;
        for (_, rubric, seen) in all(7) {
            for visit in seen {
                let timeline = timeline(&rubric, &visit);
                for observation in &visit.observations {
                    let criterion = rubric.criterion(&observation.criterion).unwrap();
                    let Some((measure, unit)) = criterion.timed_by() else { continue };
                    let RawAnswer::Value(RawValue::Text(answer)) = &observation.answer else {
                        continue;
                    };
                    let measured = timeline.measure(measure, unit);
                    let measured = measured.map(|measured| measured.as_answer());
                    assert_eq!(measured.as_ref(), Some(answer), "{}", criterion.id);
                    told += 1;
                }
            }
        }
        // Three criteria of each secret visit in person, six of each remote one; a centre that was
        // suspended has fewer.
        assert!(told >= 2 * (16 * 3 + 7 * 6), "{told}");
    }

    #[test]
    fn every_visit_could_be_submitted() {
        for (_, rubric, seen) in all(7) {
            for visit in seen {
                let timeline = timeline(&rubric, &visit);
                let answer = |seen: &Observation| DraftAnswer {
                    criterion: seen.criterion.clone(),
                    answer: seen.answer.clone(),
                    note: seen.note.clone(),
                };
                let evidence = |seen: &Observation| Some((seen.criterion.clone(), seen.evidence?));
                let draft = Draft {
                    kind: visit.kind,
                    answers: visit.observations.iter().map(answer).collect(),
                    evidence: visit.observations.iter().filter_map(evidence).collect(),
                    timeline,
                };
                assert_eq!(check(&rubric, &draft), []);
            }
        }
    }
}
