//! A rubric: the pillars, criteria, scales and levels by which centres of one model are judged.
//!
//! A [`Rubric`] exists only when every rule of the scoring specification holds for it; the parts it
//! is made from ([`Parts`]) may still be wrong, and [`Rubric::new`] reports all their faults at once.

pub mod check;
pub mod fault;
pub mod read;
pub mod tree;

use crate::contact::{Channel, ContactMoment};
use crate::exact::Exact;
use crate::scale::{Scale, TimeUnit};
use crate::text::Text;
use crate::timeline::Moment;

pub use fault::{Fault, Problem};

/// How a centre serves people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Model {
    /// At its premises (نموذج المقر).
    InPerson,
    /// By phone, chat, mail and portal (نموذج عن بُعد).
    Remote,
}

/// How a visit is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum VisitKind {
    /// Secret: the centre is not told (زيارة سرية).
    Unannounced,
    /// Agreed with the centre beforehand (زيارة مجدولة).
    Scheduled,
}

/// What a confirmed hit of a critical criterion does to the level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CriticalEffect {
    /// The level is at most the rubric's `critical_cap`.
    Cap,
    /// No level: the committee decides.
    Fail,
}

/// Whether a criterion asks for files as proof.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EvidenceNeed {
    /// None is asked for.
    None,
    /// Welcome, never demanded.
    Optional,
    /// A scored answer is not accepted without it (rule M16).
    Required,
}

/// What a piece of evidence shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the words say what they are")]
pub enum EvidenceKind {
    Photo,
    Screenshot,
    Receipt,
    Ticket,
    Document,
    Report,
    Transcript,
    CallLog,
    Message,
    Measurement,
    Sheet,
}

/// Words of a closed list and the enum they stand for, both ways.
macro_rules! words {
    ($type:ident: $($variant:ident = $word:literal),+ $(,)?) => {
        impl $type {
            /// Every value, in the order of the list.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word used in files, SQL, JSON and the UI.
            #[must_use]
            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// The value a word stands for.
            #[must_use]
            pub fn from_word(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}
pub(crate) use words;

words!(Model: InPerson = "in_person", Remote = "remote");
words!(VisitKind: Unannounced = "unannounced", Scheduled = "scheduled");
words!(CriticalEffect: Cap = "cap", Fail = "fail");
words!(EvidenceNeed: None = "none", Optional = "optional", Required = "required");
words!(EvidenceKind: Photo = "photo", Screenshot = "screenshot", Receipt = "receipt",
    Ticket = "ticket", Document = "document", Report = "report", Transcript = "transcript",
    CallLog = "call_log", Message = "message", Measurement = "measurement", Sheet = "sheet");

/// The evidence rule of a criterion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EvidenceRule {
    /// Whether evidence is asked for.
    pub need: EvidenceNeed,
    /// The kinds that are accepted; empty with [`EvidenceNeed::None`].
    pub kinds: Vec<EvidenceKind>,
}

/// Second readings of a criterion.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tags {
    /// The driver of satisfaction it belongs to, if any.
    pub driver: Option<String>,
    /// The element of good government service it belongs to, if any.
    pub element: Option<String>,
    /// The stage of the customer's journey where it is met, if any.
    pub stage: Option<String>,
    /// The type of experience it speaks of; left out, it follows from the rest of the criterion.
    pub experience: Option<Experience>,
}

/// The six types of experience people have of a government service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Experience {
    /// On a portal or in an app.
    Digital,
    /// At the premises.
    InPerson,
    /// By phone, or otherwise from afar with a person.
    Phone,
    /// When people say what they think of it.
    Feedback,
    /// Of people who need it made accessible.
    Accessibility,
    /// When the service comes to them before they ask.
    Proactive,
}
words!(Experience: Digital = "digital", InPerson = "in_person", Phone = "phone",
    Feedback = "feedback", Accessibility = "accessibility", Proactive = "proactive");

/// What the time-line tells of a timed criterion: the time from one moment to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// Between two moments at the centre.
    Visit {
        /// The clock starts.
        from: Moment,
        /// The clock stops.
        to: Moment,
    },
    /// Between two moments of the contacts on a channel.
    Contact {
        /// The channel.
        channel: Channel,
        /// The clock starts.
        from: ContactMoment,
        /// The clock stops.
        to: ContactMoment,
    },
}

impl Measure {
    /// The channel's word, for contacts.
    #[must_use]
    pub fn channel(&self) -> Option<&'static str> {
        match self {
            Self::Visit { .. } => None,
            Self::Contact { channel, .. } => Some(channel.word()),
        }
    }

    /// The word of the moment at which the clock starts.
    #[must_use]
    pub fn from(&self) -> &'static str {
        match self {
            Self::Visit { from, .. } => from.word(),
            Self::Contact { from, .. } => from.word(),
        }
    }

    /// The word of the moment at which the clock stops.
    #[must_use]
    pub fn to(&self) -> &'static str {
        match self {
            Self::Visit { to, .. } => to.word(),
            Self::Contact { to, .. } => to.word(),
        }
    }
}

