//! What would change the level, held against trying every set of steps on small random rubrics; worked
//! cases; and a rubric as large as any.

#![expect(clippy::unwrap_used, reason = "clippy does not see that helpers of tests are tests")]

use std::collections::BTreeSet;

use mizan_domain::evaluation::{Evaluation, RawAnswer};
use mizan_domain::exact::Exact;
use mizan_domain::levers::supposed::{Instead, na_choices, shares, without_each};
use mizan_domain::levers::{Levers, MOST_SETS, Step, Steps, levers};
use mizan_domain::rubric::{
    Criterion, CriticalEffect, EvidenceNeed, EvidenceRule, Level, Model, Parts, Pillar, Policy,
    Rubric, Tags, VisitKind,
};
use mizan_domain::scale::{RawValue, Scale, TimeUnit};
use mizan_domain::scoring::{Outcome, found_by_two, score};
use mizan_domain::text::Text;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::{Strategy, any};
use proptest::sample::select;
use proptest::test_runner::Config;
use proptest::{prop_assert, prop_assert_eq, prop_assume, proptest};

fn text() -> Text {
    Text::new("نص", "text")
}

/// A scale of steps by the values it can be answered with, worst first.
fn ladder(scale: &Scale) -> Vec<RawValue> {
    let words = |words: &[&str]| words.iter().map(|word| RawValue::Text((*word).into())).collect();
    match scale {
        Scale::YesNo => vec![RawValue::Bool(false), RawValue::Bool(true)],
        Scale::MetPartlyNot => words(&["not", "partly", "met"]),
        Scale::Level0To5 => (0..=5).map(RawValue::Integer).collect(),
        Scale::Maturity => words(&["none", "basic", "developing", "maturing", "leading"]),
        Scale::Timed { .. } | Scale::Percent { .. } => Vec::new(),
    }
}

fn criterion(id: String, weight: i64, scale: Scale, critical: Option<CriticalEffect>) -> Criterion {
    Criterion {
        id,
        name: text(),
        guidance: text(),
        weight: weight.into(),
        anchors: vec![text(); scale.anchor_counts()[0]],
        scale,
        visits: vec![VisitKind::Unannounced, VisitKind::Scheduled],
        evidence: EvidenceRule { need: EvidenceNeed::None, kinds: Vec::new() },
        critical,
        basic: false,
        measure: None,
        tags: Tags::default(),
    }
}

fn pillar(place: usize, criteria: Vec<Criterion>) -> Pillar {
    let weight = criteria.iter().map(|criterion| &criterion.weight).sum();
    Pillar { id: format!("p{place}"), name: text(), weight, criteria }
}

/// Levels by their least score, floor and whether they allow a critical hit; the last is for the rest.
fn rubric(pillars: Vec<Pillar>, levels: &[(i64, Option<i64>, bool)], cap: usize) -> Rubric {
    let level = |(place, (least, floor, allows)): (usize, &(i64, Option<i64>, bool))| Level {
        id: format!("l{place}"),
        name: text(),
        min_score: (*least).into(),
        pillar_floor: floor.map(Exact::from),
        allows_critical: *allows,
    };
    let policy = Policy {
        unannounced_share: Exact::ratio(7, 10).unwrap(),
        min_coverage: Exact::zero(),
        critical_cap: format!("l{cap}"),
    };
    Rubric::new(Parts {
        id: "small".into(),
        version: "1".into(),
        model: Model::InPerson,
        title: text(),
        policy,
        levels: levels.iter().enumerate().map(level).collect(),
        pillars,
    })
    .unwrap_or_else(|faults| panic!("not a rubric: {faults:?}"))
}

/// The levels of the programme of the sources.
const LADDER: [(i64, Option<i64>, bool); 5] = [
    (95, Some(80), false),
    (90, Some(70), false),
    (80, Some(60), true),
    (75, None, true),
    (0, None, true),
];

