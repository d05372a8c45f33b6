//! What must always hold of scoring (the scoring specification, section 9), over random rubrics and
//! random evaluations.
//!
//! The specification's numbers are checked by a second implementation, in the package `mizan-tests`.

#![expect(clippy::unwrap_used, reason = "clippy does not see that helpers of tests are tests")]

use mizan_domain::evaluation::{Evaluation, RawAnswer};
use mizan_domain::exact::Exact;
use mizan_domain::explain::{Rule, Step, Subject, explain};
use mizan_domain::rubric::{
    Criterion, CriticalEffect, EvidenceNeed, EvidenceRule, Level, Model, Parts, Pillar, Policy,
    Rubric, Tags, VisitKind,
};
use mizan_domain::scale::{Maturity, Met, RawValue, Scale, TimeUnit};
use mizan_domain::scoring::{Outcome, Scorecard, State, score};
use mizan_domain::text::Text;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::{BoxedStrategy, Just, Strategy, any, prop_oneof};
use proptest::sample::{Index, select};
use proptest::test_runner::Config;
use proptest::{prop_assert, prop_assert_eq, prop_assume, proptest};

const MAX_PILLARS: usize = 5;
const MAX_CRITERIA: usize = 6;

/// How one criterion is answered in one evaluation.
#[derive(Debug, Clone, Copy)]
enum Cell {
    Missing,
    NotApplicable,
    NotEvaluated,
    /// A value by its quality, 0 (worst) to 1000 (best); see [`value_of`].
    Quality(u16),
}

/// One evaluation: a cell for each criterion, used where the criterion is judged on the kind.
#[derive(Debug, Clone)]
struct Visit {
    kind: VisitKind,
    cells: Vec<Cell>,
}

/// A rubric and what a centre's visits found.
#[derive(Debug, Clone)]
struct Case {
    parts: Parts,
    visits: Vec<Visit>,
    confirmed: Vec<String>,
}

impl Case {
    fn rubric(&self) -> Rubric {
        Rubric::new(self.parts.clone()).unwrap_or_else(|faults| panic!("not a rubric: {faults:?}"))
    }

    fn criteria(&self) -> Vec<&Criterion> {
        self.parts.pillars.iter().flat_map(|pillar| &pillar.criteria).collect()
    }

    fn evaluations(&self) -> Vec<Evaluation> {
        let criteria = self.criteria();
        let evaluation = |(index, visit): (usize, &Visit)| {
            let judged = criteria.iter().zip(&visit.cells);
            let judged = judged.filter(|(criterion, _)| criterion.is_judged_on(visit.kind));
            let answers = judged.filter_map(|(criterion, cell)| {
                Some((criterion.id.clone(), raw_answer(&criterion.scale, *cell)?))
            });
            Evaluation { id: format!("e{index}"), kind: visit.kind, answers: answers.collect() }
        };
        self.visits.iter().enumerate().map(evaluation).collect()
    }

    fn score(&self) -> Scorecard {
        scored(&self.rubric(), &self.evaluations(), &self.confirmed)
    }
}

fn scored(rubric: &Rubric, evaluations: &[Evaluation], confirmed: &[String]) -> Scorecard {
    score(rubric, evaluations, confirmed).unwrap_or_else(|faults| panic!("refused: {faults:?}"))
}

fn raw_answer(scale: &Scale, cell: Cell) -> Option<RawAnswer> {
    match cell {
        Cell::Missing => None,
        Cell::NotApplicable => Some(RawAnswer::NotApplicable("no such counter".into())),
        Cell::NotEvaluated => Some(RawAnswer::NotEvaluated("closed that day".into())),
        Cell::Quality(quality) => Some(RawAnswer::Value(value_of(scale, quality))),
    }
}

