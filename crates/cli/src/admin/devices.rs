//! Devices of evaluators: which there are, and revoking one.

use anyhow::Result;
use chrono::DateTime;
use clap::Subcommand;
use mizan_protocol::id::DeviceId;
use mizan_protocol::session::{DeviceJson, RevokeDevice};

use super::list;
use crate::client::Client;
use crate::out;

/// Commands of `mizan admin devices`.
#[derive(Debug, Subcommand)]
pub(super) enum DevicesCommand {
    /// List them: id, account, name, enrolled, last seen, and whether revoked or to be wiped
    List,
    /// Admit a device no longer
    Revoke {
        /// The device's id
        device: DeviceId,
        /// Order it to destroy everything on it when it next calls, also work that was never sent
        #[arg(long)]
        wipe: bool,
    },
}

/// Runs `mizan admin devices`.
pub(super) fn run(client: &Client, command: &DevicesCommand, json: bool) -> Result<()> {
    match command {
        DevicesCommand::List => {
            let devices: Vec<DeviceJson> = client.get("/api/devices")?;
            list(&devices, json, row)
        }
        DevicesCommand::Revoke { device, wipe } => {
            let request = RevokeDevice { wipe: *wipe };
            client.tell(&format!("/api/devices/{device}/revoke"), &request)?;
            let rest = if *wipe { "; it wipes itself when it next calls" } else { "" };
            out::line(&format!("revoked {device}{rest}"))
        }
    }
}

fn row(device: &DeviceJson) -> Vec<String> {
    let time = |ms: Option<i64>| {
        let time = ms.and_then(DateTime::from_timestamp_millis);
        time.map_or_else(|| "-".to_owned(), |time| time.format("%FT%TZ").to_string())
    };
    let state = match (device.revoked_at, device.wipe_ordered_at) {
        (None, _) => "admitted",
        (Some(_), None) => "revoked",
        (Some(_), Some(_)) => "to be wiped",
    };
    vec![
        device.id.to_string(),
        device.user.clone(),
        device.name.clone(),
        time(Some(device.enrolled_at)),
        time(device.last_seen_at),
        state.to_owned(),
    ]
}