/// A rubric with the answers of its visits: for each criterion the place of the answer on its ladder,
/// from 0 to 999, or none.
#[derive(Debug, Clone)]
struct Case {
    rubric: Rubric,
    visits: Vec<(VisitKind, Vec<Option<u16>>)>,
    confirmed: Vec<String>,
}

impl Case {
    /// The evaluations, with the answers to some criteria moved by one step where they can be.
    fn evaluations(&self, moved: u32, by: isize) -> Vec<Evaluation> {
        let answer = |place: usize, criterion: &Criterion, quality: u16| {
            let ladder = ladder(&criterion.scale);
            let own = usize::from(quality) * ladder.len() / 1000;
            let is_moved = moved >> place & 1 == 1;
            let to = if is_moved { own.saturating_add_signed(by) } else { own };
            RawAnswer::Value(ladder[to.min(ladder.len() - 1)].clone())
        };
        let evaluation = |(index, (kind, cells)): (usize, &(VisitKind, Vec<Option<u16>>))| {
            let criteria = self.rubric.criteria().zip(cells).enumerate();
            let answers = criteria.map(|(place, (criterion, cell))| {
                let no = || RawAnswer::NotApplicable("no such counter".into());
                let raw = cell.map_or_else(no, |quality| answer(place, criterion, quality));
                (criterion.id.clone(), raw)
            });
            Evaluation { id: format!("e{index}"), kind: *kind, answers: answers.collect() }
        };
        self.visits.iter().enumerate().map(evaluation).collect()
    }

    fn levers(&self) -> Levers {
        levers(&self.rubric, &self.evaluations(0, 0), &self.confirmed).unwrap()
    }

    /// How good the outcome is with some criteria moved: the better, the smaller.
    fn rank(&self, moved: u32, by: isize) -> Option<usize> {
        let card = score(&self.rubric, &self.evaluations(moved, by), &self.confirmed).unwrap();
        match &card.outcome {
            Outcome::Level(id) => self.rubric.levels().iter().position(|level| level.id == *id),
            Outcome::CommitteeDecision => Some(self.rubric.levels().len()),
            Outcome::NoScore | Outcome::InsufficientEvidence => None,
        }
    }

    /// Every smallest set that makes the outcome better, or worse, by trying them all.
    fn by_trying(&self, by: isize) -> BTreeSet<Vec<String>> {
        let count = self.rubric.criteria().count();
        let Some(own) = self.rank(0, by) else { return BTreeSet::new() };
        let does = |moved: &u32| {
            let rank = self.rank(*moved, by).unwrap();
            if by > 0 { rank < own } else { rank > own }
        };
        let all: Vec<u32> = (1..1 << count).filter(does).collect();
        let least = all.iter().map(|moved| moved.count_ones()).min();
        let named = |moved: &u32| {
            let criteria = self.rubric.criteria().enumerate();
            let chosen = criteria.filter(|(place, _)| moved >> place & 1 == 1);
            chosen.map(|(_, criterion)| criterion.id.clone()).collect()
        };
        all.iter().filter(|moved| Some(moved.count_ones()) == least).map(named).collect()
    }
}

fn named(steps: &Steps) -> BTreeSet<Vec<String>> {
    let ids = |set: &Vec<Step>| set.iter().map(|step| step.criterion.clone()).collect();
    steps.sets.iter().map(ids).collect()
}

/// Weights of so many parts that sum to a whole, none of them 0.
fn split(total: i64, shares: &[i64]) -> Vec<i64> {
    let sum: i64 = shares.iter().sum();
    let rest = total - shares.len() as i64;
    let mut parts: Vec<i64> = shares.iter().map(|share| 1 + rest * share / sum).collect();
    parts[0] += total - parts.iter().sum::<i64>();
    parts
}

