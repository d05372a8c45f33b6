//! Why a figure cannot be given.

/// Why a figure cannot be given. Every function of the crate answers with one of these instead of a
/// number that means nothing.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Error {
    /// A value is infinite or not a number.
    #[error("{what} {index} is not a finite number; leave a missing value out instead")]
    NotFinite {
        /// What the value is.
        what: &'static str,
        /// Its place, from 0.
        index: usize,
    },
    /// Fewer of something than the method needs.
    #[error("{found} {what}, and at least {needed} are needed")]
    TooFew {
        /// What there is too little of.
        what: &'static str,
        /// How many there are.
        found: usize,
        /// How many are needed.
        needed: usize,
    },
    /// More of something than is worked through in reasonable time.
    #[error("{found} {what}, and at most {most} are taken")]
    TooMany {
        /// What there is too much of.
        what: &'static str,
        /// How many there are.
        found: usize,
        /// How many are taken.
        most: usize,
    },
    /// Two lists that belong together have different lengths.
    #[error("{what}: {found} where {expected} are expected")]
    Lengths {
        /// What is listed.
        what: &'static str,
        /// How many there should be.
        expected: usize,
        /// How many there are.
        found: usize,
    },
    /// A number outside its domain.
    #[error("{what} is {value}, and must be {allowed}")]
    OutOfRange {
        /// What the number is.
        what: &'static str,
        /// The number.
        value: f64,
        /// The domain, in words.
        allowed: &'static str,
    },
    /// An index that names nothing.
    #[error("{what} {index} does not exist; there are {count}")]
    Unknown {
        /// What is named.
        what: &'static str,
        /// The index, from 0.
        index: usize,
        /// How many there are.
        count: usize,
    },
    /// A value that is none of the categories given.
    #[error("{value} of unit {unit} is none of the categories")]
    NotACategory {
        /// The value.
        value: f64,
        /// The unit it was given to.
        unit: usize,
    },
    /// Categories that are not given in rising order, each once.
    #[error("the categories must rise, each named once")]
    CategoriesUnordered,
    /// One rater rated the same unit twice.
    #[error("rater {rater} rated unit {unit} twice; keep one value")]
    RatedTwice {
        /// The unit.
        unit: usize,
        /// The rater.
        rater: usize,
    },
    /// A value is missing where the method needs a complete table.
    #[error("unit {unit} has no value of rater {rater}; the method needs every value")]
    Incomplete {
        /// The unit.
        unit: usize,
        /// The rater.
        rater: usize,
    },
    /// The same, by the ids of a table that was read.
    #[error("unit {unit} has no value of rater {rater}; the method needs every value")]
    IncompleteTable {
        /// The unit's id.
        unit: String,
        /// The rater's id.
        rater: String,
    },
    /// No unit was rated by two raters.
    #[error("no unit has two ratings, so nothing can be compared")]
    NothingToCompare,
    /// Everything is equal, so that a ratio of variations is 0/0.
    #[error("{what} do not vary, so the ratio is undefined")]
    NoVariation {
        /// What does not vary.
        what: &'static str,
    },
    /// The cells of a design do not all hold one value.
    #[error("the design is not balanced: a cell holds {found} values; use REML")]
    Unbalanced {
        /// How many values a cell holds.
        found: usize,
    },
    /// Effects that cannot be told apart.
    #[error("{what} cannot be told apart")]
    Singular {
        /// Which effects.
        what: &'static str,
    },
    /// An iteration did not settle.
    #[error("{what} did not settle after {iterations} iterations")]
    NotConverged {
        /// What was estimated.
        what: &'static str,
        /// After how many iterations it was given up.
        iterations: usize,
    },
    /// The ratings fall into subsets without a link, so that measures cannot be compared across them.
    #[error(
        "the ratings fall into {} subsets without a link; plan shared centres or anchor measures",
        .0.len()
    )]
    Disconnected(Vec<Subset>),
    /// Nothing fixes the origin of the measures.
    #[error("nothing fixes the origin: centre or anchor every facet but one")]
    OriginFree,
    /// The origin of the measures is fixed more than once.
    #[error("the origin is fixed more than once: let one facet float")]
    OriginFixedTwice,
    /// No rating is left once elements with extreme scores are set aside.
    #[error("every rating belongs to an element with an extreme score")]
    OnlyExtremes,
    /// An element whose ratings are all at one end of the scale, where the method has no place for it.
    #[error(
        "element {element} of facet {facet} has only ratings at one end of the scale; leave it out"
    )]
    Extreme {
        /// The facet, from 0.
        facet: usize,
        /// The element, from 0.
        element: usize,
    },
    /// A line of a table cannot be read.
    #[error("line {line}: {fault}")]
    Line {
        /// The line, from 1; the header is line 1.
        line: u64,
        /// What is wrong with it.
        fault: String,
    },
    /// A table lacks a column.
    #[error("the table has no column `{0}`")]
    NoColumn(&'static str),
}

/// One part of ratings that share no link with the rest: the places of its elements, facet by facet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subset {
    /// For each facet in the order of the model, the elements, rising.
    pub elements: Vec<Vec<usize>>,
}

pub(crate) fn finite(what: &'static str, values: &[f64]) -> Result<(), Error> {
    match values.iter().position(|value| !value.is_finite()) {
        Some(index) => Err(Error::NotFinite { what, index }),
        None => Ok(()),
    }
}

pub(crate) fn at_least(what: &'static str, found: usize, needed: usize) -> Result<(), Error> {
    if found < needed { Err(Error::TooFew { what, found, needed }) } else { Ok(()) }
}

pub(crate) fn at_most(what: &'static str, found: usize, most: usize) -> Result<(), Error> {
    if found > most { Err(Error::TooMany { what, found, most }) } else { Ok(()) }
}

pub(crate) fn same_length(what: &'static str, expected: usize, found: usize) -> Result<(), Error> {
    if expected == found { Ok(()) } else { Err(Error::Lengths { what, expected, found }) }
}

/// Refuses a level of confidence outside (0, 1).
pub(crate) fn level(value: f64) -> Result<f64, Error> {
    open_unit("the level of confidence", value)
}

pub(crate) fn open_unit(what: &'static str, value: f64) -> Result<f64, Error> {
    if value > 0.0 && value < 1.0 {
        Ok(value)
    } else {
        Err(Error::OutOfRange { what, value, allowed: "between 0 and 1" })
    }
}

pub(crate) fn not_negative(what: &'static str, value: f64) -> Result<f64, Error> {
    if value.is_finite() && value >= 0.0 {
        Ok(value)
    } else {
        Err(Error::OutOfRange { what, value, allowed: "finite and not negative" })
    }
}

pub(crate) fn positive(what: &'static str, value: f64) -> Result<f64, Error> {
    if value.is_finite() && value > 0.0 {
        Ok(value)
    } else {
        Err(Error::OutOfRange { what, value, allowed: "finite and above 0" })
    }
}
