//! A card that contradicts itself is refused, and the message names the place.

use mizan_domain::text::Language;
use mizan_report::card::{Outcome, Shown, State};
use mizan_report::{Card, document};

use crate::sample;

fn check(change: impl FnOnce(&mut Card), expected: &str) {
    let mut card = sample::full();
    change(&mut card);
    let error = document(&card, Language::Arabic).unwrap_err();
    assert_eq!(error.to_string(), expected);
}

#[test]
fn numbers_off_the_scale_are_refused() {
    check(
        |card| card.pillars[0].criteria[0].state = State::Scored(Shown::new("100.1", 100.1)),
        "A1 is 100.1, which is not between 0 and 100",
    );
    check(
        |card| card.coverage = Shown::new("?", f64::NAN),
        "coverage is NaN, which is not between 0 and 100",
    );
}

#[test]
fn a_level_that_is_not_on_the_ladder_is_refused() {
    check(
        |card| {
            if let Outcome::Level { rank, .. } = &mut card.outcome {
                *rank = 9;
            }
        },
        "level silver is not at place 9 of a ladder of 4 levels",
    );
}

#[test]
fn a_card_without_pillars_is_refused() {
    check(|card| card.pillars.clear(), "the scorecard has no pillars");
}
