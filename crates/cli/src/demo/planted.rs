//! Evaluators who judge otherwise than the others, planted for a person to find on the screens: two are
//! severe and one copies answers from visit to visit. In one past cycle alone; every other is clean.
//!
//! Nothing of it reaches the server but the answers themselves.

use std::collections::BTreeMap;

use mizan_domain::rubric::VisitKind;

use super::field::Seen;
use super::names::{EVALUATORS, EvaluatorName};
use super::observe::VISITS;
use super::programme::{Planned, Programme};
use super::story::Story;

/// How many cycles before the present one they are at work.
pub(super) const AGE: usize = 1;
/// The places of the severe ones among the evaluators, all of whom take part in every demo.
const SEVERE: [usize; 2] = [3, 6];
/// The place of the one who copies.
const COPYING: usize = 8;
/// What the severe ones see of a centre's quality: so much less, on a scale where 1 is faultless.
pub(super) const SEVERITY: f64 = -0.16;

/// What an evaluator adds to a centre's quality in the cycle so many cycles ago.
pub(super) fn shift(age: usize, evaluator: usize) -> f64 {
    if age == AGE && SEVERE.contains(&evaluator) { SEVERITY } else { 0.0 }
}

/// The severe ones.
pub(super) fn severe() -> impl Iterator<Item = &'static EvaluatorName> {
    SEVERE.iter().map(|place| &EVALUATORS[*place])
}

/// The one who copies.
pub(super) fn copying() -> &'static EvaluatorName {
    &EVALUATORS[COPYING]
}

/// Hands in the same answers, notes and times on every visit of a kind and model, those of the middling
/// centre among them: another's would make a lenient or a severe evaluator too. Centres where something
/// happens are left as they are: their stories would be lost.
pub(super) fn copy(programme: &Programme, seen: &mut Seen) {
    if programme.term.age != AGE {
        return;
    }
    let plot = |visit: &Planned| programme.centres[visit.centre].plot;
    let remote = |visit: &Planned| programme.centres[visit.centre].named.remote;
    let own = programme.visits.iter().filter(|visit| visit.evaluator == COPYING);
    let plain = own.filter(|visit| plot(visit).story == Story::Plain);
    copy_middling(plain, remote, |visit| plot(visit).target, seen);
}

fn copy_middling<'a>(
    visits: impl Iterator<Item = &'a Planned>,
    remote: impl Fn(&Planned) -> bool,
    target: impl Fn(&Planned) -> f64,
    seen: &mut Seen,
) {
    let mut alike: BTreeMap<(bool, VisitKind), Vec<Planned>> = BTreeMap::new();
    for visit in visits {
        alike.entry((remote(visit), VISITS[visit.place])).or_default().push(*visit);
    }
    for mut visits in alike.into_values() {
        visits.sort_by(|a, b| target(a).total_cmp(&target(b)));
        let middling = visits[visits.len() / 2];
        let sheet = seen[middling.centre][middling.place].clone();
        for visit in visits {
            seen[visit.centre][visit.place] = sheet.clone();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::chance::Chance;
    use super::super::names;
    use super::super::observe::{self, Hand, Made};
    use super::super::story;
    use super::*;
    use mizan_domain::evaluation::RawAnswer;
    use mizan_domain::rubric::Model;
    use mizan_protocol::id::VisitId;
    use uuid::Uuid;

    #[test]
    fn the_planted_take_part_in_every_demo_and_are_three() {
        let first = names::evaluators(1);
        let mut planted: Vec<&str> =
            severe().chain([copying()]).map(|evaluator| evaluator.user).collect();
        planted.sort_unstable();
        planted.dedup();
        assert_eq!(planted.len(), 3);
        assert!(planted.iter().all(|user| first.iter().any(|evaluator| evaluator.user == *user)));
    }

    #[test]
    fn only_the_severe_see_worse_and_only_in_their_cycle() {
        for age in 0..=4 {
            for evaluator in 0..EVALUATORS.len() {
                let planted = age == AGE && SEVERE.contains(&evaluator);
                assert_eq!(shift(age, evaluator) < 0.0, planted, "{evaluator}, {age} cycles ago");
            }
        }
    }

    #[test]
    fn who_copies_answers_alike_wherever_model_and_kind_are_the_same() {
        let (named, chance) = (names::centres(9), Chance::new(7));
        let plots = story::plots(&named, chance);
        let rubrics = crate::shipped::rubrics().unwrap();
        let hand = Hand { arabic: true, shift: 0.0 };
        let made = Made { age: AGE, hands: [hand; 3] };
        let mut seen: Seen = Vec::new();
        for (place, (named, plot)) in named.iter().zip(&plots).enumerate() {
            let model = if named.remote { Model::Remote } else { Model::InPerson };
            let rubric = rubrics.iter().find(|rubric| rubric.model() == model).unwrap();
            seen.push(observe::centre(rubric, *plot, chance.of("centre").at(place), &made));
        }
        let answers = |seen: &Seen, centre: usize, place: usize| -> Vec<RawAnswer> {
            let observations = &seen[centre][place].observations;
            observations.iter().map(|observation| observation.answer.clone()).collect()
        };
        let id = VisitId(Uuid::nil());
        let visit = |centre, place| Planned { id, centre, place, evaluator: COPYING };
        // Three secret visits and a scheduled one in person, one secret visit to a remote centre.
        let visits = [visit(0, 0), visit(1, 1), visit(4, 0), visit(3, 2), visit(2, 0)];
        let before = seen.clone();
        let remote = |visit: &Planned| named[visit.centre].remote;
        copy_middling(visits.iter(), remote, |visit| plots[visit.centre].target, &mut seen);
        let mut copied = [(0, 0), (1, 1), (4, 0)];
        copied.sort_by(|(a, _), (b, _)| plots[*a].target.total_cmp(&plots[*b].target));
        let middling = answers(&before, copied[1].0, copied[1].1);
        for (centre, place) in copied {
            assert_eq!(answers(&seen, centre, place), middling, "{centre}");
        }
        assert_ne!(answers(&before, copied[0].0, copied[0].1), middling, "there was a difference");
        for (centre, place) in [(3, 2), (2, 0), (1, 0)] {
            assert_eq!(answers(&seen, centre, place), answers(&before, centre, place));
        }
    }
}
