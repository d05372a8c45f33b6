//! The first page, for a reader with one minute.

use super::figures;
use super::palette::{ALERT, BAR, BRAND, BRAND_SOFT, FAINT, INK, MUTED, PANEL, PAPER, strong};
use super::sheet::{Align, BOTTOM, Sheet, Style, WIDTH};
use crate::Error;
use crate::canvas::{Canvas, Element, PAGE, Path, Role, Stroke};
use crate::document::{Bar, Highlight, Masthead, Note, NoteKind, Profile, Tile, Verdict};
use crate::typeset::Direction;
use crate::words::Words;

pub(crate) fn masthead<C: Canvas>(
    sheet: &mut Sheet<'_, C>,
    masthead: &Masthead,
) -> Result<(), Error> {
    sheet.canvas.fill(&Path::rectangle(0.0, 0.0, PAGE.0, 7.0), BRAND);
    let (y, half) = (sheet.y, WIDTH * 0.62);
    let programme = Style::strong(9.0, 13.0, BRAND);
    let end = sheet.saying(Role::Paragraph, &masthead.programme, |sheet| {
        sheet.text(&masthead.programme, programme, 0.0, y, half, Align::Start)
    })?;
    let cycle = Style::regular(9.0, 13.0, MUTED);
    let other = sheet.saying(Role::Paragraph, &masthead.cycle, |sheet| {
        sheet.text(&masthead.cycle, cycle, half, y, WIDTH - half, Align::End)
    })?;
    sheet.y += end.max(other) + 8.0;
    sheet.rule(0.0, sheet.y, WIDTH, FAINT, 0.75);
    sheet.y += 10.0;
    kind_and_draft(sheet, masthead)?;

    let (name, top) = (name_style(sheet, &masthead.centre)?, sheet.y);
    sheet.y += sheet.saying(Role::Heading(1), &masthead.centre, |sheet| {
        sheet.text(&masthead.centre, name, 0.0, top, WIDTH, Align::Start)
    })?;
    let (agency, top) = (Style::regular(11.0, 17.0, MUTED), sheet.y);
    sheet.y += sheet.saying(Role::Paragraph, &masthead.agency, |sheet| {
        sheet.text(&masthead.agency, agency, 0.0, top, WIDTH, Align::Start)
    })?;
    sheet.y += 7.0;
    facts_line(sheet, &masthead.facts)
}

/// As large as keeps the name on one line, else on two, so that the page keeps its shape.
fn name_style<C: Canvas>(sheet: &mut Sheet<'_, C>, name: &str) -> Result<Style, Error> {
    let sizes = [(24.0, 1), (22.0, 1), (20.5, 1), (22.0, 2), (19.0, 2)];
    for (size, lines) in sizes {
        let style = Style::strong(size, size * 1.38, INK);
        if sheet.set(name, style, WIDTH)?.lines.len() <= lines {
            return Ok(style);
        }
    }
    Ok(Style::strong(16.0, 22.0, INK))
}

/// What kind of document this is, and whether it is a draft.
fn kind_and_draft<C: Canvas>(sheet: &mut Sheet<'_, C>, masthead: &Masthead) -> Result<(), Error> {
    let top = sheet.y;
    let kind = Style::strong(9.0, 13.0, BAR);
    sheet.saying(Role::Paragraph, &masthead.kind, |sheet| {
        sheet.one_line(&masthead.kind, kind, 0.0, top, WIDTH / 2.0, Align::Start)
    })?;
    if sheet.document.running.draft.is_some() {
        let notice = Words::new(sheet.document.language).draft_notice();
        let style = Style::strong(8.5, 12.0, ALERT);
        let set = sheet.set(notice, style, WIDTH / 2.0)?;
        let own = set.lines.first().map_or(0.0, |line| line.width * style.size / 1000.0);
        let x = WIDTH - own - 18.0;
        sheet.frame(x, top - 2.0, (own + 18.0, 17.0), 8.5, ALERT);
        sheet.saying(Role::Paragraph, notice, |sheet| {
            sheet.draw(&set.lines, style, x + 9.0, top + 0.5, own, Align::Start);
            Ok(())
        })?;
    }
    sheet.y += 17.0;
    Ok(())
}

