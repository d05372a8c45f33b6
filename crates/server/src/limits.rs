//! How much one address may ask: narrow where people come in, wide everywhere.
//!
//! These keep one address from taking the server for itself. What keeps passwords from being guessed is the
//! wait of each account (`accounts::sign_in`), which no number of addresses gets around.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::Request;
use axum::response::{IntoResponse as _, Response};
use governor::middleware::NoOpMiddleware;
use tower_governor::governor::{GovernorConfig, GovernorConfigBuilder};
use tower_governor::key_extractor::KeyExtractor;
use tower_governor::{GovernorError, GovernorLayer};
use utoipa_axum::router::OpenApiRouter;

use crate::app::App;
use crate::error::Error;

/// How often addresses that have been quiet are forgotten.
const SWEEP: Duration = Duration::from_secs(60);

/// How much may be asked: so many at once, and so many a second in the long run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// Requests a second.
    pub per_second: u32,
    /// Requests at once.
    pub burst: u32,
}

/// How much one address may ask. Many people may share one: an office has a single address to the outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// What admits people and devices; `None` for no limit.
    pub sign_in: Option<Rate>,
    /// Everything; `None` for no limit.
    pub all: Option<Rate>,
    /// Whom an address is believed of.
    pub address: AddressFrom,
}

/// Where the address of whoever asks is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddressFrom {
    /// The connection.
    Connection,
    /// The last entry of `X-Forwarded-For`, which the proxy in front writes. Without such a proxy anybody
    /// could write it.
    Proxy,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            sign_in: Some(Rate { per_second: 10, burst: 300 }),
            all: Some(Rate { per_second: 500, burst: 5_000 }),
            address: AddressFrom::Connection,
        }
    }
}

impl Limits {
    /// No limits, for measurements and simulations that come from one address.
    #[must_use]
    pub fn none() -> Self {
        Self { sign_in: None, all: None, address: AddressFrom::Connection }
    }
}

impl KeyExtractor for AddressFrom {
    type Key = IpAddr;

    fn extract<T>(&self, request: &Request<T>) -> Result<IpAddr, GovernorError> {
        let connection = request.extensions().get::<ConnectInfo<SocketAddr>>();
        let direct = || connection.map(|ConnectInfo(address)| address.ip());
        let address = match self {
            Self::Connection => direct(),
            Self::Proxy => forwarded(request).or_else(direct),
        };
        address.map(network).ok_or(GovernorError::UnableToExtractKey)
    }
}

/// What the proxy in front has written: entries before the last are whatever the client sent.
fn forwarded<T>(request: &Request<T>) -> Option<IpAddr> {
    let last = request.headers().get_all("x-forwarded-for").iter().next_back()?;
    last.to_str().ok()?.rsplit(',').next()?.trim().parse().ok()
}

/// Whoever has one IPv6 address has the 2⁶⁴ of its network.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let prefix = u128::from(address) & !u128::from(u64::MAX);
            IpAddr::V6(Ipv6Addr::from(prefix))
        }
        v4 @ IpAddr::V4(_) => v4,
    }
}

type Gate = Arc<GovernorConfig<AddressFrom, NoOpMiddleware>>;

/// The limits of a running server, with who has asked how much.
#[derive(Debug)]
pub(crate) struct Gates {
    sign_in: Option<Gate>,
    all: Option<Gate>,
}

impl Gates {
    pub(crate) fn new(limits: Limits) -> Self {
        let gate = |rate: Option<Rate>| {
            let rate = rate?;
            let period = Duration::from_secs(1).checked_div(rate.per_second)?;
            let mut builder = GovernorConfigBuilder::default();
            builder.period(period).burst_size(rate.burst);
            // Rates of nothing at all are no rates.
            builder.key_extractor(limits.address).finish().map(Arc::new)
        };
        Self { sign_in: gate(limits.sign_in), all: gate(limits.all) }
    }

    /// No limits.
    pub(crate) fn open() -> Self {
        Self { sign_in: None, all: None }
    }

    /// The routes that admit, limited.
    pub(crate) fn at_doors(&self, routes: OpenApiRouter<Arc<App>>) -> OpenApiRouter<Arc<App>> {
        match &self.sign_in {
            Some(gate) => routes.layer(layer(gate)),
            None => routes,
        }
    }

    /// All routes, limited.
    pub(crate) fn at_all(&self, router: Router<Arc<App>>) -> Router<Arc<App>> {
        match &self.all {
            Some(gate) => router.layer(layer(gate)),
            None => router,
        }
    }

    /// Forgets addresses that have been quiet, again and again.
    pub(crate) async fn sweep(&self) {
        let mut ticks = tokio::time::interval(SWEEP);
        loop {
            ticks.tick().await;
            for gate in [&self.sign_in, &self.all].into_iter().flatten() {
                gate.limiter().retain_recent();
                gate.limiter().shrink_to_fit();
            }
        }
    }
}

fn layer(gate: &Gate) -> GovernorLayer<AddressFrom, NoOpMiddleware, Body> {
    GovernorLayer::new(Arc::clone(gate)).error_handler(refusal)
}

fn refusal(error: GovernorError) -> Response {
    match error {
        GovernorError::TooManyRequests { wait_time, .. } => {
            // The wait is told in whole seconds, rounded down.
            Error::TooMany { code: "server.too_many", seconds: wait_time + 1 }.into_response()
        }
        GovernorError::UnableToExtractKey | GovernorError::Other { .. } => {
            Error::Stopped.into_response()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(from: AddressFrom, peer: &str, forwarded: &[&str]) -> String {
        let mut request = Request::builder();
        for line in forwarded {
            request = request.header("x-forwarded-for", *line);
        }
        let mut request = request.body(()).unwrap();
        let peer: IpAddr = peer.parse().unwrap();
        request.extensions_mut().insert(ConnectInfo(SocketAddr::new(peer, 1)));
        from.extract(&request).unwrap().to_string()
    }

    #[test]
    fn a_forwarded_address_is_believed_only_of_a_proxy_and_only_its_own_entry() {
        let lines = ["6.6.6.6", "7.7.7.7, 198.51.100.9"];
        assert_eq!(asked(AddressFrom::Connection, "192.0.2.1", &lines), "192.0.2.1");
        assert_eq!(asked(AddressFrom::Proxy, "192.0.2.1", &lines), "198.51.100.9");
        assert_eq!(asked(AddressFrom::Proxy, "192.0.2.1", &[]), "192.0.2.1");
        assert_eq!(asked(AddressFrom::Proxy, "192.0.2.1", &["unknown"]), "192.0.2.1");
    }

    #[test]
    fn a_network_of_ipv6_is_one_address() {
        let of = |address| asked(AddressFrom::Connection, address, &[]);
        assert_eq!(of("2001:db8:1:2:3:4:5:6"), of("2001:db8:1:2:ffff::1"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
        assert_eq!(of("::ffff:192.0.2.1"), "192.0.2.1", "IPv4 as IPv6 is IPv4");
    }
}
