//! How callers come in: over TLS with certificates that are read anew when the operator says so, or
//! plainly from this machine or a proxy.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use axum::serve::Listener;
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::error::Error;

/// How long a caller may take to agree on keys.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// How many callers may be at it at once.
const HANDSHAKES_AT_ONCE: usize = 256;

/// Where the certificate and its key are, as PEM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFiles {
    /// The certificate, then those that lead to its authority.
    pub certificate: PathBuf,
    /// The private key.
    pub key: PathBuf,
}

/// Who may reach the server without TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exposure {
    /// This machine alone.
    Loopback,
    /// Whoever can reach the address: a proxy stands before it and speaks TLS.
    BehindProxy,
}

/// Refuses to serve passwords in the clear to a network.
pub(crate) fn check_exposure(exposure: Exposure, address: SocketAddr) -> Result<(), Error> {
    match exposure {
        Exposure::BehindProxy => Ok(()),
        Exposure::Loopback if address.ip().is_loopback() => Ok(()),
        Exposure::Loopback => Err(Error::Exposed { address }),
    }
}

/// The certificates in use.
pub(crate) struct Certificates {
    files: TlsFiles,
    current: RwLock<Arc<ServerConfig>>,
}

impl Certificates {
    /// Reads the files.
    pub(crate) fn load(files: TlsFiles) -> Result<Self, Error> {
        let current = RwLock::new(Arc::new(read(&files)?));
        Ok(Self { files, current })
    }

    /// Reads the files again; connections that stand go on with what they have.
    pub(crate) fn reload(&self) -> Result<(), Error> {
        let read = Arc::new(read(&self.files)?);
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = read;
        Ok(())
    }

    fn current(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }
}

fn read(files: &TlsFiles) -> Result<ServerConfig, Error> {
    let bad = |path: &Path, reason: String| Error::Certificate { path: path.to_owned(), reason };
    let of_chain =
        |reason: rustls::pki_types::pem::Error| bad(&files.certificate, reason.to_string());
    let chain = CertificateDer::pem_file_iter(&files.certificate).map_err(of_chain)?;
    let chain = chain.collect::<Result<Vec<_>, _>>().map_err(of_chain)?;
    if chain.is_empty() {
        return Err(bad(&files.certificate, "it holds no certificate".to_owned()));
    }
    let key = PrivateKeyDer::from_pem_file(&files.key);
    let key = key.map_err(|reason| bad(&files.key, reason.to_string()))?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|reason| bad(&files.key, reason.to_string()))?
        .with_no_client_auth()
        .with_single_cert(chain, key);
    let mut config = config.map_err(|reason| bad(&files.key, reason.to_string()))?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

/// Callers that have agreed on keys.
pub(crate) struct TlsDoor {
    address: SocketAddr,
    arrived: mpsc::Receiver<(TlsStream<TcpStream>, SocketAddr)>,
}

impl TlsDoor {
    /// Opens the door; a caller who dawdles holds up nobody else.
    pub(crate) fn open(
        listener: TcpListener,
        address: SocketAddr,
        certificates: Arc<Certificates>,
    ) -> Self {
        let (let_in, arrived) = mpsc::channel(64);
        tokio::spawn(admit(listener, certificates, let_in));
        Self { address, arrived }
    }
}

async fn admit(
    mut listener: TcpListener,
    certificates: Arc<Certificates>,
    let_in: mpsc::Sender<(TlsStream<TcpStream>, SocketAddr)>,
) {
    let places = Arc::new(Semaphore::new(HANDSHAKES_AT_ONCE));
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
        let (stream, address) = tokio::select! {
            () = let_in.closed() => return,
            // Faults of accepting are waited out there.
            caller = Listener::accept(&mut listener) => caller,
        };
        let acceptor = TlsAcceptor::from(certificates.current());
        let let_in = let_in.clone();
        tokio::spawn(async move {
            let agreed = tokio::time::timeout(HANDSHAKE, acceptor.accept(stream)).await;
            drop(place);
            // Whoever does not agree is gone, and is told nothing.
            if let Ok(Ok(stream)) = agreed {
                drop(let_in.send((stream, address)).await);
            }
        });
    }
}

impl Listener for TlsDoor {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        match self.arrived.recv().await {
            Some(caller) => caller,
            // The other end lives as long as this one.
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> std::io::Result<SocketAddr> {
        Ok(self.address)
    }
}

/// Reads the certificates anew each time the operator asks for it (SIGHUP).
#[cfg(unix)]
pub(crate) async fn reload_when_asked(certificates: Arc<Certificates>) {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut asked) = signal(SignalKind::hangup()) else { return };
    while asked.recv().await.is_some() {
        match certificates.reload() {
            Ok(()) => tracing::info!("the certificates were read anew"),
            Err(error) => {
                tracing::error!(cause = %error, "the certificates stay as they were");
            }
        }
    }
}

/// There is no such signal; the server is started anew.
#[cfg(not(unix))]
pub(crate) async fn reload_when_asked(_: Arc<Certificates>) {
    std::future::pending().await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_network_is_reached_by_tls_or_a_proxy_alone() {
        let here: SocketAddr = "127.0.0.1:80".parse().unwrap();
        let all: SocketAddr = "0.0.0.0:80".parse().unwrap();
        assert!(check_exposure(Exposure::Loopback, here).is_ok());
        assert!(check_exposure(Exposure::Loopback, "[::1]:80".parse().unwrap()).is_ok());
        assert!(check_exposure(Exposure::BehindProxy, all).is_ok());
        let refused = check_exposure(Exposure::Loopback, all).unwrap_err().to_string();
        assert!(refused.contains("--tls-cert") && refused.contains("--behind-proxy"), "{refused}");
    }
}
