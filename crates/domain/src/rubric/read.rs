//! From a tree to a rubric: the shape of the file, every fault with its line.

use std::collections::BTreeMap;

use super::check::{self, entry_names};
use super::fault::{Fault, Problem};
use super::tree::{Content, Node};
use super::{
    Criterion, CriticalEffect, EvidenceKind, EvidenceNeed, EvidenceRule, Experience, Level,
    Measure, Model, Parts, Pillar, Policy, Rubric, Tags, VisitKind,
};
use crate::contact::{Channel, ContactMoment};
use crate::exact::Exact;
use crate::scale::{Scale, TimeUnit};
use crate::text::{Language, Text};
use crate::timeline::Moment;

/// Reads a whole rubric.
///
/// A part whose shape is wrong is replaced by a harmless stand-in, so that the faults of all other
/// parts are found in the same run; the stand-ins' own consequences (sums that cannot be right) are
/// not reported.
///
/// # Errors
/// Every fault at once, in the order of the lines.
pub fn rubric(root: &Node) -> Result<Rubric, Vec<Fault>> {
    let mut reader = Reader::default();
    let parts = reader.parts(root);
    if reader.faults.is_empty() {
        return Rubric::new(parts).map_err(|faults| with_lines(faults, &reader.lines));
    }
    let replaced: Vec<String> = reader
        .faults
        .iter()
        .filter(|fault| fault.problem != Problem::UnknownKey)
        .map(|fault| fault.path.clone())
        .collect();
    let meaning = check::check(&parts).into_iter();
    let meaning = meaning.filter(|fault| !replaced.iter().any(|path| comes_of(fault, path)));
    let mut faults = reader.faults;
    faults.extend(meaning);
    Err(with_lines(faults, &reader.lines))
}

/// Whether a fault of meaning may come of the stand-in at `replaced`, and so says nothing.
fn comes_of(fault: &Fault, replaced: &str) -> bool {
    let within = |path: &str| {
        replaced.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    let above = fault.path.strip_prefix(replaced);
    let own = above.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
    // A weight, a whole entry or a whole list, at the depth that counts in the sum.
    let weighs = |list: &str| {
        let rest = replaced.strip_prefix(list).map(|rest| rest.trim_start_matches('.'));
        let name = rest.map(|rest| rest.strip_suffix(".weight").unwrap_or(rest));
        name.is_some_and(|name| !name.contains('.'))
    };
    match &fault.problem {
        Problem::PillarWeights { .. } => within("pillars") && weighs("pillars"),
        Problem::CriteriaWeights { .. } => {
            let list = format!("{}.criteria", fault.path);
            own || replaced == format!("{}.weight", fault.path) || (within(&list) && weighs(&list))
        }
        Problem::Anchors { .. } => {
            let criterion = fault.path.trim_end_matches(".anchors");
            own || within(&fault.path) || within(&format!("{criterion}.scale"))
        }
        Problem::MeasureScale { .. } | Problem::MeasureUnit => {
            let criterion = fault.path.trim_end_matches(".measure");
            own || within(&format!("{criterion}.scale"))
        }
        Problem::EvidenceKinds { .. } => within(fault.path.trim_end_matches(".kinds")),
        Problem::LevelOrder { .. }
        | Problem::LastLevel
        | Problem::NoSuchLevel { .. }
        | Problem::CapForbidsCritical { .. } => own || within("levels"),
        Problem::Empty => own || within(&fault.path),
        Problem::Syntax { .. }
        | Problem::Missing
        | Problem::UnknownKey
        | Problem::WrongType { .. }
        | Problem::NotAllowed { .. }
        | Problem::EmptyText
        | Problem::Duplicate { .. }
        | Problem::BadId { .. }
        | Problem::OutOfRange { .. }
        | Problem::MeasureOrder { .. } => own,
        Problem::Thresholds { .. } => own || within(&fault.path),
    }
}

fn with_lines(faults: Vec<Fault>, lines: &BTreeMap<String, usize>) -> Vec<Fault> {
    let line_of = |path: &str| {
        let mut path = path;
        loop {
            if let Some(line) = lines.get(path) {
                return Some(*line);
            }
            match path.rsplit_once('.') {
                Some((above, _)) => path = above,
                // A key that is missing from the file itself: its first line.
                None => return lines.get("").copied(),
            }
        }
    };
    let mut faults: Vec<Fault> = faults
        .into_iter()
        .map(|fault| Fault { line: fault.line.or_else(|| line_of(&fault.path)), ..fault })
        .collect();
    faults.sort_by(|a, b| (a.line, &a.path).cmp(&(b.line, &b.path)));
    faults
}

#[derive(Default)]
struct Reader {
    faults: Vec<Fault>,
    lines: BTreeMap<String, usize>,
}

/// A table being read, with the keys that are known in it.
struct Table<'a> {
    path: String,
    entries: &'a [(String, Node)],
}

