//! Signs of work not done in the field, against worked cases.

use mizan_stats::field::drift::drift;
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

/// Anscombe FJ (1973) Graphs in statistical analysis, Am Stat 27:17–21, the first of his four: slope 0.5001,
/// standard error 0.1179, p 0.00217.
#[test]
fn the_line_of_anscombe() {
    let times = [10.0, 8.0, 13.0, 9.0, 11.0, 14.0, 6.0, 4.0, 12.0, 7.0, 5.0];
    let values = [8.04, 6.95, 7.58, 8.81, 8.33, 9.96, 7.24, 4.26, 10.84, 4.82, 5.68];
    let found = drift(&times, &values).unwrap();
    assert!((found.slope.value - 0.5001).abs() < 5e-5, "{found:?}");
    assert!((found.slope.standard_error - 0.1179).abs() < 5e-5, "{found:?}");
    assert!((found.p - 0.00217).abs() < 5e-6, "{found:?}");
}
