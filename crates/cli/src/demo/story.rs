//! What happens at each centre of the demo: the level it is meant to reach, and the few centres where
//! something out of the ordinary happens.

use super::chance::Chance;
use super::names::CentreName;

/// Out of the ordinary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Story {
    /// Nothing.
    Plain,
    /// A critical hit that the reviewer confirms: the level is capped.
    ConfirmedCap,
    /// A critical hit that the reviewer dismisses.
    DismissedCap,
    /// A critical failure: the committee decides.
    Failed,
    /// The service was suspended on the visits: too little could be judged.
    Thin,
    /// Just under a level; the committee moderates.
    Moderated,
}

impl Story {
    /// The stories with the place in the list of centres where each is told, when there is one.
    const PLACES: [(Self, usize); 5] = [
        (Self::ConfirmedCap, 6),
        (Self::DismissedCap, 14),
        (Self::Failed, 8),
        (Self::Thin, 16),
        (Self::Moderated, 11),
    ];

    /// The critical criterion the story is about.
    pub(super) fn critical(self) -> Option<&'static str> {
        match self {
            Self::ConfirmedCap => Some("A4"),
            Self::DismissedCap => Some("I2"),
            Self::Failed => Some("S6"),
            Self::Plain | Self::Thin | Self::Moderated => None,
        }
    }
}

/// What a centre is meant to come to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Plot {
    pub(super) story: Story,
    /// The score aimed at.
    pub(super) target: f64,
    /// The level that goes with it, before any critical hit is confirmed; none where it follows from
    /// the score, whatever it is.
    pub(super) level: Option<&'static str>,
}

/// Levels with the range of scores drawn for each.
const TIERS: [(&str, f64, f64); 5] = [
    ("platinum", 96.0, 97.6),
    ("gold", 91.2, 93.8),
    ("silver", 81.0, 88.0),
    ("meets", 76.0, 78.8),
    ("needs_improvement", 58.0, 71.0),
];

/// The levels of the first centres, by place.
const LEVELS: [usize; 24] =
    [1, 1, 0, 2, 4, 1, 1, 3, 2, 2, 2, 4, 3, 1, 2, 4, 2, 4, 2, 1, 3, 4, 2, 2];

/// The plots of the centres.
pub(super) fn plots(centres: &[CentreName], chance: Chance) -> Vec<Plot> {
    let stories = stories(centres);
    let plot = |(place, story): (usize, &Story)| plot(place, *story, chance.of("plot").at(place));
    stories.iter().enumerate().map(plot).collect()
}

/// Each story at its place; in a small demo at the last free centre in person, the first one aside.
fn stories(centres: &[CentreName]) -> Vec<Story> {
    let mut stories = vec![Story::Plain; centres.len()];
    let free = |stories: &[Story], place: usize| {
        stories[place] == Story::Plain && !centres[place].remote && place > 0
    };
    let fits = |place: usize| place < centres.len();
    for (story, place) in Story::PLACES.into_iter().filter(|(_, place)| fits(*place)) {
        stories[place] = story;
    }
    for (story, _) in Story::PLACES.into_iter().filter(|(_, place)| !fits(*place)) {
        if let Some(place) = (1..centres.len()).rev().find(|place| free(&stories, *place)) {
            stories[place] = story;
        }
    }
    stories
}

fn plot(place: usize, story: Story, chance: Chance) -> Plot {
    let drawn = *chance.pick(&[1, 2, 2, 2, 3, 3, 4, 4]);
    let (level, from, to) = TIERS[LEVELS.get(place).copied().unwrap_or(drawn)];
    let within = |from: f64, to: f64| from + (to - from) * chance.of("target").unit();
    let (level, target) = match story {
        Story::Plain => (level, within(from, to)),
        Story::ConfirmedCap => ("gold", within(91.0, 92.0)),
        Story::DismissedCap => ("silver", within(83.0, 86.0)),
        Story::Failed | Story::Thin => ("silver", within(81.0, 84.0)),
        Story::Moderated => ("needs_improvement", within(74.3, 74.9)),
    };
    Plot { story, target, level: Some(level) }
}

/// What a past cycle tells, with the score of a centre it suits.
const PAST_STORIES: [(Story, f64); 3] =
    [(Story::Moderated, 74.6), (Story::ConfirmedCap, 91.5), (Story::DismissedCap, 84.0)];
/// How far from it the centre's score may be, so that its course is no other for the story.
const NEAR: f64 = 4.0;

