//! The closed lists of words that requests choose from, as the API's description names them.

use mizan_domain::cycle::CycleEvent;
use mizan_domain::role::Role;
use mizan_domain::rubric::{Model, VisitKind};
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};

macro_rules! lists {
    ($($(#[$doc:meta])* $name:ident = $list:ty),+ $(,)?) => {$(
        $(#[$doc])*
        pub(crate) fn $name() -> Schema {
            let words = <$list>::ALL.iter().map(|of| of.word());
            ObjectBuilder::new().schema_type(Type::String).enum_values(Some(words)).into()
        }
    )+};
}

lists!(
    /// How centres are judged.
    model = Model,
    /// What a person may be.
    role = Role,
    /// The steps of a cycle.
    step = CycleEvent,
    /// Whether a visit is told of beforehand.
    visit_kind = VisitKind,
);