/// The value of a quality. More quality is never a worse answer: yes over no, more met, a higher
/// level, a **shorter** time, a greater rate, more mature.
fn value_of(scale: &Scale, quality: u16) -> RawValue {
    let step = |steps: u16| usize::from(quality) * usize::from(steps) / 1001;
    match scale {
        Scale::YesNo => RawValue::Bool(step(2) == 1),
        Scale::MetPartlyNot => {
            RawValue::Text([Met::Not, Met::Partly, Met::Met][step(3)].word().into())
        }
        Scale::Level0To5 => RawValue::Integer(step(6) as i64),
        // From 1.25 · zero_at down to no time at all, so that both flat ends are met.
        Scale::Timed { zero_at, .. } => {
            let share = Exact::ratio(5 * i64::from(1000 - quality), 4000).unwrap();
            RawValue::Text((&share * zero_at).to_decimal())
        }
        Scale::Percent { .. } => {
            RawValue::Text(Exact::ratio(i64::from(quality), 10).unwrap().to_decimal())
        }
        Scale::Maturity => RawValue::Text(Maturity::ALL[step(5)].word().into()),
    }
}

fn text() -> Text {
    Text::new("نص", "text")
}

/// `total` in as many whole parts as there are `shares`, in about their proportion, none of them 0.
fn split(total: i64, shares: &[i64]) -> Vec<i64> {
    let sum: i64 = shares.iter().sum();
    let mut parts: Vec<i64> = shares.iter().map(|share| total * share / sum).collect();
    let rest = total - parts.iter().sum::<i64>();
    *parts.last_mut().unwrap() += rest;
    parts
}

fn hundredths(number: i64) -> Exact {
    Exact::ratio(number, 100).unwrap()
}

fn any_scale() -> BoxedStrategy<Scale> {
    let timed = (select(TimeUnit::ALL), 0i64..600, 1i64..600);
    let tenths = |number| Exact::ratio(number, 10).unwrap();
    prop_oneof![
        Just(Scale::YesNo),
        Just(Scale::MetPartlyNot),
        Just(Scale::Level0To5),
        timed.prop_map(move |(unit, full_at, width)| Scale::Timed {
            unit,
            full_at: tenths(full_at),
            zero_at: tenths(full_at + width),
        }),
        (1i64..=1000).prop_map(move |target| Scale::Percent { target: tenths(target) }),
        Just(Scale::Maturity),
    ]
    .boxed()
}

/// A criterion without its id and weight, which its pillar gives it, and its share of the pillar.
fn any_criterion() -> impl Strategy<Value = (i64, Criterion)> {
    let visits = select(vec![
        vec![VisitKind::Unannounced],
        vec![VisitKind::Scheduled],
        vec![VisitKind::Unannounced, VisitKind::Scheduled],
    ]);
    let critical = option::of(select(CriticalEffect::ALL));
    (1i64..20, any_scale(), visits, critical, any::<bool>()).prop_map(
        |(share, scale, visits, critical, basic)| {
            let anchors = vec![text(); scale.anchor_counts()[0]];
            let criterion = Criterion {
                id: String::new(),
                name: text(),
                guidance: text(),
                weight: Exact::zero(),
                scale,
                anchors,
                visits,
                evidence: EvidenceRule { need: EvidenceNeed::None, kinds: Vec::new() },
                critical,
                basic,
                measure: None,
                tags: Tags::default(),
            };
            (share, criterion)
        },
    )
}

/// A pillar as it is drawn: its share of the points, and its criteria with their shares of it.
type Drawn = (i64, Vec<(i64, Criterion)>);

/// Pillars whose weights are decimals of two places that sum to exactly 100, and their criteria's
/// weights decimals of three.
fn any_pillars() -> impl Strategy<Value = Vec<Pillar>> {
    let pillar = (1i64..20, vec(any_criterion(), 1..=MAX_CRITERIA));
    vec(pillar, 1..=MAX_PILLARS).prop_map(|pillars| {
        let shares: Vec<i64> = pillars.iter().map(|(share, _)| *share).collect();
        let weights = split(10_000, &shares);
        let pillar = |(index, (weight, (_, criteria))): (usize, (i64, Drawn))| {
            let shares: Vec<i64> = criteria.iter().map(|(share, _)| *share).collect();
            let own = split(10 * weight, &shares);
            let criteria = criteria.into_iter().zip(own).enumerate();
            let criteria = criteria.map(|(place, ((_, criterion), thousandths))| Criterion {
                id: format!("p{index}c{place}"),
                weight: Exact::ratio(thousandths, 1000).unwrap(),
                ..criterion
            });
            Pillar {
                id: format!("p{index}"),
                name: text(),
                weight: hundredths(weight),
                criteria: criteria.collect(),
            }
        };
        weights.into_iter().zip(pillars).enumerate().map(pillar).collect()
    })
}

