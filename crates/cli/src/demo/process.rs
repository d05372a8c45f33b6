//! The processes of the demo: the server and the devices, all of them this very program.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use super::folder::Folder;

/// How long the server may take to finish what is under way.
const PATIENCE: Duration = Duration::from_secs(20);

/// The processes that run, so that none outlives the demo.
#[derive(Debug, Clone, Default)]
pub(super) struct Processes {
    running: Arc<Mutex<BTreeSet<u32>>>,
    /// Being asked to stop is the ordinary end now.
    done: Arc<AtomicBool>,
    /// This process was asked to stop and ends once the others have.
    stopping: Arc<AtomicBool>,
}

impl Processes {
    /// Stops every process when this one is asked to stop.
    pub(super) fn watch_for_stop(&self) -> Result<()> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.context("watching for Ctrl-C")?;
        let processes = self.clone();
        std::thread::spawn(move || {
            runtime.block_on(crate::serve::asked_to_stop());
            processes.stopping.store(true, Ordering::SeqCst);
            processes.stop_all();
            let done = processes.done.load(Ordering::Relaxed);
            std::process::exit(if done { 0 } else { 130 });
        });
        Ok(())
    }

    /// From now on being asked to stop is the ordinary end.
    pub(super) fn all_done(&self) {
        self.done.store(true, Ordering::Relaxed);
    }

    /// Waits for the end when this process was asked to stop: what fails then fails because of that.
    pub(super) fn wait_if_stopping(&self) {
        while self.stopping.load(Ordering::SeqCst) {
            std::thread::park();
        }
    }

    fn start(&self, command: &mut Command) -> Result<Child> {
        let child = command.spawn().context("starting a process of the demo")?;
        self.set().insert(child.id());
        Ok(child)
    }

    fn ended(&self, child: &Child) {
        self.set().remove(&child.id());
    }

    /// Asks everything to stop that still runs, and waits for it.
    pub(super) fn stop_all(&self) {
        let running = std::mem::take(&mut *self.set());
        running.iter().for_each(|id| terminate(*id));
        running.iter().for_each(|id| await_end(*id));
    }

    fn set(&self) -> std::sync::MutexGuard<'_, BTreeSet<u32>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(unix)]
fn terminate(id: u32) {
    use rustix::process::{Pid, Signal, kill_process};
    if let Some(pid) = i32::try_from(id).ok().and_then(Pid::from_raw) {
        // A process that is gone already is what is wanted.
        let _ = kill_process(pid, Signal::TERM);
    }
}

