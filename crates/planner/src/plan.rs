//! The plan itself.

use mizan_domain::rubric::VisitKind;

use crate::seed::Commitment;

/// Who visits which centre, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The cycle.
    pub cycle: String,
    /// The visits, centre by centre in the problem's order.
    pub visits: Vec<Visit>,
    /// What travel and change cost under it.
    pub cost: Cost,
    /// What is published when the cycle opens.
    pub commitment: Commitment,
}

/// One visit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visit {
    /// The centre.
    pub centre: String,
    /// Its number at the centre, from 1; it stays when evaluator or slot change.
    pub number: u32,
    /// The evaluator.
    pub evaluator: String,
    /// Whether the centre is told.
    pub kind: VisitKind,
    /// The channel, where a centre has several.
    pub channel: Option<String>,
    /// When.
    pub slot: Slot,
    /// The number of the visit that this one accompanies.
    pub double_of: Option<u32>,
}

/// A part of a day of a week, each counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Slot {
    /// The week.
    pub week: u32,
    /// The day of the week.
    pub day: u32,
    /// The part of the day.
    pub part: u32,
}

/// What a plan costs, in the unit of [`crate::Costs`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cost {
    /// All of it: visits, travel, jitter and regions.
    pub total: i64,
    /// No assignment under the same rules costs less than this. It is proved by a relaxation; where
    /// visits are fixed or kept it speaks of the others alone and is left out.
    pub bound: Option<i64>,
    /// Regions outside home, over all evaluators.
    pub regions: u32,
    /// Weeks in which an evaluator works in a region outside home, over all evaluators and regions.
    pub trips: u32,
}

/// One visit that a centre is to have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Post {
    pub(crate) number: u32,
    pub(crate) kind: VisitKind,
    pub(crate) channel: Option<String>,
    pub(crate) double_of: Option<u32>,
}

/// The visits of a centre in the order of their numbers: unannounced ones channel by channel, then
/// scheduled ones, then the second of the double visit.
pub(crate) fn posts(centre: &crate::Centre) -> Vec<Post> {
    let mut posts = Vec::new();
    for kind in [VisitKind::Unannounced, VisitKind::Scheduled] {
        for wanted in &centre.visits {
            let count = match kind {
                VisitKind::Unannounced => wanted.unannounced,
                VisitKind::Scheduled => wanted.scheduled,
            };
            for _ in 0..count {
                let number = posts.len() as u32 + 1;
                posts.push(Post { number, kind, channel: wanted.channel.clone(), double_of: None });
            }
        }
    }
    if centre.is_anchor {
        let number = posts.len() as u32 + 1;
        let channel = posts.first().and_then(|post| post.channel.clone());
        posts.push(Post { number, kind: VisitKind::Unannounced, channel, double_of: Some(1) });
    }
    posts
}
