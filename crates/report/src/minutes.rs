//! The minutes of a meeting of the committee: everything they say, already settled and signed.

use chrono::NaiveDate;
use mizan_domain::text::Text;

use crate::card::FreeText;

/// The minutes of a closed meeting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Minutes {
    /// The programme.
    pub programme: Text,
    /// The cycle.
    pub cycle: Text,
    /// The meeting's number in the cycle, from 1.
    pub number: u32,
    /// The day it was held.
    pub date: NaiveDate,
    /// Where; empty where nobody said.
    pub place: String,
    /// How many members it took.
    pub quorum: u32,
    /// The committee, with who was present.
    pub members: Vec<Member>,
    /// The agenda, in its order.
    pub items: Vec<Item>,
    /// The signed form of these minutes.
    pub signed: Signed,
}

/// A member of the committee.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The name.
    pub name: Text,
    /// Whether the member presides.
    pub chairs: bool,
    /// Whether the member was present.
    pub present: bool,
}

/// A centre on the agenda, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// The centre's code.
    pub code: String,
    /// The centre's name.
    pub centre: Text,
    /// The score, shown; none where there is none.
    pub score: Option<String>,
    /// What is computed from the score.
    pub computed: Computed,
    /// What was decided.
    pub decided: Decided,
    /// Who abstained.
    pub recusals: Vec<Recusal>,
    /// The ballot, by name.
    pub votes: Vec<Vote>,
    /// What was said.
    pub notes: Vec<Said>,
    /// Who does not share the decision.
    pub dissents: Vec<Said>,
}

/// What is computed from a score.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Computed {
    /// A level.
    Level(Text),
    /// There is no score.
    NoScore,
    /// Too little was scored.
    InsufficientEvidence,
    /// The committee has to decide.
    CommitteeDecision,
}

/// What became of a centre.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decided {
    /// It was left to another meeting.
    Deferred,
    /// What is computed stands.
    AsComputed,
    /// The committee decided on a level, or on none, for a reason.
    Moderated {
        /// The level; none where the centre gets none.
        level: Option<Text>,
        /// Why.
        reason: Text,
    },
}

/// A member who abstained.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recusal {
    /// The name.
    pub name: Text,
    /// Why.
    pub ground: Ground,
    /// The reason in words, where one was given.
    pub reason: Option<FreeText>,
}

/// Why a member abstains.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ground {
    /// The member works for the centre's agency.
    Agency,
    /// The member has an interest there.
    Interest,
    /// The member asked to, or the chair decided so.
    OwnReason,
}

/// A vote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vote {
    /// The member's name.
    pub name: Text,
    /// The choice.
    pub choice: Choice,
}

/// What a member voted for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    /// What is computed.
    AsComputed,
    /// Another level.
    Level(Text),
    /// No level.
    NoLevel,
}

/// Words of a member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// The member's name.
    pub name: Text,
    /// The words.
    pub text: FreeText,
}

/// By what the minutes can be held against their signed form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    /// The SHA-256 of the canonical JSON, in hexadecimal.
    pub sha256: String,
    /// The server's public key.
    pub public_key: String,
    /// The server's signature of the canonical JSON.
    pub signature: String,
}
