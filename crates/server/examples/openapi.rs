//! Prints the description of the server's API, as it is committed in `openapi.json`.

use std::io::Write as _;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let text = serde_json::to_string_pretty(&mizan_server::routes::openapi())?;
    writeln!(std::io::stdout(), "{text}")?;
    Ok(())
}
