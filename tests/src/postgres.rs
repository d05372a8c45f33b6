//! A PostgreSQL server for tests alone: a temporary folder, a free port, gone with the process that
//! asked for it. It keeps nothing through a power cut, and is the faster for it.

use std::io::Read as _;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// Makes the cluster, serves it until stdin ends, and leaves nothing behind.
const SERVE: &str = r#"
set -e
"$BIN/initdb" -D "$DIR/data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 --no-sync >"$DIR/log" 2>&1
"$BIN/postgres" -D "$DIR/data" -p "$PORT" -k "$DIR" -c listen_addresses=127.0.0.1 \
    -c fsync=$FSYNC -c synchronous_commit=$FSYNC -c full_page_writes=$FSYNC \
    -c max_connections=300 -c shared_buffers=64MB >>"$DIR/log" 2>&1 &
server=$!
cat >/dev/null || true
kill -INT $server || true
wait $server || true
rm -rf "$DIR"
"#;

/// A running server.
pub struct Cluster {
    port: u16,
    bin: PathBuf,
    folder: PathBuf,
    databases: AtomicU32,
    /// Its end of the pipe closes with this process, however that ends.
    _keeper: Child,
}

/// Whether commits wait for the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// They do, as in use.
    Disk,
    /// They do not: enough for processes that are killed on a machine that goes on.
    Memory,
}

impl Cluster {
    /// Starts a server.
    ///
    /// # Panics
    /// When there is no PostgreSQL, or it does not start.
    #[must_use]
    pub fn start(durability: Durability) -> Self {
        let bin = binaries();
        let folder = std::env::temp_dir().join(format!(
            "mizan-postgres-{}-{:x}",
            std::process::id(),
            rand::random::<u32>()
        ));
        std::fs::create_dir(&folder).expect("a temporary folder");
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("its address").port();
        drop(listener);
        let is_root = std::fs::metadata("/proc/self").is_ok_and(|meta| is_owned_by_root(&meta));
        let mut command = if is_root {
            // PostgreSQL refuses to run as root.
            let owned = Command::new("chown").arg("postgres:").arg(&folder).status();
            assert!(owned.is_ok_and(|status| status.success()), "there is a user `postgres`");
            let mut command = Command::new("setpriv");
            command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups", "sh"]);
            command
        } else {
            Command::new("sh")
        };
        let keeper = command
            .args(["-c", SERVE])
            .current_dir(&folder)
            .env("BIN", &bin)
            .env("DIR", &folder)
            .env("PORT", port.to_string())
            .env("FSYNC", if durability == Durability::Disk { "on" } else { "off" })
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("sh starts");
        let cluster = Self { port, bin, folder, databases: AtomicU32::new(0), _keeper: keeper };
        cluster.wait();
        cluster
    }

    fn wait(&self) {
        let until = Instant::now() + Duration::from_secs(60);
        let ready = || {
            let mut asked = Command::new(self.bin.join("pg_isready"));
            asked.args(["-q", "-h", "127.0.0.1", "-p", &self.port.to_string()]);
            asked.status().is_ok_and(|status| status.success())
        };
        while !ready() {
            assert!(Instant::now() < until, "PostgreSQL does not start: {}", self.log());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn log(&self) -> String {
        let mut text = String::new();
        let read = std::fs::File::open(self.folder.join("log"))
            .and_then(|mut file| file.read_to_string(&mut text));
        read.map_or_else(|error| error.to_string(), |_| text)
    }

    /// Where it is, without a database.
    #[must_use]
    pub fn address(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}", self.port)
    }

    /// Makes an empty database and gives its address.
    ///
    /// # Panics
    /// When it cannot be made.
    #[must_use]
    pub fn new_database(&self) -> String {
        self.create("template0")
    }

    /// Makes a copy of a database that nobody is connected to, and gives its address.
    ///
    /// # Panics
    /// When it cannot be made.
    #[must_use]
    pub fn copy_database(&self, address: &str) -> String {
        self.create(name_of(address))
    }

    /// Makes a dump of a database, reads it into an empty one, and gives the new one's address.
    ///
    /// # Panics
    /// When it cannot be made.
    #[must_use]
    pub fn dump_and_read(&self, address: &str) -> String {
        let made = self.new_database();
        let name = format!("mizan-{}-{}.dump", std::process::id(), name_of(&made));
        let file = std::env::temp_dir().join(name);
        let run = |program: &str, arguments: [&std::ffi::OsStr; 4]| {
            let done = Command::new(self.bin.join(program)).args(arguments).status();
            assert!(done.is_ok_and(|status| status.success()), "{program}: {}", self.log());
        };
        run("pg_dump", ["-Fc".as_ref(), "-f".as_ref(), file.as_ref(), address.as_ref()]);
        run("pg_restore", ["-1".as_ref(), "-d".as_ref(), made.as_ref(), file.as_ref()]);
        std::fs::remove_file(file).expect("the dump is there");
        made
    }

    fn create(&self, template: &str) -> String {
        let name = format!("test_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        let port = self.port.to_string();
        let made = Command::new(self.bin.join("createdb"))
            .args(["-h", "127.0.0.1", "-p", &port, "-U", "postgres", "-T", template, &name])
            .status();
        assert!(made.is_ok_and(|status| status.success()), "createdb: {}", self.log());
        format!("{}/{name}", self.address())
    }
}

fn name_of(address: &str) -> &str {
    address.rsplit_once('/').map_or(address, |(_, name)| name)
}

/// The server all tests of a process share.
///
/// # Panics
/// As [`Cluster::start`].
#[must_use]
pub fn shared() -> &'static Cluster {
    static SHARED: LazyLock<Cluster> = LazyLock::new(|| Cluster::start(Durability::Memory));
    &SHARED
}

#[cfg(unix)]
fn is_owned_by_root(meta: &std::fs::Metadata) -> bool {
    std::os::unix::fs::MetadataExt::uid(meta) == 0
}

#[cfg(not(unix))]
fn is_owned_by_root(_: &std::fs::Metadata) -> bool {
    false
}

/// The newest PostgreSQL that Debian's packages put there, or else what the path leads to.
fn binaries() -> PathBuf {
    let installed = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let has_server = |folder: &PathBuf| folder.join("initdb").exists();
    let newest = installed.map(|entry| entry.path().join("bin")).filter(has_server).max();
    newest.unwrap_or_else(|| {
        let found = Command::new("pg_config").arg("--bindir").output();
        let found = found.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
        let found = found.expect("PostgreSQL is installed (Debian: apt-get install postgresql)");
        Path::new(&found).to_owned()
    })
}