/// One to seven levels, falling, each but the last with or without a floor; and their policy.
fn any_ladder() -> impl Strategy<Value = (Vec<Level>, Policy)> {
    let above = (1i64..1200, option::of(0i64..=100), any::<bool>());
    let policy = (0i64..=100, 0i64..=100, any::<Index>());
    (vec(above, 0..=6), 1i64..1200, policy).prop_map(|(above, rest, (share, min_coverage, cap))| {
        let sum: i64 = rest + above.iter().map(|(fall, _, _)| fall).sum::<i64>();
        let mut falls = 0;
        let mut levels: Vec<Level> = Vec::new();
        for (index, (fall, floor, allows_critical)) in above.iter().enumerate() {
            // In hundredths, each lower than the one before by one at least, and over 0.
            falls += fall;
            let min_score = hundredths(10_000 - 9_900 * falls / sum);
            levels.push(Level {
                id: format!("l{index}"),
                name: text(),
                min_score,
                pillar_floor: floor.map(Exact::from),
                allows_critical: *allows_critical,
            });
        }
        let id = format!("l{}", above.len());
        let (min_score, pillar_floor) = (Exact::zero(), None);
        levels.push(Level { id, name: text(), min_score, pillar_floor, allows_critical: true });
        let first = levels.iter().rposition(|level| !level.allows_critical).map_or(0, |at| at + 1);
        let cap = first + cap.index(levels.len() - first);
        let policy = Policy {
            unannounced_share: hundredths(share),
            min_coverage: Exact::from(min_coverage),
            critical_cap: levels[cap].id.clone(),
        };
        (levels, policy)
    })
}

fn any_visit() -> impl Strategy<Value = Visit> {
    let cell = prop_oneof![
        1 => Just(Cell::Missing),
        1 => Just(Cell::NotApplicable),
        1 => Just(Cell::NotEvaluated),
        7 => (0u16..=1000).prop_map(Cell::Quality),
    ];
    let cells = vec(cell, MAX_PILLARS * MAX_CRITERIA);
    (select(VisitKind::ALL), cells).prop_map(|(kind, cells)| Visit { kind, cells })
}

fn any_case() -> impl Strategy<Value = Case> {
    let visits = vec(any_visit(), 0..=6);
    (any_pillars(), any_ladder(), visits, any::<u32>()).prop_map(
        |(pillars, (levels, policy), visits, confirmed)| {
            let critical = pillars.iter().flat_map(|pillar| &pillar.criteria);
            let critical = critical.filter(|criterion| criterion.critical.is_some()).enumerate();
            let confirmed = critical
                .filter(|(place, _)| confirmed >> place & 1 == 1)
                .map(|(_, criterion)| criterion.id.clone())
                .collect();
            let (id, version) = ("random".to_owned(), "1".to_owned());
            let model = Model::InPerson;
            let parts = Parts { id, version, model, title: text(), policy, levels, pillars };
            Case { parts, visits, confirmed }
        },
    )
}

/// The list in the order of the keys.
fn shuffled<T: Clone>(list: &[T], keys: &[u32]) -> Vec<T> {
    let mut keyed: Vec<(u32, &T)> = keys.iter().copied().cycle().zip(list).collect();
    keyed.sort_by_key(|(key, _)| *key);
    keyed.into_iter().map(|(_, item)| item.clone()).collect()
}

