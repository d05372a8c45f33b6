//! Imports from CSV: the whole file is checked against itself and the server before the first line
//! is sent, so that a file with faults adds nothing.

use anyhow::{Context as _, Result};
use mizan_domain::role::Role;
use mizan_domain::rubric::Model;
use mizan_protocol::api::{AgencyJson, CentreJson, NewAgency, NewCentre, NewPerson};
use mizan_protocol::id::AgencyId;
use mizan_protocol::record::TextJson;
use mizan_protocol::session::Person;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::table::{Row, Table};
use super::{Ask, agency_row, centre_row, list, person_row};
use crate::client::Client;
use crate::failure;
use crate::progress::Progress;

/// The shortest password.
const PASSWORD_CHARS: usize = 12;

/// Lists or imports agencies.
pub(super) fn agencies(client: &Client, ask: &Ask, json: bool) -> Result<()> {
    let known: Vec<AgencyJson> = client.get("/api/agencies")?;
    let Ask::Import { file, only_check } = ask else { return list(&known, json, agency_row) };
    let columns = ["code", "name_ar", "name_en"];
    let mut table = Table::read(file, &columns, &[])?;
    table.demand(&columns);
    table.demand_new("code", &codes(&known, |agency| &agency.code));
    let rows = checked(table)?;
    let new = |row: &Row| NewAgency { code: row.get("code").into(), name: name(row) };
    let added = add(client, "/api/agencies", &rows, new, *only_check)?;
    list::<AgencyJson>(&added, json, agency_row)
}

/// Lists or imports centres.
pub(super) fn centres(client: &Client, ask: &Ask, json: bool) -> Result<()> {
    let known: Vec<CentreJson> = client.get("/api/centres")?;
    let Ask::Import { file, only_check } = ask else { return list(&known, json, centre_row) };
    let agencies: Vec<AgencyJson> = client.get("/api/agencies")?;
    let columns = ["code", "agency", "model", "name_ar", "name_en"];
    let mut table = Table::read(file, &columns, &["governorate", "size", "operator"])?;
    table.demand(&columns);
    table.demand_new("code", &codes(&known, |centre| &centre.code));
    table.demand_one_of("size", &["small", "medium", "large"], "write small, medium or large");
    demand_agency(&mut table, "agency", &agencies);
    let models: Vec<&str> = Model::ALL.iter().map(|model| model.word()).collect();
    table.demand_one_of("model", &models, "write in_person or remote");
    let rows = checked(table)?;
    let mut new = Vec::new();
    for row in &rows {
        let agency = agency_id(&agencies, row.get("agency")).context("the agency was checked")?;
        let (code, model) = (row.get("code").into(), row.get("model").into());
        let given = |column: &str| Some(row.get(column).to_owned()).filter(|text| !text.is_empty());
        let (governorate, size, operator) =
            (given("governorate"), given("size"), given("operator"));
        new.push(NewCentre { code, agency, model, name: name(row), governorate, size, operator });
    }
    let added = add(client, "/api/centres", &new, Clone::clone, *only_check)?;
    list::<CentreJson>(&added, json, centre_row)
}

/// Lists or imports people.
pub(super) fn people(client: &Client, ask: &Ask, json: bool) -> Result<()> {
    let known: Vec<Person> = client.get("/api/people")?;
    let Ask::Import { file, only_check } = ask else { return list(&known, json, person_row) };
    let agencies: Vec<AgencyJson> = client.get("/api/agencies")?;
    let centres: Vec<CentreJson> = client.get("/api/centres")?;
    let required = ["user", "password", "name_ar", "name_en", "role"];
    let mut table = Table::read(file, &required, &["agency", "centre", "interests"])?;
    table.demand(&required);
    table.demand_new("user", &codes(&known, |person| &person.user));
    let roles: Vec<&str> = Role::ALL.iter().map(|role| role.word()).collect();
    table.demand_one_of("role", &roles, &format!("write one of: {}", roles.join(", ")));
    demand_agency(&mut table, "agency", &agencies);
    let centre_codes: Vec<&str> = centres.iter().map(|centre| centre.code.as_str()).collect();
    table.demand_one_of("centre", &centre_codes, "no centre has this code; import it first");
    demand_person(&mut table, &agencies);
    let rows = checked(table)?;
    let new = |row: &Row| NewPerson {
        user: row.get("user").into(),
        password: row.get("password").into(),
        name: name(row),
        role: row.get("role").into(),
        agency: agency_id(&agencies, row.get("agency")),
        centre: centres.iter().find(|c| c.code == row.get("centre")).map(|c| c.id),
        interests: interests(row).filter_map(|code| agency_id(&agencies, code)).collect(),
    };
    let added = add(client, "/api/people", &rows, new, *only_check)?;
    list::<Person>(&added, json, person_row)
}

fn demand_person(table: &mut Table, agencies: &[AgencyJson]) {
    for row in table.rows.clone() {
        let chars = row.get("password").chars().count();
        if (1..PASSWORD_CHARS).contains(&chars) {
            // Not through `fault`, which would print the password.
            let problem = format!("{chars} characters; at least {PASSWORD_CHARS} are needed");
            table.fault(&row, "the password", &problem);
        }
        if row.get("role") == Role::Manager.word() && row.get("centre").is_empty() {
            table.fault(&row, "centre", "a manager runs a centre; write its code");
        }
        for code in interests(&row).filter(|code| agency_id(agencies, code).is_none()) {
            let problem = format!("no agency has the code {code}; codes are separated by `;`");
            table.fault(&row, "interests", &problem);
        }
    }
}

fn demand_agency(table: &mut Table, column: &str, agencies: &[AgencyJson]) {
    let codes: Vec<&str> = agencies.iter().map(|agency| agency.code.as_str()).collect();
    table.demand_one_of(column, &codes, "no agency has this code; import it first");
}

fn interests(row: &Row) -> impl Iterator<Item = &str> {
    row.get("interests").split(';').map(str::trim).filter(|code| !code.is_empty())
}

fn agency_id(agencies: &[AgencyJson], code: &str) -> Option<AgencyId> {
    agencies.iter().find(|agency| agency.code == code).map(|agency| agency.id)
}

fn codes<T>(known: &[T], code: impl Fn(&T) -> &String) -> Vec<String> {
    known.iter().map(|item| code(item).clone()).collect()
}

fn name(row: &Row) -> TextJson {
    TextJson { ar: row.get("name_ar").into(), en: row.get("name_en").into() }
}

fn checked(table: Table) -> Result<Vec<Row>> {
    if table.is_fine() { Ok(table.rows) } else { Err(failure::report(&table.faults())) }
}

/// Adds everything, one request each: the API takes no batches, so a server that fails half-way
/// leaves the first lines added, and the message says how many.
fn add<R, N: Serialize, T: DeserializeOwned>(
    client: &Client,
    path: &str,
    rows: &[R],
    new: impl Fn(&R) -> N,
    only_check: bool,
) -> Result<Vec<T>> {
    if only_check {
        eprintln!("{} lines, no faults; nothing was added", rows.len());
        return Ok(Vec::new());
    }
    let progress = Progress::start("import", rows.len());
    let mut added = Vec::with_capacity(rows.len());
    for row in rows {
        let answer = client.post(path, &new(row)).with_context(|| {
            let (done, all) = (added.len(), rows.len());
            format!("{done} of {all} lines were added before this failed; remove them and repeat")
        })?;
        added.push(answer);
        progress.step();
    }
    progress.finish(&format!("{} added", added.len()));
    Ok(added)
}