fn any_case() -> impl Strategy<Value = Case> {
    let scale = select(vec![Scale::YesNo, Scale::MetPartlyNot, Scale::Level0To5, Scale::Maturity]);
    let criterion = (1i64..9, scale, option::weighted(0.3, select(CriticalEffect::ALL)));
    let pillar = (1i64..9, vec(criterion, 1..=4));
    // Nearly good answers: levels are near, and what lifts them is interesting.
    let cell = option::weighted(0.9, 300u16..1000);
    let visit = (select(VisitKind::ALL), vec(cell, 12));
    let levels = (0i64..20, 0i64..20, option::of(30i64..90), option::of(20i64..80));
    (vec(pillar, 1..=3), levels, 0usize..4, vec(visit, 1..=3), any::<u32>()).prop_map(
        |(drawn, (high, low, floor, second), cap, visits, confirmed)| {
            let shares: Vec<i64> = drawn.iter().map(|(share, _)| *share).collect();
            let weights = split(100, &shares);
            let pillars = drawn.into_iter().zip(weights).enumerate();
            let pillars = pillars.map(|(place, ((_, criteria), weight))| {
                let shares: Vec<i64> = criteria.iter().map(|(share, _, _)| *share).collect();
                let weights = split(weight, &shares);
                let criteria = criteria.into_iter().zip(weights).enumerate();
                let criteria = criteria.map(|(own, ((_, scale, critical), weight))| {
                    self::criterion(format!("p{place}c{own}"), weight, scale, critical)
                });
                self::pillar(place, criteria.collect())
            });
            let least = [70 + high, 40 + low, 20];
            let levels = [
                (least[0], floor, false),
                (least[1], second, cap < 2),
                (least[2], None, true),
                (0, None, true),
            ];
            let first = if cap < 2 { 1 } else { 2 };
            let rubric = rubric(pillars.collect(), &levels, cap.max(first));
            let critical = rubric.criteria().filter(|it| it.critical.is_some()).enumerate();
            let confirmed = critical.filter(|(place, _)| confirmed >> place & 1 == 1);
            let confirmed = confirmed.map(|(_, criterion)| criterion.id.clone()).collect();
            Case { rubric, visits, confirmed }
        },
    )
}

