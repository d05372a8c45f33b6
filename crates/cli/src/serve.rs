//! `mizan serve`: the central server, until it is told to stop; and the one struct of its settings, read
//! from flags, the environment and a file, in this order.

use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use clap::{Args, ValueEnum};
use mizan_server::engine::Location;
use mizan_server::evidence::{EvidencePlace, EvidenceQuota};
use mizan_server::limits::{AddressFrom, Limits};
use mizan_server::{Config, Exposure, TlsFiles};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::failure::Misuse;
use crate::{device, out};

/// What is logged unless the operator says otherwise.
const LOGGED: &str = "warn,mizan_server=info";

/// Arguments of `mizan serve`.
#[derive(Debug, Args)]
pub(crate) struct ServeArgs {
    /// A TOML file with settings, named like the flags with `_` for `-`; flags and environment win
    #[arg(long, env = "MIZAN_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    /// Print the settings that would be used, without secrets, and stop
    #[arg(long)]
    print_config: bool,
    #[command(flatten)]
    settings: Settings,
}

/// The settings of a server.
#[derive(Debug, Default, Args, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Settings {
    /// The folder of the server's database, keys and evidence; made if it is not there
    #[arg(long, env = "MIZAN_DATA", value_name = "DIR")]
    data: Option<PathBuf>,
    /// A PostgreSQL database instead of the embedded one, postgres://user:password@host/name
    #[arg(long, env = "MIZAN_DATABASE", hide_env_values = true, value_name = "URL",
        value_parser = location)]
    #[serde(deserialize_with = "read_location", serialize_with = "show_location")]
    database: Option<Location>,
    /// Where evidence lies instead of in the data folder: another folder, or s3://bucket/prefix. For S3 set
    /// MIZAN_S3_ACCESS_KEY and MIZAN_S3_SECRET_KEY in the environment, and MIZAN_S3_ENDPOINT and
    /// MIZAN_S3_REGION where the server is not Amazon's
    #[arg(long, env = "MIZAN_EVIDENCE", value_name = "PLACE")]
    evidence: Option<String>,
    /// The most MiB of evidence one person may send in 24 hours; 0 for any number [default: 4096]
    #[arg(long, env = "MIZAN_EVIDENCE_PERSON_DAY_MIB", value_name = "MIB")]
    evidence_person_day_mib: Option<u32>,
    /// The most MiB of evidence the server keeps; 0 for what there is room for [default: 1048576]
    #[arg(long, env = "MIZAN_EVIDENCE_SERVER_MIB", value_name = "MIB")]
    evidence_server_mib: Option<u32>,
    /// The address to listen on; port 0 takes a free one [default: 127.0.0.1:8080]
    #[arg(long, env = "MIZAN_LISTEN", value_name = "ADDRESS")]
    listen: Option<String>,
    /// The certificate to show, PEM; read again on SIGHUP
    #[arg(long, env = "MIZAN_TLS_CERT", value_name = "FILE")]
    tls_cert: Option<PathBuf>,
    /// Its private key, PEM
    #[arg(long, env = "MIZAN_TLS_KEY", value_name = "FILE")]
    tls_key: Option<PathBuf>,
    /// A proxy speaks TLS before this server: listen beyond this machine without it
    #[arg(long, env = "MIZAN_BEHIND_PROXY", value_name = "BOOL", num_args = 0..=1,
        default_missing_value = "true", require_equals = true)]
    behind_proxy: Option<bool>,
    /// Answer /healthz and /metrics at this address, for those who watch the server
    #[arg(long, env = "MIZAN_METRICS", value_name = "ADDRESS")]
    metrics: Option<String>,
    /// How the log is written to standard error [default: text]
    #[arg(long, env = "MIZAN_LOG_FORMAT", value_name = "FORMAT")]
    log: Option<LogFormat>,
    /// Administrators and the committee need a second factor to do anything
    #[arg(long, env = "MIZAN_REQUIRE_TOTP", value_name = "BOOL", num_args = 0..=1,
        default_missing_value = "true", require_equals = true)]
    require_totp: Option<bool>,
    /// For how many days a device shows what it holds without a sync; a visit in progress can be finished
    /// after that too [default: 30]
    #[arg(long, env = "MIZAN_OFFLINE_DAYS", value_name = "DAYS",
        value_parser = clap::value_parser!(u32).range(1..=3650))]
    offline_days: Option<u32>,
    /// Take a caller's address from X-Forwarded-For; only behind a proxy that writes it
    #[arg(long, env = "MIZAN_TRUST_PROXY", value_name = "BOOL", num_args = 0..=1,
        default_missing_value = "true", require_equals = true)]
    trust_proxy: Option<bool>,
    /// Set no limit to what one address may ask
    #[arg(long, env = "MIZAN_NO_LIMITS", value_name = "BOOL", num_args = 0..=1,
        default_missing_value = "true", require_equals = true)]
    no_limits: Option<bool>,
    /// What is logged, such as `warn` or `mizan_server=debug`
    #[arg(long, env = "MIZAN_LOG", value_name = "FILTER")]
    log_filter: Option<String>,
}

