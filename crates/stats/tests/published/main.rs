//! Published cases, their answers and their sources: `cases.json` beside this file, and what stands in
//! the modules with its source.

#![expect(clippy::unwrap_used, reason = "clippy does not see that helpers of tests are tests")]

mod agreement;
mod drivers;
mod facets;
mod field;
mod generalizability;
mod uncertainty;

use std::collections::BTreeSet;
use std::sync::Mutex;

use mizan_stats::ratings::Ratings;
use serde_json::Value;

/// One published case; every expected figure has to be asked for.
pub(crate) struct Case {
    id: String,
    pub(crate) data: Value,
    expected: Value,
    asked: Mutex<BTreeSet<String>>,
}

pub(crate) fn case(id: &str) -> Case {
    let cases: Value = serde_json::from_str(include_str!("cases.json")).unwrap();
    let cases = cases["cases"].as_array().unwrap();
    let case = cases.iter().find(|case| case["id"] == id).unwrap();
    Case {
        id: id.to_owned(),
        data: case["data"].clone(),
        expected: case["expected"].clone(),
        asked: Mutex::default(),
    }
}

impl Case {
    /// Holds one figure against the published one, within its tolerance.
    #[track_caller]
    pub(crate) fn check(&self, name: &str, found: f64) {
        self.check_list(name, &[found]);
    }

    /// Holds a list of figures against the published ones.
    #[track_caller]
    pub(crate) fn check_list(&self, name: &str, found: &[f64]) {
        let expected = &self.expected[name];
        let value = expected.get("value").unwrap_or_else(|| panic!("{} has no {name}", self.id));
        let values: Vec<f64> = match value {
            Value::Array(list) => list.iter().map(|value| value.as_f64().unwrap()).collect(),
            single => vec![single.as_f64().unwrap()],
        };
        let tolerance = expected["tol"].as_f64().unwrap();
        assert_eq!(found.len(), values.len(), "{} {name}: {found:?}", self.id);
        for (found, value) in found.iter().zip(&values) {
            // The last bit of a tolerance that is itself a printed digit.
            let allowed = tolerance * (1.0 + 1e-9) + 1e-14;
            let near = (found - value).abs() <= allowed;
            assert!(near, "{} {name}: {found} is not {value} within {tolerance}", self.id);
        }
        self.asked.lock().unwrap().insert(name.to_owned());
    }

    /// What is expected where it is no figure.
    pub(crate) fn expected(&self, name: &str) -> &Value {
        self.asked.lock().unwrap().insert(name.to_owned());
        &self.expected[name]
    }

    /// Fails when a published figure was not looked at.
    #[track_caller]
    pub(crate) fn finish(self) {
        let asked = self.asked.into_inner().unwrap();
        let all = self.expected.as_object().unwrap().keys();
        let left: Vec<&String> = all.filter(|name| !asked.contains(*name)).collect();
        assert!(left.is_empty(), "{}: not compared: {left:?}", self.id);
    }

    /// A matrix of the data, `null` being a missing value.
    pub(crate) fn rows(&self) -> Vec<Vec<Option<f64>>> {
        let row = |row: &Value| row.as_array().unwrap().iter().map(Value::as_f64).collect();
        self.data.as_array().unwrap().iter().map(row).collect()
    }

    /// A matrix without missing values.
    pub(crate) fn numbers(&self) -> Vec<Vec<f64>> {
        self.rows().into_iter().map(|row| row.into_iter().map(Option::unwrap).collect()).collect()
    }

    pub(crate) fn ratings(&self) -> Ratings {
        Ratings::from_rows(&self.rows()).unwrap()
    }
}

/// Rows for columns.
pub(crate) fn turned(rows: &[Vec<Option<f64>>]) -> Vec<Vec<Option<f64>>> {
    (0..rows[0].len()).map(|column| rows.iter().map(|row| row[column]).collect()).collect()
}
