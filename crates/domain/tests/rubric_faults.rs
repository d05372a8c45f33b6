//! Faulty rubric files: each fault is found by its line, place and problem, and all of them at once.
//!
//! The two shipped rubrics are held against what the domain notes say of them.

#![expect(clippy::unwrap_used, reason = "clippy does not see that helpers of tests are tests")]

use std::path::Path;

use mizan_domain::exact::Exact;
use mizan_domain::rubric::{Criterion, Fault, Problem, Rubric, VisitKind};

/// A rubric without a fault. Each line that a row below points at stands in it once.
const SOUND: &str = r#"id = "small"
version = "1.0.0"
model = "in_person"
title = { ar = "صغير", en = "Small" }

[policy]
unannounced_share = 0.7
min_coverage = 70
critical_cap = "silver"

[[levels]]
id = "gold"
name = { ar = "ذهبي", en = "Gold" }
min_score = 90
pillar_floor = 65

[[levels]]
id = "silver"
name = { ar = "فضي", en = "Silver" }
min_score = 80
allows_critical = true

[[levels]] # rest
id = "rest"
name = { ar = "سائر", en = "The rest" }
min_score = 0
allows_critical = true # last

[[pillars]] # A
id = "A"
name = { ar = "أ", en = "Pillar A" }
weight = 60

[[pillars.criteria]] # A1
id = "A1"
name = { ar = "لافتة", en = "Sign" }
guidance = { ar = "انظر", en = "Look at the sign" }
weight = 20.5
scale = { kind = "yes_no" }
visits = ["unannounced", "scheduled"]
evidence = { rule = "required", kinds = ["photo"] }
critical = "cap"
tags = { stage = "find" }

[[pillars.criteria]]
id = "A2"
name = { ar = "نظافة", en = "Cleanliness" }
guidance = { ar = "انظر", en = "Look at the hall" }
weight = 39.5
scale = { kind = "met_partly_not" }
anchors = [
  { ar = "نعم", en = "Clean" },
  { ar = "جزئياً", en = "In part" },
  { ar = "لا", en = "Dirty" },
]
visits = ["unannounced"]
evidence = { rule = "none", kinds = [] }
basic = true

[[pillars]] # B
id = "B"
name = { ar = "ب", en = "Pillar B" }
weight = 40

[[pillars.criteria]]
id = "B1"
name = { ar = "انتظار", en = "Waiting" }
guidance = { ar = "قس", en = "Measure the wait" }
weight = 15
scale = { kind = "timed", unit = "min", full_at = 10, zero_at = 40 }
measure = { from = "ticket", to = "called" }
visits = ["unannounced"]
evidence = { rule = "optional", kinds = ["ticket"] }

[[pillars.criteria]] # B2
id = "B2"
name = { ar = "رضا", en = "Satisfaction" }
guidance = { ar = "اطلب", en = "Ask for the rate" }
weight = 25
scale = { kind = "percent", target = 80 }
visits = ["scheduled"]
evidence = { rule = "required", kinds = ["report", "document"] }
"#;

/// One text put for another in [`SOUND`].
type Edit = (&'static str, &'static str);

/// Where a fault is expected: a text on its line, its path, its problem.
type Place = (&'static str, &'static str, Problem);

fn edited(edits: &[Edit]) -> String {
    edits.iter().fold(SOUND.to_owned(), |text, (from, to)| {
        assert_eq!(text.matches(from).count(), 1, "`{from}` stands once in the text");
        text.replace(from, to)
    })
}

fn line_of(text: &str, part: &str) -> usize {
    assert_eq!(text.matches(part).count(), 1, "`{part}` stands once in the text");
    text[..text.find(part).unwrap()].matches('\n').count() + 1
}

fn faults(text: &str) -> Vec<Fault> {
    Rubric::from_toml(text).expect_err("the text has faults")
}

/// The edits make exactly these faults, in this order, which is the order of the lines.
fn check(title: &str, edits: &[Edit], expected: &[Place]) {
    let text = edited(edits);
    let expected: Vec<Fault> = expected
        .iter()
        .map(|(part, path, problem)| Fault {
            line: Some(line_of(&text, part)),
            path: (*path).to_owned(),
            problem: problem.clone(),
        })
        .collect();
    let found = faults(&text);
    assert_eq!(found, expected, "{title}");
    let lines: Vec<Option<usize>> = found.iter().map(|fault| fault.line).collect();
    assert!(lines.is_sorted(), "{title}: {lines:?} is the order of the lines");
}

