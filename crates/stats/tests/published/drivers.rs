//! The division of explained variance against published figures.

use mizan_stats::drivers;

use crate::case;

#[test]
fn the_swiss_provinces() {
    let case = case("lmg_swiss");
    let rows: Vec<Vec<f64>> = serde_json::from_value(case.data["rows"].clone()).unwrap();
    let column = |place: usize| -> Vec<f64> { rows.iter().map(|row| row[place]).collect() };
    let predictors: Vec<Vec<f64>> = (1..6).map(column).collect();
    let importance = drivers::importance(&column(0), &predictors).unwrap();
    case.check("R2", importance.r_squared);
    case.check_list("lmg", &importance.parts);
    case.finish();
}
