//! Accounts, one at a time: codes, closing and opening, one's own password and second factor.

use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::Subcommand;
use mizan_protocol::id::PersonId;
use mizan_protocol::session::{
    ChangePassword, ChangePerson, EnrolmentCode, Person, SetPassword, TotpCode, TotpSetup,
};
use serde_json::json;

use super::{Ask, import};
use crate::client::Client;
use crate::{out, secret};

/// Commands of `mizan admin people`.
#[derive(Debug, Subcommand)]
pub(super) enum PeopleCommand {
    /// List what the server has
    List,
    /// Check every line of a CSV file, then add them all; a file with faults adds nothing
    Import {
        /// The file (UTF-8, with a header line)
        #[arg(value_name = "FILE.csv")]
        file: PathBuf,
        /// Only check
        #[arg(long)]
        check: bool,
    },
    /// Print a code that enrols one device of an evaluator, once, within 72 hours
    Code {
        /// The account's name
        user: String,
    },
    /// Close an account: its sessions end, and its devices are no longer admitted
    Deactivate {
        /// The account's name
        user: String,
    },
    /// Open an account again
    Activate {
        /// The account's name
        user: String,
    },
    /// Give somebody who forgot theirs a new password; it comes from MIZAN_NEW_PASSWORD or is asked for
    SetPassword {
        /// The account's name
        user: String,
    },
    /// Take away the second factor of somebody who lost it
    ResetTotp {
        /// The account's name
        user: String,
    },
}

/// Runs `mizan admin people`.
pub(super) fn run(client: &Client, command: PeopleCommand, json: bool) -> Result<()> {
    match command {
        PeopleCommand::List => import::people(client, &Ask::List, json),
        PeopleCommand::Import { file, check } => {
            import::people(client, &Ask::Import { file, only_check: check }, json)
        }
        PeopleCommand::Code { user } => {
            let path = format!("/api/people/{}/enrolment-code", find(client, &user)?);
            let code: EnrolmentCode = client.post(&path, &json!({}))?;
            if json { out::json(&code) } else { out::line(&code.code) }
        }
        PeopleCommand::Deactivate { user } => {
            set_active(client, &user, &ChangePerson { active: false, reason: None })?;
            out::line(&format!("closed the account of {user}"))
        }
        PeopleCommand::Activate { user } => {
            set_active(client, &user, &ChangePerson { active: true, reason: None })?;
            out::line(&format!("opened the account of {user}"))
        }
        PeopleCommand::SetPassword { user } => {
            let path = format!("/api/people/{}/password", find(client, &user)?);
            let set = SetPassword { new: secret::new_password()?.to_string() };
            client.tell(&path, &set)?;
            out::line(&format!("{user} has a new password; the account's sessions have ended"))
        }
        PeopleCommand::ResetTotp { user } => {
            client.delete(&format!("/api/people/{}/totp", find(client, &user)?))?;
            out::line(&format!("{user} signs in without a second factor until a new one is set up"))
        }
    }
}

fn set_active(client: &Client, user: &str, change: &ChangePerson) -> Result<()> {
    client.tell(&format!("/api/people/{}", find(client, user)?), change)
}

fn find(client: &Client, user: &str) -> Result<PersonId> {
    let people: Vec<Person> = client.get("/api/people")?;
    match people.into_iter().find(|person| person.user == user) {
        Some(person) => Ok(person.id),
        None => bail!("no account is named {user}; `mizan admin people list` lists them"),
    }
}

/// Runs `mizan admin password`.
pub(super) fn change_password(client: &Client) -> Result<()> {
    let old = secret::password("the account that is signed in")?;
    let new = secret::new_password()?;
    let change = ChangePassword { old: old.to_string(), new: new.to_string() };
    client.tell("/api/session/password", &change)?;
    out::line("changed the password; other sessions of the account have ended")
}

/// Runs `mizan admin totp`.
pub(super) fn totp(client: &Client, confirm: Option<String>, json: bool) -> Result<()> {
    if let Some(code) = confirm {
        client.tell("/api/session/totp/confirm", &TotpCode { code })?;
        return out::line("the account has a second factor; sign in with --otp from now on");
    }
    let setup: TotpSetup = client.post("/api/session/totp", &json!({}))?;
    if json {
        return out::json(&setup);
    }
    out::line(&format!("secret {}\n{}", setup.secret, setup.uri))?;
    eprintln!("give it to an authenticator, then: mizan admin totp --confirm CODE");
    Ok(())
}