proptest! {
    #![proptest_config(Config::with_cases(192))]

    #[test]
    fn the_sets_are_the_smallest_that_trying_every_set_finds(case in any_case()) {
        prop_assume!(case.rubric.criteria().count() <= 9);
        let found = case.levers();
        for (steps, by) in [(&found.lifts, 1), (&found.drops, -1)] {
            let tried = case.by_trying(by);
            let listed = named(steps);
            prop_assert_eq!(listed.len(), steps.sets.len(), "no set twice");
            prop_assert_eq!(steps.is_complete, tried.len() <= MOST_SETS);
            if steps.is_complete {
                prop_assert_eq!(listed, tried, "by {}", by);
            } else {
                prop_assert_eq!(listed.len(), MOST_SETS);
                prop_assert!(listed.is_subset(&tried), "by {}", by);
            }
        }
    }

    #[test]
    fn the_distance_is_what_bars_the_next_level_and_no_more(case in any_case()) {
        let found = case.levers();
        let Some(next) = &found.next else { return Ok(()) };
        let level = case.rubric.level(&next.level).unwrap();
        let card = &found.scorecard;
        let reached = card.score.as_ref().unwrap() + &next.points >= level.min_score;
        prop_assert!(reached);
        let is_near = next.points.is_zero() && next.pillars.is_empty() && next.critical.is_empty();
        prop_assert!(!is_near, "a level that nothing bars is reached");
        for (id, lack) in &next.pillars {
            let pillar = card.pillars.iter().find(|pillar| pillar.id == *id).unwrap();
            let whole = pillar.score.as_ref().unwrap() + lack;
            prop_assert_eq!(Some(&whole), level.pillar_floor.as_ref());
        }
    }

    #[test]
    fn within_the_shares_the_outcome_stays_and_beyond_it_changes(
        case in any_case(),
        sample in 0i64..=100,
    ) {
        let evaluations = case.evaluations(0, 0);
        let card = score(&case.rubric, &evaluations, &case.confirmed).unwrap();
        let Some(found) = shares(&case.rubric, &card, &case.confirmed) else {
            let kinds: BTreeSet<_> = evaluations.iter().map(|evaluation| evaluation.kind).collect();
            let is_mixed = card.criteria.iter()
                .any(|it| it.unannounced.is_some() && it.scheduled.is_some());
            prop_assert!(kinds.len() < 2 || !is_mixed);
            return Ok(());
        };
        let outcome = |share: &Exact| {
            let mut parts = case.rubric.clone().into_parts();
            parts.policy.unannounced_share = share.clone();
            score(&Rubric::new(parts).unwrap(), &evaluations, &case.confirmed).unwrap().outcome
        };
        let share = Exact::ratio(sample, 100).unwrap();
        if found.low < share && share < found.high {
            prop_assert_eq!(outcome(&share), card.outcome.clone(), "within, at {}", share);
        }
        let nudge = Exact::ratio(1, 1_000_000_000).unwrap();
        for (end, beyond) in [(&found.low, &found.low - &nudge), (&found.high, &found.high + &nudge)] {
            if !beyond.is_negative() && beyond <= Exact::from(1) {
                let changes = outcome(end) != card.outcome || outcome(&beyond) != card.outcome;
                prop_assert!(changes, "at {} or right beyond", end);
            }
        }
        prop_assert_eq!(outcome(&Exact::zero()), found.at_none.outcome);
        prop_assert_eq!(outcome(&Exact::from(1)), found.at_all.outcome);
    }

    #[test]
    fn leaving_an_evaluation_out_is_scoring_the_others(case in any_case()) {
        let evaluations = case.evaluations(0, 0);
        let confirmed = |left: &[Evaluation]| found_by_two(&case.rubric, left);
        let found = without_each(&case.rubric, &evaluations, confirmed).unwrap();
        prop_assert_eq!(found.len(), evaluations.len());
        for (place, (id, supposed)) in found.into_iter().enumerate() {
            let mut others = evaluations.clone();
            prop_assert_eq!(others.remove(place).id, id);
            let twice = found_by_two(&case.rubric, &others);
            let card = score(&case.rubric, &others, &twice).unwrap();
            prop_assert_eq!((supposed.score, supposed.outcome), (card.score, card.outcome));
        }
    }
}

/// Two pillars of four levels each: every criterion weighs 12.5 points of a hundred.
fn eight() -> Rubric {
    let of = |place: usize| {
        let weights = [13, 13, 12, 12].into_iter().enumerate();
        let criteria = weights.map(|(own, weight)| {
            criterion(format!("p{place}c{own}"), weight, Scale::Level0To5, None)
        });
        pillar(place, criteria.collect())
    };
    rubric(vec![of(0), of(1)], &LADDER, 2)
}

fn one_visit(rubric: &Rubric, levels: &[i64]) -> Vec<Evaluation> {
    let answers = rubric.criteria().zip(levels).map(|(criterion, level)| {
        (criterion.id.clone(), RawAnswer::Value(RawValue::Integer(*level)))
    });
    vec![Evaluation { id: "e".into(), kind: VisitKind::Unannounced, answers: answers.collect() }]
}

#[test]
fn the_smallest_sets_of_a_worked_case() {
    let rubric = eight();
    // 100·13·4 + 80·12·4 − …: all at 4 of 5 is 80, Silver to the point; Gold is ten points away.
    let found = levers(&rubric, &one_visit(&rubric, &[4; 8]), &[]).unwrap();
    assert_eq!(found.scorecard.outcome, Outcome::Level("l2".into()));
    let next = found.next.unwrap();
    assert_eq!((next.level.as_str(), next.points), ("l1", Exact::from(10)));
    assert!(next.pillars.is_empty() && next.critical.is_empty());
    // A step is 2.6 points or 2.4: four of the heavier make 10.4, three 7.8; three and one 10.2, two and
    // two 10.0.
    assert!(found.lifts.sets.iter().all(|set| set.len() == 4));
    let first: Vec<&str> = found.lifts.sets[0].iter().map(|it| it.criterion.as_str()).collect();
    assert_eq!(first, ["p0c0", "p0c1", "p1c0", "p1c1"], "the heaviest first");
    assert!(!found.lifts.is_complete, "1 + 4·4 + 6·6 sets are more than are listed");
    // Any step down ends below 80.
    assert_eq!(found.reserve, Some(Exact::zero()));
    assert_eq!((found.drops.sets.len(), found.drops.is_complete), (8, true));
    let step = &found.drops.sets[0][0];
    assert_eq!((&step.from, &step.to), (&Exact::from(80), &Exact::from(60)));
}

