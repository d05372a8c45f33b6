//! The machine beneath: the server's process, processor time, memory, and what a bare commit costs here.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::Failed;

/// How often the proportional memory of the server is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(250);
/// How long bare commits are counted.
const BARE: Duration = Duration::from_secs(2);
/// The kernel counts processor time in hundredths of a second.
const TICKS_PER_S: f64 = 100.0;

/// A server that runs, `mizan serve` from the folder of this program.
pub(crate) struct Server {
    child: Child,
    /// Such as `127.0.0.1:43121`.
    pub(crate) address: String,
}

impl Server {
    pub(crate) fn start(data: &Path, database: Option<&str>) -> Result<Self, Failed> {
        let here = std::env::current_exe()?;
        let program = here.ancestors().nth(2).ok_or("this program is in no folder")?.join("mizan");
        let log = std::fs::File::create(data.join("log"))?;
        let mut command = Command::new(&program);
        command.arg("serve").arg("--data").arg(data).args(["--listen", "127.0.0.1:0"]);
        // Everything comes from one address here.
        command.arg("--no-limits").stdout(Stdio::piped()).stderr(log);
        if let Some(database) = database {
            command.args(["--database", database]);
        }
        let mut child = command.spawn().map_err(|e| format!("{}: {e}", program.display()))?;
        let stdout = child.stdout.take().ok_or("the server's output is not there")?;
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line)?;
        let address = line.trim().strip_prefix("listening on http://").map(str::to_owned);
        let address = address.ok_or("the server did not start")?;
        Ok(Self { child, address })
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// The end without warning: nothing but what is on the disk is left.
    pub(crate) fn kill(mut self) -> Result<(), Failed> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }
}

/// Processor time in seconds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spent {
    at: Instant,
    pub(crate) server: f64,
    pub(crate) database: f64,
    pub(crate) generator: f64,
    everybody: f64,
}

impl Spent {
    /// What was spent until now; `postmaster` is the process above those of PostgreSQL.
    pub(crate) fn until_now(server: u32, postmaster: Option<u32>) -> Result<Self, Failed> {
        Ok(Self {
            at: Instant::now(),
            server: of_process(server)?.0,
            database: postmaster.map_or(Ok(0.0), of_family)?,
            generator: of_process(std::process::id())?.0,
            everybody: of_everybody()?,
        })
    }

    /// What was spent since.
    pub(crate) fn since(self, before: Self) -> Self {
        Self {
            server: self.server - before.server,
            database: self.database - before.database,
            generator: self.generator - before.generator,
            everybody: self.everybody - before.everybody,
            ..self
        }
    }

    /// How many cores everybody else kept busy meanwhile: the disk's and the network's share of the
    /// kernel, and whatever else runs on this machine.
    pub(crate) fn others(self, since: Self) -> f64 {
        let of = self.since(since);
        let ours = of.server + of.database + of.generator;
        (of.everybody - ours).max(0.0) / (self.at - since.at).as_secs_f64()
    }
}

/// Processor time of a process with the children it has waited for, and its parent.
fn of_process(id: u32) -> Result<(f64, u32), Failed> {
    let text = std::fs::read_to_string(format!("/proc/{id}/stat"))?;
    // The name stands in brackets and may hold anything.
    let after = text.rsplit_once(')').ok_or("/proc is not as expected")?.1;
    let field: Vec<&str> = after.split_whitespace().collect();
    let ticks = field.get(11..15).ok_or("/proc is not as expected")?;
    let ticks = ticks.iter().map(|text| text.parse::<f64>()).sum::<Result<f64, _>>()?;
    Ok((ticks / TICKS_PER_S, field[1].parse()?))
}

/// Processor time of a process and its children.
fn of_family(parent: u32) -> Result<f64, Failed> {
    let mut sum = of_process(parent)?.0;
    for entry in std::fs::read_dir("/proc")?.flatten() {
        let id = entry.file_name().to_str().and_then(|name| name.parse::<u32>().ok());
        // A process may end while it is looked at.
        let Some((spent, above)) = id.and_then(|id| of_process(id).ok()) else { continue };
        if above == parent {
            sum += spent;
        }
    }
    Ok(sum)
}

fn of_everybody() -> Result<f64, Failed> {
    let text = std::fs::read_to_string("/proc/stat")?;
    let line = text.lines().next().ok_or("/proc is not as expected")?;
    let field = line.split_whitespace().skip(1).map(str::parse::<f64>);
    let field = field.collect::<Result<Vec<_>, _>>()?;
    // user, nice, system; then idle and waiting; then interrupts and what other machines took.
    let busy: f64 = field.iter().take(3).chain(field.iter().skip(5).take(3)).sum();
    Ok(busy / TICKS_PER_S)
}

