//! Tables in long form.

use std::collections::{HashMap, HashSet};

use crate::Error;
use crate::generalizability::Score;
use crate::ratings::Ratings;

/// Text ids, numbered in the order they appear.
#[derive(Default)]
struct Ids {
    names: Vec<String>,
    places: HashMap<String, usize>,
}

impl Ids {
    fn place(&mut self, name: &str) -> usize {
        if let Some(place) = self.places.get(name) {
            return *place;
        }
        let place = self.names.len();
        self.names.push(name.to_owned());
        self.places.insert(name.to_owned(), place);
        place
    }
}

/// The lines of a table with the cells of the columns asked for.
struct Lines<'a> {
    text: &'a str,
    columns: Vec<Option<usize>>,
}

/// One line: its number and its cells, empty where the table has no such column.
type Line = (u64, Vec<String>);

impl<'a> Lines<'a> {
    fn new(
        text: &'a str,
        needed: &[&'static str],
        optional: &[&'static str],
    ) -> Result<Self, Error> {
        // Spreadsheets write a byte-order mark before the first column's name.
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut reader = reader(text);
        let header = reader.headers().map_err(|error| fault(&error))?;
        let find = |name: &str| header.iter().position(|column| column == name);
        let mut columns = Vec::new();
        for name in needed {
            columns.push(Some(find(name).ok_or(Error::NoColumn(name))?));
        }
        columns.extend(optional.iter().map(|name| find(name)));
        Ok(Self { text, columns })
    }

    fn has(&self, column: usize) -> bool {
        self.columns[column].is_some()
    }

    fn read(&self) -> Result<Vec<Line>, Error> {
        let mut lines = Vec::new();
        for record in reader(self.text).records() {
            let record = record.map_err(|error| fault(&error))?;
            let line = record.position().map_or(0, csv::Position::line);
            let cell = |column: &Option<usize>| {
                column.and_then(|column| record.get(column)).unwrap_or("").to_owned()
            };
            lines.push((line, self.columns.iter().map(cell).collect()));
        }
        Ok(lines)
    }
}

fn reader(text: &str) -> csv::Reader<&[u8]> {
    csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.as_bytes())
}

fn fault(error: &csv::Error) -> Error {
    let line = error.position().map_or(1, csv::Position::line);
    let fault = match error.kind() {
        csv::ErrorKind::UnequalLengths { .. } => "has another number of cells than the header",
        _ => "cannot be read as CSV",
    };
    Error::Line { line, fault: fault.to_owned() }
}

fn id(line: u64, cell: &str) -> Result<&str, Error> {
    if cell.is_empty() {
        return Err(Error::Line { line, fault: "an id is empty".to_owned() });
    }
    Ok(cell)
}

fn number(line: u64, cell: &str) -> Result<f64, Error> {
    let number = cell.parse::<f64>().ok().filter(|number| number.is_finite());
    number.ok_or_else(|| Error::Line {
        line,
        fault: format!("`{cell}` is not a number; leave a missing value empty"),
    })
}

/// `unit,rater,value`.
#[derive(Debug, Clone, PartialEq)]
pub struct RatingTable {
    /// The units, as they appear; one without a value counts as well.
    pub units: Vec<String>,
    /// The raters, as they appear.
    pub raters: Vec<String>,
    /// The values. Words are numbered from 0 in their order as text.
    pub ratings: Ratings,
}

impl RatingTable {
    /// Reads a table. With `words_allowed`, one value that is no number makes all of them words.
    ///
    /// # Errors
    /// [`Error::NoColumn`]; [`Error::Line`] for an empty id, a value that is no number, a pair of unit
    /// and rater that stands twice, or a line with another number of cells.
    pub fn read(text: &str, words_allowed: bool) -> Result<Self, Error> {
        let lines = Lines::new(text, &["unit", "rater", "value"], &[])?.read()?;
        let (mut units, mut raters) = (Ids::default(), Ids::default());
        let mut pairs = HashSet::new();
        let mut cells = Vec::new();
        for (line, row) in &lines {
            let pair = (units.place(id(*line, &row[0])?), raters.place(id(*line, &row[1])?));
            if row[2].is_empty() {
                continue;
            }
            if !pairs.insert(pair) {
                return Err(Error::Line {
                    line: *line,
                    fault: "this rater rated this unit before".to_owned(),
                });
            }
            cells.push((*line, pair, row[2].as_str()));
        }
        let are_words =
            words_allowed && cells.iter().any(|(line, _, cell)| number(*line, cell).is_err());
        let mut words: Vec<&str> = cells.iter().map(|(_, _, cell)| *cell).collect();
        words.sort_unstable();
        words.dedup();
        let value = |line: u64, cell: &str| {
            if are_words {
                Ok(words.partition_point(|word| *word < cell) as f64)
            } else {
                number(line, cell)
            }
        };
        let values: Vec<(usize, usize, f64)> = cells
            .iter()
            .map(|(line, (unit, rater), cell)| Ok((*unit, *rater, value(*line, cell)?)))
            .collect::<Result<_, Error>>()?;
        let ratings = Ratings::new(units.names.len(), raters.names.len(), &values)?;
        Ok(Self { units: units.names, raters: raters.names, ratings })
    }
}

/// `person,rater[,task],value`.
#[derive(Debug, Clone, PartialEq)]
pub struct ScoreTable {
    /// The persons, as they appear.
    pub persons: Vec<String>,
    /// The scores.
    pub scores: Vec<Score>,
}

impl ScoreTable {
    /// Reads a table, with tasks if the design has them.
    ///
    /// # Errors
    /// As [`RatingTable::read`].
    pub fn read(text: &str, has_tasks: bool) -> Result<Self, Error> {
        let mut needed = vec!["person", "rater", "value"];
        if has_tasks {
            needed.push("task");
        }
        let lines = Lines::new(text, &needed, &[])?.read()?;
        let (mut persons, mut raters, mut tasks) = (Ids::default(), Ids::default(), Ids::default());
        let mut scores = Vec::new();
        let mut cells = HashSet::new();
        for (line, row) in &lines {
            let person = persons.place(id(*line, &row[0])?);
            let rater = raters.place(id(*line, &row[1])?);
            let task = if has_tasks { tasks.place(id(*line, &row[3])?) } else { 0 };
            if !row[2].is_empty() {
                if !cells.insert((person, rater, task)) {
                    return Err(Error::Line {
                        line: *line,
                        fault: "this cell has a value already".to_owned(),
                    });
                }
                scores.push(Score { person, rater, task, value: number(*line, &row[2])? });
            }
        }
        Ok(Self { persons: persons.names, scores })
    }
}

/// One rating of a facets table.
#[derive(Debug, Clone, PartialEq)]
pub struct FacetRow {
    /// The places of person, rater and, if the table has them, item.
    pub elements: Vec<usize>,
    /// The rating.
    pub value: f64,
    /// How often it counts.
    pub weight: f64,
}

/// `person,rater[,item],value[,weight]`.
#[derive(Debug, Clone, PartialEq)]
pub struct FacetTable {
    /// The ids of persons, raters and, if the table has them, items, as they appear.
    pub ids: Vec<Vec<String>>,
    /// The ratings.
    pub rows: Vec<FacetRow>,
}

impl FacetTable {
    /// Reads a table. The same person may be rated by the same rater again: another visit.
    ///
    /// # Errors
    /// As [`RatingTable::read`], pairs that stand twice aside.
    pub fn read(text: &str) -> Result<Self, Error> {
        let lines = Lines::new(text, &["person", "rater", "value"], &["item", "weight"])?;
        let (has_items, has_weights) = (lines.has(3), lines.has(4));
        let mut ids: Vec<Ids> =
            (0..if has_items { 3 } else { 2 }).map(|_| Ids::default()).collect();
        let mut rows = Vec::new();
        for (line, cells) in &lines.read()? {
            let mut elements = Vec::with_capacity(ids.len());
            for (ids, column) in ids.iter_mut().zip([0, 1, 3]) {
                elements.push(ids.place(id(*line, &cells[column])?));
            }
            if cells[2].is_empty() {
                continue;
            }
            let value = number(*line, &cells[2])?;
            let weight = if has_weights { number(*line, &cells[4])? } else { 1.0 };
            rows.push(FacetRow { elements, value, weight });
        }
        Ok(Self { ids: ids.into_iter().map(|ids| ids.names).collect(), rows })
    }
}

/// `name,score,se`.
#[derive(Debug, Clone, PartialEq)]
pub struct NamedScores {
    /// The names.
    pub names: Vec<String>,
    /// The scores.
    pub scores: Vec<f64>,
    /// Their standard errors.
    pub standard_errors: Vec<f64>,
}

impl NamedScores {
    /// Reads a table; nothing may be missing.
    ///
    /// # Errors
    /// As [`RatingTable::read`], with names for ids.
    pub fn read(text: &str) -> Result<Self, Error> {
        let mut table = Self { names: Vec::new(), scores: Vec::new(), standard_errors: Vec::new() };
        for (line, cells) in &Lines::new(text, &["name", "score", "se"], &[])?.read()? {
            table.names.push(id(*line, &cells[0])?.to_owned());
            table.scores.push(number(*line, &cells[1])?);
            table.standard_errors.push(number(*line, &cells[2])?);
        }
        Ok(table)
    }
}
