//! The document model as text, for tests and for people.

use std::fmt::{self, Display, Formatter};

use super::{Block, Document, Note, Table};

impl Display for Document {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "document [{}] {}", self.language, shown(&self.title))?;
        let running = &self.running;
        writeln!(
            f,
            "running {} | {} | {}",
            running.centre,
            running.programme,
            shown(&running.foot)
        )?;
        if let Some(draft) = &running.draft {
            writeln!(f, "draft {draft}")?;
        }
        self.blocks.iter().try_for_each(|block| print_block(f, block))
    }
}

fn print_block(f: &mut Formatter<'_>, block: &Block) -> fmt::Result {
    match block {
        Block::Masthead(mast) => {
            writeln!(f, "masthead {} | {} | {}", mast.programme, shown(&mast.cycle), mast.kind)?;
            writeln!(f, "  # {}\n  {}", shown(&mast.centre), mast.agency)?;
            print_facts(f, &mast.facts)
        }
        Block::Verdict(verdict) => {
            writeln!(f, "## {}", verdict.heading)?;
            let (score, scale) = (shown(&verdict.score), shown(&verdict.scale));
            writeln!(f, "{}", format!("  {score} {scale}").trim_end())?;
            let badge = &verdict.badge;
            writeln!(f, "  {}: {} ({:?})", verdict.badge_label, badge.name, badge.shape)?;
            if let Some(meaning) = &verdict.meaning {
                writeln!(f, "  {meaning}")?;
            }
            for rung in &verdict.ladder {
                let mark = if rung.reached { '>' } else { ' ' };
                writeln!(f, "  {mark} {} {}", rung.badge.name, shown(&rung.range))?;
            }
            writeln!(f, "  figure {}", shown(&verdict.ladder_says))
        }
        Block::Tiles(tiles) => tiles.iter().try_for_each(|tile| {
            writeln!(f, "tile {}: {} {}", tile.label, shown(&tile.value), tile.note)
        }),
        Block::Profile(profile) => {
            writeln!(f, "## {}", profile.bars_heading)?;
            for bar in &profile.bars {
                writeln!(f, "  bar {}", shown(&bar.says))?;
            }
            writeln!(f, "## {}\n  figure {}", profile.radar_heading, shown(&profile.radar_says))
        }
        Block::Highlights(lists) => lists.iter().try_for_each(|list| {
            writeln!(f, "## {}", list.heading)?;
            if list.notes.is_empty() {
                writeln!(f, "  {}", list.empty)?;
            }
            print_notes(f, &list.notes)
        }),
        Block::PageBreak => writeln!(f, "page break"),
        Block::Heading { level, text, aside } => {
            let aside = aside.as_deref().map(shown).unwrap_or_default();
            let marks = "#".repeat(usize::from(*level));
            writeln!(f, "{}", format!("{marks} {} | {aside}", shown(text)).trim_end_matches(" | "))
        }
        Block::Paragraph(text) => writeln!(f, "{}", shown(text)),
        Block::Numbered(items) => items
            .iter()
            .zip(1..)
            .try_for_each(|(item, number): (_, u32)| writeln!(f, "{number}. {}", shown(item))),
        Block::Table(table) => print_table(f, table),
        Block::Remarks(notes) => print_notes(f, notes),
        Block::Facts(facts) => print_facts(f, facts),
        Block::Quotes(quotes) => quotes.iter().try_for_each(|quote| {
            writeln!(f, "  {} [{}] {}", quote.who, quote.language, shown(&quote.text))
        }),
    }
}

fn print_facts(f: &mut Formatter<'_>, facts: &[(String, String)]) -> fmt::Result {
    facts.iter().try_for_each(|(label, value)| writeln!(f, "  {label}: {}", shown(value)))
}

fn print_notes(f: &mut Formatter<'_>, notes: &[Note]) -> fmt::Result {
    notes.iter().try_for_each(|note| {
        let code = note.code.as_deref().map(shown).unwrap_or_default();
        writeln!(f, "  {:?} {code} [{}] {}", note.kind, note.language, shown(&note.text))
    })
}

fn print_table(f: &mut Formatter<'_>, table: &Table) -> fmt::Result {
    let titles: Vec<&str> = table.columns.iter().map(|column| column.title.as_str()).collect();
    writeln!(f, "table {}", titles.join(" | "))?;
    table.rows.iter().try_for_each(|row| {
        let cells: Vec<String> = row.iter().map(|cell| shown(&cell.text)).collect();
        writeln!(f, "  {}", cells.join(" | "))
    })
}

/// Isolates are made visible, since leaving one out is the fault to see.
fn shown(text: &str) -> String {
    text.replace('\u{2066}', "⟨").replace('\u{2069}', "⟩")
}