/// The process above that of a PostgreSQL session.
pub(crate) fn postmaster(session: i32) -> Result<u32, Failed> {
    Ok(of_process(u32::try_from(session)?)?.1)
}

/// The machine's load in the last minute.
pub(crate) fn load() -> String {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').next().unwrap_or("?").to_owned()
}

/// Watches the memory of a process until it is asked for the peaks.
pub(crate) struct Watch {
    id: u32,
    stop: Arc<AtomicBool>,
    peak_pss: Arc<AtomicU64>,
    looking: JoinHandle<()>,
}

/// The most memory there was, in MB.
pub(crate) struct Peaks {
    pub(crate) rss: f64,
    pub(crate) pss: f64,
}

impl Watch {
    pub(crate) fn begin(id: u32) -> Self {
        let (stop, peak_pss) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
        let (until, peak) = (Arc::clone(&stop), Arc::clone(&peak_pss));
        let looking = std::thread::spawn(move || {
            while !until.load(Ordering::Relaxed) {
                let now = kib(&format!("/proc/{id}/smaps_rollup"), "Pss:").unwrap_or(0);
                peak.fetch_max(now, Ordering::Relaxed);
                std::thread::sleep(LOOK_EVERY);
            }
        });
        Self { id, stop, peak_pss, looking }
    }

    pub(crate) fn end(self) -> Result<Peaks, Failed> {
        self.stop.store(true, Ordering::Relaxed);
        self.looking.join().map_err(|_| "looking at the memory failed")?;
        let rss = kib(&format!("/proc/{}/status", self.id), "VmHWM:")?;
        let mb = |kib: u64| kib as f64 * 1_024.0 / 1e6;
        Ok(Peaks { rss: mb(rss), pss: mb(self.peak_pss.load(Ordering::Relaxed)) })
    }
}

/// What a process uses now, in MB.
pub(crate) fn resident(id: u32) -> Result<f64, Failed> {
    Ok(kib(&format!("/proc/{id}/status"), "VmRSS:")? as f64 * 1_024.0 / 1e6)
}

fn kib(file: &str, name: &str) -> Result<u64, Failed> {
    let text = std::fs::read_to_string(file)?;
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    Ok(line.and_then(|line| line.split_whitespace().next()).ok_or("no such figure")?.parse()?)
}

/// One row at a time, each committed and synced: what this disk and this engine allow anybody.
pub(crate) trait Bare {
    fn commit(&mut self) -> Result<(), Failed>;

    /// Commits a second.
    fn rate(&mut self) -> Result<f64, Failed> {
        let begun = Instant::now();
        let mut commits = 0;
        while begun.elapsed() < BARE {
            self.commit()?;
            commits += 1;
        }
        Ok(f64::from(commits) / begun.elapsed().as_secs_f64())
    }
}

const ROW: &str =
    "a row of a hundred bytes, which is about what a small change leaves behind it, and no more";

impl Bare for rusqlite::Connection {
    fn commit(&mut self) -> Result<(), Failed> {
        let sql = "INSERT INTO bare (body) VALUES (?1)";
        self.prepare_cached(sql)?.execute([ROW])?;
        Ok(())
    }
}

/// A file of its own on the disk that holds the data.
pub(crate) fn bare_sqlite(folder: &Path) -> Result<rusqlite::Connection, Failed> {
    let connection = rusqlite::Connection::open(folder.join("bare.db"))?;
    connection.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
         CREATE TABLE bare (id INTEGER PRIMARY KEY, body TEXT NOT NULL) STRICT;",
    )?;
    Ok(connection)
}

/// A session with a table of its own in a database of its own.
pub(crate) struct BarePostgres {
    client: postgres::Client,
    insert: postgres::Statement,
}

impl BarePostgres {
    pub(crate) fn open(address: &str) -> Result<Self, Failed> {
        let mut client = postgres::Client::connect(address, postgres::NoTls)?;
        client.batch_execute("CREATE TABLE bare (id BIGSERIAL PRIMARY KEY, body TEXT NOT NULL)")?;
        let insert = client.prepare("INSERT INTO bare (body) VALUES ($1)")?;
        Ok(Self { client, insert })
    }

    pub(crate) fn postmaster(&mut self) -> Result<u32, Failed> {
        postmaster(self.client.query_one("SELECT pg_backend_pid()", &[])?.get(0))
    }
}

impl Bare for BarePostgres {
    fn commit(&mut self) -> Result<(), Failed> {
        self.client.execute(&self.insert, &[&ROW])?;
        Ok(())
    }
}
