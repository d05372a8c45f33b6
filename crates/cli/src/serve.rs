//! `mizan serve`: the central server, until it is told to stop.

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use clap::Args;
use mizan_server::Config;

use crate::{device, out};

/// Arguments of `mizan serve`.
#[derive(Debug, Args)]
pub(crate) struct ServeArgs {
    /// The folder of the server's database, keys and evidence; made if it is not there
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// The address to listen on; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
    listen: String,
}

/// Runs `mizan serve`.
pub(crate) fn run(args: ServeArgs) -> Result<()> {
    let filter = tracing_subscriber::EnvFilter::try_from_env("MIZAN_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn"));
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // Only the first subscriber counts; there is no other.
    let _ = log.try_init();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("starting the server's threads")?;
    let config = Config { data: args.data, listen: args.listen, clock: device::now_ms };
    let announce = |address: std::net::SocketAddr| {
        // Whoever started the server waits for this line.
        if let Err(error) = out::line(&format!("listening on http://{address}")) {
            eprintln!("mizan: {error:#}");
        }
    };
    runtime.block_on(async {
        let stop = async {
            asked_to_stop().await;
            eprintln!("stopping: finishing what is under way");
        };
        mizan_server::serve(config, stop, announce).await
    })?;
    Ok(())
}

/// Ends when the process is asked to stop: SIGTERM or Ctrl-C.
pub(crate) async fn asked_to_stop() {
    let interrupt = async {
        // Without a handler the signal ends the process at once, which is a way to stop too.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let terminate = async {
            match signal(SignalKind::terminate()) {
                Ok(mut signal) => signal.recv().await,
                Err(_) => std::future::pending().await,
            }
        };
        tokio::select! { () = interrupt => (), _ = terminate => () }
    }
    #[cfg(not(unix))]
    interrupt.await;
}
