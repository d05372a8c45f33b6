//! The pages after the first: headings, tables, remarks, facts.

use std::sync::Arc;

use super::figures;
use super::front::mark;
use super::palette::{ALERT, BRAND, BRAND_PALE, FAINT, INK, MUTED};
use super::sheet::{Align, BOTTOM, Sheet, Style, TOP, WIDTH};
use crate::Error;
use crate::canvas::{Canvas, Element, Role};
use crate::document::{Block, Cell, Column, Look, Note, Quote, Table, Width};
use crate::typeset::{Direction, Paragraph};
use crate::words::Words;

const CELL: f32 = 8.5;
const LEADING: f32 = 11.5;
const PADDING: f32 = 4.0;

/// A heading, kept with the start of what follows it.
pub(crate) fn heading<C: Canvas>(
    sheet: &mut Sheet<'_, C>,
    level: u8,
    text: &str,
    aside: Option<&str>,
    next: Option<&Block>,
) -> Result<(), Error> {
    let (style, before, after) = match level {
        2 => (Style::strong(16.0, 22.0, BRAND), 16.0, 4.0),
        _ => (Style::strong(10.5, 15.0, BRAND), 11.0, 4.0),
    };
    let follows = match next {
        Some(Block::Table(_)) => 70.0,
        Some(Block::Heading { .. }) => 60.0,
        Some(Block::Paragraph(_)) if level == 2 => 110.0,
        Some(_) | None => 40.0,
    };
    let aside_style = Style::regular(8.5, 15.0, MUTED);
    let aside_width = match aside {
        Some(aside) => sheet
            .set(aside, aside_style, WIDTH)?
            .lines
            .first()
            .map_or(0.0, |line| line.width * aside_style.size / 1000.0 + 12.0),
        None => 0.0,
    };
    let set = sheet.set(text, style, WIDTH - aside_width)?;
    let height = set.lines.len() as f32 * style.leading;
    sheet.need(before + height + after + follows);
    if sheet.y > TOP + 1.0 {
        sheet.y += before;
    }
    let y = sheet.y;
    sheet.saying(Role::Heading(level), text, |sheet| {
        sheet.draw(&set.lines, style, 0.0, y, WIDTH - aside_width, Align::Start);
        Ok(())
    })?;
    if let Some(aside) = aside {
        sheet.saying(Role::Paragraph, aside, |sheet| {
            let x = WIDTH - aside_width;
            sheet.one_line(aside, aside_style, x, y, aside_width, Align::End)
        })?;
    }
    sheet.y += height + after;
    if level == 2 {
        sheet.fill(0.0, sheet.y, (34.0, 2.5), 0.0, BRAND);
        sheet.y += 9.0;
    }
    Ok(())
}

pub(crate) fn paragraph<C: Canvas>(sheet: &mut Sheet<'_, C>, text: &str) -> Result<(), Error> {
    let style = Style::regular(9.0, 13.5, INK);
    let set = sheet.set(text, style, WIDTH)?;
    lines_over_pages(sheet, Element::saying(Role::Paragraph, text), &set, style, (0.0, WIDTH))?;
    sheet.y += 4.0;
    Ok(())
}

/// Draws lines one by one, going on over the page where they do not fit.
fn lines_over_pages<C: Canvas>(
    sheet: &mut Sheet<'_, C>,
    element: Element,
    set: &Arc<Paragraph>,
    style: Style,
    (x, width): (f32, f32),
) -> Result<(), Error> {
    sheet.within(element, |sheet| {
        for line in &set.lines {
            sheet.need(style.leading);
            let y = sheet.y;
            sheet.draw(std::slice::from_ref(line), style, x, y, width, Align::Start);
            sheet.y += style.leading;
        }
        Ok(())
    })
}

pub(crate) fn numbered<C: Canvas>(sheet: &mut Sheet<'_, C>, items: &[String]) -> Result<(), Error> {
    let style = Style::regular(9.0, 13.5, INK);
    sheet.canvas.open(Element::new(Role::List));
    for (index, item) in items.iter().enumerate() {
        let set = sheet.set(item, style, WIDTH - 20.0)?;
        sheet.need(set.lines.len() as f32 * style.leading);
        let (y, number) = (sheet.y, (index + 1).to_string());
        sheet.canvas.open(Element::new(Role::Item));
        let says = format!("{number}. {item}");
        sheet.saying(Role::Body, &says, |sheet| {
            let strong = Style::strong(9.0, 13.5, BRAND);
            sheet.one_line(&number, strong, 0.0, y, 20.0, Align::Start)?;
            sheet.draw(&set.lines, style, 20.0, y, WIDTH - 20.0, Align::Start);
            Ok(())
        })?;
        sheet.canvas.close();
        sheet.y += set.lines.len() as f32 * style.leading + 4.0;
    }
    sheet.canvas.close();
    Ok(())
}