/// One thing that is judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Criterion {
    /// Unique in the rubric, such as `A1`.
    pub id: String,
    /// Its short name.
    pub name: Text,
    /// What to look at, how, and what does not count.
    pub guidance: Text,
    /// Points; the weights of a pillar's criteria sum to the pillar's weight.
    pub weight: Exact,
    /// How it is answered.
    pub scale: Scale,
    /// What each step looks like, in the order of the scale.
    pub anchors: Vec<Text>,
    /// The kinds of visit it is judged on: one or both.
    pub visits: Vec<VisitKind>,
    /// Its evidence rule.
    pub evidence: EvidenceRule,
    /// The effect of a confirmed hit, for a critical criterion.
    pub critical: Option<CriticalEffect>,
    /// Whether it counts in the basic compliance rate.
    pub basic: bool,
    /// What the time-line tells of it, for a timed criterion.
    pub measure: Option<Measure>,
    /// Second readings.
    pub tags: Tags,
}

impl Criterion {
    /// Whether the criterion is judged on visits of this kind.
    #[must_use]
    pub fn is_judged_on(&self, kind: VisitKind) -> bool {
        self.visits.contains(&kind)
    }

    /// Its measure with the unit of its scale, if it has one.
    #[must_use]
    pub fn timed_by(&self) -> Option<(&Measure, TimeUnit)> {
        let Scale::Timed { unit, .. } = &self.scale else { return None };
        Some((self.measure.as_ref()?, *unit))
    }
}

/// A group of criteria with a weight of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pillar {
    /// Unique among the pillars, such as `A`.
    pub id: String,
    /// Its name.
    pub name: Text,
    /// Points of 100.
    pub weight: Exact,
    /// Its criteria, at least one.
    pub criteria: Vec<Criterion>,
}

/// A level a centre can reach.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Level {
    /// Unique among the levels, such as `gold`.
    pub id: String,
    /// Its name.
    pub name: Text,
    /// The unrounded centre score it starts at, 0 to 100.
    pub min_score: Exact,
    /// What every scored pillar must reach, 0 to 100.
    pub pillar_floor: Option<Exact>,
    /// Whether a centre with a confirmed critical hit may have it.
    pub allows_critical: bool,
}

/// The settings of the scoring rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// The share of unannounced visits where a criterion is judged on both kinds, 0 to 1.
    pub unannounced_share: Exact,
    /// The coverage in percent below which there is no level.
    pub min_coverage: Exact,
    /// The id of the best level left after a confirmed `cap`.
    pub critical_cap: String,
}

/// Everything a rubric is made of, not yet checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parts {
    /// The rubric's id, such as `in-person`.
    pub id: String,
    /// Its version, such as `1.0.0`.
    pub version: String,
    /// The model of centre it judges.
    pub model: Model,
    /// Its title.
    pub title: Text,
    /// Its scoring settings.
    pub policy: Policy,
    /// Its levels, best first.
    pub levels: Vec<Level>,
    /// Its pillars.
    pub pillars: Vec<Pillar>,
}

/// A rubric for which every rule holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rubric {
    parts: Parts,
}

impl Rubric {
    /// A rubric from its parts.
    ///
    /// # Errors
    /// Every fault at once: sums, ids, texts, anchors, thresholds, level order, the cap's level.
    pub fn new(parts: Parts) -> Result<Self, Vec<Fault>> {
        let faults = check::check(&parts);
        if faults.is_empty() { Ok(Self { parts }) } else { Err(faults) }
    }

    /// Reads the text of a rubric file (TOML).
    ///
    /// # Errors
    /// Every fault at once, each with its line.
    pub fn from_toml(text: &str) -> Result<Self, Vec<Fault>> {
        read::rubric(&tree::Node::from_toml(text)?)
    }

    /// The rubric's id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.parts.id
    }

    /// The rubric's version.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.parts.version
    }

    /// The model of centre it judges.
    #[must_use]
    pub fn model(&self) -> Model {
        self.parts.model
    }

    /// Its title.
    #[must_use]
    pub fn title(&self) -> &Text {
        &self.parts.title
    }

    /// Its scoring settings.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        &self.parts.policy
    }

    /// Its levels, best first.
    #[must_use]
    pub fn levels(&self) -> &[Level] {
        &self.parts.levels
    }

    /// Its pillars.
    #[must_use]
    pub fn pillars(&self) -> &[Pillar] {
        &self.parts.pillars
    }

    /// Its criteria in the order of the pillars.
    pub fn criteria(&self) -> impl Iterator<Item = &Criterion> {
        self.parts.pillars.iter().flat_map(|pillar| &pillar.criteria)
    }

    /// The criterion of that id.
    #[must_use]
    pub fn criterion(&self, id: &str) -> Option<&Criterion> {
        self.criteria().find(|criterion| criterion.id == id)
    }

    /// The level of that id.
    #[must_use]
    pub fn level(&self, id: &str) -> Option<&Level> {
        self.parts.levels.iter().find(|level| level.id == id)
    }

    /// The parts, to make another version from.
    #[must_use]
    pub fn into_parts(self) -> Parts {
        self.parts
    }
}