impl<'a> Table<'a> {
    fn get(&self, key: &str) -> Option<&'a Node> {
        self.entries.iter().find(|(name, _)| name == key).map(|(_, node)| node)
    }

    fn path_of(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }
}

impl Reader {
    fn add(&mut self, path: &str, problem: Problem) {
        self.faults.push(Fault::at(path, problem));
    }

    fn note_line(&mut self, path: &str, node: &Node) {
        if let Some(line) = node.line {
            self.lines.entry(path.to_owned()).or_insert(line);
        }
    }

    fn wrong_type(&mut self, path: &str, expected: &'static str, node: &Node) {
        let found = node.content.described();
        self.add(path, Problem::WrongType { expected, found });
    }

    fn table<'a>(&mut self, path: &str, node: &'a Node, known: &[&str]) -> Option<Table<'a>> {
        self.note_line(path, node);
        let Content::Table(entries) = &node.content else {
            self.wrong_type(path, "a table", node);
            return None;
        };
        let table = Table { path: path.to_owned(), entries };
        for (key, value) in entries {
            let key_path = table.path_of(key);
            self.note_line(&key_path, value);
            if !known.contains(&key.as_str()) {
                self.add(&key_path, Problem::UnknownKey);
            }
        }
        Some(table)
    }

    fn required<'a>(&mut self, table: &Table<'a>, key: &str) -> Option<&'a Node> {
        let node = table.get(key);
        if node.is_none() {
            self.add(&table.path_of(key), Problem::Missing);
        }
        node
    }

    fn string(&mut self, table: &Table<'_>, key: &str) -> String {
        let Some(node) = self.required(table, key) else { return String::new() };
        self.string_of(&table.path_of(key), node).unwrap_or_default()
    }

    fn string_of(&mut self, path: &str, node: &Node) -> Option<String> {
        if let Content::Text(text) = &node.content {
            return Some(text.clone());
        }
        self.wrong_type(path, "a text in quotes", node);
        None
    }

    fn number_of(&mut self, path: &str, node: &Node) -> Option<Exact> {
        if let Content::Number(text) = &node.content
            && let Ok(number) = Exact::from_decimal(text)
        {
            return Some(number);
        }
        self.wrong_type(path, "a decimal number without quotes", node);
        None
    }

    fn number(&mut self, table: &Table<'_>, key: &str) -> Exact {
        let Some(node) = self.required(table, key) else { return Exact::zero() };
        self.number_of(&table.path_of(key), node).unwrap_or_else(Exact::zero)
    }

    fn optional_number(&mut self, table: &Table<'_>, key: &str) -> Option<Exact> {
        self.number_of(&table.path_of(key), table.get(key)?)
    }

    fn flag(&mut self, table: &Table<'_>, key: &str) -> bool {
        match table.get(key).map(|node| (&node.content, node)) {
            None => false,
            Some((Content::Bool(value), _)) => *value,
            Some((_, node)) => {
                self.wrong_type(&table.path_of(key), "true or false", node);
                false
            }
        }
    }

    fn word<T: Copy>(
        &mut self,
        path: &str,
        word: &str,
        all: &[T],
        name: fn(T) -> &'static str,
    ) -> Option<T> {
        let found = all.iter().copied().find(|value| name(*value) == word);
        if found.is_none() {
            let allowed: Vec<&str> = all.iter().copied().map(name).collect();
            let problem =
                Problem::NotAllowed { value: word.to_owned(), allowed: allowed.join(", ") };
            self.add(path, problem);
        }
        found
    }

    /// A word of a closed list; a missing key is told once.
    fn required_word<T: Copy>(
        &mut self,
        table: &Table<'_>,
        key: &str,
        all: &[T],
        name: fn(T) -> &'static str,
    ) -> Option<T> {
        let path = table.path_of(key);
        let node = self.required(table, key)?;
        let word = self.string_of(&path, node)?;
        self.word(&path, &word, all, name)
    }

    fn text(&mut self, table: &Table<'_>, key: &str) -> Text {
        match self.required(table, key) {
            Some(node) => self.text_of(&table.path_of(key), node),
            None => Text::default(),
        }
    }

    fn text_of(&mut self, path: &str, node: &Node) -> Text {
        let codes = Language::ALL.map(Language::code);
        let Some(table) = self.table(path, node, &codes) else { return Text::default() };
        Text { ar: self.string(&table, "ar"), en: self.string(&table, "en") }
    }

    fn list<'a>(&mut self, table: &Table<'a>, key: &str) -> &'a [Node] {
        let Some(node) = self.required(table, key) else { return &[] };
        if let Content::List(items) = &node.content {
            return items;
        }
        self.wrong_type(&table.path_of(key), "a list", node);
        &[]
    }

    fn parts(&mut self, root: &Node) -> Parts {
        let known = ["id", "version", "model", "title", "policy", "levels", "pillars"];
        let empty = Table { path: String::new(), entries: &[] };
        let table = self.table("", root, &known).unwrap_or(empty);
        let model = self.required_word(&table, "model", Model::ALL, Model::word);
        Parts {
            id: self.string(&table, "id"),
            version: self.string(&table, "version"),
            model: model.unwrap_or(Model::InPerson),
            title: self.text(&table, "title"),
            policy: self.policy(&table),
            levels: self.entries(&table, "levels", Self::level),
            pillars: self.entries(&table, "pillars", Self::pillar),
        }
    }

    fn policy(&mut self, root: &Table<'_>) -> Policy {
        let known = ["unannounced_share", "min_coverage", "critical_cap"];
        let table = match self.required(root, "policy") {
            Some(node) => self.table("policy", node, &known),
            None => None,
        };
        let Some(table) = table else {
            let zero = Exact::zero;
            return Policy {
                unannounced_share: zero(),
                min_coverage: zero(),
                critical_cap: String::new(),
            };
        };
        Policy {
            unannounced_share: self
                .optional_number(&table, "unannounced_share")
                .unwrap_or_else(|| Exact::ratio(7, 10).unwrap_or_else(Exact::zero)),
            min_coverage: self.optional_number(&table, "min_coverage").unwrap_or(Exact::from(70)),
            critical_cap: self.string(&table, "critical_cap"),
        }
    }

    fn entries<T>(
        &mut self,
        table: &Table<'_>,
        key: &str,
        read: fn(&mut Self, &str, &Node) -> T,
    ) -> Vec<T> {
        let nodes = self.list(table, key);
        let names = entry_names(nodes.iter().map(id_of));
        let path = table.path_of(key);
        let one = |(node, name): (&Node, &String)| read(self, &format!("{path}.{name}"), node);
        nodes.iter().zip(&names).map(one).collect()
    }

    fn level(&mut self, path: &str, node: &Node) -> Level {
        let known = ["id", "name", "min_score", "pillar_floor", "allows_critical"];
        let table = self.table_or_empty(path, node, &known);
        Level {
            id: self.string(&table, "id"),
            name: self.text(&table, "name"),
            min_score: self.number(&table, "min_score"),
            pillar_floor: self.optional_number(&table, "pillar_floor"),
            allows_critical: self.flag(&table, "allows_critical"),
        }
    }

    fn table_or_empty<'a>(&mut self, path: &str, node: &'a Node, known: &[&str]) -> Table<'a> {
        let empty = Table { path: path.to_owned(), entries: &[] };
        self.table(path, node, known).unwrap_or(empty)
    }

    fn pillar(&mut self, path: &str, node: &Node) -> Pillar {
        let table = self.table_or_empty(path, node, &["id", "name", "weight", "criteria"]);
        Pillar {
            id: self.string(&table, "id"),
            name: self.text(&table, "name"),
            weight: self.number(&table, "weight"),
            criteria: self.entries(&table, "criteria", Self::criterion),
        }
    }

    fn criterion(&mut self, path: &str, node: &Node) -> Criterion {
        let known = [
            "id", "name", "guidance", "weight", "scale", "anchors", "visits", "evidence",
            "critical", "basic", "measure", "tags",
        ];
        let table = self.table_or_empty(path, node, &known);
        Criterion {
            id: self.string(&table, "id"),
            name: self.text(&table, "name"),
            guidance: self.text(&table, "guidance"),
            weight: self.number(&table, "weight"),
            scale: self.scale(&table),
            anchors: self.anchors(&table),
            visits: self.visits(&table),
            evidence: self.evidence(&table),
            critical: self.critical(&table),
            basic: self.flag(&table, "basic"),
            measure: self.measure(&table),
            tags: self.tags(&table),
        }
    }

    fn scale(&mut self, criterion: &Table<'_>) -> Scale {
        let path = criterion.path_of("scale");
        let Some(node) = self.required(criterion, "scale") else { return Scale::YesNo };
        let known = ["kind", "unit", "full_at", "zero_at", "target"];
        let Some(table) = self.table(&path, node, &known) else { return Scale::YesNo };
        let Some(kind) = self.required(&table, "kind") else { return Scale::YesNo };
        let Some(kind) = self.string_of(&table.path_of("kind"), kind) else { return Scale::YesNo };
        let (scale, own): (Scale, &[&str]) = match kind.as_str() {
            "yes_no" => (Scale::YesNo, &[]),
            "met_partly_not" => (Scale::MetPartlyNot, &[]),
            "level_0_5" => (Scale::Level0To5, &[]),
            "maturity" => (Scale::Maturity, &[]),
            "timed" => (self.timed(&table), &["unit", "full_at", "zero_at"]),
            "percent" => {
                let target = self.optional_number(&table, "target").unwrap_or(Exact::from(100));
                (Scale::Percent { target }, &["target"])
            }
            _ => {
                let allowed = "yes_no, met_partly_not, level_0_5, timed, percent, maturity".into();
                let problem = Problem::NotAllowed { value: kind, allowed };
                self.add(&table.path_of("kind"), problem);
                return Scale::YesNo;
            }
        };
        for key in known.iter().skip(1).filter(|key| !own.contains(key)) {
            if table.get(key).is_some() {
                self.add(&table.path_of(key), Problem::UnknownKey);
            }
        }
        scale
    }

    fn timed(&mut self, table: &Table<'_>) -> Scale {
        let unit = self.required_word(table, "unit", TimeUnit::ALL, TimeUnit::word);
        Scale::Timed {
            unit: unit.unwrap_or(TimeUnit::Minutes),
            full_at: self.number(table, "full_at"),
            zero_at: self.number(table, "zero_at"),
        }
    }

    fn anchors(&mut self, criterion: &Table<'_>) -> Vec<Text> {
        if criterion.get("anchors").is_none() {
            return Vec::new();
        }
        let path = criterion.path_of("anchors");
        let nodes = self.list(criterion, "anchors");
        let read = |(index, node)| self.text_of(&format!("{path}.{}", index + 1), node);
        nodes.iter().enumerate().map(read).collect()
    }

    fn words_of<T: Copy + PartialEq>(
        &mut self,
        table: &Table<'_>,
        key: &str,
        all: &[T],
        name: fn(T) -> &'static str,
    ) -> Vec<T> {
        let path = table.path_of(key);
        let mut found = Vec::new();
        for node in self.list(table, key) {
            let Some(word) = self.string_of(&path, node) else { continue };
            let Some(value) = self.word(&path, &word, all, name) else { continue };
            if found.contains(&value) {
                self.add(&path, Problem::Duplicate { id: word });
            } else {
                found.push(value);
            }
        }
        found
    }

    fn visits(&mut self, criterion: &Table<'_>) -> Vec<VisitKind> {
        let mut visits = self.words_of(criterion, "visits", VisitKind::ALL, VisitKind::word);
        visits.sort();
        visits
    }

    fn evidence(&mut self, criterion: &Table<'_>) -> EvidenceRule {
        let none = EvidenceRule { need: EvidenceNeed::None, kinds: Vec::new() };
        let path = criterion.path_of("evidence");
        let Some(node) = self.required(criterion, "evidence") else { return none };
        let Some(table) = self.table(&path, node, &["rule", "kinds"]) else { return none };
        let need = self.required_word(&table, "rule", EvidenceNeed::ALL, EvidenceNeed::word);
        let has_kinds = table.get("kinds").is_some();
        let kinds = if has_kinds {
            self.words_of(&table, "kinds", EvidenceKind::ALL, EvidenceKind::word)
        } else {
            Vec::new()
        };
        EvidenceRule { need: need.unwrap_or(EvidenceNeed::None), kinds }
    }

    fn critical(&mut self, criterion: &Table<'_>) -> Option<CriticalEffect> {
        let path = criterion.path_of("critical");
        let word = self.string_of(&path, criterion.get("critical")?)?;
        self.word(&path, &word, CriticalEffect::ALL, CriticalEffect::word)
    }

    /// A channel makes it a measure of contacts; without one the words are those of the centre.
    fn measure(&mut self, criterion: &Table<'_>) -> Option<Measure> {
        let node = criterion.get("measure")?;
        let table = self.table(&criterion.path_of("measure"), node, &["channel", "from", "to"])?;
        if table.get("channel").is_none() {
            let from = self.required_word(&table, "from", Moment::ALL, Moment::word);
            let to = self.required_word(&table, "to", Moment::ALL, Moment::word);
            return Some(Measure::Visit { from: from?, to: to? });
        }
        let channel = self.required_word(&table, "channel", Channel::ALL, Channel::word)?;
        let (moments, word) = (channel.moments(), ContactMoment::word);
        let from = self.required_word(&table, "from", moments, word);
        let to = self.required_word(&table, "to", moments, word);
        Some(Measure::Contact { channel, from: from?, to: to? })
    }

    fn tags(&mut self, criterion: &Table<'_>) -> Tags {
        let path = criterion.path_of("tags");
        let Some(node) = criterion.get("tags") else { return Tags::default() };
        let keys = ["driver", "element", "stage", "experience"];
        let Some(table) = self.table(&path, node, &keys) else {
            return Tags::default();
        };
        let mut tag = |key: &str| {
            let path = table.path_of(key);
            table.get(key).and_then(|node| self.string_of(&path, node))
        };
        let (driver, element, stage) = (tag("driver"), tag("element"), tag("stage"));
        let (word, path) = (tag("experience"), table.path_of("experience"));
        let words = Experience::ALL;
        let experience = word.and_then(|word| self.word(&path, &word, words, Experience::word));
        Tags { driver, element, stage, experience }
    }
}

fn id_of(node: &Node) -> &str {
    let Content::Table(entries) = &node.content else { return "" };
    let id = entries.iter().find(|(key, _)| key == "id");
    match id.map(|(_, node)| &node.content) {
        Some(Content::Text(id)) => id,
        _ => "",
    }
}