#[test]
fn a_floor_bars_a_level_and_the_pillar_is_what_lifts_it() {
    let rubric = eight();
    // The second pillar stands at 60: 80 over all, but Gold's floor of 70 bars as much as its score.
    let found = levers(&rubric, &one_visit(&rubric, &[5, 5, 5, 5, 3, 3, 3, 3]), &[]).unwrap();
    let next = found.next.unwrap();
    assert_eq!(next.pillars, [("p1".to_owned(), Exact::from(10))]);
    assert!(found.lifts.sets.iter().flatten().all(|step| step.criterion.starts_with("p1")));
    assert_eq!(
        found.lifts.sets[0].len(),
        4,
        "ten points over all are four steps, all of one pillar"
    );
}

#[test]
fn nothing_is_above_the_best_level_and_nothing_below_the_last() {
    let rubric = eight();
    let best = levers(&rubric, &one_visit(&rubric, &[5; 8]), &[]).unwrap();
    assert_eq!((best.next, best.lifts.sets.len()), (None, 0));
    let last = levers(&rubric, &one_visit(&rubric, &[0; 8]), &[]).unwrap();
    assert_eq!((last.reserve, last.drops.sets.len()), (None, 0));
    assert!(last.lifts.sets.is_empty(), "single steps bring it to 20");
    let none = levers(&rubric, &[], &[]).unwrap();
    assert_eq!(none.scorecard.outcome, Outcome::NoScore);
    assert!(none.lifts.sets.is_empty() && none.drops.sets.is_empty() && none.next.is_none());
}

#[test]
fn a_measured_scale_moves_by_a_fifth_and_stops_at_its_ends() {
    let wait = Scale::Timed { unit: TimeUnit::Minutes, full_at: 10.into(), zero_at: 40.into() };
    let criteria = vec![
        criterion("wait".into(), 50, wait, None),
        criterion("rate".into(), 50, Scale::Percent { target: 100.into() }, None),
    ];
    let rubric = rubric(vec![pillar(0, criteria)], &LADDER, 2);
    let value = |text: &str| RawAnswer::Value(RawValue::Text(text.into()));
    let answers = vec![("wait".into(), value("25")), ("rate".into(), value("100"))];
    let visit = Evaluation { id: "e".into(), kind: VisitKind::Scheduled, answers };
    // 50 and 100 are 75: the wait lifts it alone, for the rate is at its end; either drops it.
    let found = levers(&rubric, &[visit], &[]).unwrap();
    let moves = |steps: &Steps| -> Vec<(String, Exact)> {
        let all = steps.sets.iter().flatten();
        all.map(|step| (step.criterion.clone(), step.to.clone())).collect()
    };
    assert_eq!(moves(&found.lifts), [("wait".to_owned(), Exact::from(70))]);
    let down = [("wait".to_owned(), Exact::from(30)), ("rate".to_owned(), Exact::from(80))];
    assert_eq!(moves(&found.drops), down);
}

