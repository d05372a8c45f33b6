//! Agencies and centres from a file of separated values: the whole file is checked at once, and either all
//! of it is added or nothing.
//!
//! Headings and words of closed lists may stand in either language. What a field may hold is decided in
//! [`crate::programme`].

mod table;

use std::collections::{BTreeMap, BTreeSet};

use mizan_domain::rubric::Model;
use mizan_protocol::api::{NewAgency, NewCentre};
use mizan_protocol::code::ErrorBody;
use mizan_protocol::id::AgencyId;
use mizan_protocol::record::TextJson;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::error::Error;
use crate::programme::{self, MAX_NAME, MAX_TRAIT, SIZES, is_code};
use crate::tx::Tx;
use table::{Column, Line, Table, folded};

/// What a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ImportKind {
    /// Agencies.
    Agencies,
    /// Centres of agencies that are there already.
    Centres,
}

impl ImportKind {
    /// Its word.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Agencies => "agencies",
            Self::Centres => "centres",
        }
    }

    fn columns(self) -> &'static [Column] {
        match self {
            Self::Agencies => AGENCY_COLUMNS,
            Self::Centres => CENTRE_COLUMNS,
        }
    }
}

/// `POST /api/imports`: a file of agencies or centres.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct NewImport {
    /// What it holds.
    pub(crate) kind: ImportKind,
    /// Its text: a line of headings, then a line for each, separated by commas or semicolons.
    pub(crate) text: String,
    /// Whether it is only checked, and nothing added.
    #[serde(default)]
    pub(crate) dry_run: bool,
}

/// What was found in a file, and what was done with it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Import {
    /// What it holds.
    pub(crate) kind: ImportKind,
    /// Its rows, as they were read.
    pub(crate) rows: Vec<ImportRow>,
    /// Everything that is wrong with it, by line. Where there is anything, nothing is added.
    pub(crate) faults: Vec<ImportFault>,
    /// How many rows were added.
    pub(crate) added: usize,
}

/// A row of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct ImportRow {
    /// The line it begins in, from 1.
    pub(crate) line: u64,
    /// The code.
    pub(crate) code: String,
    /// The name.
    pub(crate) name: TextJson,
    /// A centre's agency, by its code.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) agency: String,
    /// A centre's model.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) model: String,
    /// The governorate a centre stands in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) governorate: Option<String>,
    /// A centre's size.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) size: Option<String>,
    /// Who runs a centre.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) operator: Option<String>,
}

/// Something that is wrong with a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct ImportFault {
    /// The line, from 1.
    pub(crate) line: u64,
    /// The column, by its English heading; empty where it is the whole line.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) column: String,
    /// What stands there.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) value: String,
    /// What is wrong with it.
    pub(crate) problem: ImportProblem,
    /// What may stand there, where that is a list; of a text that stands twice, the first line.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) allowed: Vec<String>,
}

/// What can be wrong with a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ImportProblem {
    /// The file has no rows.
    NoRows,
    /// A column is missing.
    ColumnMissing,
    /// There is no such column.
    ColumnUnknown,
    /// A column stands twice.
    ColumnTwice,
    /// The line has another number of fields than there are columns.
    Fields,
    /// The line cannot be read: a quotation mark is not closed.
    Unreadable,
    /// The field is empty.
    Empty,
    /// A code holds something else than letters, digits, `-` and `_`, or is too long.
    Code,
    /// The server has the code already.
    Taken,
    /// The code stands in an earlier line.
    Twice,
    /// No agency has the code.
    NoAgency,
    /// The word is not of the list.
    NotAllowed,
    /// The text is too long.
    TooLong,
}

const CODE: &str = "code";
const NAME_AR: &str = "name_ar";
const NAME_EN: &str = "name_en";
const AGENCY: &str = "agency";
const MODEL: &str = "model";
const GOVERNORATE: &str = "governorate";
const SIZE: &str = "size";
const OPERATOR: &str = "operator";

const ARABIC_NAME: &[&str] = &["الاسم بالعربية", "الاسم العربي", "name arabic", "arabic name"];
const ENGLISH_NAME: &[&str] = &["الاسم بالإنجليزية", "الاسم الإنجليزي", "name english", "english name"];
const AGENCY_COLUMNS: &[Column] = &[
    Column::required(CODE, &["الرمز", "رمز الجهة", "agency code"]),
    Column::required(NAME_AR, ARABIC_NAME),
    Column::required(NAME_EN, ENGLISH_NAME),
];
const CENTRE_COLUMNS: &[Column] = &[
    Column::required(CODE, &["الرمز", "رمز المركز", "centre code"]),
    Column::required(AGENCY, &["رمز الجهة", "الجهة", "agency code"]),
    Column::required(MODEL, &["النموذج"]),
    Column::required(NAME_AR, ARABIC_NAME),
    Column::required(NAME_EN, ENGLISH_NAME),
    Column::optional(GOVERNORATE, &["المحافظة"]),
    Column::optional(SIZE, &["الحجم"]),
    Column::optional(OPERATOR, &["المشغل", "الجهة المشغلة"]),
];
/// What a model and a size may also be called in a file.
const WORDS: &[(&str, &[&str])] = &[
    ("in_person", &["in person", "نموذج المقر", "المقر", "حضوري"]),
    ("remote", &["نموذج عن بعد", "عن بعد"]),
    ("small", &["صغير"]),
    ("medium", &["متوسط"]),
    ("large", &["كبير"]),
];

/// Checks a file against itself and what there is.
pub(crate) fn check(tx: &mut dyn Tx, new: &NewImport) -> Result<Import, Error> {
    Ok(read(tx, new)?.0)
}

