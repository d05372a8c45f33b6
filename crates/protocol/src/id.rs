//! Ids of the things that travel: UUIDs, each kind its own type.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
        )]
        #[serde(transparent)]
        #[schema(value_type = String, format = "uuid")]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, uuid::Error> {
                text.parse().map(Self)
            }
        }
    )+};
}

ids!(
    /// An agency.
    AgencyId,
    /// A service centre.
    CentreId,
    /// A person with an account.
    PersonId,
    /// An enrolled device.
    DeviceId,
    /// A cycle.
    CycleId,
    /// A visit.
    VisitId,
    /// A contact of a remote visit.
    ContactId,
    /// One filled rubric of one visit.
    EvaluationId,
    /// A record that is kept in step between device and server.
    RecordId,
    /// One change of one record on its way to the server.
    OperationId,
    /// A published scorecard.
    ScorecardId,
    /// A publication of scorecards at a set time.
    PublicationId,
    /// An appeal against a criterion of a published scorecard.
    AppealId,
    /// What a centre does about a remark.
    ActionId,
    /// A meeting of the committee.
    MeetingId,
    /// A sealed bundle: a sync carried by hand.
    BundleId,
    /// A piece of evidence on its way to the server.
    UploadId,
);
