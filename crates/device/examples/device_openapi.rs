//! Prints the description of the device's API, as it is committed in `openapi.json`.

use std::io::Write as _;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let text = serde_json::to_string_pretty(&mizan_device::api::openapi())?;
    writeln!(std::io::stdout(), "{text}")?;
    Ok(())
}
