//! From the document model to marks on pages: sizes, places, page breaks, mirroring.
//!
//! Layout thinks from the reading edge: `x` is the distance from the right margin in Arabic and
//! from the left margin in English, and the sheet mirrors it. It decides nothing about content.

mod body;
mod figures;
mod front;
mod palette;
mod sheet;
#[cfg(test)]
mod tests;

use crate::Error;
use crate::canvas::Canvas;
use crate::document::{Block, Document};
use crate::typeset::Typesetter;
use crate::words::Words;
use palette::{ALERT, FAINT, INK, MUTED};
use sheet::{Align, BOTTOM, Sheet, Style, WIDTH};

/// Lays a document out on a canvas.
pub(crate) fn lay_out<C: Canvas>(
    document: &Document,
    canvas: &mut C,
    typesetter: &mut Typesetter,
) -> Result<(), Error> {
    let mut sheet = Sheet::new(canvas, typesetter, document);
    sheet.begin_first_page();
    for (index, block) in document.blocks.iter().enumerate() {
        let next = document.blocks.get(index + 1);
        block_on(&mut sheet, block, next)?;
    }
    running(&mut sheet)
}

fn block_on<C: Canvas>(
    sheet: &mut Sheet<'_, C>,
    block: &Block,
    next: Option<&Block>,
) -> Result<(), Error> {
    match block {
        Block::Masthead(masthead) => front::masthead(sheet, masthead),
        Block::Verdict(verdict) => front::verdict(sheet, verdict),
        Block::Tiles(tiles) => front::tiles(sheet, tiles),
        Block::Profile(profile) => front::profile(sheet, profile),
        Block::Highlights(lists) => front::highlights(sheet, lists),
        Block::PageBreak => {
            sheet.begin_page();
            Ok(())
        }
        Block::Heading { level, text, aside } => {
            body::heading(sheet, *level, text, aside.as_deref(), next)
        }
        Block::Paragraph(text) => body::paragraph(sheet, text),
        Block::Numbered(items) => body::numbered(sheet, items),
        Block::Table(table) => body::table(sheet, table),
        Block::Remarks(notes) => body::notes(sheet, notes),
        Block::Facts(facts) => body::facts(sheet, facts),
        Block::Quotes(quotes) => body::quotes(sheet, quotes),
    }
}

/// Heads and feet, drawn last because they say how many pages there are.
fn running<C: Canvas>(sheet: &mut Sheet<'_, C>) -> Result<(), Error> {
    let (document, pages) = (sheet.document, sheet.pages);
    let words = Words::new(document.language);
    let running = &document.running;
    let style = Style::regular(7.5, 10.0, MUTED);
    for page in 0..pages {
        sheet.canvas.return_to(page);
        if page > 0 {
            let half = WIDTH * 0.58;
            sheet.one_line(&running.centre, style, 0.0, 30.0, half, Align::Start)?;
            sheet.one_line(&running.programme, style, half, 30.0, WIDTH - half, Align::End)?;
            sheet.rule(0.0, 43.0, WIDTH, FAINT, 0.6);
        }
        let foot = BOTTOM + 14.0;
        sheet.rule(0.0, foot, WIDTH, FAINT, 0.6);
        sheet.one_line(&running.foot, style, 0.0, foot + 5.0, WIDTH * 0.6, Align::Start)?;
        let number = words.page_of(page + 1, pages);
        let number_style = Style { color: INK, ..style };
        sheet.one_line(&number, number_style, WIDTH * 0.7, foot + 5.0, WIDTH * 0.3, Align::End)?;
        if let Some(draft) = &running.draft {
            let draft_style = Style::strong(7.5, 10.0, ALERT);
            let place = (WIDTH * 0.42, WIDTH * 0.16);
            sheet.one_line(draft, draft_style, place.0, foot + 5.0, place.1, Align::Center)?;
        }
    }
    Ok(())
}
