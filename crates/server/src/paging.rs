//! Lists that are read a page at a time: `?page=&per=&sort=&filter=`, the same for every list.
//!
//! A list names its columns once; what a caller may sort and search by are words of that list, and nothing
//! a caller sends becomes part of a statement.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::error::Error;
use crate::tx::{Row, Tx, Value, one, params};

/// Rows of a page unless the caller says otherwise.
const PER: u32 = 25;
/// The most rows of a page.
pub(crate) const MOST: u32 = 200;
/// The longest text that is searched for.
const LONGEST: usize = 100;
/// The last page that can be asked for: with the longest pages, well within what a list may hold.
const LAST_PAGE: u32 = 100_000;

/// Which part of a list is wanted, and in which order.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(crate) struct Paged {
    /// The page, from 1.
    #[param(minimum = 1)]
    pub(crate) page: Option<u32>,
    /// Rows a page, 25 unless said otherwise.
    #[param(minimum = 1, maximum = 200)]
    pub(crate) per: Option<u32>,
    /// One of the list's words, with `-` before it for descending.
    pub(crate) sort: Option<String>,
    /// A text that a row must hold, in any case.
    pub(crate) filter: Option<String>,
}

/// A page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Listed<T> {
    /// The rows.
    pub(crate) rows: Vec<T>,
    /// How many rows all pages have together.
    pub(crate) total: i64,
    /// The page, from 1.
    pub(crate) page: u32,
    /// Rows a page.
    pub(crate) per: u32,
}

/// What a list is made of: parts of statements, none of them a caller's.
pub(crate) struct List<'a> {
    /// `SELECT …`, its columns.
    pub(crate) columns: &'a str,
    /// `FROM …`, with its joins.
    pub(crate) from: &'a str,
    /// What limits it to what its reader may see; its parameters are `$1…`.
    pub(crate) within: &'a str,
    /// The values of those.
    pub(crate) values: &'a [Value],
    /// What it can be sorted by: the word, and the column. The first is what it is sorted by otherwise.
    pub(crate) sorts: &'a [(&'a str, &'a str)],
    /// The columns a text is looked for in.
    pub(crate) searched: &'a [&'a str],
    /// What tells rows apart that are equal by every word, so that no row stands on two pages.
    pub(crate) tie: &'a str,
}

impl List<'_> {
    /// Reads a page.
    pub(crate) fn read<T>(
        &self,
        tx: &mut dyn Tx,
        asked: &Paged,
        row: impl Fn(&mut dyn Tx, &Row) -> Result<T, Error>,
    ) -> Result<Listed<T>, Error> {
        let (page, per) = bounds(asked)?;
        let order = self.order(asked.sort.as_deref())?;
        let mut values = self.values.to_vec();
        let limits = self.limits(asked.filter.as_deref(), &mut values)?;
        let count = format!("SELECT COUNT(*) {} WHERE {limits}", self.from);
        let total = one(tx, &count, &values)?.int(0)?;
        let at = values.len();
        values.extend_from_slice(params![i64::from(per), i64::from(per) * i64::from(page - 1)]);
        let sql = format!(
            "{} {} WHERE {limits} ORDER BY {order} LIMIT ${} OFFSET ${}",
            self.columns,
            self.from,
            at + 1,
            at + 2
        );
        let rows = tx.query(&sql, &values)?;
        let rows = rows.iter().map(|of| row(tx, of)).collect::<Result<_, _>>()?;
        Ok(Listed { rows, total, page, per })
    }

    fn order(&self, sort: Option<&str>) -> Result<String, Error> {
        let (word, direction) = match sort {
            None => (self.sorts[0].0, "ASC"),
            Some(sort) => match sort.strip_prefix('-') {
                Some(word) => (word, "DESC"),
                None => (sort, "ASC"),
            },
        };
        let known = self.sorts.iter().find(|(known, _)| *known == word);
        let (_, column) = known.ok_or_else(|| {
            let words: Vec<&str> = self.sorts.iter().map(|(word, _)| *word).collect();
            Error::invalid("sort", word, &words.join(", "))
        })?;
        Ok(format!("{column} {direction}, {}", self.tie))
    }

    fn limits(&self, filter: Option<&str>, values: &mut Vec<Value>) -> Result<String, Error> {
        let Some(text) = filter.map(str::trim).filter(|text| !text.is_empty()) else {
            return Ok(self.within.to_owned());
        };
        if text.chars().count() > LONGEST {
            return Err(Error::invalid("filter", "", "at most 100 characters"));
        }
        let place = values.len() + 1;
        values.push(Value::Text(format!("%{}%", escaped(&text.to_lowercase()))));
        let holds = |column: &&str| format!("LOWER({column}) LIKE ${place} ESCAPE '!'");
        let any: Vec<String> = self.searched.iter().map(holds).collect();
        Ok(format!("{} AND ({})", self.within, any.join(" OR ")))
    }
}

fn bounds(asked: &Paged) -> Result<(u32, u32), Error> {
    let within = |field, given: Option<u32>, usual, most: u32| {
        let given = given.unwrap_or(usual);
        let allowed = || format!("1 to {most}");
        let fits = (1..=most).contains(&given);
        if fits { Ok(given) } else { Err(Error::invalid(field, given, &allowed())) }
    };
    Ok((within("page", asked.page, 1, LAST_PAGE)?, within("per", asked.per, PER, MOST)?))
}

/// A text in which nothing is a pattern.
fn escaped(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for char in text.chars() {
        if matches!(char, '%' | '_' | '!') {
            plain.push('!');
        }
        plain.push(char);
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: List<'_> = List {
        columns: "SELECT code",
        from: "FROM centres",
        within: "agency = $1",
        values: &[],
        sorts: &[("code", "code"), ("name", "name_ar")],
        searched: &["code", "name_ar"],
        tie: "id",
    };

    #[test]
    fn a_list_is_sorted_by_its_own_words_alone() {
        assert_eq!(LIST.order(None).unwrap(), "code ASC, id");
        assert_eq!(LIST.order(Some("-name")).unwrap(), "name_ar DESC, id");
        for other in ["name_ar", "--name", "code; DROP TABLE centres", "", "-"] {
            assert!(LIST.order(Some(other)).is_err(), "{other}");
        }
    }

    #[test]
    fn what_is_searched_for_is_a_value_and_no_pattern() {
        let mut values = vec![Value::Int(7)];
        let limits = LIST.limits(Some(" 100%_Ab! "), &mut values).unwrap();
        let any = "LOWER(code) LIKE $2 ESCAPE '!' OR LOWER(name_ar) LIKE $2 ESCAPE '!'";
        assert_eq!(limits, format!("agency = $1 AND ({any})"));
        assert_eq!(values[1], Value::Text("%100!%!_ab!!%".into()));
        assert_eq!(LIST.limits(Some("  "), &mut values).unwrap(), "agency = $1");
        assert!(LIST.limits(Some(&"x".repeat(101)), &mut values).is_err());
    }

    #[test]
    fn pages_are_bounded() {
        let asked = |page, per| bounds(&Paged { page, per, ..Paged::default() });
        assert_eq!(asked(None, None).unwrap(), (1, 25));
        assert_eq!(asked(Some(3), Some(200)).unwrap(), (3, 200));
        for (page, per) in
            [(Some(0), None), (None, Some(0)), (None, Some(201)), (Some(u32::MAX), None)]
        {
            assert!(asked(page, per).is_err(), "{page:?} {per:?}");
        }
    }
}