fn not_allowed(value: &str, allowed: &str) -> Problem {
    Problem::NotAllowed { value: value.into(), allowed: allowed.into() }
}

fn duplicate(id: &str) -> Problem {
    Problem::Duplicate { id: id.into() }
}

fn out_of_range(value: &str, range: &'static str) -> Problem {
    Problem::OutOfRange { value: value.into(), range }
}

#[test]
fn the_text_the_rows_start_from_is_sound() {
    let rubric = Rubric::from_toml(SOUND).unwrap();
    let weights: Vec<String> = rubric.criteria().map(|c| c.weight.to_string()).collect();
    assert_eq!(weights, ["41/2", "79/2", "15", "25"], "decimals are read exactly");
}

#[test]
fn weights_that_do_not_sum_are_found() {
    check(
        "pillar weights over 100",
        &[("weight = 40", "weight = 41"), ("weight = 25", "weight = 26")],
        &[("[[pillars]] # A", "pillars", Problem::PillarWeights { sum: "101".into() })],
    );
    check(
        "pillar weights a hair under 100",
        &[("weight = 40", "weight = 39.999"), ("weight = 25", "weight = 24.999")],
        &[("[[pillars]] # A", "pillars", Problem::PillarWeights { sum: "99.999".into() })],
    );
    let (sum, weight) = ("60.1".to_owned(), "60".to_owned());
    check(
        "criteria weights off",
        &[("weight = 39.5", "weight = 39.6")],
        &[("[[pillars]] # A", "pillars.A", Problem::CriteriaWeights { sum, weight })],
    );
    let (sum, weight) = ("40".to_owned(), "39".to_owned());
    check(
        "a pillar's weight off puts both sums out",
        &[("weight = 40", "weight = 39")],
        &[
            ("[[pillars]] # A", "pillars", Problem::PillarWeights { sum: "99".into() }),
            ("[[pillars]] # B", "pillars.B", Problem::CriteriaWeights { sum, weight }),
        ],
    );
    let range = "over 0 and at most 100";
    let (sum, weight) = ("40".to_owned(), "60".to_owned());
    check(
        "a criterion without weight, and one below none",
        &[("weight = 39.5", "weight = 60"), ("weight = 20.5", "weight = -20")],
        &[
            ("[[pillars]] # A", "pillars.A", Problem::CriteriaWeights { sum, weight }),
            ("weight = -20", "pillars.A.criteria.A1.weight", out_of_range("-20", range)),
        ],
    );
}

#[test]
fn ids_and_texts_are_checked() {
    check(
        "the same id twice in a pillar",
        &[("id = \"A2\"", "id = \"A1\" # again")],
        &[("# again", "pillars.A.criteria.A1#2.id", duplicate("A1"))],
    );
    check(
        "the same id in two pillars",
        &[("id = \"B2\"", "id = \"A2\" # again")],
        &[("# again", "pillars.B.criteria.A2.id", duplicate("A2"))],
    );
    check(
        "two pillars of one id",
        &[("id = \"B\"", "id = \"A\" # again")],
        &[("# again", "pillars.A#2.id", duplicate("A"))],
    );
    check(
        "two levels of one id",
        &[("id = \"rest\"", "id = \"silver\" # again")],
        &[("# again", "levels.silver#3.id", duplicate("silver"))],
    );
    check(
        "an id with a space",
        &[("id = \"B1\"", "id = \"B 1\"")],
        &[("id = \"B 1\"", "pillars.B.criteria.B 1.id", Problem::BadId { id: "B 1".into() })],
    );
    check(
        "an id that is empty",
        &[("id = \"small\"", "id = \"\"")],
        &[("id = \"\"", "id", Problem::BadId { id: String::new() })],
    );
    check(
        "a language left empty",
        &[("en = \"Small\"", "en = \"\"")],
        &[("title = ", "title.en", Problem::EmptyText)],
    );
    check(
        "a language of blanks",
        &[("ar = \"قس\"", "ar = \"  \"")],
        &[("ar = \"  \"", "pillars.B.criteria.B1.guidance.ar", Problem::EmptyText)],
    );
    check(
        "an anchor's language left empty",
        &[("en = \"In part\"", "en = \"\"")],
        &[("en = \"\"", "pillars.A.criteria.A2.anchors.2.en", Problem::EmptyText)],
    );
    check(
        "a language left out",
        &[("ar = \"صغير\", ", "")],
        &[("title = ", "title.ar", Problem::Missing)],
    );
}