/// The plots of so many past cycles, the latest first, going back from the present: most centres have
/// improved a little, few have fallen.
pub(super) fn past(
    centres: &[CentreName],
    present: &[Plot],
    history: usize,
    chance: Chance,
) -> Vec<Vec<Plot>> {
    let mut told: Vec<bool> = present.iter().map(|plot| plot.story != Story::Plain).collect();
    let mut cycles: Vec<Vec<Plot>> = Vec::new();
    for age in 1..=history {
        let after = cycles.last().map_or(present, Vec::as_slice);
        let before = |(place, plot): (usize, &Plot)| {
            let change = change(chance.of("drift").at(place).at(age));
            let target = (plot.target - change).clamp(52.0, 97.0);
            Plot { story: Story::Plain, target, level: None }
        };
        let mut plots: Vec<Plot> = after.iter().enumerate().map(before).collect();
        for (story, target) in PAST_STORIES {
            tell(story, target, centres, &mut plots, &mut told);
        }
        cycles.push(plots);
    }
    cycles
}

/// By how much a centre's score changes from one cycle to the next.
fn change(chance: Chance) -> f64 {
    let (which, much) = (chance.unit(), chance.of("much").unit());
    match which {
        low if low < 0.14 => -1.5 - 3.0 * much,
        low if low < 0.34 => much - 0.5,
        _ => 0.6 + 2.2 * much,
    }
}

/// Tells a story at the centre it suits best, where there is one of which none was told yet.
fn tell(story: Story, target: f64, centres: &[CentreName], plots: &mut [Plot], told: &mut [bool]) {
    let miss = |place: &usize| (plots[*place].target - target).abs();
    let suits = |place: &usize| !told[*place] && !centres[*place].remote && miss(place) < NEAR;
    let best = (1..centres.len()).filter(suits).min_by(|a, b| miss(a).total_cmp(&miss(b)));
    let Some(place) = best else { return };
    told[place] = true;
    plots[place] = match story {
        Story::Moderated => Plot { story, target, level: Some("needs_improvement") },
        Story::Plain | Story::ConfirmedCap | Story::DismissedCap | Story::Failed | Story::Thin => {
            Plot { story, ..plots[place] }
        }
    };
}

#[cfg(test)]
mod tests {
    use super::super::names;
    use super::*;

    #[test]
    fn every_story_is_told_once_where_there_are_enough_centres() {
        for count in [24, 10, 60] {
            let centres = names::centres(count);
            let plots = plots(&centres, Chance::new(7));
            for (story, _) in Story::PLACES {
                let told: Vec<usize> =
                    (0..count).filter(|place| plots[*place].story == story).collect();
                assert_eq!(told.len(), 1, "{story:?} among {count}");
                assert!(!centres[told[0]].remote, "{story:?} among {count}");
            }
        }
        assert!(plots(&names::centres(1), Chance::new(7)).iter().all(|p| p.story == Story::Plain));
    }

    #[test]
    fn the_same_seed_gives_the_same_past_and_another_seed_another() {
        let centres = names::centres(90);
        let told = |seed| {
            let chance = Chance::new(seed);
            past(&centres, &plots(&centres, chance), 4, chance)
        };
        assert_eq!(told(7), told(7));
        assert_ne!(told(7), told(8));
    }

    #[test]
    fn most_centres_improve_a_little_and_few_fall() {
        let centres = names::centres(90);
        let present = plots(&centres, Chance::new(7));
        let mut cycles = past(&centres, &present, 4, Chance::new(7));
        cycles.insert(0, present);
        let changes = cycles.windows(2).flat_map(|pair| {
            pair[0].iter().zip(&pair[1]).map(|(later, earlier)| later.target - earlier.target)
        });
        let changes: Vec<f64> = changes.collect();
        let share = |is: fn(&f64) -> bool| {
            changes.iter().filter(|change| is(change)).count() * 100 / changes.len()
        };
        assert!(share(|change| *change > 0.5) >= 50, "most improve");
        assert!((5..=25).contains(&share(|change| *change < -1.0)), "few fall");
        assert!(changes.iter().all(|change| change.abs() <= 2.0 * NEAR), "none leaps");
    }

    #[test]
    fn every_past_cycle_of_ninety_centres_moderates_one_and_no_centre_has_two_stories() {
        let centres = names::centres(90);
        let present = plots(&centres, Chance::new(7));
        let mut cycles = past(&centres, &present, 4, Chance::new(7));
        for cycle in &cycles {
            let moderated = cycle.iter().filter(|plot| plot.story == Story::Moderated).count();
            assert_eq!(moderated, 1);
        }
        cycles.push(present);
        for place in 0..centres.len() {
            let stories = cycles.iter().filter(|cycle| cycle[place].story != Story::Plain).count();
            assert!(stories <= 1, "{place}");
        }
    }
}