/// The scorecard with its lists by id, for rubrics that list the same things in another order.
fn by_id(mut scorecard: Scorecard) -> Scorecard {
    scorecard.pillars.sort_by(|a, b| a.id.cmp(&b.id));
    scorecard.criteria.sort_by(|a, b| a.id.cmp(&b.id));
    scorecard.critical.sort_by(|a, b| a.criterion.cmp(&b.criterion));
    scorecard
}

/// Every score of a scorecard, named, in the order of the rubric.
fn scores(scorecard: &Scorecard) -> Vec<(String, Option<Exact>)> {
    let pillars = scorecard.pillars.iter().map(|result| (result.id.clone(), result.score.clone()));
    let criteria = scorecard.criteria.iter().flat_map(|result| {
        let named = |what: &str| format!("{} {what}", result.id);
        [
            (named("score"), result.score.clone()),
            (named("unannounced"), result.unannounced.clone()),
            (named("scheduled"), result.scheduled.clone()),
        ]
    });
    let centre = [
        ("centre".to_owned(), scorecard.score.clone()),
        ("coverage".to_owned(), Some(scorecard.coverage.clone())),
        ("basic compliance".to_owned(), scorecard.basic_compliance.clone()),
    ];
    centre.into_iter().chain(pillars).chain(criteria).collect()
}

/// How good an outcome is: the better, the smaller. Without a score or evidence there is no rank.
fn rank(rubric: &Rubric, outcome: &Outcome) -> Option<usize> {
    match outcome {
        Outcome::Level(id) => rubric.levels().iter().position(|level| level.id == *id),
        Outcome::CommitteeDecision => Some(rubric.levels().len()),
        Outcome::NoScore | Outcome::InsufficientEvidence => None,
    }
}

/// The outcome by the letter of the specification, section 6, on the scorecard's exact numbers.
fn outcome_by_the_letter(rubric: &Rubric, scorecard: &Scorecard) -> Outcome {
    let Some(score) = &scorecard.score else { return Outcome::NoScore };
    if scorecard.coverage < rubric.policy().min_coverage {
        return Outcome::InsufficientEvidence;
    }
    let confirmed: Vec<CriticalEffect> =
        scorecard.critical.iter().filter(|hit| hit.confirmed).map(|hit| hit.effect).collect();
    if confirmed.contains(&CriticalEffect::Fail) {
        return Outcome::CommitteeDecision;
    }
    let mut above_cap = confirmed.contains(&CriticalEffect::Cap);
    for level in rubric.levels() {
        above_cap = above_cap && level.id != rubric.policy().critical_cap;
        let mut pillars = scorecard.pillars.iter().filter_map(|pillar| pillar.score.as_ref());
        let below_floor = match &level.pillar_floor {
            Some(floor) => pillars.any(|score| score < floor),
            None => false,
        };
        let barred = above_cap || below_floor || (!confirmed.is_empty() && !level.allows_critical);
        if *score >= level.min_score && !barred {
            return Outcome::Level(level.id.clone());
        }
    }
    unreachable!("the last level admits every score")
}

/// A rubric of one pillar with one criterion, answered by a rate, which is then every score.
fn by_rate_alone(levels: Vec<Level>, policy: Policy, critical: Option<CriticalEffect>) -> Rubric {
    let criterion = Criterion {
        id: "c".into(),
        name: text(),
        guidance: text(),
        weight: 100.into(),
        scale: Scale::Percent { target: 100.into() },
        anchors: Vec::new(),
        visits: vec![VisitKind::Scheduled],
        evidence: EvidenceRule { need: EvidenceNeed::None, kinds: Vec::new() },
        critical,
        basic: true,
        measure: None,
        tags: Tags::default(),
    };
    let pillar =
        Pillar { id: "p".into(), name: text(), weight: 100.into(), criteria: vec![criterion] };
    let (id, version, pillars) = ("rate".into(), "1".into(), vec![pillar]);
    let model = Model::Remote;
    Rubric::new(Parts { id, version, model, title: text(), policy, levels, pillars }).unwrap()
}