#[test]
fn a_confirmed_failure_is_lifted_by_healing_it() {
    let critical = Some(CriticalEffect::Fail);
    let criteria = vec![
        criterion("safe".into(), 50, Scale::MetPartlyNot, critical),
        criterion("clean".into(), 50, Scale::Level0To5, None),
    ];
    let rubric = rubric(vec![pillar(0, criteria)], &LADDER, 2);
    let answers = vec![
        ("safe".into(), RawAnswer::Value(RawValue::Text("not".into()))),
        ("clean".into(), RawAnswer::Value(RawValue::Integer(5))),
    ];
    let visit = Evaluation { id: "e".into(), kind: VisitKind::Scheduled, answers };
    let found = levers(&rubric, &[visit], &["safe".into()]).unwrap();
    assert_eq!(found.scorecard.outcome, Outcome::CommitteeDecision);
    assert_eq!(named(&found.lifts), BTreeSet::from([vec!["safe".to_owned()]]));
    assert!(found.drops.sets.is_empty(), "there is nothing worse");
}

#[test]
fn holding_criteria_not_applicable_is_weighed_both_ways() {
    let rubric = eight();
    let mut visits = one_visit(&rubric, &[4; 8]);
    let na = || RawAnswer::NotApplicable("no such counter".into());
    visits[0].answers[0].1 = na();
    visits.push(Evaluation { id: "f".into(), ..one_visit(&rubric, &[4; 8]).remove(0) });
    visits[1].answers[0].1 = na();
    visits[1].answers[7].1 = na();
    let found = na_choices(&rubric, &visits, &[]).unwrap();
    let [agreed, disputed] = found.choices.as_slice() else { panic!("{found:?}") };
    assert_eq!((agreed.criterion.as_str(), agreed.is_disputed), ("p0c0", false));
    let level = |of: usize| agreed.instead[of].1.outcome.level().map(str::to_owned);
    // 80 without it; 69.6 with nothing, 82.6 with all.
    assert_eq!([level(0), level(1)], [Some("l4".into()), Some("l2".into())]);
    assert_eq!((disputed.criterion.as_str(), disputed.is_disputed), ("p1c3", true));
    assert_eq!(disputed.instead[0].0, Instead::LeftOut);
    assert_eq!(found.all_zero, agreed.instead[0].1, "one alone was held not applicable by all");
    assert_eq!(found.all_full, agreed.instead[1].1);
}

/// Ten pillars of twelve criteria, five evaluations: more than any rubric of the programme. Without a
/// bound, the sets of a dozen steps among 120 would be 10^16.
#[test]
fn a_hundred_and_twenty_criteria_are_no_search() {
    let of = |place: usize| {
        let criteria = (0..12).map(|own| {
            let mut it = criterion(format!("p{place}c{own}"), 1, Scale::Level0To5, None);
            // Weights that share no small denominator.
            let thousandths = if own == 11 { 10_000 - 11 * 831 } else { 831 };
            it.weight = Exact::ratio(thousandths, 1000).unwrap();
            it
        });
        pillar(place, criteria.collect())
    };
    let rubric = rubric((0..10).map(of).collect(), &LADDER, 2);
    let visit = |index: i64| {
        let levels: Vec<i64> = (0..120).map(|place| 3 + (place * 7 + index * 5) % 3 % 2).collect();
        Evaluation { id: format!("e{index}"), ..one_visit(&rubric, &levels).remove(0) }
    };
    let visits: Vec<Evaluation> = (0..5).map(visit).collect();
    let found = levers(&rubric, &visits, &[]).unwrap();
    assert_eq!((found.lifts.sets.len(), found.lifts.is_complete), (MOST_SETS, false));
    let size = found.lifts.sets[0].len();
    assert!(size > 20, "{size} steps: far beyond what can be tried");
    // One step less than the smallest set, even of those that add most, does not do it.
    let mut gains: Vec<Exact> = Vec::new();
    for (criterion, result) in rubric.criteria().zip(&found.scorecard.criteria) {
        let score = result.score.clone().unwrap();
        let to = (&score + &Exact::from(20)).min(Exact::from(100));
        gains.push(&(&criterion.weight * &(&to - &score)) / &Exact::from(100));
    }
    gains.sort();
    let most: Exact = gains.iter().rev().take(size - 1).sum();
    assert!(most < found.next.unwrap().points);
}
