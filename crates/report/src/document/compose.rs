//! From the card to the document: what is said, in which order, in which words.

use mizan_domain::text::{Language, Text};

use super::{
    Badge, Bar, Block, Cell, Column, Document, Highlight, Look, Masthead, Note, NoteKind, Profile,
    Rung, Running, Shape, Table, Tile, Tone, Verdict, Width,
};
use crate::card::{
    Card, Criterion, Critical, CriticalFinding, FreeText, Level, Outcome, Pillar, Remark,
    RemarkKind, Shown, State,
};
use crate::words::{Words, with_isolates};

/// How many strengths and how many remarks the first page shows.
const HIGHLIGHTS: usize = 3;

/// Composes the document of a card in one language.
pub(crate) fn compose(card: &Card, language: Language) -> Document {
    let composer = Composer { card, language, words: Words::new(language) };
    let mut blocks = vec![
        composer.masthead(),
        composer.verdict(),
        composer.tiles(),
        composer.profile(),
        composer.highlights(),
        Block::PageBreak,
    ];
    composer.criteria(&mut blocks);
    composer.criticals(&mut blocks);
    composer.remarks(&mut blocks);
    composer.method(&mut blocks);
    let title = card.title(language);
    Document { language, title, running: composer.running(), blocks }
}

struct Composer<'a> {
    card: &'a Card,
    language: Language,
    words: Words,
}