/// Code, model, date, version: label over value, side by side.
fn facts_line<C: Canvas>(
    sheet: &mut Sheet<'_, C>,
    facts: &[(String, String)],
) -> Result<(), Error> {
    let words = Words::new(sheet.document.language);
    let shares = [0.2, 0.34, 0.26, 0.2];
    let (mut x, top, mut height) = (0.0, sheet.y, 0.0_f32);
    for ((label, value), share) in facts.iter().zip(shares) {
        let width = WIDTH * share;
        let says = words.labelled(label, value);
        let own = sheet.saying(Role::Paragraph, &says, |sheet| {
            let quiet = Style::regular(7.5, 11.0, MUTED);
            sheet.one_line(label, quiet, x, top, width - 8.0, Align::Start)?;
            let style = Style::strong(9.0, 13.0, INK);
            sheet.text(value, style, x, top + 11.0, width - 8.0, Align::Start)
        })?;
        height = height.max(own + 11.0);
        x += width;
    }
    sheet.y += height + 11.0;
    Ok(())
}

pub(crate) fn verdict<C: Canvas>(sheet: &mut Sheet<'_, C>, verdict: &Verdict) -> Result<(), Error> {
    let half = WIDTH * 0.40;
    let rest = WIDTH - half - 44.0;
    let meaning_style = Style::regular(9.5, 14.5, INK);
    let meaning = match &verdict.meaning {
        Some(text) => Some((text, sheet.set(text, meaning_style, WIDTH - 36.0)?)),
        None => None,
    };
    let name_style = Style::strong(21.0, 28.0, strong(verdict.badge.tone));
    let name = sheet.set(&verdict.badge.name, name_style, rest - 56.0)?;
    let meaning_height =
        meaning.as_ref().map_or(0.0, |(_, set)| set.lines.len() as f32 * 14.5 + 8.0);
    let height = 86.0 + meaning_height + 60.0;
    sheet.need(height);
    let top = sheet.y;
    sheet.fill(0.0, top, (WIDTH, height), 7.0, PANEL);
    sheet.fill(0.0, top, (half, 86.0), 7.0, BRAND);
    sheet.saying(Role::Heading(2), &verdict.heading, |sheet| {
        let style = Style::regular(8.5, 12.0, BRAND_SOFT);
        sheet.one_line(&verdict.heading, style, 18.0, top + 11.0, half - 36.0, Align::Start)
    })?;
    score(sheet, verdict, top, half)?;
    let x = half + 22.0;
    figures::shape(sheet, &verdict.badge, (x + 20.0, top + 45.0), 19.0, strong(verdict.badge.tone));
    let says =
        Words::new(sheet.document.language).labelled(&verdict.badge_label, &verdict.badge.name);
    sheet.saying(Role::Paragraph, &says, |sheet| {
        let block = 13.0 + 28.0 * name.lines.len() as f32;
        let start = top + (86.0 - block) / 2.0;
        let label = Style::regular(8.5, 12.0, MUTED);
        sheet.one_line(&verdict.badge_label, label, x + 52.0, start, rest - 56.0, Align::Start)?;
        sheet.draw(&name.lines, name_style, x + 52.0, start + 13.0, rest - 56.0, Align::Start);
        Ok(())
    })?;
    let mut y = top + 86.0;
    if let Some((text, set)) = meaning {
        sheet.saying(Role::Paragraph, text, |sheet| {
            sheet.draw(&set.lines, meaning_style, 18.0, y + 8.0, WIDTH - 36.0, Align::Start);
            Ok(())
        })?;
        y += meaning_height;
    }
    let figure = Element::saying(Role::Figure, &verdict.ladder_says);
    sheet.within(figure, |sheet| figures::ladder(sheet, verdict, 18.0, y + 12.0, WIDTH - 36.0))?;
    sheet.y = top + height + 9.0;
    Ok(())
}

fn score<C: Canvas>(
    sheet: &mut Sheet<'_, C>,
    verdict: &Verdict,
    top: f32,
    half: f32,
) -> Result<(), Error> {
    let says = format!("{} {}", verdict.score, verdict.scale).trim_end().to_owned();
    sheet.saying(Role::Paragraph, &says, |sheet| {
        let big = Style::strong(40.0, 46.0, PAPER);
        let own =
            sheet.one_line(&verdict.score, big, 18.0, top + 27.0, half - 40.0, Align::Start)?;
        let small = Style::regular(10.5, 15.0, BRAND_SOFT);
        let x = 18.0 + own + 8.0;
        sheet.one_line(&verdict.scale, small, x, top + 49.0, half - x - 8.0, Align::Start)
    })?;
    Ok(())
}

