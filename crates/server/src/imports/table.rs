//! A file of separated values as lines of known columns, with what is wrong with its shape.

use std::collections::BTreeMap;

use super::{ImportFault, ImportProblem};

/// A column a file may have.
pub(super) struct Column {
    /// Its English heading, by which it is known.
    pub(super) id: &'static str,
    /// What it may also be headed.
    also: &'static [&'static str],
    /// Whether it must be there, and filled in.
    pub(super) is_required: bool,
}

impl Column {
    /// A column that must be there.
    pub(super) const fn required(id: &'static str, also: &'static [&'static str]) -> Self {
        Self { id, also, is_required: true }
    }

    /// A column that may be left out.
    pub(super) const fn optional(id: &'static str, also: &'static [&'static str]) -> Self {
        Self { id, also, is_required: false }
    }

    fn is_headed(&self, heading: &str) -> bool {
        let heading = folded(heading);
        std::iter::once(&self.id).chain(self.also).any(|name| folded(name) == heading)
    }
}

/// A line that holds a row.
pub(super) struct Line {
    /// Where it begins, from 1.
    pub(super) line: u64,
    fields: BTreeMap<&'static str, String>,
}

impl Line {
    /// The text of a column; empty where the file has no such column.
    pub(super) fn get(&self, column: &str) -> &str {
        self.fields.get(column).map_or("", String::as_str)
    }

    /// Whether the file has the column.
    pub(super) fn has(&self, column: &str) -> bool {
        self.fields.contains_key(column)
    }
}

/// A file.
pub(super) struct Table {
    /// Its rows.
    pub(super) lines: Vec<Line>,
    /// What is wrong with its shape.
    pub(super) faults: Vec<ImportFault>,
}

impl Table {
    /// Reads a file. One whose headings are wrong has no lines: nothing said of them would hold.
    pub(super) fn read(text: &str, columns: &'static [Column]) -> Self {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(delimiter(text))
            .trim(csv::Trim::All)
            .flexible(true)
            .from_reader(text.as_bytes());
        let mut table = Self { lines: Vec::new(), faults: Vec::new() };
        let headings: Vec<String> = match reader.headers() {
            Ok(headings) => headings.iter().map(str::to_owned).collect(),
            Err(_) => Vec::new(),
        };
        let places = table.places(&headings, columns);
        if !table.faults.is_empty() {
            return table;
        }
        let mut line_before = 1;
        for record in reader.records() {
            match record {
                Ok(record) => {
                    let line = record.position().map_or(line_before, csv::Position::line);
                    line_before = line;
                    table.line(line, &record, &places, headings.len());
                }
                Err(error) => {
                    let line = error.position().map_or(line_before, csv::Position::line);
                    table.fault(line, "", "", ImportProblem::Unreadable, vec![]);
                }
            }
        }
        if table.lines.is_empty() && table.faults.is_empty() {
            table.fault(2, "", "", ImportProblem::NoRows, vec![]);
        }
        table
    }

    /// Which column stands in which place.
    fn places(&mut self, headings: &[String], columns: &'static [Column]) -> Vec<&'static str> {
        let mut places = Vec::new();
        for heading in headings {
            match columns.iter().find(|column| column.is_headed(heading)) {
                None => {
                    let allowed = columns.iter().map(|column| column.id.to_owned()).collect();
                    self.fault(1, "", heading, ImportProblem::ColumnUnknown, allowed);
                }
                Some(column) if places.contains(&column.id) => {
                    self.fault(1, column.id, heading, ImportProblem::ColumnTwice, vec![]);
                }
                Some(column) => places.push(column.id),
            }
        }
        let missing = columns.iter().filter(|of| of.is_required && !places.contains(&of.id));
        for column in missing {
            self.fault(1, column.id, "", ImportProblem::ColumnMissing, vec![]);
        }
        places
    }

    fn line(
        &mut self,
        line: u64,
        record: &csv::StringRecord,
        places: &[&'static str],
        fields: usize,
    ) {
        // Spreadsheets leave lines that hold nothing but separators.
        if record.iter().all(str::is_empty) {
            return;
        }
        if record.len() != fields {
            let found = record.len().to_string();
            let allowed = vec![fields.to_string()];
            self.fault(line, "", &found, ImportProblem::Fields, allowed);
            return;
        }
        let texts = record.iter().map(str::to_owned);
        self.lines.push(Line { line, fields: places.iter().copied().zip(texts).collect() });
    }

    fn fault(
        &mut self,
        line: u64,
        column: &str,
        value: &str,
        problem: ImportProblem,
        allowed: Vec<String>,
    ) {
        let (column, value) = (column.to_owned(), value.chars().take(100).collect());
        self.faults.push(ImportFault { line, column, value, problem, allowed });
    }
}

/// What separates the fields: whichever there is more of in the headings.
fn delimiter(text: &str) -> u8 {
    let headings = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    if headings.matches(';').count() > headings.matches(',').count() { b';' } else { b',' }
}

/// A heading or a word as it is compared: without case, marks and the ways of writing an alef.
pub(super) fn folded(text: &str) -> String {
    let is_mark = |char: &char| matches!(char, '\u{640}' | '\u{64b}'..='\u{652}');
    let plain = text.chars().filter(|char| !is_mark(char)).map(|char| match char {
        'أ' | 'إ' | 'آ' => 'ا',
        'ة' => 'ه',
        'ى' => 'ي',
        char if char.is_alphanumeric() => char,
        _ => ' ',
    });
    let plain = plain.collect::<String>().to_lowercase();
    plain.split_whitespace().collect::<Vec<_>>().join("_")
}
