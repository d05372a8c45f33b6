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
    /// The level that goes with it, before any critical hit is confirmed.
    pub(super) level: &'static str,
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
    Plot { story, target, level }
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
}