pub(crate) fn tiles<C: Canvas>(sheet: &mut Sheet<'_, C>, tiles: &[Tile]) -> Result<(), Error> {
    let words = Words::new(sheet.document.language);
    let (gap, height) = (9.0, 56.0);
    sheet.need(height);
    let width = (WIDTH - gap * (tiles.len() as f32 - 1.0)) / tiles.len() as f32;
    let top = sheet.y;
    for (index, tile) in tiles.iter().enumerate() {
        let x = index as f32 * (width + gap);
        sheet.frame(x, top, (width, height), 5.0, FAINT);
        let says = words.labelled(&tile.label, &format!("{} {}", tile.value, tile.note));
        sheet.saying(Role::Paragraph, &says, |sheet| {
            let (x, inner) = (x + 10.0, width - 20.0);
            let label = Style::regular(7.5, 10.0, MUTED);
            sheet.one_line(&tile.label, label, x, top + 7.0, inner, Align::Start)?;
            let value = Style::strong(14.0, 19.0, INK);
            sheet.one_line(&tile.value, value, x, top + 18.0, inner, Align::Start)?;
            sheet.one_line(&tile.note, label, x, top + 39.0, inner, Align::Start)
        })?;
    }
    sheet.y += height + 13.0;
    Ok(())
}

pub(crate) fn profile<C: Canvas>(sheet: &mut Sheet<'_, C>, profile: &Profile) -> Result<(), Error> {
    let bars_width = WIDTH * 0.645;
    let has_radar = profile.bars.iter().filter(|bar| bar.percent.is_some()).count() >= 3;
    let width = if has_radar { bars_width } else { WIDTH };
    let row = row_height(sheet, profile, width)?;
    sheet.need((44.0 + row * profile.bars.len() as f32).min(BOTTOM - 120.0));
    let (top, page) = (sheet.y, sheet.pages);
    section_title(sheet, &profile.bars_heading, 0.0, width)?;
    sheet.canvas.open(Element::new(Role::List));
    for bar in &profile.bars {
        sheet.need(row);
        let at = sheet.y;
        sheet.canvas.open(Element::new(Role::Item));
        sheet.saying(Role::Body, &bar.says, |sheet| pillar_bar(sheet, bar, (at, row), width))?;
        sheet.canvas.close();
        sheet.y += row;
    }
    sheet.canvas.close();
    if let Some(median) = &profile.median_label {
        legend(sheet, &profile.own_label, median, width)?;
    }
    if has_radar && sheet.pages == page {
        let bottom = sheet.y;
        radar_column(sheet, profile, top, bars_width + 22.0)?;
        sheet.y = bottom.max(top + 182.0);
    }
    sheet.y += 8.0;
    Ok(())
}

fn radar_column<C: Canvas>(
    sheet: &mut Sheet<'_, C>,
    profile: &Profile,
    top: f32,
    x: f32,
) -> Result<(), Error> {
    sheet.y = top;
    let width = WIDTH - x;
    section_title(sheet, &profile.radar_heading, x, width)?;
    let room = (profile.bars.len() as f32 * 22.0).clamp(150.0, 195.0);
    let radius = (room / 2.0 - 18.0).min(width / 2.0 - 20.0);
    let center = (x + width / 2.0, sheet.y + room / 2.0);
    let figure = Element::saying(Role::Figure, &profile.radar_says);
    sheet.within(figure, |sheet| figures::radar(sheet, &profile.bars, center, radius))
}

fn section_title<C: Canvas>(
    sheet: &mut Sheet<'_, C>,
    text: &str,
    x: f32,
    width: f32,
) -> Result<(), Error> {
    let top = sheet.y;
    sheet.saying(Role::Heading(2), text, |sheet| {
        sheet.one_line(text, Style::strong(11.0, 15.0, BRAND), x, top, width, Align::Start)
    })?;
    sheet.rule(x, top + 18.0, width, FAINT, 0.75);
    sheet.y += 24.0;
    Ok(())
}