#[test]
fn scales_anchors_and_evidence_are_checked() {
    let (scale, expected) = ("met_partly_not", "three (met, partly, not)");
    check(
        "one anchor too few",
        &[("  { ar = \"جزئياً\", en = \"In part\" },\n", "")],
        &[(
            "anchors = [",
            "pillars.A.criteria.A2.anchors",
            Problem::Anchors { found: 2, scale, expected },
        )],
    );
    let (scale, expected) = ("maturity", "five (none to leading)");
    check(
        "anchors left out where steps need words",
        &[("kind = \"yes_no\"", "kind = \"maturity\"")],
        &[(
            "[[pillars.criteria]] # A1",
            "pillars.A.criteria.A1.anchors",
            Problem::Anchors { found: 0, scale, expected },
        )],
    );
    let thresholds = |full_at: &str, zero_at: &str| Problem::Thresholds {
        full_at: full_at.into(),
        zero_at: zero_at.into(),
    };
    let scale = "pillars.B.criteria.B1.scale";
    check(
        "full_at is zero_at",
        &[("full_at = 10", "full_at = 40.0")],
        &[("full_at = 40.0", scale, thresholds("40", "40"))],
    );
    check(
        "full_at over zero_at",
        &[("zero_at = 40", "zero_at = 9.5")],
        &[("zero_at = 9.5", scale, thresholds("10", "9.5"))],
    );
    let target = "pillars.B.criteria.B2.scale.target";
    for wrong in ["0", "100.5", "-1"] {
        let edit = format!("target = {wrong}").leak();
        let problem = out_of_range(wrong, "over 0 and at most 100");
        check("a target out of range", &[("target = 80", edit)], &[(edit, target, problem)]);
    }
    check(
        "a key of another scale",
        &[("target = 80", "target = 80, full_at = 1")],
        &[("full_at = 1 ", "pillars.B.criteria.B2.scale.full_at", Problem::UnknownKey)],
    );
    check(
        "evidence is required and no kind accepted",
        &[("kinds = [\"photo\"]", "kinds = []  ")],
        &[(
            "kinds = []  ",
            "pillars.A.criteria.A1.evidence.kinds",
            Problem::EvidenceKinds {
                need: "required",
                kinds: 0,
                remedy: "name the kinds accepted",
            },
        )],
    );
    check(
        "judged on no visit",
        &[("visits = [\"scheduled\"]", "visits = []")],
        &[("visits = []", "pillars.B.criteria.B2.visits", Problem::Empty)],
    );
}

