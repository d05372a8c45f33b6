//! `mizan admin`: the first administrator on the server's own machine; accounts, agencies, centres
//! and rubrics over HTTP with a token.

mod backup;
mod devices;
mod import;
mod people;
mod table;

use std::io::Write as _;
use std::path::PathBuf;

use anyhow::{Context as _, Result};
use clap::{Args, Subcommand};
use mizan_protocol::api::{AgencyJson, CentreJson, CycleJson};
use mizan_protocol::record::TextJson;
use mizan_protocol::rubric::RubricRef;
use mizan_protocol::session::Person;
use mizan_server::backup::Occupied;
use mizan_server::engine::Location;

use crate::client::Client;
use crate::failure::Misuse;
use crate::{out, secret, shipped};

/// Arguments of `mizan admin`.
#[derive(Debug, Args)]
pub(crate) struct AdminArgs {
    /// The server's data folder (create-administrator, backup, restore, move, consolidate)
    #[arg(long, global = true, env = "MIZAN_DATA", value_name = "DIR")]
    data: Option<PathBuf>,
    /// The server's database where it is not in the data folder (the same commands)
    #[arg(long, global = true, env = "MIZAN_DATABASE", hide_env_values = true, value_name = "URL",
        value_parser = crate::serve::location)]
    database: Option<Location>,
    /// The server's address (all else)
    #[arg(long, global = true, env = "MIZAN_SERVER", value_name = "URL")]
    server: Option<String>,
    /// Print JSON
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: AdminCommand,
}

#[derive(Debug, Subcommand)]
enum AdminCommand {
    /// Create the first account on the server's machine; password in MIZAN_PASSWORD or on stdin
    CreateAdministrator {
        /// The account's name
        #[arg(long)]
        user: String,
        /// The person's name in Arabic
        #[arg(long, default_value = "مدير النظام")]
        name_ar: String,
        /// The person's name in English
        #[arg(long, default_value = "Administrator")]
        name_en: String,
    },
    /// Write the server's data to a folder while it runs
    Backup {
        /// Where the backup goes; a folder that is not there yet
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
    },
    /// Put a backup back into the data folder of a server that does not run
    Restore {
        /// The backup
        #[arg(long, value_name = "DIR")]
        from: PathBuf,
        /// Set aside what is in the data folder; nothing is deleted
        #[arg(long)]
        replace: bool,
    },
    /// Move the data of a server that does not run to another database, and check them there
    Move {
        /// An empty PostgreSQL database, postgres://user:password@host/name, or a file to make
        #[arg(long, value_name = "URL", value_parser = crate::serve::location)]
        to: Location,
    },
    /// Make the committee's results anew from the answers; the embedded database must not be served
    Consolidate,
    /// Sign in and print a token for MIZAN_TOKEN; password in MIZAN_PASSWORD or on stdin
    Login {
        /// The account's name
        #[arg(long)]
        user: String,
        /// The six digits of the second factor, where the account has one
        #[arg(long, value_name = "CODE")]
        otp: Option<String>,
    },
    /// Change the password of who is signed in; old one in MIZAN_PASSWORD or on stdin, new one in
    /// MIZAN_NEW_PASSWORD or on the next line
    Password,
    /// Give the account of who is signed in a second factor: once to begin, once with its first code
    Totp {
        /// The first six digits the authenticator shows
        #[arg(long, value_name = "CODE")]
        confirm: Option<String>,
    },
    /// Agencies (CSV columns: code,name_ar,name_en)
    #[command(subcommand)]
    Agencies(ListOrImport),
    /// Centres (CSV columns: code,agency,model,name_ar,name_en, and as wanted governorate,size,operator)
    #[command(subcommand)]
    Centres(ListOrImport),
    /// People (CSV columns: user,password,name_ar,name_en,role,agency,centre,interests)
    #[command(subcommand)]
    People(people::PeopleCommand),
    /// Devices of evaluators
    #[command(subcommand)]
    Devices(devices::DevicesCommand),
    /// Rubrics on the server
    #[command(subcommand)]
    Rubrics(Rubrics),
    /// Cycles
    Cycles,
    /// Bundles of devices that meet no network
    #[command(subcommand)]
    Bundle(BundleCommand),
}

#[derive(Debug, Subcommand)]
enum BundleCommand {
    /// Give a device's bundle to the server, and write the answer that is to be carried back
    Import {
        /// The bundle, as `mizan device bundle export` wrote it
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// Where the answer goes
        #[arg(long, value_name = "ANSWER")]
        out: PathBuf,
    },
}

#[derive(Debug, Subcommand)]
enum ListOrImport {
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
}

