//! Plans made-up programmes and prints, for each, what it took and what came out.
//!
//! Usage: `bench_planner CENTRES [FOLDER]`. With a folder it also writes there the assignment as numbers
//! and the plan, so that other solvers can be held against it (`scripts/bench_planner.py`).

use std::path::PathBuf;
use std::time::Instant;

use mizan_planner::model::model;
use mizan_planner::{Plan, Problem, check, linking, made, plan};
use serde_json::json;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let centres: usize = args.next().ok_or("give the number of centres")?.parse()?;
    let folder = args.next().map(PathBuf::from);
    let problem = made::problem(centres, 1);
    let start = Instant::now();
    let plan = plan(&problem)?;
    let (seconds, cpu_seconds) = (start.elapsed().as_secs_f64(), cpu_seconds());
    let links = linking(&problem, &plan)?;
    let (mean, worst) = links.predicted.map_or((f64::NAN, f64::NAN), |of| (of.mean, of.worst));
    let told = json!({
        "centres": centres,
        "evaluators": problem.evaluators.len(),
        "visits": plan.visits.len(),
        "seconds": seconds,
        "cpu_seconds": cpu_seconds,
        "cost": plan.cost.total,
        "bound": plan.cost.bound,
        "regions": plan.cost.regions,
        "trips": plan.cost.trips,
        "violations": check(&problem, &plan).len(),
        "subsets": links.subsets.len(),
        "lambda2": links.lambda2,
        "mean_se": mean,
        "worst_se": worst,
        "peak_mb": peak_mb(),
    });
    println!("{told}");
    if let Some(folder) = folder {
        std::fs::write(folder.join(format!("model-{centres}.json")), written(&problem, &plan))?;
    }
    Ok(())
}

/// Seconds the process was on a processor, where the system tells: other work does not count.
fn cpu_seconds() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/schedstat").ok()?;
    status.split_whitespace().next()?.parse::<f64>().ok().map(|ns| ns / 1e9)
}

/// The most memory the process held, where the system tells.
fn peak_mb() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.parse::<u64>().ok().map(|kb| kb / 1024)
}

fn written(problem: &Problem, plan: &Plan) -> String {
    let model = model(problem);
    let people = model.evaluators.iter().map(|one| json!([one.home, one.least, one.most]));
    let sites = model.centres.iter().map(|at| json!([at.region, at.visits, at.needs]));
    let pairs =
        model.pairs.iter().map(|of| json!([of.evaluator, of.centre, of.cost, u8::from(of.links)]));
    let place = |ids: Vec<&String>, id: &String| ids.iter().position(|own| *own == id);
    let visits = plan.visits.iter().map(|visit| {
        let evaluator =
            place(problem.evaluators.iter().map(|one| &one.id).collect(), &visit.evaluator);
        let centre = place(problem.centres.iter().map(|at| &at.id).collect(), &visit.centre);
        json!([evaluator, centre])
    });
    json!({
        "evaluators": people.collect::<Vec<_>>(),
        "centres": sites.collect::<Vec<_>>(),
        "pairs": pairs.collect::<Vec<_>>(),
        "region_cost": model.region_cost,
        "regions_most": model.regions_most,
        "plain_percent": model.plain_percent,
        "plan": visits.collect::<Vec<_>>(),
    })
    .to_string()
}
