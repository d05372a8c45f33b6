//! The list of accounts as those see it who keep them.

use mizan_domain::role::Role;
use mizan_protocol::record::TextJson;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::error::Error;
use crate::paging::{List, Listed, Paged};
use crate::programme::text_at;
use crate::tx::{Row, Tx, Value};

/// An account in a list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PersonRow {
    /// Its id.
    pub(crate) id: String,
    /// The account's name.
    pub(crate) user: String,
    /// The person's name.
    pub(crate) name: TextJson,
    /// The role, a word such as `evaluator`.
    pub(crate) role: String,
    /// Whether the person may sign in.
    pub(crate) active: bool,
    /// Whether signing in asks for a second factor.
    pub(crate) has_factor: bool,
    /// The employer's code; of a coordinator, the agency answered for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) agency: Option<String>,
    /// That agency's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) agency_name: Option<TextJson>,
    /// A manager's centre, by its code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) centre: Option<String>,
    /// That centre's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) centre_name: Option<TextJson>,
    /// In how many agencies an evaluator has an interest.
    pub(crate) interests: i64,
    /// Why the account was last closed or opened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<String>,
}

/// Which accounts a list shows.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(crate) struct OfRole {
    /// A role's word.
    pub(crate) role: Option<String>,
}

const COLUMNS: &str = "SELECT p.id, p.user_name, p.name_ar, p.name_en, p.role, p.active,
    (SELECT COUNT(*) FROM second_factors f WHERE f.person_id = p.id AND f.confirmed_at IS NOT NULL),
    a.code, a.name_ar, a.name_en, c.code, c.name_ar, c.name_en,
    (SELECT COUNT(*) FROM interests i WHERE i.person_id = p.id),
    (SELECT h.reason FROM account_changes h WHERE h.person_id = p.id ORDER BY h.step DESC LIMIT 1)";

/// The accounts, a page at a time.
pub(crate) fn people(
    tx: &mut dyn Tx,
    asked: &Paged,
    of: &OfRole,
) -> Result<Listed<PersonRow>, Error> {
    let (within, values) = match &of.role {
        None => ("1 = 1", Vec::new()),
        Some(role) => {
            let roles: Vec<&str> = Role::ALL.iter().map(|role| role.word()).collect();
            let role = Role::from_word(role)
                .ok_or_else(|| Error::invalid("role", role, &roles.join(", ")))?;
            ("p.role = $1", vec![Value::from(role.word())])
        }
    };
    let list = List {
        columns: COLUMNS,
        from: "FROM people p LEFT JOIN agencies a ON a.id = p.agency_id
               LEFT JOIN centres c ON c.id = p.centre_id",
        within,
        values: &values,
        sorts: &[
            ("user", "p.user_name"),
            ("name_ar", "p.name_ar"),
            ("name_en", "p.name_en"),
            ("role", "p.role"),
            ("active", "p.active"),
        ],
        searched: &["p.user_name", "p.name_ar", "p.name_en", "a.code", "c.code"],
        tie: "p.user_name",
    };
    list.read(tx, asked, |_, row| person(row))
}

fn person(row: &Row) -> Result<PersonRow, Error> {
    let optional = |column| Ok::<_, Error>(row.opt_text(column)?.map(str::to_owned));
    let (agency, centre) = (optional(7)?, optional(10)?);
    Ok(PersonRow {
        id: row.id(0)?.to_string(),
        user: row.text(1)?.to_owned(),
        name: text_at(row, 2)?,
        role: row.text(4)?.to_owned(),
        active: row.flag(5)?,
        has_factor: row.flag(6)?,
        agency_name: agency.is_some().then(|| text_at(row, 8)).transpose()?,
        agency,
        centre_name: centre.is_some().then(|| text_at(row, 11)).transpose()?,
        centre,
        interests: row.int(13)?,
        reason: optional(14)?,
    })
}
