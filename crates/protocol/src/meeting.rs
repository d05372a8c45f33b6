//! Meetings of the committee: agenda, attendance, ballots, decisions, and the minutes that remain of them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::canonical::Digest;
use crate::id::{CentreId, CycleId, MeetingId, PersonId};
use crate::record::TextJson;
use crate::score::ModerationJson;
use crate::signature::{PublicKey, Signature};

/// How the committee of a cycle decides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CommitteeRules {
    /// How many members it takes.
    pub quorum: u32,
    /// Whether centres are decided in meetings alone; otherwise the chair may record a decision that was
    /// reached outside one.
    pub only_in_meetings: bool,
    /// Working days after publication in which an appeal may be filed; left out when set, it stays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub appeal_days: Option<u32>,
}

/// A new meeting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NewMeeting {
    /// The day, `YYYY-MM-DD`.
    pub date: String,
    /// Where it is held.
    #[serde(default)]
    pub place: String,
    /// The agenda, in its order.
    #[serde(default)]
    pub centres: Vec<CentreId>,
}

/// What is changed of a meeting; what is left out stays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ChangeMeeting {
    /// Who is present, all of them.
    #[serde(default)]
    pub present: Option<Vec<PersonId>>,
    /// Centres put at the end of the agenda.
    #[serde(default)]
    pub add: Vec<CentreId>,
    /// Centres taken off it that were not taken up.
    #[serde(default)]
    pub remove: Vec<CentreId>,
}

/// A step of a meeting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MeetingStep {
    /// `open` or `close`.
    pub event: String,
}

/// A step the chair takes with a centre on the agenda.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ItemStep {
    /// `open_ballot`, `close_ballot` or `defer`.
    pub event: String,
}

/// A vote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct VoteJson {
    /// `agree` with what is computed, another `level`, or `no_level`.
    pub choice: String,
    /// The level, where that is the choice.
    #[serde(default)]
    pub level: Option<String>,
}

/// Words of a member about a centre: a note of the discussion, or a dissent from the decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Words {
    /// The words, in whichever language.
    pub text: String,
}

/// A member abstains from a centre.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Recuse {
    /// Who; left out, the caller. The chair names others.
    #[serde(default)]
    pub person: Option<PersonId>,
    /// Why.
    pub reason: String,
}

/// A member of the committee.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MemberJson {
    /// The person.
    pub person: PersonId,
    /// The name.
    pub name: TextJson,
    /// `committee_chair` or `committee_member`.
    pub role: String,
    /// Whether they are present.
    pub present: bool,
}

/// A meeting as the committee sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MeetingJson {
    /// The meeting.
    pub id: MeetingId,
    /// Its cycle.
    pub cycle: CycleId,
    /// Its number in the cycle.
    pub number: u32,
    /// The day.
    pub date: String,
    /// Where it is held.
    pub place: String,
    /// `planned`, `open` or `closed`.
    pub state: String,
    /// How many members it takes.
    pub quorum: u32,
    /// The committee.
    pub members: Vec<MemberJson>,
    /// The agenda, in its order.
    pub agenda: Vec<AgendaItem>,
}

/// A centre on the agenda.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AgendaItem {
    /// The centre.
    pub centre: CentreId,
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: TextJson,
    /// `waiting`, `balloting`, `discussing`, `decided` or `deferred`.
    pub state: String,
    /// Who abstains.
    pub recusals: Vec<RecusalJson>,
    /// How many may vote: those present who do not abstain.
    pub voters: u32,
    /// How many have voted.
    pub votes_cast: u32,
    /// The caller's own vote.
    pub own_vote: Option<VoteJson>,
    /// The votes; empty until the ballot is closed.
    pub votes: Vec<NamedVote>,
    /// What was said.
    pub notes: Vec<NamedWords>,
    /// Who does not share the decision.
    pub dissents: Vec<NamedWords>,
}

/// Who abstains from a centre, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RecusalJson {
    /// The person.
    pub person: PersonId,
    /// The name.
    pub name: TextJson,
    /// `agency`, `interest` or `own_reason`.
    pub ground: String,
    /// The reason, where they gave one.
    pub reason: Option<String>,
}

/// A vote with its member.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NamedVote {
    /// The name.
    pub name: TextJson,
    /// The vote.
    pub vote: VoteJson,
}

/// Words with their member.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NamedWords {
    /// The name.
    pub name: TextJson,
    /// The words.
    pub text: String,
    /// When; milliseconds since 1970 UTC.
    pub at: i64,
}

/// What remains of a meeting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Minutes {
    /// The version of this shape.
    pub schema: u32,
    /// The programme.
    pub programme: TextJson,
    /// The cycle's number.
    pub cycle: String,
    /// The cycle's name.
    pub cycle_name: TextJson,
    /// The meeting's number in the cycle.
    pub number: u32,
    /// The day.
    pub date: String,
    /// Where it was held.
    pub place: String,
    /// How many members it took.
    pub quorum: u32,
    /// The members, with who was present.
    pub members: Vec<MemberJson>,
    /// What became of each centre on the agenda.
    pub items: Vec<MinutesItem>,
    /// When the meeting was closed; milliseconds since 1970 UTC.
    pub closed_at: i64,
}

/// What became of a centre.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MinutesItem {
    /// The centre on the agenda, with ballot, discussion and dissent.
    pub item: AgendaItem,
    /// The score at the time, shown.
    pub score: Option<String>,
    /// The computed outcome.
    pub outcome: String,
    /// The computed level.
    pub level: Option<String>,
    /// The digest of the scorecard decided on.
    pub scorecard_sha256: Option<Digest>,
    /// The level decided beside the computed one, with its reason.
    pub moderation: Option<ModerationJson>,
}

/// Minutes with the server's signature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SignedMinutes {
    /// The minutes.
    pub minutes: Minutes,
    /// The SHA-256 of their canonical JSON.
    pub sha256: Digest,
    /// The server's key.
    pub public_key: PublicKey,
    /// The server's signature of the canonical JSON.
    pub signature: Signature,
}
