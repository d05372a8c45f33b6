//! Prints a made-up problem: `make_problem CENTRES > problem.json`.
//!
//! The files in `examples/problems` are its output, one centre and one evaluator a line.

use mizan_planner::formats::ProblemJson;
use mizan_planner::made;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let centres = std::env::args().nth(1).ok_or("give the number of centres")?.parse()?;
    print!("{}", text(&ProblemJson::from(&made::problem(centres, 1)))?);
    Ok(())
}

fn text(problem: &ProblemJson) -> Result<String, serde_json::Error> {
    let of = |list: Vec<String>| format!("[\n    {}\n  ]", list.join(",\n    "));
    let centres: Result<Vec<_>, _> = problem.centres.iter().map(serde_json::to_string).collect();
    let evaluators: Result<Vec<_>, _> =
        problem.evaluators.iter().map(serde_json::to_string).collect();
    Ok(format!(
        "{{\n  \"cycle\": {},\n  \"seed\": {},\n  \"policy\": {},\n  \"centres\": {},\n  \"evaluators\": {}\n}}\n",
        serde_json::to_string(&problem.cycle)?,
        serde_json::to_string(&problem.seed)?,
        serde_json::to_string(&problem.policy)?,
        of(centres?),
        of(evaluators?),
    ))
}