/// Adds everything that a file holds; one with faults is refused.
pub(crate) fn add(tx: &mut dyn Tx, new: &NewImport) -> Result<Import, Error> {
    let (mut import, agencies) = read(tx, new)?;
    if !import.faults.is_empty() {
        let body = ErrorBody::new("import.faults").with("faults", import.faults.len());
        return Err(Error::Refused(body));
    }
    for row in import.rows.clone() {
        let ImportRow { line: _, code, name, agency, model, governorate, size, operator } = row;
        match new.kind {
            ImportKind::Agencies => {
                programme::add_agency(tx, NewAgency { code, name })?;
            }
            ImportKind::Centres => {
                let agency = *agencies.get(&agency).ok_or(Error::NotFound)?;
                let new = NewCentre { code, agency, model, name, governorate, size, operator };
                programme::add_centre(tx, new)?;
            }
        }
        import.added += 1;
    }
    Ok(import)
}

/// Agencies by their codes.
type Agencies = BTreeMap<String, AgencyId>;

fn read(tx: &mut dyn Tx, new: &NewImport) -> Result<(Import, Agencies), Error> {
    let agencies: Agencies =
        programme::agencies(tx)?.into_iter().map(|agency| (agency.code, agency.id)).collect();
    let taken: BTreeSet<String> = match new.kind {
        ImportKind::Agencies => agencies.keys().cloned().collect(),
        ImportKind::Centres => programme::centres(tx)?.into_iter().map(|of| of.code).collect(),
    };
    let table = Table::read(&new.text, new.kind.columns());
    let mut check =
        Check { faults: table.faults, agencies: &agencies, taken, seen: BTreeMap::new() };
    let rows = table.lines.iter().map(|line| check.row(new.kind, line)).collect();
    let mut faults = check.faults;
    faults.sort_by_key(|fault| fault.line);
    Ok((Import { kind: new.kind, rows, faults, added: 0 }, agencies))
}

/// The check of a file's rows.
struct Check<'a> {
    faults: Vec<ImportFault>,
    agencies: &'a Agencies,
    taken: BTreeSet<String>,
    /// Codes with the line they first stand in.
    seen: BTreeMap<String, u64>,
}

impl Check<'_> {
    fn row(&mut self, kind: ImportKind, line: &Line) -> ImportRow {
        for column in kind.columns().iter().filter(|column| column.is_required) {
            if line.has(column.id) && line.get(column.id).is_empty() {
                self.fault(line, column.id, ImportProblem::Empty, &[]);
            }
        }
        self.code(line);
        for column in [NAME_AR, NAME_EN] {
            self.at_most(line, column, MAX_NAME);
        }
        let name = TextJson { ar: line.get(NAME_AR).into(), en: line.get(NAME_EN).into() };
        let row = ImportRow {
            line: line.line,
            code: line.get(CODE).into(),
            name,
            agency: String::new(),
            model: String::new(),
            governorate: None,
            size: None,
            operator: None,
        };
        if kind == ImportKind::Agencies {
            return row;
        }
        for column in [GOVERNORATE, OPERATOR] {
            self.at_most(line, column, MAX_TRAIT);
        }
        let agency = line.get(AGENCY);
        if !agency.is_empty() && !self.agencies.contains_key(agency) {
            self.fault(line, AGENCY, ImportProblem::NoAgency, &[]);
        }
        let models: Vec<&str> = Model::ALL.iter().map(|model| model.word()).collect();
        let given = |text: String| Some(text).filter(|text| !text.is_empty());
        ImportRow {
            agency: agency.into(),
            model: self.word(line, MODEL, &models),
            size: given(self.word(line, SIZE, &SIZES)),
            governorate: given(line.get(GOVERNORATE).into()),
            operator: given(line.get(OPERATOR).into()),
            ..row
        }
    }

    fn code(&mut self, line: &Line) {
        let code = line.get(CODE);
        if code.is_empty() {
            return;
        }
        let first = self.seen.get(code).copied();
        if !is_code(code) {
            self.fault(line, CODE, ImportProblem::Code, &[]);
        } else if let Some(first) = first {
            self.fault(line, CODE, ImportProblem::Twice, &[first.to_string().as_str()]);
        } else if self.taken.contains(code) {
            self.fault(line, CODE, ImportProblem::Taken, &[]);
        }
        self.seen.entry(code.to_owned()).or_insert(line.line);
    }

    fn at_most(&mut self, line: &Line, column: &'static str, most: usize) {
        if line.get(column).chars().count() > most {
            self.fault(line, column, ImportProblem::TooLong, &[most.to_string().as_str()]);
        }
    }

    /// The word of a closed list that a field stands for.
    fn word(&mut self, line: &Line, column: &'static str, allowed: &[&str]) -> String {
        let given = line.get(column);
        let is_meant = |word: &str| {
            let names =
                WORDS.iter().find(|(of, _)| *of == word).map_or(&[][..], |(_, names)| names);
            folded(word) == folded(given) || names.iter().any(|name| folded(name) == folded(given))
        };
        if given.is_empty() {
            return String::new();
        }
        if let Some(word) = allowed.iter().find(|word| is_meant(word)) {
            return (*word).to_owned();
        }
        self.fault(line, column, ImportProblem::NotAllowed, allowed);
        given.to_owned()
    }

    fn fault(&mut self, line: &Line, column: &str, problem: ImportProblem, allowed: &[&str]) {
        self.faults.push(ImportFault {
            line: line.line,
            column: column.to_owned(),
            value: line.get(column).chars().take(100).collect(),
            problem,
            allowed: allowed.iter().map(|word| (*word).to_owned()).collect(),
        });
    }
}
