//! A CSV file as a table whose every fault is found before anything is done with it.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context as _, Result};

/// The rows of a file, and the faults found so far.
#[derive(Debug)]
pub(super) struct Table {
    name: String,
    /// The rows that could be read.
    pub(super) rows: Vec<Row>,
    faults: Vec<(u64, String)>,
}

/// One row.
#[derive(Debug, Clone)]
pub(super) struct Row {
    line: u64,
    fields: BTreeMap<String, String>,
}

impl Row {
    /// The text of a column, without spaces around it; empty where the column is missing.
    pub(super) fn get(&self, column: &str) -> &str {
        self.fields.get(column).map_or("", String::as_str)
    }
}

impl Table {
    /// Reads a file that must have the `required` columns and may have the `optional` ones.
    pub(super) fn read(file: &Path, required: &[&str], optional: &[&str]) -> Result<Self> {
        let name = file.display().to_string();
        let bytes = std::fs::read(file).with_context(|| format!("reading {name}"))?;
        Ok(Self::parse(&name, &bytes, required, optional))
    }

    /// The same from bytes already read.
    pub(super) fn parse(name: &str, bytes: &[u8], required: &[&str], optional: &[&str]) -> Self {
        let mut table = Self { name: name.to_owned(), rows: Vec::new(), faults: Vec::new() };
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(bytes);
        let header = match reader.headers() {
            Ok(header) => header.clone(),
            Err(error) => {
                table.faults.push((1, csv_fault(&error)));
                return table;
            }
        };
        for column in required.iter().filter(|column| !header.iter().any(|h| h == **column)) {
            table.faults.push((1, format!("{column}: the column is missing; add it")));
        }
        for (place, column) in header.iter().enumerate() {
            let known = required.contains(&column) || optional.contains(&column);
            if !known {
                let columns = [required, optional].concat().join(", ");
                let problem = format!("{column}: no such column; the columns are {columns}");
                table.faults.push((1, problem));
            } else if header.iter().take(place).any(|earlier| earlier == column) {
                table.faults.push((1, format!("{column}: the column stands twice; keep one")));
            }
        }
        for record in reader.records() {
            match record {
                Ok(record) => {
                    let line = record.position().map_or(0, csv::Position::line);
                    let texts = record.iter().map(str::to_owned);
                    let fields = header.iter().map(str::to_owned).zip(texts).collect();
                    table.rows.push(Row { line, fields });
                }
                Err(error) => {
                    let line = error.position().map_or(0, csv::Position::line);
                    table.faults.push((line, csv_fault(&error)));
                }
            }
        }
        if table.rows.is_empty() && table.faults.is_empty() {
            table.faults.push((2, "the file has no rows; add at least one".into()));
        }
        table
    }

    /// Notes a fault of a row.
    pub(super) fn fault(&mut self, row: &Row, column: &str, problem: &str) {
        let value = row.get(column);
        let text = match value {
            "" => format!("{column}: {problem}"),
            _ => format!("{column}: `{value}`: {problem}"),
        };
        self.faults.push((row.line, text));
    }

    /// Demands a text in each of these columns of every row.
    pub(super) fn demand(&mut self, columns: &[&str]) {
        for row in self.rows.clone() {
            for column in columns.iter().filter(|column| row.get(column).is_empty()) {
                self.fault(&row, column, "the field is empty; fill it in");
            }
        }
    }

    /// Demands that a column's texts differ from each other and from those already taken.
    pub(super) fn demand_new(&mut self, column: &str, taken: &[String]) {
        let mut seen: BTreeMap<String, u64> = BTreeMap::new();
        for row in self.rows.clone() {
            let value = row.get(column).to_owned();
            if value.is_empty() {
                continue;
            }
            if let Some(line) = seen.get(&value) {
                let problem = format!("stands in line {line} already; give each its own");
                self.fault(&row, column, &problem);
            } else if taken.contains(&value) {
                self.fault(&row, column, "the server has it already; remove the line");
            }
            seen.entry(value).or_insert(row.line);
        }
    }

    /// Demands that a filled field is one of the texts allowed.
    pub(super) fn demand_one_of(&mut self, column: &str, allowed: &[&str], remedy: &str) {
        for row in self.rows.clone() {
            let value = row.get(column);
            if !value.is_empty() && !allowed.contains(&value) {
                self.fault(&row, column, remedy);
            }
        }
    }

    /// The faults in the order of the lines, as `FILE:LINE: column: problem`.
    pub(super) fn faults(mut self) -> Vec<String> {
        self.faults.sort();
        self.faults.iter().map(|(line, text)| format!("{}:{line}: {text}", self.name)).collect()
    }

    /// Whether nothing is wrong so far.
    pub(super) fn is_fine(&self) -> bool {
        self.faults.is_empty()
    }
}

fn csv_fault(error: &csv::Error) -> String {
    match error.kind() {
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            format!("the line has {len} fields, the header {expected_len}; make them equal")
        }
        csv::ErrorKind::Utf8 { .. } => "the text is not UTF-8; save the file as UTF-8".into(),
        _ => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: [&str; 3] = ["code", "name_ar", "name_en"];

    fn check(text: &str, expected: &[&str]) {
        let mut table = Table::parse("a.csv", text.as_bytes(), &COLUMNS, &["note"]);
        table.demand(&COLUMNS);
        table.demand_new("code", &["OLD".to_owned()]);
        table.demand_one_of("note", &["yes"], "write yes or nothing");
        assert_eq!(table.faults(), expected);
    }

    #[test]
    fn a_good_file_has_no_faults_with_a_byte_order_mark_and_quoted_commas() {
        check("\u{feff}code,name_ar,name_en\r\nA,\"أ، ب\",\"One, two\"\r\n", &[]);
    }

    #[test]
    fn every_fault_of_every_line_is_reported_at_once() {
        let text = "code,name_ar,name_en,note\nA,,x,\nA,ب,y,no\nOLD,ج,z,yes\nshort,line\n";
        check(
            text,
            &[
                "a.csv:2: name_ar: the field is empty; fill it in",
                "a.csv:3: code: `A`: stands in line 2 already; give each its own",
                "a.csv:3: note: `no`: write yes or nothing",
                "a.csv:4: code: `OLD`: the server has it already; remove the line",
                "a.csv:5: the line has 2 fields, the header 4; make them equal",
            ],
        );
    }

    #[test]
    fn wrong_columns_are_named_with_the_right_ones() {
        check(
            "code,name_ar,naem_en\nA,ب,x\n",
            &[
                "a.csv:1: naem_en: no such column; the columns are code, name_ar, name_en, note",
                "a.csv:1: name_en: the column is missing; add it",
                "a.csv:2: name_en: the field is empty; fill it in",
            ],
        );
        check("code,name_ar,name_en\n", &["a.csv:2: the file has no rows; add at least one"]);
    }
}