/// How the log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum LogFormat {
    /// A JSON object on each line.
    Json,
    /// Lines for people.
    Text,
}

/// Where the data are, as a flag says it.
pub(crate) fn location(text: &str) -> Result<Location, std::convert::Infallible> {
    Ok(Location::parse(text))
}

fn read_location<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Location>, D::Error> {
    Ok(Option::<String>::deserialize(from)?.map(|text| Location::parse(&text)))
}

fn show_location<S: Serializer>(location: &Option<Location>, to: S) -> Result<S::Ok, S::Error> {
    location.as_ref().map(ToString::to_string).serialize(to)
}

impl Settings {
    /// These settings, and the others where these say nothing.
    fn or(self, other: Self) -> Self {
        Self {
            data: self.data.or(other.data),
            database: self.database.or(other.database),
            evidence: self.evidence.or(other.evidence),
            evidence_person_day_mib: self.evidence_person_day_mib.or(other.evidence_person_day_mib),
            evidence_server_mib: self.evidence_server_mib.or(other.evidence_server_mib),
            listen: self.listen.or(other.listen),
            tls_cert: self.tls_cert.or(other.tls_cert),
            tls_key: self.tls_key.or(other.tls_key),
            behind_proxy: self.behind_proxy.or(other.behind_proxy),
            metrics: self.metrics.or(other.metrics),
            log: self.log.or(other.log),
            require_totp: self.require_totp.or(other.require_totp),
            offline_days: self.offline_days.or(other.offline_days),
            trust_proxy: self.trust_proxy.or(other.trust_proxy),
            no_limits: self.no_limits.or(other.no_limits),
            log_filter: self.log_filter.or(other.log_filter),
        }
    }

    fn defaults() -> Self {
        Self {
            evidence_person_day_mib: Some(4 << 10),
            evidence_server_mib: Some(1 << 20),
            listen: Some("127.0.0.1:8080".to_owned()),
            behind_proxy: Some(false),
            require_totp: Some(false),
            offline_days: Some(30),
            trust_proxy: Some(false),
            no_limits: Some(false),
            log: Some(LogFormat::Text),
            log_filter: Some(LOGGED.to_owned()),
            ..Self::default()
        }
    }