fn rate(rate: &str) -> Vec<Evaluation> {
    let answers = vec![("c".to_owned(), RawAnswer::Value(RawValue::Text(rate.into())))];
    vec![Evaluation { id: "e".into(), kind: VisitKind::Scheduled, answers }]
}

/// Platinum 95 (floor 80), Gold 90 (floor 70), Silver 80 (floor 60), Meets 75, the rest.
fn default_ladder() -> (Vec<Level>, Policy) {
    let rows: [(&str, i64, Option<i64>, bool); 5] = [
        ("platinum", 95, Some(80), false),
        ("gold", 90, Some(70), false),
        ("silver", 80, Some(60), true),
        ("meets", 75, None, true),
        ("needs_improvement", 0, None, true),
    ];
    let level = |(id, min_score, floor, allows_critical): (&str, i64, Option<i64>, bool)| Level {
        id: id.into(),
        name: text(),
        min_score: min_score.into(),
        pillar_floor: floor.map(Exact::from),
        allows_critical,
    };
    let policy = Policy {
        unannounced_share: Exact::ratio(7, 10).unwrap(),
        min_coverage: 70.into(),
        critical_cap: "silver".into(),
    };
    (rows.into_iter().map(level).collect(), policy)
}

/// The steps below and including this one.
fn all_steps(step: &Step) -> Vec<&Step> {
    let below = step.from.iter().flat_map(all_steps);
    std::iter::once(step).chain(below).collect()
}

/// The share of scored weight in the sources of a coverage, in percent.
fn covered(coverage: &Step) -> Exact {
    let weight = |scored: fn(&Step) -> bool| -> Exact {
        let sources = coverage.from.iter().filter(|step| scored(step));
        sources.filter_map(|step| step.weight.as_ref()).sum()
    };
    let all = weight(|_| true);
    let percent = &weight(|step| step.value.is_some()) * &Exact::from(100);
    if all.is_zero() { all } else { &percent / &all }
}

/// The share of sources from 75 up, in percent.
fn complied(compliance: &Step) -> Option<Exact> {
    let met = compliance.from.iter().filter(|step| step.value >= Some(Exact::from(75))).count();
    Exact::ratio(100 * met as i64, compliance.from.len() as i64)
}

