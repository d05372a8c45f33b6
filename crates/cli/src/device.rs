//! `mizan device`: the evaluator's device without a window, on the crate the desktop app uses.
//!
//! Every command returns once its work is on the disk; what it prints on stdout is acknowledged work.

mod brief;
mod bundle;
mod contact;
pub(crate) mod show;
pub(crate) mod value;
mod work;

use std::path::{Path, PathBuf};
use std::sync::Mutex;

use anyhow::{Context as _, Result, bail};
use clap::{Args, Subcommand};
use mizan_device::Device;
use mizan_device::api::system_clock::system_clock;
use mizan_device::device::Randomness;
use mizan_device::exchange;
use mizan_device::keys::{Cost, Unlock};
use mizan_device::transport::Http;

use crate::{out, secret};

pub(crate) use work::Session;

/// Arguments of `mizan device`.
#[derive(Debug, Args)]
pub(crate) struct DeviceArgs {
    /// The device's folder
    #[arg(long, value_name = "DIR")]
    home: PathBuf,
    /// Print JSON
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: DeviceCommand,
}

#[derive(Debug, Subcommand)]
enum DeviceCommand {
    /// Make the device and enrol it with a server
    ///
    /// The account's password is read from MIZAN_PASSWORD or standard input. The passphrase that
    /// unlocks the device is MIZAN_PASSPHRASE; when that is not set it is the same password.
    Init {
        /// The server's address
        #[arg(long, value_name = "URL")]
        server: String,
        /// The account's name
        #[arg(long, value_name = "NAME")]
        user: String,
        /// A name by which its owner knows the device
        #[arg(long, default_value = "mizan device")]
        name: String,
    },
    /// Run commands from a file, one JSON array of arguments a line, on one unlocked device
    #[command(hide = true)]
    Script {
        /// The file; `-` for standard input, each line run as it comes
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Carry a sync by hand, where there is no network
    #[command(subcommand)]
    Bundle(bundle::BundleCommand),
    #[command(flatten)]
    Work(work::WorkCommand),
}

/// Runs `mizan device`.
pub(crate) fn run(args: DeviceArgs) -> Result<()> {
    let DeviceArgs { home, json, command } = args;
    match command {
        DeviceCommand::Init { server, user, name } => init(&home, &server, &user, &name),
        DeviceCommand::Script { file } => work::script(&mut open(&home)?, &file),
        DeviceCommand::Bundle(command) => bundle::run(&open(&home)?, &command, json),
        DeviceCommand::Work(command) => work::run(&mut open(&home)?, command, json),
    }
}

/// Unlocks a device by its passphrase.
pub(crate) fn open(home: &Path) -> Result<Session> {
    let passphrase = secret::passphrase()?;
    open_with(home, &passphrase)
}

/// Unlocks a device by the passphrase given.
pub(crate) fn open_with(home: &Path, passphrase: &str) -> Result<Session> {
    let unlock = Unlock::passphrase(passphrase);
    let opened = Device::open(home, &unlock, now_ms(), randomness());
    if let Err(error @ mizan_device::Error::NoDevice { .. }) = &opened {
        bail!("{error}; `mizan device --home DIR init --server URL --user NAME` makes one");
    }
    let mut device = opened?;
    device.observe(&system_clock()())?;
    Ok(Session::new(device))
}

fn init(home: &Path, server: &str, user: &str, name: &str) -> Result<()> {
    let transport = Http::new(server)?;
    let password = secret::password(user)?;
    let own = secret::from_environment("MIZAN_PASSPHRASE");
    let same = own.is_none();
    let passphrase = own.unwrap_or_else(|| password.clone());
    let device = match Device::create(home, &passphrase, Cost::STANDARD, now_ms(), randomness()) {
        // An enrolment that was cut short goes on with the device that is there.
        Err(mizan_device::Error::AlreadyExists { .. }) => {
            let unlock = Unlock::passphrase(&passphrase);
            let device = Device::open(home, &unlock, now_ms(), randomness())?;
            if let Ok(enrolment) = device.enrolment() {
                let (user, server) = (enrolment.person.user, enrolment.server);
                bail!("{} holds a device enrolled as {user} at {server}", home.display());
            }
            device
        }
        made => made.with_context(|| format!("making a device in {}", home.display()))?,
    };
    let device = Mutex::new(device);
    let enrol = exchange::enrol(&device, &transport, server, user, &password, name);
    let enrolment = runtime()?.block_on(enrol).context("enrolling the device")?;
    if same {
        eprintln!("MIZAN_PASSPHRASE is not set: the account's password unlocks this device");
    }
    out::line(&format!("enrolled {} as {user} at {server}", enrolment.device))
}

/// A runtime for the few calls that wait for the network.
fn runtime() -> Result<tokio::runtime::Runtime> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.context("starting the network runtime")
}

/// Milliseconds since 1970 UTC.
pub(crate) fn now_ms() -> i64 {
    chrono::Utc::now().timestamp_millis()
}

fn randomness() -> Randomness {
    Box::new(rand::make_rng::<rand::rngs::StdRng>())
}