#[test]
fn measures_are_checked() {
    const MEASURE: &str = "measure = { from = \"ticket\", to = \"called\" }";
    let path = |id: &str, key: &str| format!("pillars.{id}.measure{key}").leak() as &'static str;
    let order = |from, to| Problem::MeasureOrder { from, to };
    let centre = "arrived, ticket, greeted, called, done, left";
    let phone = "dialled, answered, held, resumed, ended";
    let channels = "phone, email, chat, whatsapp, social, portal";
    let rows: [(&str, &'static str, &str, Problem); 9] = [
        ("backwards", "from = \"called\", to = \"ticket\"", "", order("called", "ticket")),
        ("to itself", "from = \"done\", to = \"done\"", "", order("done", "done")),
        (
            "backwards on a channel",
            "channel = \"phone\", from = \"held\", to = \"answered\"",
            "",
            order("held", "answered"),
        ),
        (
            "a contact's word at the centre",
            "from = \"ticket\", to = \"replied\"",
            ".to",
            not_allowed("replied", centre),
        ),
        (
            "a word of the centre on a channel",
            "channel = \"phone\", from = \"arrived\", to = \"answered\"",
            ".from",
            not_allowed("arrived", phone),
        ),
        (
            "a word of another channel",
            "channel = \"phone\", from = \"dialled\", to = \"replied\"",
            ".to",
            not_allowed("replied", phone),
        ),
        (
            "no such channel",
            "channel = \"fax\", from = \"sent\", to = \"replied\"",
            ".channel",
            not_allowed("fax", channels),
        ),
        ("no end", "from = \"ticket\"", ".to", Problem::Missing),
        (
            "a key too many",
            "from = \"ticket\", to = \"called\", unit = \"s\"",
            ".unit",
            Problem::UnknownKey,
        ),
    ];
    for (title, inside, key, problem) in rows {
        let line = format!("measure = {{ {inside} }}").leak();
        let place = (&*line, path("B.criteria.B1", key), problem);
        check(title, &[(MEASURE, line)], &[place]);
    }
    check(
        "working hours",
        &[("unit = \"min\"", "unit = \"working_h\"")],
        &[(MEASURE, path("B.criteria.B1", ""), Problem::MeasureUnit)],
    );
    let moved = "scale = { kind = \"percent\", target = 80 }\nmeasure = { from = \"called\", to = \"done\" }";
    check(
        "on a scale without a clock",
        &[("scale = { kind = \"percent\", target = 80 }", moved)],
        &[(
            "measure = { from = \"called\"",
            path("B.criteria.B2", ""),
            Problem::MeasureScale { scale: "percent" },
        )],
    );
    let not_a_table = not_a_table("measure = \"ticket\"");
    check("no table", &[(MEASURE, "measure = \"ticket\"")], &[not_a_table]);
}

fn not_a_table(line: &'static str) -> Place {
    let problem = Problem::WrongType { expected: "a table", found: "a text" };
    (line, "pillars.B.criteria.B1.measure", problem)
}

#[test]
fn levels_and_policy_are_checked() {
    let order =
        |value: &str, above: &str| Problem::LevelOrder { value: value.into(), above: above.into() };
    check(
        "a level over the one before it",
        &[("min_score = 80", "min_score = 91")],
        &[("min_score = 91", "levels.silver.min_score", order("91", "90"))],
    );
    check(
        "a level that starts where the one before it does",
        &[("min_score = 80", "min_score = 90.0")],
        &[("min_score = 90.0", "levels.silver.min_score", order("90", "90"))],
    );
    check(
        "the last level starts above 0",
        &[("min_score = 0", "min_score = 0.5")],
        &[("[[levels]] # rest", "levels.rest", Problem::LastLevel)],
    );
    check(
        "the last level has a floor",
        &[("min_score = 0", "min_score = 0\npillar_floor = 1")],
        &[("[[levels]] # rest", "levels.rest", Problem::LastLevel)],
    );
    let forbids = |id: &str| Problem::CapForbidsCritical { id: id.into() };
    check(
        "the last level bars criticals, so the cap does too",
        &[("allows_critical = true # last", "")],
        &[
            ("critical_cap = ", "policy.critical_cap", forbids("rest")),
            ("[[levels]] # rest", "levels.rest", Problem::LastLevel),
        ],
    );
    check(
        "the cap is a level that bars criticals",
        &[("critical_cap = \"silver\"", "critical_cap = \"gold\"")],
        &[("critical_cap = ", "policy.critical_cap", forbids("gold"))],
    );
    let (id, levels) = ("bronze".into(), "gold, silver, rest".into());
    check(
        "the cap is no level",
        &[("critical_cap = \"silver\"", "critical_cap = \"bronze\"")],
        &[("critical_cap = ", "policy.critical_cap", Problem::NoSuchLevel { id, levels })],
    );
    check(
        "a share over one",
        &[("unannounced_share = 0.7", "unannounced_share = 1.01")],
        &[("1.01", "policy.unannounced_share", out_of_range("1.01", "from 0 to 1"))],
    );
    check(
        "a coverage over one hundred",
        &[("min_coverage = 70", "min_coverage = 101")],
        &[("101", "policy.min_coverage", out_of_range("101", "from 0 to 100"))],
    );
    check(
        "a floor over one hundred",
        &[("pillar_floor = 65", "pillar_floor = 650")],
        &[("650", "levels.gold.pillar_floor", out_of_range("650", "from 0 to 100"))],
    );
}

#[test]
fn the_shape_of_the_file_is_checked() {
    check(
        "an unknown key of the file",
        &[("version = \"1.0.0\"", "version = \"1.0.0\"\nauthor = \"me\"")],
        &[("author", "author", Problem::UnknownKey)],
    );
    check(
        "a misspelt optional key of a criterion",
        &[("basic = true", "basics = true")],
        &[("basics", "pillars.A.criteria.A2.basics", Problem::UnknownKey)],
    );
    let wrong = |expected, found| Problem::WrongType { expected, found };
    let number = "a decimal number without quotes";
    check(
        "a number in quotes",
        &[("weight = 15", "weight = \"15\"")],
        &[("\"15\"", "pillars.B.criteria.B1.weight", wrong(number, "a text"))],
    );
    check(
        "a number that is not finite",
        &[("weight = 15", "weight = inf")],
        &[("inf", "pillars.B.criteria.B1.weight", wrong(number, "something else"))],
    );
    check(
        "a flag in quotes",
        &[("basic = true", "basic = \"yes\"")],
        &[("\"yes\"", "pillars.A.criteria.A2.basic", wrong("true or false", "a text"))],
    );
    check(
        "a text without quotes",
        &[("version = \"1.0.0\"", "version = 1.0")],
        &[("version = 1.0", "version", wrong("a text in quotes", "a number"))],
    );
    check(
        "a text in one language only",
        &[("title = { ar = \"صغير\", en = \"Small\" }", "title = \"Small\"")],
        &[("title = \"Small\"", "title", wrong("a table", "a text"))],
    );
    check(
        "a list that is none",
        &[("visits = [\"scheduled\"]", "visits = \"scheduled\"")],
        &[("visits = \"scheduled\"", "pillars.B.criteria.B2.visits", wrong("a list", "a text"))],
    );
    check(
        "a required key of a criterion left out",
        &[("visits = [\"scheduled\"]\n", "")],
        &[("[[pillars.criteria]] # B2", "pillars.B.criteria.B2.visits", Problem::Missing)],
    );
}

#[test]
fn words_of_closed_lists_are_checked() {
    check(
        "model",
        &[("model = \"in_person\"", "model = \"mobile\"")],
        &[("mobile", "model", not_allowed("mobile", "in_person, remote"))],
    );
    check(
        "scale",
        &[("kind = \"yes_no\"", "kind = \"stars\"")],
        &[(
            "stars",
            "pillars.A.criteria.A1.scale.kind",
            not_allowed("stars", "yes_no, met_partly_not, level_0_5, timed, percent, maturity"),
        )],
    );
    check(
        "unit",
        &[("unit = \"min\"", "unit = \"days\"")],
        &[(
            "days",
            "pillars.B.criteria.B1.scale.unit",
            not_allowed("days", "s, min, h, working_h"),
        )],
    );
    check(
        "visit kind",
        &[("visits = [\"scheduled\"]", "visits = [\"secret\"]")],
        &[(
            "secret",
            "pillars.B.criteria.B2.visits",
            not_allowed("secret", "unannounced, scheduled"),
        )],
    );
    check(
        "a visit kind twice",
        &[("visits = [\"scheduled\"]", "visits = [\"scheduled\", \"scheduled\"]")],
        &[("[\"scheduled\", ", "pillars.B.criteria.B2.visits", duplicate("scheduled"))],
    );
    check(
        "evidence rule",
        &[("rule = \"none\"", "rule = \"perhaps\"")],
        &[(
            "perhaps",
            "pillars.A.criteria.A2.evidence.rule",
            not_allowed("perhaps", "none, optional, required"),
        )],
    );
    check(
        "critical effect",
        &[("critical = \"cap\"", "critical = \"kill\"")],
        &[("kill", "pillars.A.criteria.A1.critical", not_allowed("kill", "cap, fail"))],
    );
}

#[test]
fn a_syntax_fault_has_its_line() {
    for (edit, at) in [
        (("weight = 15", "weight = "), "weight = \n"),
        (("id = \"B1\"", "id = \"B1"), "id = \"B1\n"),
        (("visits = [\"scheduled\"]", "visits = [\"scheduled\""), "visits = [\"scheduled\"\n"),
        (("min_coverage = 70", "min_coverage = 70\nmin_coverage = 71"), "min_coverage = 71"),
    ] {
        let text = edited(&[edit]);
        let found = faults(&text);
        let first = &found[0];
        assert!(matches!(first.problem, Problem::Syntax { .. }), "{at}: {found:?}");
        assert_eq!(first.path, "", "{at}: a syntax fault has no place in the rubric");
        let line = line_of(&text, at);
        let near = [Some(line), Some(line + 1)];
        assert!(near.contains(&first.line), "{at}: {found:?} is at line {line} or where it ends");
    }
}

#[test]
fn every_fault_of_a_file_is_told_at_once_in_the_order_of_the_lines() {
    let order = Problem::LevelOrder { value: "95".into(), above: "90".into() };
    let thresholds = Problem::Thresholds { full_at: "50".into(), zero_at: "40".into() };
    let sums = |sum: &str, weight: &str| Problem::CriteriaWeights {
        sum: sum.into(),
        weight: weight.into(),
    };
    check(
        "faults of meaning",
        &[
            ("en = \"Small\"", "en = \"\""),
            ("unannounced_share = 0.7", "unannounced_share = 7"),
            ("min_score = 80", "min_score = 95"),
            ("weight = 60", "weight = 61"),
            ("weight = 39.5", "weight = 40"),
            ("id = \"A2\"", "id = \"A1\" # again"),
            ("full_at = 10", "full_at = 50"),
            ("target = 80", "target = 0"),
        ],
        &[
            ("title = ", "title.en", Problem::EmptyText),
            ("unannounced_share", "policy.unannounced_share", out_of_range("7", "from 0 to 1")),
            ("min_score = 95", "levels.silver.min_score", order),
            ("[[pillars]] # A", "pillars", Problem::PillarWeights { sum: "101".into() }),
            ("[[pillars]] # A", "pillars.A", sums("60.5", "61")),
            ("# again", "pillars.A.criteria.A1#2.id", duplicate("A1")),
            ("full_at = 50", "pillars.B.criteria.B1.scale", thresholds),
            (
                "target = 0",
                "pillars.B.criteria.B2.scale.target",
                out_of_range("0", "over 0 and at most 100"),
            ),
        ],
    );
    let number = "a decimal number without quotes";
    check(
        "faults of shape and of meaning in parts that have nothing to do with each other",
        &[
            ("model = \"in_person\"", "model = \"mobile\""),
            ("en = \"Gold\"", "en = \" \""),
            ("pillar_floor = 65", "pillar_floor = \"65\""),
            ("en = \"Sign\"", "en = \"Sign\", fr = \"Enseigne\""),
            ("unit = \"min\"", "unit = \"days\""),
            ("target = 80", "target = 101"),
        ],
        &[
            ("mobile", "model", not_allowed("mobile", "in_person, remote")),
            ("en = \" \"", "levels.gold.name.en", Problem::EmptyText),
            (
                "\"65\"",
                "levels.gold.pillar_floor",
                Problem::WrongType { expected: number, found: "a text" },
            ),
            ("Enseigne", "pillars.A.criteria.A1.name.fr", Problem::UnknownKey),
            (
                "days",
                "pillars.B.criteria.B1.scale.unit",
                not_allowed("days", "s, min, h, working_h"),
            ),
            (
                "target = 101",
                "pillars.B.criteria.B2.scale.target",
                out_of_range("101", "over 0 and at most 100"),
            ),
        ],
    );
}

/// The faults that the edits make, as a person reads them.
fn told(edits: &[Edit]) -> Vec<String> {
    let told = |fault: &Fault| match fault.line {
        Some(line) => format!("{line}: {fault}"),
        None => format!("no line: {fault}"),
    };
    faults(&edited(edits)).iter().map(told).collect()
}

/// A fault of shape hides no fault of meaning that does not come of it, and makes none up.
#[test]
fn a_fault_of_shape_neither_hides_nor_makes_up_others() {
    let rows: [(&str, &[Edit], &[&str]); 7] = [
        (
            "an unknown scale says nothing of the measure",
            &[("kind = \"timed\"", "kind = \"timer\"")],
            &["70: pillars.B.criteria.B1.scale.kind: `timer` is not allowed; write one of: \
               yes_no, met_partly_not, level_0_5, timed, percent, maturity"],
        ),
        (
            "a missing word of a closed list is told once, a missing key of the file on its first line",
            &[("model = \"in_person\"\n", "")],
            &["1: model: the key is missing; add it"],
        ),
        (
            "an unknown evidence rule says nothing of the kinds",
            &[("rule = \"optional\"", "rule = \"perhaps\"")],
            &["73: pillars.B.criteria.B1.evidence.rule: `perhaps` is not allowed; \
               write one of: none, optional, required"],
        ),
        (
            "a level without a start says nothing of the next level",
            &[("min_score = 80", "min_score = \"80\"")],
            &["20: levels.silver.min_score: a text stands here; \
               write a decimal number without quotes"],
        ),
        (
            "an unknown scale says nothing of the anchors",
            &[("kind = \"met_partly_not\"", "kind = \"stars\"")],
            &["50: pillars.A.criteria.A2.scale.kind: `stars` is not allowed; write one of: \
               yes_no, met_partly_not, level_0_5, timed, percent, maturity"],
        ),
        (
            "a fault of shape in pillar AB does not hide that the criteria of pillar A do not sum",
            &[
                ("weight = 39.5", "weight = 39"),
                ("id = \"B\"", "id = \"AB\""),
                ("weight = 15", "weight = \"15\""),
            ],
            &[
                "29: pillars.A: the criteria weights sum to 59.5, the pillar weighs 60; \
                 make both equal",
                "69: pillars.AB.criteria.B1.weight: a text stands here; \
                 write a decimal number without quotes",
            ],
        ),
        (
            "an unknown key of any criterion does not hide that the pillars sum to 101",
            &[
                ("weight = 40", "weight = 41"),
                ("weight = 25", "weight = 26"),
                ("basic = true", "basics = true"),
            ],
            &[
                "29: pillars: the pillar weights sum to 101; change them to sum to exactly 100",
                "58: pillars.A.criteria.A2.basics: the key is not known here; \
                 remove it or correct its spelling",
            ],
        ),
    ];
    for (title, edits, expected) in rows {
        assert_eq!(told(edits), expected, "{title}");
    }
}

#[test]
fn a_weight_that_is_not_written_in_decimal_digits_is_refused() {
    for weight in ["0x60", "0o60", "0b111100"] {
        let edit = format!("weight = {weight}").leak();
        let told = told(&[("weight = 60", edit)]);
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].contains("pillars.A.weight: something else stands here"), "{told:?}");
    }
}

