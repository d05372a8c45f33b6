//! Drawn things: badges, the ladder, the radar.

use std::f32::consts::PI;

use super::palette::{BAR, BRAND, BRAND_PALE, FAINT, INK, MUTED, PAPER, TRACK, pale, strong};
use super::sheet::{Align, Sheet, Style, WIDTH};
use crate::Error;
use crate::canvas::{Canvas, Color, Stroke};
use crate::document::{Badge, Bar, Rung, Shape, Verdict};

/// The corners of a regular polygon, the first on top.
fn corners(x: f32, y: f32, radius: f32, count: u8) -> Vec<(f32, f32)> {
    let angles = (0..count).map(|index| 2.0 * PI * f32::from(index) / f32::from(count));
    angles.map(|angle| (x + radius * angle.sin(), y - radius * angle.cos())).collect()
}

/// A badge's shape around a center.
pub(crate) fn shape<C: Canvas>(
    sheet: &mut Sheet<'_, C>,
    badge: &Badge,
    center: (f32, f32),
    radius: f32,
    color: Color,
) {
    let (x, y) = center;
    match badge.shape {
        Shape::Star => {
            let outer = corners(x, y, radius * 1.1, 5);
            let turned = corners(0.0, 0.0, radius * 0.48, 10);
            let inner = turned.iter().skip(1).step_by(2).map(|(dx, dy)| (x + dx, y + dy));
            let points: Vec<(f32, f32)> =
                outer.into_iter().zip(inner).flat_map(|(out, within)| [out, within]).collect();
            sheet.polygon(&points, color);
        }
        Shape::Hexagon => sheet.polygon(&corners(x, y, radius * 1.05, 6), color),
        Shape::Pentagon => sheet.polygon(&corners(x, y, radius * 1.05, 5), color),
        Shape::Diamond => sheet.polygon(&corners(x, y, radius * 1.12, 4), color),
        Shape::Square => {
            let side = radius * 1.7;
            sheet.fill(x - side / 2.0, y - side / 2.0, (side, side), radius * 0.2, color);
        }
        Shape::Circle => sheet.dot(x, y, radius, color),
        Shape::Triangle => {
            let points = corners(x, y + radius * 0.2, radius * 1.15, 3);
            sheet.polygon(&points, color);
        }
        Shape::Bar => {
            let (width, height) = (radius * 1.8, radius * 0.5);
            sheet.fill(x - width / 2.0, y - height / 2.0, (width, height), height / 2.0, color);
        }
    }
}

/// The ladder: rungs of equal width, the lowest first, with a pointer at the score.
pub(crate) fn ladder<C: Canvas>(
    sheet: &mut Sheet<'_, C>,
    verdict: &Verdict,
    x: f32,
    y: f32,
    width: f32,
) -> Result<(), Error> {
    let gap = 3.0;
    let count = verdict.ladder.len().max(1) as f32;
    let rung_width = (width - gap * (count - 1.0)) / count;
    for (index, rung) in verdict.ladder.iter().enumerate() {
        let at = x + index as f32 * (rung_width + gap);
        draw_rung(sheet, rung, at, y, rung_width)?;
    }
    if let Some((index, through)) = verdict.position {
        let inset = 6.0;
        let along = inset + through as f32 * (rung_width - 2.0 * inset);
        let at = x + index as f32 * (rung_width + gap) + along;
        let points = [(at, y - 1.0), (at - 4.5, y - 8.5), (at + 4.5, y - 8.5)];
        sheet.polygon(&points, INK);
    }
    Ok(())
}

