//! `mizan serve`, killed and started again.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use mizan_protocol::proof::Site;
use rand::RngExt as _;
use rand::rngs::StdRng;

use crate::Round;
use crate::ground::Ground;
use crate::process::{CrashAt, Ended, mizan};

const SITES: [Site; 5] = [
    Site::ServerCommits,
    Site::ServerCommitted,
    Site::ServerPartWritten,
    Site::ServerFileWritten,
    Site::ServerFileRecorded,
];

/// A server that runs.
pub struct Server {
    child: Child,
    pub url: String,
}

impl Server {
    /// Starts it; the way it ended when it did so before it listened.
    pub fn start(ground: &Ground, armed: Option<CrashAt>) -> Result<Result<Self, Ended>, String> {
        let data = ground.data().display().to_string();
        let mut command =
            mizan(&["serve", "--data", &data, "--no-limits", "--listen", &ground.listen]);
        if let Some(armed) = armed {
            armed.arm(&mut command);
        }
        command.envs(ground.database.as_ref().map(|url| ("MIZAN_DATABASE", url)));
        let log = std::fs::File::create(ground.log("server")).unwrap();
        let mut child = command.stdout(Stdio::piped()).stderr(log).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        if let Some(url) = line.trim_end().strip_prefix("listening on ") {
            let url = url.to_owned();
            return Ok(Ok(Self { child, url }));
        }
        let ended = Ended::of(child.wait().unwrap(), armed, &ground.log("server"))?;
        match ended {
            Ended::AtSite(_) => Ok(Err(ended)),
            other => {
                let said = std::fs::read_to_string(ground.log("server")).unwrap_or_default();
                Err(format!("the server did not start ({other:?}): {said}"))
            }
        }
    }

    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

/// Also where a round ends in a violation, as a planted fault's does, no server runs on.
impl Drop for Server {
    fn drop(&mut self) {
        if self.child.kill().is_ok() {
            drop(self.child.wait());
        }
    }
}

/// Kills the server again and again; gives back one that runs on.
pub fn keep(round: &Round<'_>, kills: u32, mut rng: StdRng) -> Result<Server, String> {
    let mut left = kills;
    while left > 0 && !round.is_over() {
        let armed = rng.random_bool(0.6).then(|| round.tally.choose(&SITES, &mut rng));
        // At its site it is to end; the rest of the time at a random moment.
        let longest = if armed.is_some() { 1_500 } else { 500 };
        let life = Duration::from_millis(rng.random_range(60..longest));
        match live(round.ground, armed, life)? {
            Ended::AtSite(site) => round.tally.ended_at(site),
            Ended::Killed => round.tally.killed("server"),
            Ended::Left(code) => return Err(format!("the server left by itself with {code}")),
        }
        left -= 1;
    }
    round.is_done();
    let server = Server::start(round.ground, None)?;
    let server = server.map_err(|ended| format!("the server ended: {ended:?}"))?;
    while !round.is_over() {
        std::thread::sleep(Duration::from_millis(5));
    }
    Ok(server)
}

/// One life of the server.
fn live(ground: &Ground, armed: Option<CrashAt>, life: Duration) -> Result<Ended, String> {
    let mut server = match Server::start(ground, armed)? {
        Ok(server) => server,
        Err(ended) => return Ok(ended),
    };
    let until = Instant::now() + life;
    let status = loop {
        if let Some(status) = server.child.try_wait().unwrap() {
            break status;
        }
        if Instant::now() >= until {
            server.child.kill().unwrap();
            break server.child.wait().unwrap();
        }
        std::thread::sleep(Duration::from_millis(1));
    };
    Ended::of(status, armed, &ground.log("server"))
}