proptest! {
    #![proptest_config(Config::with_cases(512))]

    #[test]
    fn order_changes_nothing(case in any_case(), keys in vec(any::<u32>(), 1..40)) {
        let mut parts = case.parts.clone();
        parts.pillars = shuffled(&parts.pillars, &keys);
        for pillar in &mut parts.pillars {
            pillar.criteria = shuffled(&pillar.criteria, &keys);
            for criterion in &mut pillar.criteria {
                criterion.visits = shuffled(&criterion.visits, &keys);
            }
        }
        let mut evaluations = shuffled(&case.evaluations(), &keys);
        for evaluation in &mut evaluations {
            evaluation.answers = shuffled(&evaluation.answers, &keys);
        }
        let confirmed = shuffled(&case.confirmed, &keys);
        let other = scored(&Rubric::new(parts).unwrap(), &evaluations, &confirmed);
        prop_assert_eq!(by_id(other), by_id(case.score()));
    }

    #[test]
    fn every_score_lies_in_0_to_100(case in any_case()) {
        let scorecard = case.score();
        for (name, score) in scores(&scorecard) {
            let fits = score.is_none_or(|score| !score.is_negative() && score <= Exact::from(100));
            prop_assert!(fits, "{name} in {scorecard:?}");
        }
    }

    #[test]
    fn a_state_is_scored_exactly_where_there_is_a_score(case in any_case()) {
        let scorecard = case.score();
        let states = scorecard.pillars.iter().map(|result| (result.state, &result.score));
        let criteria = scorecard.criteria.iter().map(|result| (result.state, &result.score));
        for (state, score) in states.chain(criteria) {
            prop_assert_eq!(state == State::Scored, score.is_some());
        }
        let any = scorecard.pillars.iter().any(|result| result.score.is_some());
        prop_assert_eq!(scorecard.score.is_some(), any);
        prop_assert_eq!(scorecard.outcome == Outcome::NoScore, !any);
    }

    #[test]
    fn raising_one_answer_never_lowers_any_score(
        case in any_case(),
        which in any::<Index>(),
        more in 1u16..=1000,
    ) {
        let places: Vec<(usize, usize, u16)> = case.visits.iter().enumerate()
            .flat_map(|(visit, own)| own.cells.iter().enumerate().map(move |cell| (visit, cell)))
            .filter_map(|(visit, (place, cell))| match cell {
                Cell::Quality(quality) => Some((visit, place, *quality)),
                Cell::Missing | Cell::NotApplicable | Cell::NotEvaluated => None,
            })
            // Cells of criteria that do not exist or are not judged on this kind have no effect.
            .filter(|(visit, place, _)| {
                let kind = case.visits[*visit].kind;
                case.criteria().get(*place).is_some_and(|criterion| criterion.is_judged_on(kind))
            })
            .collect();
        prop_assume!(!places.is_empty());
        let (visit, place, quality) = places[which.index(places.len())];
        let mut raised = case.clone();
        raised.visits[visit].cells[place] = Cell::Quality((quality + more).min(1000));
        let (before, after) = (case.score(), raised.score());
        for ((name, before), (_, after)) in scores(&before).into_iter().zip(scores(&after)) {
            prop_assert!(after >= before, "{name}: {before:?} fell to {after:?}");
        }
        let rubric = case.rubric();
        let ranks = (rank(&rubric, &before.outcome), rank(&rubric, &after.outcome));
        if let (Some(before), Some(after)) = ranks {
            prop_assert!(after <= before, "a better answer made the outcome worse");
        }
        prop_assert_eq!(ranks.0.is_some(), ranks.1.is_some(), "the value decided about evidence");
    }

    #[test]
    fn a_criterion_that_never_applies_is_as_if_it_were_not_in_the_rubric(
        case in any_case(),
        which in any::<Index>(),
    ) {
        let places: Vec<(usize, usize)> = case.parts.pillars.iter().enumerate()
            .filter(|(_, pillar)| pillar.criteria.len() > 1)
            .flat_map(|(at, pillar)| (0..pillar.criteria.len()).map(move |own| (at, own)))
            .collect();
        prop_assume!(!places.is_empty());
        let (pillar, own) = places[which.index(places.len())];
        let id = case.parts.pillars[pillar].criteria[own].id.clone();
        let place = case.criteria().iter().position(|criterion| criterion.id == id).unwrap();
        let mut marked = case.clone();
        for visit in &mut marked.visits {
            visit.cells[place] = Cell::NotApplicable;
        }
        let with = marked.score();

        let mut parts = case.rubric().into_parts();
        let smaller = &mut parts.pillars[pillar];
        let dropped = smaller.criteria.remove(own);
        let left = &smaller.weight - &dropped.weight;
        for criterion in &mut smaller.criteria {
            criterion.weight = &(&criterion.weight * &smaller.weight) / &left;
        }
        let mut evaluations = marked.evaluations();
        for evaluation in &mut evaluations {
            evaluation.answers.retain(|(criterion, _)| *criterion != id);
        }
        let confirmed: Vec<String> =
            case.confirmed.iter().filter(|criterion| **criterion != id).cloned().collect();
        let without = scored(&Rubric::new(parts).unwrap(), &evaluations, &confirmed);

        prop_assert_eq!(&with.score, &without.score);
        prop_assert_eq!(&with.critical, &without.critical);
        prop_assert_eq!(&with.basic_compliance, &without.basic_compliance);
        for (with, without) in with.pillars.iter().zip(&without.pillars) {
            prop_assert_eq!(&with.score, &without.score);
        }
        let others: Vec<_> = with.criteria.iter().filter(|result| result.id != id).collect();
        prop_assert_eq!(others, without.criteria.iter().collect::<Vec<_>>());
    }

    /// Answers a thousandth of a point to either side of a level's start, and on it.
    #[test]
    fn the_level_is_decided_on_the_exact_score(
        (levels, policy) in any_ladder(),
        which in any::<Index>(),
        off in -60i64..=60,
    ) {
        let levels: Vec<Level> =
            levels.into_iter().map(|level| Level { pillar_floor: None, ..level }).collect();
        let from = &levels[which.index(levels.len())].min_score;
        let exact = from + &Exact::ratio(off, 1000).unwrap();
        prop_assume!(!exact.is_negative() && exact <= Exact::from(100));
        let expected = levels.iter().find(|level| exact >= level.min_score).unwrap().id.clone();
        let rubric = by_rate_alone(levels, policy, None);
        let scorecard = scored(&rubric, &rate(&exact.to_decimal()), &[]);
        prop_assert_eq!(scorecard.score, Some(exact));
        prop_assert_eq!(scorecard.outcome, Outcome::Level(expected));
    }

    #[test]
    fn the_outcome_is_the_first_rule_that_applies(case in any_case()) {
        let scorecard = case.score();
        prop_assert_eq!(&outcome_by_the_letter(&case.rubric(), &scorecard), &scorecard.outcome);
    }

    #[test]
    fn every_number_is_traced_down_to_the_answers(case in any_case()) {
        let rubric = case.rubric();
        let evaluations = case.evaluations();
        let explanation = explain(&rubric, &evaluations, &case.confirmed).unwrap();
        let scorecard = case.score();
        prop_assert_eq!(&explanation.scorecard, &scorecard);
        prop_assert_eq!(&explanation.score.value, &scorecard.score);
        prop_assert_eq!(&explanation.coverage.value, &Some(scorecard.coverage.clone()));
        prop_assert_eq!(&explanation.basic_compliance.value, &scorecard.basic_compliance);
        for root in [&explanation.score, &explanation.coverage, &explanation.basic_compliance] {
            prop_assert!(root.holds(&rubric), "{root:?}");
        }
        prop_assert_eq!(covered(&explanation.coverage), scorecard.coverage.clone());
        let compliance = &explanation.basic_compliance;
        prop_assert_eq!(complied(compliance), scorecard.basic_compliance.clone());
        for leaf in explanation.coverage.from.iter().chain(&compliance.from) {
            let steps = all_steps(&explanation.score);
            let source = steps.into_iter().find(|step| step.subject == leaf.subject).unwrap();
            prop_assert_eq!((&source.value, &source.weight), (&leaf.value, &leaf.weight));
        }

        let steps = all_steps(&explanation.score);
        for result in &scorecard.criteria {
            let subject = Subject::Criterion(result.id.clone());
            let step = steps.iter().find(|step| step.subject == subject).unwrap();
            prop_assert_eq!((&step.value, step.state), (&result.score, result.state));
            prop_assert_eq!(step.weight.as_ref(), rubric.criterion(&result.id).map(|c| &c.weight));
        }
        for (pillar, result) in rubric.pillars().iter().zip(&scorecard.pillars) {
            let subject = Subject::Pillar(result.id.clone());
            let step = steps.iter().find(|step| step.subject == subject).unwrap();
            prop_assert_eq!((&step.value, step.state), (&result.score, result.state));
            prop_assert_eq!(step.weight.as_ref(), Some(&pillar.weight));
        }
        let answers: usize = evaluations.iter().map(|evaluation| evaluation.answers.len()).sum();
        let is_answer = |step: &&&Step| matches!(step.subject, Subject::Answer { .. });
        prop_assert_eq!(steps.iter().filter(is_answer).count(), answers);
        let leaves = steps.iter().filter(|step| step.from.is_empty() && step.value.is_some());
        for leaf in leaves {
            prop_assert_eq!(leaf.rule, Rule::Scale, "{:?} comes from nowhere", leaf);
        }
    }

    #[test]
    fn an_explanation_with_one_number_changed_does_not_hold(
        case in any_case(),
        which in any::<Index>(),
    ) {
        let rubric = case.rubric();
        let mut forged = explain(&rubric, &case.evaluations(), &case.confirmed).unwrap().score;
        let count = all_steps(&forged).len();
        change(&mut forged, &mut which.index(count));
        prop_assert!(!forged.holds(&rubric), "{forged:?}");
    }

    #[test]
    fn an_answer_of_the_wrong_kind_of_visit_is_never_ignored(
        case in any_case(),
        visit in any::<Index>(),
        criterion in any::<Index>(),
    ) {
        prop_assume!(!case.visits.is_empty());
        let mut evaluations = case.evaluations();
        let evaluation = &mut evaluations[visit.index(case.visits.len())];
        let wrong: Vec<&Criterion> =
            case.criteria().into_iter().filter(|c| !c.is_judged_on(evaluation.kind)).collect();
        prop_assume!(!wrong.is_empty());
        let wrong = wrong[criterion.index(wrong.len())];
        let answer = RawAnswer::NotApplicable("none".into());
        evaluation.answers.push((wrong.id.clone(), answer));
        let faults = score(&case.rubric(), &evaluations, &case.confirmed).unwrap_err();
        prop_assert_eq!(faults.len(), 1);
        let expected = format!("criterion {} is not judged", wrong.id);
        prop_assert!(faults[0].to_string().contains(&expected), "{}", faults[0]);
    }
}