    fn of_file(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path);
        let text = text.with_context(|| format!("reading {}", path.display()))?;
        toml::from_str(&text)
            .map_err(|error| Misuse(format!("{}: {}", path.display(), error.message())).into())
    }

    /// The server's own configuration.
    fn config(&self) -> Result<Config> {
        let data = self.data.clone().ok_or_else(|| {
            Misuse("name the data folder: --data DIR, MIZAN_DATA, or `data` in the file".into())
        })?;
        let tls = match (&self.tls_cert, &self.tls_key) {
            (None, None) => None,
            (Some(certificate), Some(key)) => {
                Some(TlsFiles { certificate: certificate.clone(), key: key.clone() })
            }
            (Some(_), None) => return Err(Misuse("--tls-cert needs --tls-key".into()).into()),
            (None, Some(_)) => return Err(Misuse("--tls-key needs --tls-cert".into()).into()),
        };
        let mut config = Config::new(data, device::now_ms);
        config.database = self.database.clone();
        config.evidence = self.evidence_place()?;
        config.evidence_quota = self.evidence_quota();
        config.tls = tls;
        config.metrics = self.metrics.clone();
        if let Some(listen) = &self.listen {
            config.listen.clone_from(listen);
        }
        if self.behind_proxy == Some(true) {
            config.exposure = Exposure::BehindProxy;
        }
        config.require_totp = self.require_totp == Some(true);
        if let Some(days) = self.offline_days {
            if !(1..=3_650).contains(&days) {
                return Err(Misuse(format!("offline_days is {days}; give 1 to 3650")).into());
            }
            config.offline_days = days;
        }
        if self.no_limits == Some(true) {
            config.limits = Limits::none();
        }
        if self.trust_proxy == Some(true) {
            config.limits.address = AddressFrom::Proxy;
        }
        Ok(config)
    }

    fn evidence_place(&self) -> Result<Option<EvidencePlace>> {
        // Keys stand in no file of settings and on no command line.
        let variable =
            |name: &'static str| std::env::var(name).ok().filter(|text| !text.is_empty());
        let place = self.evidence.as_deref().map(|text| EvidencePlace::parse(text, variable));
        place.transpose().map_err(|fault| Misuse(fault.to_string()).into())
    }

    fn evidence_quota(&self) -> EvidenceQuota {
        let bytes = |mib: Option<u32>, otherwise| mib.map_or(otherwise, |mib| u64::from(mib) << 20);
        let usual = EvidenceQuota::default();
        EvidenceQuota {
            person_day_bytes: bytes(self.evidence_person_day_mib, usual.person_day_bytes),
            server_bytes: bytes(self.evidence_server_mib, usual.server_bytes),
        }
    }
}

/// Runs `mizan serve`.
pub(crate) fn run(args: ServeArgs) -> Result<()> {
    let ServeArgs { config, print_config, settings } = args;
    let file = config.as_deref().map_or_else(|| Ok(Settings::default()), Settings::of_file)?;
    let settings = settings.or(file).or(Settings::defaults());
    let config = settings.config()?;
    if print_config {
        let shown = toml::to_string(&settings).context("writing the settings")?;
        return out::line(shown.trim_end());
    }
    begin_log(&settings);
    serve(config)
}

fn begin_log(settings: &Settings) {
    let filter = settings.log_filter.as_deref().unwrap_or(LOGGED);
    let filter = tracing_subscriber::EnvFilter::new(filter);
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // Colours are for a terminal; in a file they are noise.
    let log = log.with_ansi(std::io::stderr().is_terminal());
    // Only the first subscriber counts; there is no other.
    let _ = match settings.log {
        Some(LogFormat::Json) => log.json().flatten_event(true).try_init(),
        Some(LogFormat::Text) | None => log.try_init(),
    };
}

fn serve(config: Config) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("starting the server's threads")?;
    let scheme = if config.tls.is_some() { "https" } else { "http" };
    let announce = |address: std::net::SocketAddr| {
        // Whoever started the server waits for this line.
        if let Err(error) = out::line(&format!("listening on {scheme}://{address}")) {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flag_wins_over_the_file_and_the_file_over_the_default() {
        let file: Settings = toml::from_str("listen = \"127.0.0.1:1\"\nlog = \"json\"").unwrap();
        let flags = Settings { listen: Some("127.0.0.1:2".into()), ..Settings::default() };
        let merged = flags.or(file).or(Settings::defaults());
        assert_eq!(merged.listen.as_deref(), Some("127.0.0.1:2"));
        assert_eq!((merged.log, merged.behind_proxy), (Some(LogFormat::Json), Some(false)));
        let refused = toml::from_str::<Settings>("lisen = \"x\"").unwrap_err();
        assert!(refused.message().contains("lisen"), "{refused}");
    }

    #[test]
    fn settings_are_shown_without_a_password() {
        let text = "database = \"postgres://mizan:hunter2@db/mizan\"";
        let settings: Settings = toml::from_str(text).unwrap();
        let shown = format!("{settings:?}{}", toml::to_string(&settings).unwrap());
        assert!(shown.contains("@db/mizan") && !shown.contains("hunter2"), "{shown}");
    }
}