fn shipped(name: &str) -> Rubric {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../rubrics");
    let text = std::fs::read_to_string(folder.join(name)).unwrap();
    Rubric::from_toml(&text).unwrap_or_else(|faults| panic!("{name}: {faults:#?}"))
}

/// Points judged on unannounced visits only, on scheduled visits only, and on both.
fn points_by_kind(rubric: &Rubric) -> [String; 3] {
    let (unannounced, scheduled) = (VisitKind::Unannounced, VisitKind::Scheduled);
    [vec![unannounced], vec![scheduled], vec![unannounced, scheduled]].map(|kinds| {
        let judged = rubric.criteria().filter(|criterion| criterion.visits == kinds);
        judged.map(|criterion| &criterion.weight).sum::<Exact>().to_string()
    })
}

/// Each measure beside the unit of its scale, as the guidance of the criterion starts and stops it.
#[test]
fn the_shipped_rubrics_measure_what_their_guidance_times() {
    let told = |name| -> Vec<String> {
        let rubric = shipped(name);
        let one = |criterion: &Criterion| {
            let (measure, unit) = criterion.timed_by()?;
            let (from, to, unit) = (measure.from(), measure.to(), unit.word());
            let channel = measure.channel().unwrap_or("-");
            Some(format!("{} {channel} {from} {to} {unit}", criterion.id))
        };
        rubric.criteria().filter_map(one).collect()
    };
    let in_person = ["R1 - arrived greeted min", "R3 - ticket called min", "D2 - called done min"];
    assert_eq!(told("in-person.toml"), in_person);
    let remote = [
        "T1 phone dialled answered s",
        "T5 phone held resumed s",
        "M1 chat sent replied s",
        "M5 whatsapp sent replied min",
        "M6 social sent replied h",
        "O2 portal started completed min",
    ];
    assert_eq!(told("remote.toml"), remote);
}

/// The counts and points of the domain notes (DOMAIN.md, section 6).
#[test]
fn the_shipped_rubrics_are_as_the_domain_notes_say() {
    for (name, criteria, points) in
        [("in-person.toml", 62, ["54", "17", "29"]), ("remote.toml", 60, ["89", "10", "1"])]
    {
        let rubric = shipped(name);
        assert_eq!(rubric.pillars().len(), 8, "{name}");
        assert_eq!(rubric.criteria().count(), criteria, "{name}");
        assert_eq!(points_by_kind(&rubric), points, "{name}: unannounced, scheduled, both");
    }
}
