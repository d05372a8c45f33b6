//! What the server counts about itself, for those who watch it. No figure carries an id or a name.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;

/// A request that was answered.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    method: &'static str,
    route: String,
    status: u16,
}

/// A route.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfRoute {
    route: String,
}

/// The outcome of a pushed operation.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfOutcome {
    outcome: &'static str,
}

/// What the one that writes counts.
#[derive(Debug, Clone)]
pub(crate) struct WriterFigures {
    /// Bodies that wait for the writer.
    pub(crate) waiting: Gauge,
    /// Commits that were made durable.
    pub(crate) commits: Counter,
    /// How many bodies each commit held.
    pub(crate) group: Histogram,
}

impl Default for WriterFigures {
    fn default() -> Self {
        let group = Histogram::new(exponential_buckets(1.0, 2.0, 7));
        Self { waiting: Gauge::default(), commits: Counter::default(), group }
    }
}

/// The server's figures.
#[derive(Debug)]
pub(crate) struct Figures {
    registry: Registry,
    requests: Family<Answered, Counter>,
    durations: Family<OfRoute, Histogram>,
    operations: Family<OfOutcome, Counter>,
    /// Bytes of evidence that were taken in.
    pub(crate) evidence_bytes: Counter,
    /// Sign-ins that were refused.
    pub(crate) refused_sign_ins: Counter,
    /// Pushes that were refused whole, for their signature or their place.
    pub(crate) pushes_refused: Counter,
    /// Records in quarantine that nobody has seen to.
    pub(crate) quarantine_open: Gauge,
    /// 1 when the database answered last.
    database_up: Gauge,
}

impl Figures {
    /// Figures of a server whose writer counts these.
    pub(crate) fn new(writer: &WriterFigures) -> Self {
        let duration = || Histogram::new(exponential_buckets(0.001, 2.5, 12));
        let figures = Self {
            registry: Registry::with_prefix("mizan"),
            requests: Family::default(),
            durations: Family::new_with_constructor(duration),
            operations: Family::default(),
            evidence_bytes: Counter::default(),
            refused_sign_ins: Counter::default(),
            pushes_refused: Counter::default(),
            quarantine_open: Gauge::default(),
            database_up: Gauge::default(),
        };
        figures.registered(writer)
    }

    fn registered(mut self, writer: &WriterFigures) -> Self {
        let registry = &mut self.registry;
        let what = "requests answered, by route, method and status";
        registry.register("requests", what, self.requests.clone());
        let what = "seconds from request to answer, by route";
        registry.register("request_seconds", what, self.durations.clone());
        let what = "pushed operations, by outcome";
        registry.register("operations", what, self.operations.clone());
        let what = "bytes of evidence taken in";
        registry.register("evidence_bytes", what, self.evidence_bytes.clone());
        let what = "sign-ins that were refused";
        registry.register("sign_ins_refused", what, self.refused_sign_ins.clone());
        let what = "pushes refused whole, for their signature or their place in the chain";
        registry.register("pushes_refused", what, self.pushes_refused.clone());
        let what = "records that were refused and that nobody has seen to";
        registry.register("quarantine_open", what, self.quarantine_open.clone());
        let what = "1 when the database answered last, else 0";
        registry.register("database_up", what, self.database_up.clone());
        let what = "changes that wait for the writer";
        registry.register("writer_waiting", what, writer.waiting.clone());
        let what = "commits made durable";
        registry.register("writer_commits", what, writer.commits.clone());
        let what = "changes in one commit";
        registry.register("writer_group_changes", what, writer.group.clone());
        self
    }

    /// Counts an answered request.
    pub(crate) fn answered(&self, method: &'static str, route: &str, status: u16, seconds: f64) {
        let answered = Answered { method, route: route.to_owned(), status };
        self.requests.get_or_create(&answered).inc();
        self.durations.get_or_create(&OfRoute { route: route.to_owned() }).observe(seconds);
    }

    /// Counts a pushed operation.
    pub(crate) fn pushed(&self, outcome: &mizan_protocol::sync::Outcome) {
        use mizan_protocol::sync::Outcome;
        let outcome = match outcome {
            Outcome::Applied { .. } => "applied",
            Outcome::Same { .. } => "same",
            Outcome::Conflict { .. } => "conflict",
            Outcome::Rejected { .. } => "rejected",
        };
        self.operations.get_or_create(&OfOutcome { outcome }).inc();
    }

    /// Notes whether the database answered.
    pub(crate) fn database_is(&self, up: &Result<(), crate::error::Error>) {
        self.database_up.set(i64::from(up.is_ok()));
    }

    /// The figures as Prometheus reads them.
    pub(crate) fn text(&self) -> Result<String, std::fmt::Error> {
        let mut text = String::new();
        prometheus_client::encoding::text::encode(&mut text, &self.registry)?;
        Ok(text)
    }
}
