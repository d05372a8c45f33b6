//! Signs of work not done in the field, against worked cases.

use mizan_stats::field::likeness::{self, Answer};
use serde_json::Value;

use crate::case;

#[test]
fn the_four_interviews() {
    let case = case("percentmatch_toy");
    let answers =
        |row: Vec<f64>| -> Vec<Answer> { row.iter().map(|it| Some(*it as u16)).collect() };
    let evaluations: Vec<Vec<Answer>> = case.numbers().into_iter().map(answers).collect();
    let found = likeness::likeness(&evaluations, 0.85, 8).unwrap();
    let shares: Vec<f64> = found.iter().map(|it| it.unwrap().share).collect();
    case.check_list("maxmatch", &shares);
    let flags = |flags: Vec<bool>| Value::from(flags);
    let flagged = found.iter().map(|it| it.unwrap().is_flagged).collect();
    assert_eq!(case.expected("flag_at_0.85"), &flags(flagged));
    let straight = |row: &Vec<Answer>| likeness::straight(row, 0.9, 8).unwrap().unwrap().is_flagged;
    let lines = evaluations.iter().map(straight).collect();
    assert_eq!(case.expected("straightline_flag"), &flags(lines));
    case.finish();
}
