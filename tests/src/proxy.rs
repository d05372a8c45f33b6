//! A line between a client and a server that can be cut after any byte.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};

/// Where the next connection is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// After so many bytes on their way to the server.
    Request(usize),
    /// After so many bytes on their way back.
    Answer(usize),
}

/// A proxy on a port of its own.
pub struct Proxy {
    /// Its address.
    pub url: String,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    next: Mutex<Option<Cut>>,
    has_cut: AtomicBool,
    /// Bytes that went to the server.
    carried: AtomicUsize,
}

impl Proxy {
    /// Starts a proxy in front of a server.
    ///
    /// # Panics
    /// When there is no port.
    pub async fn start(server: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("its address"));
        let state = Arc::<State>::default();
        let (server, shared) =
            (server.trim_start_matches("http://").to_owned(), Arc::clone(&state));
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                if let Ok(server) = TcpStream::connect(&server).await {
                    tokio::spawn(carry(client, server, Arc::clone(&shared)));
                }
            }
        });
        Self { url, state }
    }

    /// Cuts the next connection, and that one alone.
    ///
    /// # Panics
    /// When a task of the proxy panicked.
    pub fn next(&self, cut: Cut) {
        self.state.has_cut.store(false, Ordering::SeqCst);
        *self.state.next.lock().expect("no task of the proxy panics") = Some(cut);
    }

    /// How many bytes have gone to the server, on all connections.
    #[must_use]
    pub fn carried(&self) -> usize {
        self.state.carried.load(Ordering::SeqCst)
    }

    /// Whether the connection was cut; one that ended before its byte was not.
    #[must_use]
    pub fn has_cut(&self) -> bool {
        self.state.has_cut.load(Ordering::SeqCst)
    }
}

async fn carry(client: TcpStream, server: TcpStream, state: Arc<State>) {
    // Clients open connections that they then do not need: the next is the one that says something.
    if !matches!(client.peek(&mut [0]).await, Ok(1)) {
        return;
    }
    let cut = state.next.lock().ok().and_then(|mut next| next.take());
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    let (there, back) = match cut {
        Some(Cut::Request(after)) => (Some(after), None),
        Some(Cut::Answer(after)) => (None, Some(after)),
        None => (None, None),
    };
    let told = |end| {
        if end == End::Cut {
            state.has_cut.store(true, Ordering::SeqCst);
        }
    };
    let count = |bytes, end| {
        state.carried.fetch_add(bytes, Ordering::SeqCst);
        told(end);
    };
    // Both halves fall with the first that ends: a cut is of the whole line.
    tokio::select! {
        () = pump(from_client, to_server, there, count) => {}
        () = pump(from_server, to_client, back, |_, end| told(end)) => {}
    }
}

/// Whether the line goes on behind some bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    GoesOn,
    Cut,
}

/// Carries bytes until one side closes, or so many have gone by; tells of them, and of the cut before
/// anybody can notice it.
async fn pump(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    after: Option<usize>,
    tell: impl Fn(usize, End),
) {
    let mut left = after.unwrap_or(usize::MAX);
    let mut buffer = vec![0; 16 << 10];
    loop {
        let Ok(read @ 1..) = from.read(&mut buffer).await else { return };
        if read > left {
            let last = to.write_all(&buffer[..left]).await;
            // The bytes before the cut are to arrive, or there is nothing that was cut.
            drop(last);
            drop(to.flush().await);
            tell(left, End::Cut);
            return;
        }
        left -= read;
        if to.write_all(&buffer[..read]).await.is_err() {
            return;
        }
        tell(read, End::GoesOn);
    }
}