pub(crate) fn facts<C: Canvas>(
    sheet: &mut Sheet<'_, C>,
    facts: &[(String, String)],
) -> Result<(), Error> {
    let words = Words::new(sheet.document.language);
    sheet.y += 6.0;
    let label_width = 150.0;
    for (label, value) in facts {
        let strong = Style::strong(8.5, 13.0, INK);
        let set = sheet.set(value, strong, WIDTH - label_width)?;
        let height = set.lines.len() as f32 * strong.leading + 8.0;
        sheet.need(height);
        let y = sheet.y;
        sheet.rule(0.0, y, WIDTH, FAINT, 0.6);
        sheet.saying(Role::Paragraph, &words.labelled(label, value), |sheet| {
            let quiet = Style::regular(8.5, 13.0, MUTED);
            sheet.one_line(label, quiet, 0.0, y + 4.0, label_width - 8.0, Align::Start)?;
            sheet.draw(&set.lines, strong, label_width, y + 4.0, WIDTH - label_width, Align::Start);
            Ok(())
        })?;
        sheet.y += height;
    }
    sheet.rule(0.0, sheet.y, WIDTH, FAINT, 0.6);
    sheet.y += 8.0;
    Ok(())
}

/// Remarks in full. Each text runs in the direction of its own language.
pub(crate) fn notes<C: Canvas>(sheet: &mut Sheet<'_, C>, notes: &[Note]) -> Result<(), Error> {
    let style = Style::regular(9.0, 13.5, INK);
    sheet.canvas.open(Element::new(Role::List));
    for note in notes {
        let direction = Direction::of(note.language);
        let set = sheet.set_in(&note.text, style, WIDTH - 46.0, direction)?;
        let height = set.lines.len() as f32 * style.leading;
        sheet.need(height.min(style.leading * 2.0));
        let code = note.code.clone().unwrap_or_default();
        let y = sheet.y;
        mark(sheet, note.kind, 5.0, y + 7.0);
        sheet.canvas.open(Element::new(Role::Item));
        let mut body = Element::saying(Role::Body, format!("{code} {}", note.text));
        body.language = Some(note.language);
        sheet.within(body, |sheet| {
            let strong = Style::strong(8.5, 13.5, BRAND);
            sheet.one_line(&code, strong, 15.0, y, 31.0, Align::Start)?;
            for line in &set.lines {
                sheet.need(style.leading);
                let y = sheet.y;
                let line = std::slice::from_ref(line);
                sheet.draw(line, style, 46.0, y, WIDTH - 46.0, Align::Start);
                sheet.y += style.leading;
            }
            Ok(())
        })?;
        sheet.canvas.close();
        sheet.y += 5.0;
    }
    sheet.canvas.close();
    Ok(())
}

/// What people said, each under the name. A text runs in the direction of its own language.
pub(crate) fn quotes<C: Canvas>(sheet: &mut Sheet<'_, C>, quotes: &[Quote]) -> Result<(), Error> {
    let (name, style) = (Style::strong(8.5, 13.0, BRAND), Style::regular(9.0, 13.5, INK));
    sheet.canvas.open(Element::new(Role::List));
    for quote in quotes {
        let direction = Direction::of(quote.language);
        let set = sheet.set_in(&quote.text, style, WIDTH - 12.0, direction)?;
        sheet.need(name.leading + style.leading * 2.0);
        sheet.canvas.open(Element::new(Role::Item));
        let mut body = Element::saying(Role::Body, format!("{} {}", quote.who, quote.text));
        body.language = Some(quote.language);
        sheet.within(body, |sheet| {
            let y = sheet.y;
            sheet.one_line(&quote.who, name, 0.0, y, WIDTH, Align::Start)?;
            sheet.y += name.leading;
            for line in &set.lines {
                sheet.need(style.leading);
                let y = sheet.y;
                let line = std::slice::from_ref(line);
                sheet.draw(line, style, 12.0, y, WIDTH - 12.0, Align::Start);
                sheet.y += style.leading;
            }
            Ok(())
        })?;
        sheet.canvas.close();
        sheet.y += 5.0;
    }
    sheet.canvas.close();
    Ok(())
}

/// A table. Its header stands on every page it reaches; a row is never split.
pub(crate) fn table<C: Canvas>(sheet: &mut Sheet<'_, C>, table: &Table) -> Result<(), Error> {
    let widths = column_widths(&table.columns);
    let head = header_texts(sheet, table, &widths)?;
    sheet.canvas.open(Element::new(Role::Table));
    sheet.canvas.open(Element::new(Role::TableHead));
    sheet.canvas.open(Element::new(Role::Row));
    header(sheet, table, &widths, &head, true)?;
    sheet.canvas.close();
    sheet.canvas.close();
    sheet.canvas.open(Element::new(Role::TableBody));
    for row in &table.rows {
        let (cells, height) = row_texts(sheet, row, &widths)?;
        if sheet.y + height > BOTTOM {
            sheet.begin_page();
            repeat_header(sheet, table, &widths, &head)?;
        }
        draw_row(sheet, table, row, &cells, &widths, height)?;
    }
    sheet.canvas.close();
    sheet.canvas.close();
    sheet.y += 4.0;
    Ok(())
}