/// Adds a point to the number of the step `countdown` steps further, or puts one where none is.
fn change(step: &mut Step, countdown: &mut usize) -> bool {
    if *countdown == 0 {
        let old = step.value.take();
        step.value = Some(old.map_or(Exact::from(1), |old| &old + &Exact::from(1)));
        return true;
    }
    *countdown -= 1;
    step.from.iter_mut().any(|below| change(below, countdown))
}

/// A rate on the default ladder gives the score, shown, and the level.
fn check_rate(answer: &str, shown: &str, level: &str) {
    let (levels, policy) = default_ladder();
    let scorecard = scored(&by_rate_alone(levels, policy, None), &rate(answer), &[]);
    assert_eq!(scorecard.score.unwrap().shown(), shown, "{answer}");
    assert_eq!(scorecard.outcome, Outcome::Level(level.into()), "{answer} is shown as {shown}");
}

#[test]
fn a_score_that_is_shown_as_90_is_not_gold_below_it() {
    check_rate("89.95", "90.0", "silver");
    check_rate("89.999999", "90.0", "silver");
    check_rate("90", "90.0", "gold");
    check_rate("90.00", "90.0", "gold");
    check_rate("94.95", "95.0", "gold");
    check_rate("95", "95.0", "platinum");
    check_rate("79.99", "80.0", "meets");
    check_rate("74.96", "75.0", "needs_improvement");
    check_rate("0", "0.0", "needs_improvement");
}

/// A critical criterion is hit below 40, and a basic one complied with from 75; neither by what is
/// shown.
#[test]
fn critical_and_basic_are_decided_on_the_exact_score() {
    let (levels, policy) = default_ladder();
    let rubric = by_rate_alone(levels, policy, Some(CriticalEffect::Fail));
    for (answer, hit, complied) in [
        ("39.99", true, 0),
        ("40", false, 0),
        ("40.01", false, 0),
        ("74.99", false, 0),
        ("75", false, 100),
    ] {
        let scorecard = scored(&rubric, &rate(answer), &["c".to_owned()]);
        assert_eq!(!scorecard.critical.is_empty(), hit, "{answer}");
        assert_eq!(scorecard.outcome == Outcome::CommitteeDecision, hit, "{answer}");
        assert_eq!(scorecard.basic_compliance, Some(Exact::from(complied)), "{answer}");
        let unconfirmed = scored(&rubric, &rate(answer), &[]);
        assert_ne!(unconfirmed.outcome, Outcome::CommitteeDecision, "{answer} is an open alert");
    }
}
