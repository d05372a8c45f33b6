//! Progress on stderr: a bar on a terminal, plain lines elsewhere.

use std::io::IsTerminal as _;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

/// A step of work with a known number of parts.
pub(crate) struct Progress {
    bar: Option<ProgressBar>,
    label: String,
    total: usize,
    done: AtomicUsize,
    started: Instant,
}

/// Work shorter than this shows no bar at all.
const SILENT: Duration = Duration::from_secs(2);

impl Progress {
    /// Begins a step that is announced on stderr at once.
    pub(crate) fn start(label: &str, total: usize) -> Self {
        let bar = std::io::stderr().is_terminal().then(|| bar(label, total));
        Self::new(bar, label, total)
    }

    /// Begins a step that says nothing unless it takes long.
    pub(crate) fn quiet(label: &str, total: usize) -> Self {
        let shown = std::io::stderr().is_terminal() && total >= 100;
        Self::new(shown.then(|| bar(label, total)), label, total)
    }

    fn new(bar: Option<ProgressBar>, label: &str, total: usize) -> Self {
        let done = AtomicUsize::new(0);
        Self { bar, label: label.to_owned(), total, done, started: Instant::now() }
    }

    /// One part more is done.
    pub(crate) fn step(&self) {
        let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        match &self.bar {
            Some(bar) => bar.inc(1),
            // Plain lines for long work only: ten of them at most.
            None if self.started.elapsed() > SILENT
                && self.total >= 100
                && done.is_multiple_of((self.total / 10).max(1)) =>
            {
                eprintln!("{}: {done} of {}", self.label, self.total);
            }
            None => {}
        }
    }

    /// Ends the step with a line that stays.
    pub(crate) fn finish(self, result: &str) -> Duration {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
        let took = self.started.elapsed();
        eprintln!("{}: {result} ({:.1} s)", self.label, took.as_secs_f64());
        took
    }

    /// Ends the step; says so only when it took long.
    pub(crate) fn finish_if_long(self) {
        if self.started.elapsed() > SILENT {
            let done = format!("{} done", self.total);
            self.finish(&done);
        } else if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }

    /// Writes a line without breaking the bar.
    pub(crate) fn note(&self, text: &str) {
        match &self.bar {
            Some(bar) => bar.suspend(|| eprintln!("  {text}")),
            None => eprintln!("  {text}"),
        }
    }
}

fn bar(label: &str, total: usize) -> ProgressBar {
    let bar = ProgressBar::new(total as u64);
    let template = "{msg} {wide_bar} {pos}/{len} {eta}";
    bar.set_style(
        ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()),
    );
    bar.set_message(label.to_owned());
    bar
}