fn column_widths(columns: &[Column]) -> Vec<f32> {
    let fixed: f32 = columns
        .iter()
        .map(|column| match column.width {
            Width::Points(points) => points,
            Width::Rest => 0.0,
        })
        .sum();
    let rest = columns.iter().filter(|column| column.width == Width::Rest).count().max(1) as f32;
    let widths = columns.iter().map(|column| match column.width {
        Width::Points(points) => points,
        Width::Rest => (WIDTH - fixed) / rest,
    });
    widths.collect()
}

type Texts = Vec<Arc<Paragraph>>;

fn header_texts<C: Canvas>(
    sheet: &mut Sheet<'_, C>,
    table: &Table,
    widths: &[f32],
) -> Result<Texts, Error> {
    let style = header_style();
    let cells = table.columns.iter().zip(widths);
    cells.map(|(column, width)| sheet.set(&column.title, style, width - 2.0 * PADDING)).collect()
}

fn header_style() -> Style {
    Style::strong(7.5, 10.0, BRAND)
}

/// Draws the header. Repeated on another page it is decoration: readers have heard it.
fn header<C: Canvas>(
    sheet: &mut Sheet<'_, C>,
    table: &Table,
    widths: &[f32],
    texts: &Texts,
    tagged: bool,
) -> Result<(), Error> {
    let style = header_style();
    let lines = texts.iter().map(|text| text.lines.len()).max().unwrap_or(1) as f32;
    let height = lines * style.leading + 8.0;
    let (y, mut x) = (sheet.y, 0.0);
    sheet.fill(0.0, y, (WIDTH, height), 2.0, BRAND_PALE);
    for ((column, width), text) in table.columns.iter().zip(widths).zip(texts) {
        if tagged {
            sheet.canvas.open(Element::saying(Role::HeaderCell, &column.title));
        }
        let (inner, align) = (width - 2.0 * PADDING, alignment(column));
        sheet.draw(&text.lines, style, x + PADDING, y + 4.0, inner, align);
        if tagged {
            sheet.canvas.close();
        }
        x += width;
    }
    sheet.y += height;
    Ok(())
}

/// The header again, outside the structure of the table that is open.
fn repeat_header<C: Canvas>(
    sheet: &mut Sheet<'_, C>,
    table: &Table,
    widths: &[f32],
    texts: &Texts,
) -> Result<(), Error> {
    header(sheet, table, widths, texts, false)
}

fn alignment(column: &Column) -> Align {
    if column.centered { Align::Center } else { Align::Start }
}

fn cell_style(look: Look) -> Style {
    match look {
        Look::Plain => Style::regular(CELL, LEADING, INK),
        Look::Strong => Style::strong(CELL, LEADING, INK),
        Look::Quiet => Style::regular(8.0, LEADING, MUTED),
        Look::Warning => Style::strong(8.0, LEADING, ALERT),
    }
}

/// How much of a cell with a bar is left to its text.
const BAR_TEXT: f32 = 31.0;

fn row_texts<C: Canvas>(
    sheet: &mut Sheet<'_, C>,
    row: &[Cell],
    widths: &[f32],
) -> Result<(Texts, f32), Error> {
    let mut texts = Vec::with_capacity(row.len());
    let mut lines = 1;
    for (cell, width) in row.iter().zip(widths) {
        let text = sheet.set(&cell.text, cell_style(cell.look), width - 2.0 * PADDING)?;
        lines = lines.max(text.lines.len());
        texts.push(text);
    }
    Ok((texts, lines as f32 * LEADING + 7.0))
}

fn draw_row<C: Canvas>(
    sheet: &mut Sheet<'_, C>,
    table: &Table,
    row: &[Cell],
    texts: &Texts,
    widths: &[f32],
    height: f32,
) -> Result<(), Error> {
    let (y, mut x) = (sheet.y, 0.0);
    sheet.canvas.open(Element::new(Role::Row));
    for (((cell, column), width), text) in row.iter().zip(&table.columns).zip(widths).zip(texts) {
        let style = cell_style(cell.look);
        sheet.canvas.open(Element::saying(Role::Cell, &cell.text));
        let inner = width - 2.0 * PADDING;
        sheet.draw(&text.lines, style, x + PADDING, y + 3.5, inner, alignment(column));
        if let Some(percent) = cell.bar {
            let bar = (x + PADDING + BAR_TEXT, y + 7.0, inner - BAR_TEXT - 4.0, 4.5);
            figures::bar(sheet, bar, Some(percent), None);
        }
        sheet.canvas.close();
        x += width;
    }
    sheet.canvas.close();
    sheet.y += height;
    sheet.rule(0.0, sheet.y, WIDTH, FAINT, 0.5);
    Ok(())
}
