//! The desktop shell: one window, three commands, and nothing about the programme.
//!
//! The page asks the device's router through the command `api`; saving a file and reading a dropped
//! one are the two things only a window can do. What a visit is, nobody here knows.

#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

mod bridge;
mod commands;
mod device;
mod drops;
mod error;
mod journal;
mod options;
mod passphrase;
mod save;
mod window;

use std::process::ExitCode;

use tauri::async_runtime::block_on;
use tauri::{App, Manager};

use crate::options::{Options, Start};
use crate::passphrase::Passphrase;

fn main() -> ExitCode {
    let environment = |name: &str| std::env::var_os(name);
    match options::read(std::env::args_os().skip(1), environment) {
        Ok(Start::Open(options)) => open(options),
        Ok(Start::Again(passphrase)) => passphrase.start_again().unwrap_or_else(did_not_start),
        Ok(Start::Say(text)) => {
            println!("{text}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

fn open(options: Options) -> ExitCode {
    journal::record_panics();
    let app = tauri::Builder::default()
        .plugin(window::one_instance(&options))
        .plugin(journal::plugin())
        .plugin(window::remembered_place())
        .plugin(tauri_plugin_dialog::init())
        .invoke_handler(tauri::generate_handler![
            commands::api,
            commands::save_file,
            commands::dropped_file
        ])
        .on_permission_request(|_, kind| window::permission(kind))
        .on_window_event(drops::watch)
        .setup(move |app| set_up(app, &options))
        .build(tauri::generate_context!());
    match app {
        Ok(app) => {
            app.run(|_, event| journal::record_end(&event));
            ExitCode::SUCCESS
        }
        Err(error) => did_not_start(error),
    }
}

fn did_not_start(error: impl std::error::Error) -> ExitCode {
    eprintln!("Mizan did not start: {error}");
    ExitCode::FAILURE
}

fn set_up(app: &mut App, options: &Options) -> Result<(), Box<dyn std::error::Error>> {
    let home = match &options.home {
        Some(home) => home.clone(),
        // Apart from the log and what WebKit keeps there.
        None => app.path().app_data_dir()?.join("device"),
    };
    let router = journal::record_failures(device::router(home));
    log::info!("version {} started", env!("CARGO_PKG_VERSION"));
    if options.unlocks {
        // Before the window: its page asks first of all whether the device is open.
        let status = block_on(Passphrase::read(std::io::stdin())?.unlock(router.clone()));
        log::info!("unlocking at the start answered {}", status.as_u16());
    }
    app.manage(router);
    app.manage(drops::Drops::default());
    // Last, because the page calls as soon as there is one.
    window::open(app, options)?;
    Ok(())
}