/// The share of a pillar's row that its code and name take.
const LABEL_SHARE: f32 = 0.5;
const NAME: f32 = 8.5;
const NAME_LEADING: f32 = 10.5;

/// Rows are as high as two-line names need, unless so many pillars must share the page that
/// each gets one line.
fn row_height<C: Canvas>(
    sheet: &mut Sheet<'_, C>,
    profile: &Profile,
    width: f32,
) -> Result<f32, Error> {
    let style = Style::regular(NAME, NAME_LEADING, INK);
    let mut wanted: f32 = 22.0;
    for bar in &profile.bars {
        let set = sheet.set(&bar.name, style, width * LABEL_SHARE - 24.0)?;
        if set.lines.len() > 1 {
            wanted = 25.0;
        }
    }
    let room = BOTTOM - sheet.y - 168.0;
    Ok((room / profile.bars.len() as f32).min(wanted).max(15.0))
}

/// One pillar: code and name, bar, score.
fn pillar_bar<C: Canvas>(
    sheet: &mut Sheet<'_, C>,
    bar: &Bar,
    (y, row): (f32, f32),
    width: f32,
) -> Result<(), Error> {
    let code = Style::strong(9.0, row, BRAND);
    sheet.one_line(&bar.code, code, 0.0, y, 20.0, Align::Start)?;
    let label_width = width * LABEL_SHARE;
    let name = Style::regular(NAME, NAME_LEADING, INK);
    let lines = if row < 2.0 * NAME_LEADING { 1 } else { 2 };
    let set = sheet.set_lines(&bar.name, name, label_width - 24.0, sheet.direction, lines)?;
    let start = y + (row - NAME_LEADING * set.lines.len() as f32) / 2.0;
    sheet.draw(&set.lines, name, 20.0, start, label_width - 24.0, Align::Start);
    let (value, value_width) = if bar.percent.is_some() {
        (Style::strong(9.5, row, INK), 34.0)
    } else {
        (Style::regular(8.0, row, MUTED), 64.0)
    };
    let bar_width = width - label_width - value_width - 10.0;
    let place = (label_width, y + row / 2.0 - 3.5, bar_width, 7.0);
    figures::bar(sheet, place, bar.percent, bar.median);
    sheet.one_line(&bar.value, value, width - value_width, y, value_width, Align::End)?;
    Ok(())
}

/// What bar, tick and outline mean.
fn legend<C: Canvas>(
    sheet: &mut Sheet<'_, C>,
    own: &str,
    median: &str,
    width: f32,
) -> Result<(), Error> {
    let (y, style) = (sheet.y + 3.0, Style::regular(7.5, 11.0, MUTED));
    let x = width * 0.50;
    sheet.fill(x, y + 3.5, (12.0, 4.5), 2.0, BAR);
    sheet.saying(Role::Paragraph, &format!("{own}  {median}"), |sheet| {
        let used = sheet.one_line(own, style, x + 16.0, y, 70.0, Align::Start)?;
        let next = x + 16.0 + used + 14.0;
        sheet.fill(next, y + 1.0, (1.6, 9.5), 0.0, INK);
        sheet.one_line(median, style, next + 5.0, y, width - next - 5.0, Align::Start)
    })?;
    sheet.y += 16.0;
    Ok(())
}

/// Strengths and remarks side by side, each text cut to what fits; the whole is further on.
pub(crate) fn highlights<C: Canvas>(
    sheet: &mut Sheet<'_, C>,
    lists: &[Highlight],
) -> Result<(), Error> {
    // Three remarks of two lines each fit below their title.
    sheet.need(24.0 + 3.0 * (2.0 * 12.5 + NOTE_GAP));
    let gap = 22.0;
    let width = (WIDTH - gap) / lists.len().max(1) as f32;
    let top = sheet.y;
    let mut lowest = top;
    for (index, list) in lists.iter().enumerate() {
        let x = index as f32 * (width + gap);
        sheet.y = top;
        section_title(sheet, &list.heading, x, width)?;
        let lines = lines_that_fit(sheet, list, width, BOTTOM - sheet.y)?;
        highlight_list(sheet, list, x, width, &lines)?;
        lowest = lowest.max(sheet.y);
    }
    sheet.y = lowest;
    Ok(())
}

