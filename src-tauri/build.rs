//! Embeds the page and writes a permission for each of the shell's own commands: without this list
//! every window might call every one of them.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let commands = &["api", "save_file", "dropped_file"];
    let manifest = tauri_build::AppManifest::new().commands(commands);
    tauri_build::try_build(tauri_build::Attributes::new().app_manifest(manifest))?;
    Ok(())
}