impl Composer<'_> {
    /// The wording of the language, with its codes and numbers kept whole.
    fn text(&self, text: &Text) -> String {
        with_isolates(text.get(self.language), self.language)
    }

    fn running(&self) -> Running {
        let (card, words) = (self.card, self.words);
        let code = words.isolate(&card.centre_code);
        let cycle = self.text(&card.cycle);
        Running {
            centre: self.text(&card.centre),
            programme: self.text(&card.programme),
            foot: words.join(&[code, cycle]),
            draft: card.draft.then(|| words.draft().to_owned()),
        }
    }

    fn masthead(&self) -> Block {
        let (card, words) = (self.card, self.words);
        let fact = |label: &str, value: String| (label.to_owned(), value);
        Block::Masthead(Masthead {
            programme: self.text(&card.programme),
            cycle: self.text(&card.cycle),
            kind: words.scorecard().to_owned(),
            centre: self.text(&card.centre),
            agency: self.text(&card.agency),
            facts: vec![
                fact(words.centre_code(), words.isolate(&card.centre_code)),
                fact(words.model(), self.text(&card.model)),
                fact(words.issued(), words.date(card.issued)),
                fact(words.scorecard_version(), card.version.to_string()),
            ],
        })
    }

    fn verdict(&self) -> Block {
        let (card, words) = (self.card, self.words);
        let no_level = |name: &str, meaning: &str| {
            let badge = Badge { name: name.to_owned(), shape: Shape::Bar, tone: Tone::Neutral };
            (words.outcome(), badge, Some(meaning.to_owned()))
        };
        let (badge_label, badge, meaning) = match &card.outcome {
            _ if card.moderation.is_some() => self.moderated(),
            Outcome::Level { id, name, rank } => {
                let badge = self.badge(id, &self.text(name), *rank);
                (words.level_reached(), badge, None)
            }
            Outcome::NoScore => no_level(words.no_score(), words.no_score_meaning()),
            Outcome::InsufficientEvidence => {
                no_level(words.insufficient_evidence(), words.insufficient_evidence_meaning())
            }
            Outcome::CommitteeDecision => {
                no_level(words.committee_decision(), words.committee_decision_meaning())
            }
        };
        let score = card.score.as_ref().map(|score| &score.shown);
        Block::Verdict(Verdict {
            heading: words.score().to_owned(),
            score: score.map_or(words.no_value().to_owned(), |shown| words.isolate(&shown.text)),
            scale: score.map_or("", |_| words.out_of_100()).to_owned(),
            badge_label: badge_label.to_owned(),
            badge,
            meaning,
            ladder: self.rungs(),
            position: score.and_then(|shown| position(&card.ladder, shown.percent)),
            ladder_says: self.ladder_says(score),
        })
    }

    /// The committee's decision with the computed outcome beside it and the reason.
    fn moderated(&self) -> (&'static str, Badge, Option<String>) {
        let words = self.words;
        let moderation = self.card.moderation.as_ref();
        let level = self.decided_rank().and_then(|rank| self.card.ladder.get(rank).zip(Some(rank)));
        let badge = match level {
            Some((level, rank)) => self.badge(&level.id, &self.text(&level.name), rank),
            None => {
                let name = words.no_level().to_owned();
                Badge { name, shape: Shape::Bar, tone: Tone::Neutral }
            }
        };
        let computed = match &self.card.outcome {
            Outcome::Level { name, .. } => self.text(name),
            Outcome::NoScore => words.no_score().to_owned(),
            Outcome::InsufficientEvidence => words.insufficient_evidence().to_owned(),
            Outcome::CommitteeDecision => words.committee_decision().to_owned(),
        };
        let reason = moderation.map_or(String::new(), |moderation| self.text(&moderation.reason));
        let computed = words.labelled(words.computed_outcome(), &computed);
        let meaning = format!("{computed}. {}", words.labelled(words.reason(), &reason));
        (words.committee_decision(), badge, Some(meaning))
    }

    /// The rank of the level that stands: the committee's where it decided, else the computed one.
    fn decided_rank(&self) -> Option<usize> {
        match (&self.card.moderation, &self.card.outcome) {
            (Some(moderation), _) => moderation.rank,
            (None, Outcome::Level { rank, .. }) => Some(*rank),
            (
                None,
                Outcome::NoScore | Outcome::InsufficientEvidence | Outcome::CommitteeDecision,
            ) => None,
        }
    }

    fn badge(&self, id: &str, name: &str, rank: usize) -> Badge {
        let (shape, tone) = look_of_level(id, rank, self.card.ladder.len());
        Badge { name: name.to_owned(), shape, tone }
    }

    fn rungs(&self) -> Vec<Rung> {
        let ladder = &self.card.ladder;
        let reached = self.decided_rank();
        let rungs = ladder.iter().enumerate().rev().map(|(rank, level)| {
            let better = rank.checked_sub(1).and_then(|better| ladder.get(better));
            let lowest = rank + 1 == ladder.len();
            let range = match better {
                Some(better) if lowest => self.words.below(&better.min_score.text),
                Some(_) | None => self.words.at_least(&level.min_score.text),
            };
            let badge = self.badge(&level.id, &self.text(&level.name), rank);
            Rung { badge, range, reached: reached == Some(rank) }
        });
        rungs.collect()
    }

    fn ladder_says(&self, score: Option<&Shown>) -> String {
        let words = self.words;
        let rungs: Vec<String> =
            self.rungs().iter().map(|rung| format!("{} {}", rung.badge.name, rung.range)).collect();
        let ladder = words.labelled(words.ladder(), &words.list(&rungs));
        match score {
            Some(shown) => {
                format!("{ladder}. {}", words.labelled(words.score(), &words.isolate(&shown.text)))
            }
            None => ladder,
        }
    }

    fn tiles(&self) -> Block {
        let (card, words) = (self.card, self.words);
        let tile = |label: &str, value: String, note: &str| Tile {
            label: label.to_owned(),
            value,
            note: note.to_owned(),
        };
        let coverage = words.percent(&card.coverage.text);
        let mut tiles = vec![tile(words.coverage(), coverage, words.coverage_note())];
        if let Some(basic) = &card.basic_compliance {
            let share = words.percent(&basic.text);
            tiles.push(tile(words.basic_compliance(), share, words.basic_compliance_note()));
        }
        let visits = card.visits;
        for (label, count) in [
            (words.unannounced_visits(), visits.unannounced),
            (words.scheduled_visits(), visits.scheduled),
        ] {
            tiles.push(tile(label, words.visit_count(count), words.visits_note()));
        }
        Block::Tiles(tiles)
    }

    fn profile(&self) -> Block {
        let (card, words) = (self.card, self.words);
        let bars: Vec<Bar> = card.pillars.iter().map(|pillar| self.bar(pillar)).collect();
        let says: Vec<String> = bars.iter().map(|bar| bar.says.clone()).collect();
        let has_median = card.pillars.iter().any(|pillar| pillar.median.is_some());
        Block::Profile(Profile {
            bars_heading: words.pillars().to_owned(),
            bars,
            radar_heading: words.profile().to_owned(),
            radar_says: words.labelled(words.profile(), &words.list(&says)),
            own_label: words.this_centre().to_owned(),
            median_label: has_median.then(|| words.median_of_model().to_owned()),
        })
    }

    fn bar(&self, pillar: &Pillar) -> Bar {
        let words = self.words;
        let name = self.text(&pillar.name);
        let value = self.state_text(&pillar.state);
        let mut says = format!("{} {value}", words.coded(&pillar.id, &name));
        if let Some(median) = &pillar.median {
            let median = words.labelled(words.median_of_model(), &words.isolate(&median.text));
            says = format!("{says} ({median})");
        }
        Bar {
            code: pillar.id.clone(),
            name,
            value,
            percent: pillar.state.shown().map(|shown| shown.percent),
            median: pillar.median.as_ref().map(|median| median.percent),
            says,
        }
    }

    fn state_text(&self, state: &State) -> String {
        match state {
            State::Scored(shown) => self.words.isolate(&shown.text),
            State::NotApplicable => self.words.not_applicable().to_owned(),
            State::NotEvaluated => self.words.not_evaluated().to_owned(),
        }
    }

    fn highlights(&self) -> Block {
        let words = self.words;
        let list = |kind: NoteKind, heading: &str, empty: &str| Highlight {
            heading: heading.to_owned(),
            kind,
            notes: self.notes(kind).into_iter().take(HIGHLIGHTS).collect(),
            empty: empty.to_owned(),
        };
        Block::Highlights(vec![
            list(NoteKind::Strength, words.strengths(), words.no_strengths()),
            list(NoteKind::Improvement, words.improvements(), words.no_improvements()),
        ])
    }

    fn notes(&self, kind: NoteKind) -> Vec<Note> {
        let isolated = |code: &String| self.words.isolate(code);
        let said = |text: &FreeText| with_isolates(&text.text, text.language);
        if kind == NoteKind::Action {
            let actions = self.card.expected_actions.iter();
            return actions
                .map(|action| Note {
                    kind,
                    code: action.criterion.as_ref().map(isolated),
                    text: said(&action.text),
                    language: action.text.language,
                })
                .collect();
        }
        let wanted_kind = match kind {
            NoteKind::Strength => RemarkKind::Strength,
            NoteKind::Improvement | NoteKind::Action => RemarkKind::Improvement,
        };
        let wanted =
            |remark: &&Remark| remark.kind == wanted_kind && !remark.text.text.trim().is_empty();
        let remarks = self.card.remarks.iter().filter(wanted);
        remarks
            .map(|remark| Note {
                kind,
                code: Some(isolated(&remark.criterion)),
                text: said(&remark.text),
                language: remark.text.language,
            })
            .collect()
    }

    fn criteria(&self, blocks: &mut Vec<Block>) {
        let words = self.words;
        blocks.push(heading(2, words.all_criteria()));
        blocks.push(Block::Paragraph(words.all_criteria_note().to_owned()));
        for pillar in &self.card.pillars {
            let weight = words.labelled(words.weight(), &words.points(&pillar.weight));
            let score = words.labelled(words.criterion_score(), &self.state_text(&pillar.state));
            blocks.push(Block::Heading {
                level: 3,
                text: words.coded(&pillar.id, &self.text(&pillar.name)),
                aside: Some(words.join(&[weight, score])),
            });
            if pillar.criteria.is_empty() {
                blocks.push(Block::Paragraph(words.no_criteria().to_owned()));
            } else {
                blocks.push(Block::Table(self.criteria_table(pillar)));
            }
        }
    }

    fn criteria_table(&self, pillar: &Pillar) -> Table {
        let words = self.words;
        let columns = vec![
            column(words.code(), Width::Points(36.0), false),
            column(words.criterion(), Width::Rest, false),
            column(words.weight(), Width::Points(42.0), true),
            column(words.visits(), Width::Points(68.0), false),
            column(words.criterion_score(), Width::Points(92.0), false),
            column(words.marks(), Width::Points(84.0), false),
        ];
        let rows = pillar.criteria.iter().map(|criterion| self.criterion_row(criterion)).collect();
        Table { columns, rows }
    }

    fn criterion_row(&self, criterion: &Criterion) -> Vec<Cell> {
        let words = self.words;
        let (score_look, bar) = match &criterion.state {
            State::Scored(shown) => (Look::Strong, Some(shown.percent)),
            State::NotApplicable | State::NotEvaluated => (Look::Quiet, None),
        };
        let (marks, marks_look) = self.marks(criterion);
        vec![
            cell(words.isolate(&criterion.id), Look::Strong),
            cell(self.text(&criterion.name), Look::Plain),
            cell(words.isolate(&criterion.weight), Look::Plain),
            cell(words.visit_kinds(criterion.visits).to_owned(), Look::Plain),
            Cell { text: self.state_text(&criterion.state), look: score_look, bar },
            cell(marks, marks_look),
        ]
    }

    fn marks(&self, criterion: &Criterion) -> (String, Look) {
        let mut marks = Vec::new();
        let mut look = Look::Plain;
        if criterion.basic {
            marks.push(self.words.basic().to_owned());
        }
        if let Some(Critical { finding, .. }) = criterion.critical {
            marks.push(self.words.critical_mark(finding).to_owned());
            if matches!(finding, CriticalFinding::Open | CriticalFinding::Confirmed) {
                look = Look::Warning;
            }
        }
        if marks.is_empty() {
            return (self.words.no_value().to_owned(), Look::Quiet);
        }
        (self.words.list(&marks), look)
    }

    fn criticals(&self, blocks: &mut Vec<Block>) {
        let words = self.words;
        let criteria = self.card.pillars.iter().flat_map(|pillar| &pillar.criteria);
        let rows: Vec<Vec<Cell>> =
            criteria.filter_map(|criterion| self.critical_row(criterion)).collect();
        blocks.push(heading(2, words.critical_criteria()));
        if rows.is_empty() {
            blocks.push(Block::Paragraph(words.no_critical().to_owned()));
            return;
        }
        blocks.push(Block::Paragraph(words.critical_note().to_owned()));
        let columns = vec![
            column(words.code(), Width::Points(36.0), false),
            column(words.criterion(), Width::Rest, false),
            column(words.criterion_score(), Width::Points(62.0), false),
            column(words.effect(), Width::Points(140.0), false),
            column(words.finding(), Width::Points(84.0), false),
        ];
        blocks.push(Block::Table(Table { columns, rows }));
    }

    fn critical_row(&self, criterion: &Criterion) -> Option<Vec<Cell>> {
        let words = self.words;
        let Critical { effect, finding } = criterion.critical?;
        let (text, look) = match (finding, &criterion.state) {
            (CriticalFinding::Clear, State::Scored(_)) => (words.finding_clear(), Look::Plain),
            (CriticalFinding::Clear, State::NotApplicable | State::NotEvaluated) => {
                (words.finding_unscored(), Look::Quiet)
            }
            (CriticalFinding::Dismissed, _) => (words.critical_finding(finding), Look::Plain),
            (CriticalFinding::Open | CriticalFinding::Confirmed, _) => {
                (words.critical_finding(finding), Look::Warning)
            }
        };
        let score_look = match &criterion.state {
            State::Scored(_) => Look::Strong,
            State::NotApplicable | State::NotEvaluated => Look::Quiet,
        };
        Some(vec![
            cell(words.isolate(&criterion.id), Look::Strong),
            cell(self.text(&criterion.name), Look::Plain),
            cell(self.state_text(&criterion.state), score_look),
            cell(words.critical_effect(effect).to_owned(), Look::Plain),
            cell(text.to_owned(), look),
        ])
    }

    fn remarks(&self, blocks: &mut Vec<Block>) {
        let words = self.words;
        blocks.push(heading(2, words.remarks()));
        let lists = [
            (NoteKind::Strength, words.strengths(), words.no_strengths()),
            (NoteKind::Improvement, words.improvements(), words.no_improvements()),
        ];
        for (kind, title, empty) in lists {
            let notes = self.notes(kind);
            blocks.push(heading(3, title));
            blocks.push(if notes.is_empty() {
                Block::Paragraph(empty.to_owned())
            } else {
                Block::Remarks(notes)
            });
        }
        let actions = self.notes(NoteKind::Action);
        if !actions.is_empty() {
            blocks.push(heading(3, words.expected_actions()));
            blocks.push(Block::Remarks(actions));
        }
    }

    fn method(&self, blocks: &mut Vec<Block>) {
        let (card, words) = (self.card, self.words);
        blocks.push(heading(2, words.method()));
        blocks.push(heading(3, words.method_heading()));
        let steps = [words.method_criterion(), words.method_centre(), words.method_level()];
        blocks.push(Block::Numbered(steps.map(str::to_owned).to_vec()));
        blocks.push(heading(3, words.verify_heading()));
        blocks.push(Block::Paragraph(words.verify().to_owned()));
        let exact = card.score.as_ref().map(|score| words.isolate(&score.exact));
        let fact = |label: &str, value: String| (label.to_owned(), value);
        blocks.push(Block::Facts(vec![
            fact(words.rubric(), words.isolate(&card.rubric.id)),
            fact(words.rubric_version(), words.isolate(&card.rubric.version)),
            fact(words.exact_score(), exact.unwrap_or_else(|| words.no_value().to_owned())),
            fact(words.rubric_digest(), words.isolate(&card.rubric.sha256)),
        ]));
    }
}

