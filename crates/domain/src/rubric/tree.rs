//! A plain tree of a rubric's text with line numbers, so that one reader serves files and messages.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::fault::{Fault, Problem};

/// One place of the tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// What stands there.
    pub content: Content,
    /// The line it starts on, counted from 1; `None` when it came without lines.
    pub line: Option<usize>,
}

/// What stands at a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// A text.
    Text(String),
    /// A number by its shortest decimal text.
    Number(String),
    /// `true` or `false`.
    Bool(bool),
    /// A list.
    List(Vec<Node>),
    /// Keys and what they hold, in the order they were written.
    Table(Vec<(String, Node)>),
    /// Something a rubric never holds, such as a date.
    Other,
}

impl Content {
    /// What stands here, in words for an error message.
    #[must_use]
    pub fn described(&self) -> &'static str {
        match self {
            Self::Text(_) => "a text",
            Self::Number(_) => "a number",
            Self::Bool(_) => "true or false",
            Self::List(_) => "a list",
            Self::Table(_) => "a table",
            Self::Other => "something else",
        }
    }
}

impl Node {
    /// A place without a line.
    #[must_use]
    pub fn bare(content: Content) -> Self {
        Self { content, line: None }
    }

    /// Reads TOML.
    ///
    /// # Errors
    /// Every syntax fault, each with its line.
    pub fn from_toml(text: &str) -> Result<Self, Vec<Fault>> {
        let (table, errors) = DeTable::parse_recoverable(text);
        if errors.is_empty() {
            let lines = LineStarts::of(text);
            return Ok(from_table(table.get_ref(), Some(1), &lines));
        }
        let lines = LineStarts::of(text);
        let fault = |error: toml::de::Error| Fault {
            line: error.span().map(|span| lines.line_at(span.start)),
            path: String::new(),
            problem: Problem::Syntax { message: error.message().to_owned() },
        };
        Err(errors.into_iter().map(fault).collect())
    }
}

/// The offsets at which lines start.
struct LineStarts(Vec<usize>);

impl LineStarts {
    fn of(text: &str) -> Self {
        let breaks = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        Self(std::iter::once(0).chain(breaks.map(|(at, _)| at + 1)).collect())
    }

    fn line_at(&self, offset: usize) -> usize {
        self.0.partition_point(|start| *start <= offset)
    }
}

fn from_table(table: &DeTable<'_>, line: Option<usize>, lines: &LineStarts) -> Node {
    let mut entries: Vec<(usize, String, Node)> = table
        .iter()
        .map(|(key, value)| {
            let start = key.span().start;
            let node = from_value(value, Some(lines.line_at(start)), lines);
            (start, key.get_ref().to_string(), node)
        })
        .collect();
    entries.sort_by_key(|(start, _, _)| *start);
    let entries = entries.into_iter().map(|(_, key, node)| (key, node)).collect();
    Node { content: Content::Table(entries), line }
}

fn from_value(value: &Spanned<DeValue<'_>>, line: Option<usize>, lines: &LineStarts) -> Node {
    let content = match value.get_ref() {
        DeValue::String(text) => Content::Text(text.to_string()),
        DeValue::Integer(number) if number.radix() == 10 => {
            Content::Number(number.as_str().trim_start_matches('+').to_owned())
        }
        // Hexadecimal, octal and binary digits are no decimals.
        DeValue::Integer(_) => Content::Other,
        DeValue::Float(number) => shortest(number.as_str()),
        DeValue::Boolean(value) => Content::Bool(*value),
        DeValue::Datetime(_) => Content::Other,
        DeValue::Array(items) => {
            let item = |item: &Spanned<DeValue<'_>>| {
                let line = lines.line_at(item.span().start);
                from_value(item, Some(line), lines)
            };
            Content::List(items.iter().map(item).collect())
        }
        DeValue::Table(table) => return from_table(table, line, lines),
    };
    Node { content, line }
}

/// A floating-point literal by its shortest decimal text: `1.50` becomes `1.5`.
fn shortest(literal: &str) -> Content {
    match literal.replace('_', "").parse::<f64>() {
        Ok(number) if number.is_finite() => Content::Number(number.to_string()),
        Ok(_) | Err(_) => Content::Other,
    }
}