/// Waits for a process that was asked to stop; one that does not listen is killed.
#[cfg(unix)]
fn await_end(id: u32) {
    use rustix::process::{Pid, Signal, WaitOptions, kill_process, waitpid};
    let Some(pid) = i32::try_from(id).ok().and_then(Pid::from_raw) else { return };
    let asked = Instant::now();
    // An error means that somebody else has waited for it: it has ended.
    while let Ok(None) = waitpid(Some(pid), WaitOptions::NOHANG) {
        if asked.elapsed() > PATIENCE {
            let _ = kill_process(pid, Signal::KILL);
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[cfg(not(unix))]
fn await_end(_: u32) {
    // `taskkill /F` has ended it.
}

#[cfg(not(unix))]
fn terminate(id: u32) {
    // There is no SIGTERM; the system's own command ends the process.
    let _ = Command::new("taskkill").args(["/F", "/PID", &id.to_string()]).status();
}

fn this_program() -> Result<Command> {
    let mut command = Command::new(std::env::current_exe().context("finding this program")?);
    for name in ["MIZAN_SERVER", "MIZAN_TOKEN", "MIZAN_PASSPHRASE", "MIZAN_PASSWORD"] {
        command.env_remove(name);
    }
    command.stdin(Stdio::null());
    Ok(command)
}

/// A server that runs.
pub(super) struct Server {
    child: Child,
    processes: Processes,
    /// Such as `http://127.0.0.1:43121`.
    pub(super) address: String,
}

impl Server {
    /// Starts a server and waits until it accepts.
    pub(super) fn start(folder: &Folder, listen: &str, processes: &Processes) -> Result<Self> {
        let log_path = folder.server_log();
        let log = File::options().create(true).append(true).open(&log_path);
        let log = log.with_context(|| format!("writing {}", log_path.display()))?;
        let mut command = this_program()?;
        command.arg("serve").arg("--data").arg(folder.server()).args(["--listen", listen]);
        let mut child = processes.start(command.stdout(Stdio::piped()).stderr(log))?;
        let stdout = child.stdout.take().context("reading the server's output")?;
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line).context("waiting for the server")?;
        match line.trim_end().strip_prefix("listening on ") {
            Some(address) => {
                let address = address.to_owned();
                Ok(Self { child, processes: processes.clone(), address })
            }
            None => {
                let status = child.wait().context("waiting for the server")?;
                processes.ended(&child);
                bail!("the server did not start ({status}); see {}", log_path.display())
            }
        }
    }

    /// The address without `http://`, to listen on again.
    pub(super) fn listen(&self) -> &str {
        self.address.trim_start_matches("http://")
    }

    /// Asks the server to finish and waits for it.
    pub(super) fn stop(mut self) -> Result<()> {
        terminate(self.child.id());
        let asked = Instant::now();
        while asked.elapsed() < PATIENCE {
            if let Some(status) = self.child.try_wait().context("waiting for the server to stop")? {
                self.processes.ended(&self.child);
                if status.success() {
                    return Ok(());
                }
                bail!("the server stopped with {status}");
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        bail!("the server did not stop within {} s of SIGTERM", PATIENCE.as_secs())
    }
}

/// A device that is run one process at a time.
#[derive(Debug, Clone)]
pub(super) struct DeviceHome {
    pub(super) home: PathBuf,
    /// Where its scripts go: they are plain text, so not beside the encrypted files.
    pub(super) scripts: PathBuf,
    pub(super) password: String,
    pub(super) processes: Processes,
}

impl DeviceHome {
    fn command(&self, args: &[&str]) -> Result<Command> {
        let mut command = this_program()?;
        command.arg("device").arg("--home").arg(&self.home).args(args);
        command.env("MIZAN_PASSWORD", &self.password).env("MIZAN_PASSPHRASE", &self.password);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        Ok(command)
    }

    /// Runs a command to its end and returns what it printed.
    pub(super) fn run(&self, args: &[&str]) -> Result<String> {
        let child = self.processes.start(&mut self.command(args)?)?;
        let id = child.id();
        let output = child.wait_with_output().context("waiting for a device")?;
        self.processes.set().remove(&id);
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            let (home, args) = (self.home.display(), args.join(" "));
            bail!("mizan device --home {home} {args}: {}: {}", output.status, said.trim());
        }
        String::from_utf8(output.stdout).context("reading what a device printed")
    }

    /// Writes a script and runs it.
    pub(super) fn script(&self, name: &str, lines: &[String]) -> Result<String> {
        let file = self.write_script(name, lines)?;
        self.run(&["script", &file.to_string_lossy()])
    }

    /// Runs a script and kills the process at once (SIGKILL) when `enough` says so of what was
    /// acknowledged; returns everything that was acknowledged.
    pub(super) fn script_killed(
        &self,
        name: &str,
        lines: &[String],
        enough: impl Fn(&[String]) -> bool,
    ) -> Result<Vec<String>> {
        let file = self.write_script(name, lines)?;
        let mut command = self.command(&["script", &file.to_string_lossy()])?;
        let mut child = self.processes.start(command.stderr(Stdio::null()))?;
        let stdout = child.stdout.take().context("reading what a device printed")?;
        let mut acknowledged = Vec::new();
        let mut killed = false;
        for line in BufReader::new(stdout).lines() {
            let line = line.context("reading what a device printed")?;
            if is_acknowledgement(&line) {
                acknowledged.push(line);
            }
            if !killed && enough(&acknowledged) {
                child.kill().context("killing a device")?;
                killed = true;
            }
        }
        let status = child.wait().context("waiting for a killed device")?;
        self.processes.ended(&child);
        if !killed || status.success() {
            bail!("the device in {} was not killed in time ({status})", self.home.display());
        }
        Ok(acknowledged)
    }

    fn write_script(&self, name: &str, lines: &[String]) -> Result<PathBuf> {
        let device = self.home.file_name().unwrap_or_default().to_string_lossy();
        let file = self.scripts.join(format!("{device}-{name}.jsonl"));
        std::fs::write(&file, lines.join("\n"))
            .with_context(|| format!("writing {}", file.display()))?;
        Ok(file)
    }
}

/// Whether a line acknowledges a command: its word, then the visit.
pub(super) fn is_acknowledgement(line: &str) -> bool {
    let mut words = line.split(' ');
    let known = ["accepted", "noted", "opened", "saved", "attached", "ready", "submitted"];
    words.next().is_some_and(|word| known.contains(&word))
        && words.next().is_some_and(|id| id.parse::<mizan_protocol::id::VisitId>().is_ok())
}

/// One line of a script.
pub(super) fn script_line(words: &[&str]) -> Result<String> {
    serde_json::to_string(words).context("writing a script")
}

/// Does the same for many items over all cores, in any order; the results come in the items' order.
pub(super) fn parallel<T: Sync, R: Send>(
    items: &[T],
    work: impl Fn(usize, &T) -> Result<R> + Sync,
) -> Result<Vec<R>> {
    let next = std::sync::atomic::AtomicUsize::new(0);
    let results: Mutex<Vec<Option<Result<R>>>> =
        Mutex::new(std::iter::repeat_with(|| None).take(items.len()).collect());
    let cores = std::thread::available_parallelism().map_or(2, usize::from).max(2);
    std::thread::scope(|scope| {
        for _ in 0..cores.min(items.len()) {
            scope.spawn(|| {
                loop {
                    let place = next.fetch_add(1, Ordering::Relaxed);
                    let Some(item) = items.get(place) else { return };
                    let result = work(place, item);
                    if result.is_err() {
                        next.store(items.len(), Ordering::Relaxed);
                    }
                    let mut results = results.lock().unwrap_or_else(PoisonError::into_inner);
                    results[place] = Some(result);
                }
            });
        }
    });
    let results = results.into_inner().unwrap_or_else(PoisonError::into_inner);
    let mut all = Vec::with_capacity(items.len());
    let mut missing = 0;
    for result in results {
        match result {
            Some(result) => all.push(result?),
            None => missing += 1,
        }
    }
    if missing > 0 {
        bail!("{missing} of {} parts were not done", items.len());
    }
    Ok(all)
}

/// A path as a command takes it.
pub(super) fn path_text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}