fn draw_rung<C: Canvas>(
    sheet: &mut Sheet<'_, C>,
    rung: &Rung,
    x: f32,
    y: f32,
    width: f32,
) -> Result<(), Error> {
    let tone = rung.badge.tone;
    let (ground, ink, mark) =
        if rung.reached { (strong(tone), PAPER, PAPER) } else { (pale(tone), INK, strong(tone)) };
    sheet.fill(x, y, (width, 40.0), 4.0, ground);
    shape(sheet, &rung.badge, (x + 14.0, y + 20.0), 5.5, mark);
    let inner = width - 30.0;
    let name = Style::strong(8.5, 11.0, ink);
    let set = sheet.set(&rung.badge.name, name, inner)?;
    if set.lines.len() == 1 {
        sheet.draw(&set.lines, name, x + 26.0, y + 8.5, inner, Align::Start);
        let range = Style::regular(7.5, 10.0, if rung.reached { PAPER } else { MUTED });
        sheet.one_line(&rung.range, range, x + 26.0, y + 21.0, inner, Align::Start)?;
    } else {
        let small = Style { size: 7.5, leading: 9.0, ..name };
        let two = sheet.set_lines(&rung.badge.name, small, inner, sheet.direction, 2)?;
        sheet.draw(&two.lines, small, x + 26.0, y + 5.0, inner, Align::Start);
        let range = Style::regular(7.0, 9.0, if rung.reached { PAPER } else { MUTED });
        let below = y + 6.0 + small.leading * two.lines.len() as f32;
        sheet.one_line(&rung.range, range, x + 26.0, below, inner, Align::Start)?;
    }
    Ok(())
}

/// The radar of the pillars, with their codes around it.
pub(crate) fn radar<C: Canvas>(
    sheet: &mut Sheet<'_, C>,
    bars: &[Bar],
    center: (f32, f32),
    radius: f32,
) -> Result<(), Error> {
    let count = bars.len();
    let at = |index: usize, share: f32| {
        let angle = 2.0 * PI * index as f32 / count as f32;
        (center.0 + radius * share * angle.sin(), center.1 - radius * share * angle.cos())
    };
    for ring in [1.0, 0.75, 0.5, 0.25] {
        let points: Vec<(f32, f32)> = (0..count).map(|index| at(index, ring)).collect();
        if ring == 1.0 {
            sheet.polygon(&points, BRAND_PALE);
        }
        sheet.outline(&points, Stroke::outline(FAINT, 0.6));
    }
    for index in 0..count {
        let spoke = [center, at(index, 1.0)];
        sheet.outline(&spoke, Stroke::line(FAINT, 0.6));
    }
    let share = |percent: Option<f64>| percent.unwrap_or(0.0) as f32 / 100.0;
    let has_median = bars.iter().all(|bar| bar.median.is_some());
    if has_median {
        let points: Vec<(f32, f32)> =
            bars.iter().enumerate().map(|(index, bar)| at(index, share(bar.median))).collect();
        sheet.outline(&points, Stroke::outline(MUTED, 0.9));
    }
    let own: Vec<(f32, f32)> =
        bars.iter().enumerate().map(|(index, bar)| at(index, share(bar.percent))).collect();
    sheet.outline(&own, Stroke::outline(BAR, 1.8));
    for (bar, point) in bars.iter().zip(own) {
        if bar.percent.is_some() {
            sheet.dot(point.0, point.1, 2.3, BRAND);
        }
    }
    radar_labels(sheet, bars, center, radius)
}

fn radar_labels<C: Canvas>(
    sheet: &mut Sheet<'_, C>,
    bars: &[Bar],
    center: (f32, f32),
    radius: f32,
) -> Result<(), Error> {
    let style = Style::strong(8.5, 11.0, BRAND);
    for (index, bar) in bars.iter().enumerate() {
        let angle = 2.0 * PI * index as f32 / bars.len() as f32;
        let away = radius + 11.0;
        let (x, y) = (center.0 + away * angle.sin(), center.1 - away * angle.cos());
        sheet.one_line(&bar.code, style, x - 20.0, y - 5.5, 40.0, Align::Center)?;
    }
    Ok(())
}

/// A bar on its track, growing from the reading edge, with a tick for the median.
pub(crate) fn bar<C: Canvas>(
    sheet: &mut Sheet<'_, C>,
    place: (f32, f32, f32, f32),
    percent: Option<f64>,
    median: Option<f64>,
) {
    let (x, y, width, height) = place;
    debug_assert!(x + width <= WIDTH + 0.5, "a bar leaves the page");
    sheet.pill(x, y, (width, height), TRACK);
    if let Some(percent) = percent.filter(|percent| *percent > 0.0) {
        let length = (width * percent as f32 / 100.0).max(height);
        sheet.pill(x, y, (length, height), BAR);
    }
    if let Some(median) = median {
        let at = x + width * median as f32 / 100.0;
        sheet.fill(at - 1.6, y - 3.0, (3.2, height + 6.0), 0.0, PAPER);
        sheet.fill(at - 0.8, y - 3.0, (1.6, height + 6.0), 0.0, INK);
    }
}