pub(super) fn heading(level: u8, text: &str) -> Block {
    Block::Heading { level, text: text.to_owned(), aside: None }
}

pub(super) fn column(title: &str, width: Width, centered: bool) -> Column {
    Column { title: title.to_owned(), width, centered }
}

pub(super) fn cell(text: String, look: Look) -> Cell {
    Cell { text, look, bar: None }
}

/// The well-known levels look the same in every rubric; others go by their place.
fn look_of_level(id: &str, rank: usize, levels: usize) -> (Shape, Tone) {
    match id {
        "platinum" => (Shape::Star, Tone::Platinum),
        "gold" => (Shape::Hexagon, Tone::Gold),
        "silver" => (Shape::Diamond, Tone::Silver),
        "meets" => (Shape::Circle, Tone::Green),
        "needs_improvement" => (Shape::Triangle, Tone::Amber),
        _ if rank + 1 == levels => (Shape::Triangle, Tone::Amber),
        _ => match rank {
            0 => (Shape::Star, Tone::Platinum),
            1 => (Shape::Hexagon, Tone::Gold),
            2 => (Shape::Diamond, Tone::Silver),
            3 => (Shape::Square, Tone::Green),
            4 => (Shape::Pentagon, Tone::Green),
            _ => (Shape::Circle, Tone::Green),
        },
    }
}

/// Which rung a score stands on, counted from the lowest, and how far through it.
fn position(ladder: &[Level], percent: f64) -> Option<(usize, f64)> {
    let rank = ladder.iter().position(|level| percent >= level.min_score.percent)?;
    let floor = ladder.get(rank)?.min_score.percent;
    let better = rank.checked_sub(1).and_then(|better| ladder.get(better));
    let ceiling = better.map_or(100.0, |level| level.min_score.percent);
    let through = if ceiling > floor { (percent - floor) / (ceiling - floor) } else { 1.0 };
    Some((ladder.len() - 1 - rank, through.clamp(0.0, 1.0)))
}