#[derive(Debug, Subcommand)]
enum Rubrics {
    /// List what the server has
    List,
    /// Add a rubric file
    Add {
        /// The rubric file (TOML)
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
}

/// Runs `mizan admin`.
pub(crate) fn run(args: AdminArgs) -> Result<()> {
    let AdminArgs { data, database, server, json, command } = args;
    let connect = || signed_in(server.as_deref());
    match command {
        AdminCommand::CreateAdministrator { user, name_ar, name_en } => {
            let data = data.ok_or_else(|| {
                Misuse("create-administrator needs --data DIR, the server's data folder".into())
            })?;
            create_administrator(&data, database, &user, (&name_ar, &name_en))
        }
        AdminCommand::Backup { out } => backup::make(&backup::required(data)?, database, &out),
        AdminCommand::Restore { from, replace } => {
            let occupied = if replace { Occupied::SetAside } else { Occupied::Refuse };
            backup::put_back(&from, &backup::required(data)?, database.as_ref(), occupied)
        }
        AdminCommand::Move { to } => backup::move_data(&backup::required(data)?, database, to),
        AdminCommand::Consolidate => backup::consolidate(&backup::required(data)?, database),
        AdminCommand::Login { user, otp } => {
            let mut client = anonymous(server.as_deref())?;
            let password = secret::password(&user)?;
            let session = client.sign_in_with(&user, &password, otp.as_deref())?;
            if json { out::json(&session) } else { out::line(&session.token) }
        }
        AdminCommand::Agencies(what) => import::agencies(&connect()?, &what.into(), json),
        AdminCommand::Centres(what) => import::centres(&connect()?, &what.into(), json),
        AdminCommand::Password => people::change_password(&connect()?),
        AdminCommand::Totp { confirm } => people::totp(&connect()?, confirm, json),
        AdminCommand::People(what) => people::run(&connect()?, what, json),
        AdminCommand::Devices(what) => devices::run(&connect()?, &what, json),
        AdminCommand::Rubrics(Rubrics::List) => {
            let rubrics: Vec<RubricRef> = connect()?.get("/api/rubrics")?;
            list(&rubrics, json, |r| vec![r.id.clone(), r.version.clone(), r.sha256.to_string()])
        }
        AdminCommand::Rubrics(Rubrics::Add { file }) => {
            let rubric = shipped::read(&file)?;
            let body = mizan_protocol::rubric::to_json(&rubric);
            let added: RubricRef = connect()?.post("/api/rubrics", &body)?;
            list(&[added], json, |r| vec![r.id.clone(), r.version.clone(), r.sha256.to_string()])
        }
        AdminCommand::Cycles => {
            let cycles: Vec<CycleJson> = connect()?.get("/api/cycles")?;
            let row = |c: &CycleJson| {
                vec![c.number.clone(), c.state.clone(), c.name.ar.clone(), c.name.en.clone()]
            };
            list(&cycles, json, row)
        }
        AdminCommand::Bundle(BundleCommand::Import { file, out }) => {
            let answer = connect()?.post_file("/api/bundles", &file)?;
            out::file(&out, |written| Ok(written.write_all(&answer)?))?;
            let (file, out) = (file.display(), out.display());
            out::line(&format!("{file} is taken in; carry {out} back to the device"))
        }
    }
}

/// What is asked of a list.
enum Ask {
    List,
    Import { file: PathBuf, only_check: bool },
}

impl From<ListOrImport> for Ask {
    fn from(what: ListOrImport) -> Self {
        match what {
            ListOrImport::List => Self::List,
            ListOrImport::Import { file, check } => Self::Import { file, only_check: check },
        }
    }
}

fn anonymous(server: Option<&str>) -> Result<Client> {
    let server = server.ok_or_else(|| {
        Misuse("name the server: --server URL, or MIZAN_SERVER in the environment".into())
    })?;
    Client::new(server)
}

pub(crate) fn signed_in(server: Option<&str>) -> Result<Client> {
    let client = anonymous(server)?;
    let token = secret::from_environment("MIZAN_TOKEN").ok_or_else(|| {
        Misuse("set MIZAN_TOKEN to a token; `mizan admin login` prints one".into())
    })?;
    Ok(client.with_token(token.to_string()))
}

fn create_administrator(
    data: &std::path::Path,
    database: Option<Location>,
    user: &str,
    name: (&str, &str),
) -> Result<()> {
    let password = secret::password(user)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let mut config = mizan_server::Config::new(data.to_owned(), crate::device::now_ms);
    config.database = database;
    let name = TextJson { ar: name.0.into(), en: name.1.into() };
    let made = mizan_server::create_administrator(&config, user, &password, name);
    let person = runtime
        .context("starting the runtime")?
        .block_on(made)
        .with_context(|| format!("creating the administrator in {}", data.display()))?;
    out::line(&format!("created {} ({})", person.user, person.id))
}

/// Prints a list as JSON, or as lines of tab-separated fields.
fn list<T: serde::Serialize>(
    items: &[T],
    json: bool,
    row: impl Fn(&T) -> Vec<String>,
) -> Result<()> {
    if json {
        return out::json(&items);
    }
    items.iter().try_for_each(|item| out::line(&row(item).join("\t")))
}

fn agency_row(agency: &AgencyJson) -> Vec<String> {
    vec![agency.code.clone(), agency.name.ar.clone(), agency.name.en.clone()]
}

fn centre_row(centre: &CentreJson) -> Vec<String> {
    let name = &centre.name;
    vec![centre.code.clone(), centre.model.clone(), name.ar.clone(), name.en.clone()]
}

fn person_row(person: &Person) -> Vec<String> {
    let name = &person.name;
    vec![person.user.clone(), person.role.clone(), name.ar.clone(), name.en.clone()]
}
