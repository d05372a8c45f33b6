//! `mizan demo`: a whole cycle for real, on processes of this very program: a server on its embedded
//! database, devices that score offline, review, decision, publication, and the proof that managers
//! learn nothing of evaluators.
//!
//! The same seed gives the same answers and the same scores; ids, keys and times differ.

mod actions;
mod appeals;
mod briefs;
mod chance;
mod contacts;
mod earlier_rubric;
mod evidence;
mod field;
mod folder;
mod history;
mod leak;
mod meeting;
mod names;
mod next_cycle;
mod observe;
mod planted;
mod process;
mod programme;
mod publish;
mod review;
mod script;
mod story;
mod summary;
mod words;

use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Context as _, Result, bail};
use clap::Args;

use self::chance::Chance;
use self::folder::Folder;
use self::history::Stage;
use self::process::{Processes, Server};
use self::programme::{ADMINISTRATOR, Term, password};
use self::summary::{Replies, Whole};
use crate::client::Client;
use crate::out;

/// Arguments of `mizan demo`.
#[derive(Debug, Args)]
pub(crate) struct DemoArgs {
    /// Where everything goes; an earlier demo there is replaced, any other folder must be empty
    #[arg(long, value_name = "DIR")]
    dir: PathBuf,
    /// How many centres
    #[arg(long, value_name = "N", default_value_t = 24, value_parser = clap::value_parser!(u16).range(1..=500))]
    centres: u16,
    /// The seed: the same gives the same scores
    #[arg(long, value_name = "S", default_value_t = 7)]
    seed: u64,
    /// How many past cycles there are before the present one, at most 4; the last of them has two severe
    /// evaluators and one who copies
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = clap::value_parser!(u8).range(0..=4))]
    history: u8,
    /// Open the next cycle at the end, and leave one evaluator's device with visits in every state
    #[arg(long)]
    next_cycle: bool,
    /// Leave the server running at the end, until Ctrl-C
    #[arg(long)]
    keep_serving: bool,
}

/// Runs `mizan demo`.
pub(crate) fn run(args: &DemoArgs) -> Result<()> {
    let folder = Folder::prepare(&args.dir)?;
    let processes = Processes::default();
    processes.watch_for_stop()?;
    let result = cycle(args, &folder, &processes);
    processes.wait_if_stopping();
    // Also after an error nothing keeps running.
    processes.stop_all();
    result
}

fn cycle(args: &DemoArgs, folder: &Folder, processes: &Processes) -> Result<()> {
    let started = Instant::now();
    let chance = Chance::new(args.seed);
    create_administrator(folder)?;
    let server = Server::start(folder, "127.0.0.1:0", processes)?;
    eprintln!("server: {}", server.address);
    let (count, history) = (usize::from(args.centres), usize::from(args.history));
    let institutions = programme::set_up(&server.address, count, chance)?;
    let devices = field::enrol(&server.address, names::evaluators(count), folder, processes)?;
    let managers = publish::sign_managers_in(&server.address, &institutions.centres)?;
    let stage = Stage {
        server: &server.address,
        institutions: &institutions,
        devices: &devices,
        managers: &managers,
        folder,
        chance,
    };
    let past = history::make(&stage, history)?;
    let (rubrics, centres) = (institutions.rubrics.clone(), institutions.centres.clone());
    let programme = institutions.open(Term::of(0, history), rubrics, centres, chance)?;
    field::pull(&devices)?;

    let listen = server.listen().to_owned();
    server.stop()?;
    eprintln!("server: stopped (SIGTERM); everything that follows is offline");
    let seen = field::imagine(&programme, chance)?;
    let work = field::score_offline(&programme, &seen, &devices, folder, chance)?;
    let server = Server::start(folder, &listen, processes)?;
    eprintln!("server: back at {}", server.address);
    field::sync(&devices)?;

    publish::managers_look_early(&programme, &managers)?;
    let mut chair = Client::new(&server.address)?;
    chair.sign_in("chair", &password("committee_chair"))?;
    let reviewed = review::review(&server.address, &programme, &seen, &devices, &chair)?;
    programme.step(&programme.central, "close_field_work")?;
    let results = publish::decide(&programme, &seen, &chair)?;
    publish::publish(&programme, &chair)?;
    let pdfs = publish::managers_download(&programme, &managers, folder)?;

    let replies = match history {
        0 => None,
        _ => Some(Replies {
            appeals: appeals::hear(&programme, &managers, &chair, &appeals::WAITING, chance)?,
            actions: actions::keep(&programme, &managers, chance)?,
        }),
    };

    keep_what_was_received(&managers, folder)?;
    let visits: Vec<_> = past.iter().flat_map(|cycle| cycle.visits.iter().copied()).collect();
    let search = leak::search(&programme, &visits, &devices, &managers)?;
    let whole = Whole {
        programme: &programme,
        past: &past,
        replies: replies.as_ref(),
        results: &results,
        work: &work,
        reviewed: &reviewed,
        search: &search,
        pdfs,
        folder,
        seed: args.seed,
        took: started.elapsed(),
    };
    out::line(summary::text(&whole).trim_end())?;
    if !search.found.is_empty() {
        bail!("managers received what they must never see: {}", search.found.join("; "));
    }
    let device = match args.next_cycle {
        true => Some(next_cycle::prepare(&server.address, &programme, folder, chance, processes)?),
        false => None,
    };
    if args.keep_serving {
        processes.all_done();
        return keep_serving(&server, device.as_deref());
    }
    device.iter().try_for_each(|line| out::line(line))?;
    server.stop()
}

/// The first account, made on the server's own machine before it serves.
fn create_administrator(folder: &Folder) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.context("starting the runtime")?;
    let config = mizan_server::Config::new(folder.server(), crate::device::now_ms);
    let password = password(ADMINISTRATOR);
    let name = words::both("مدير النظام", "Administrator");
    let made = mizan_server::create_administrator(&config, ADMINISTRATOR, &password, name);
    runtime.block_on(made).context("creating the administrator")?;
    Ok(())
}

/// Leaves every byte the managers received, for anybody else's search.
fn keep_what_was_received(managers: &[publish::Manager], folder: &Folder) -> Result<()> {
    let received: Vec<u8> = managers.iter().flat_map(publish::Manager::received).collect();
    let file = folder.manager_responses();
    std::fs::write(&file, received).with_context(|| format!("writing {}", file.display()))
}

/// Prints where to look and as whom, and waits to be stopped.
fn keep_serving(server: &Server, device: Option<&str>) -> Result<()> {
    let accounts = [
        (ADMINISTRATOR, ADMINISTRATOR),
        ("central", "central_team"),
        (names::EVALUATORS[0].user, "evaluator"),
        ("reviewer", "reviewer"),
        ("chair", "committee_chair"),
        ("member.one", "committee_member"),
        ("manager.c-001", "manager"),
    ];
    let portal = format!("portal      {}", server.address);
    let account = |(user, role): (&str, &str)| format!("{role:<18}{user:<16}{}", password(role));
    let accounts = accounts.into_iter().map(account);
    let lines = device.map(str::to_owned).into_iter().chain([portal]).chain(accounts);
    // At once: whoever waits for the portal's line has all of it.
    out::line(&lines.collect::<Vec<_>>().join("\n"))?;
    eprintln!("serving until Ctrl-C");
    loop {
        std::thread::park();
    }
}