/// The widest place of a remark's text in a list of the given width.
const NOTE_INDENT: f32 = 42.0;
const NOTE_GAP: f32 = 6.0;

fn note_style() -> Style {
    Style::regular(9.0, 12.5, INK)
}

/// How many lines each remark of a list gets: two, and more in turn while there is room.
fn lines_that_fit<C: Canvas>(
    sheet: &mut Sheet<'_, C>,
    list: &Highlight,
    width: f32,
    room: f32,
) -> Result<Vec<usize>, Error> {
    let style = note_style();
    let mut wanted = Vec::new();
    for note in &list.notes {
        let direction = Direction::of(note.language);
        let set = sheet.set_in(&note.text, style, width - NOTE_INDENT, direction)?;
        wanted.push(set.lines.len());
    }
    let mut given: Vec<usize> = wanted.iter().map(|lines| *lines.min(&2)).collect();
    let gaps = NOTE_GAP * given.len() as f32;
    let mut spare = room - gaps - style.leading * given.iter().sum::<usize>() as f32;
    while spare >= style.leading {
        let next =
            (0..given.len()).filter(|at| given[*at] < wanted[*at]).min_by_key(|at| given[*at]);
        let Some(next) = next else { break };
        given[next] += 1;
        spare -= style.leading;
    }
    Ok(given)
}

fn highlight_list<C: Canvas>(
    sheet: &mut Sheet<'_, C>,
    list: &Highlight,
    x: f32,
    width: f32,
    lines: &[usize],
) -> Result<(), Error> {
    if list.notes.is_empty() {
        let y = sheet.y;
        let style = Style::regular(9.0, 13.0, MUTED);
        sheet.y += sheet.saying(Role::Paragraph, &list.empty, |sheet| {
            sheet.text(&list.empty, style, x, y, width, Align::Start)
        })?;
        return Ok(());
    }
    sheet.canvas.open(Element::new(Role::List));
    for (note, lines) in list.notes.iter().zip(lines) {
        highlight(sheet, note, x, width, *lines)?;
    }
    sheet.canvas.close();
    Ok(())
}

fn highlight<C: Canvas>(
    sheet: &mut Sheet<'_, C>,
    note: &Note,
    x: f32,
    width: f32,
    lines: usize,
) -> Result<(), Error> {
    let style = note_style();
    let (text_x, y) = (x + NOTE_INDENT, sheet.y);
    let inner = width - NOTE_INDENT;
    let direction = Direction::of(note.language);
    let set = sheet.set_lines(&note.text, style, inner, direction, lines)?;
    let code = note.code.clone().unwrap_or_default();
    mark(sheet, note.kind, x + 5.0, y + 6.5);
    sheet.canvas.open(Element::new(Role::Item));
    let mut body = Element::saying(Role::Body, format!("{code} {}", note.text));
    body.language = Some(note.language);
    sheet.within(body, |sheet| {
        let strong = Style::strong(8.5, 12.5, BRAND);
        sheet.one_line(&code, strong, x + 14.0, y, 28.0, Align::Start)?;
        sheet.draw(&set.lines, style, text_x, y, inner, Align::Start);
        Ok(())
    })?;
    sheet.canvas.close();
    sheet.y += set.lines.len() as f32 * style.leading + NOTE_GAP;
    Ok(())
}

/// A plus for a strength, an open arrow for an improvement, a square for an action.
pub(crate) fn mark<C: Canvas>(sheet: &mut Sheet<'_, C>, kind: NoteKind, x: f32, y: f32) {
    let stroke = |color| Stroke::line(color, 1.5);
    match kind {
        NoteKind::Strength => {
            let color = strong(crate::document::Tone::Green);
            sheet.outline(&[(x - 3.5, y), (x + 3.5, y)], stroke(color));
            sheet.outline(&[(x, y - 3.5), (x, y + 3.5)], stroke(color));
        }
        NoteKind::Improvement => {
            let color = strong(crate::document::Tone::Amber);
            sheet.outline(&[(x - 3.5, y + 2.0), (x, y - 2.5), (x + 3.5, y + 2.0)], stroke(color));
        }
        NoteKind::Action => sheet.fill(x - 2.5, y - 2.5, (5.0, 5.0), 1.0, BRAND),
    }
}
