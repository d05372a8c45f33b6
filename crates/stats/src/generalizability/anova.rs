//! Components from mean squares of balanced scores.

use super::{Component, Components, Design, Layout, Score};
use crate::Error;

/// A mean square and its degrees of freedom.
#[derive(Clone, Copy)]
struct Square {
    value: f64,
    degrees: f64,
}

/// Scores as a full table of persons × raters × tasks.
struct Table {
    sizes: [usize; 3],
    cells: Vec<f64>,
}

impl Table {
    fn new(layout: &Layout, scores: &[Score]) -> Result<Self, Error> {
        let sizes = [layout.persons, layout.raters, layout.tasks];
        let all = sizes.iter().product::<usize>();
        // No cell holds two, so as many scores as cells fill all of them.
        if scores.len() != all {
            return Err(Error::Unbalanced { found: 0 });
        }
        let mean = scores.iter().map(|score| score.value).sum::<f64>() / all as f64;
        let mut cells = vec![0.0; all];
        for (place, score) in layout.places.iter().zip(scores) {
            cells[(place[0] * sizes[1] + place[1]) * sizes[2] + place[2]] = score.value - mean;
        }
        Ok(Self { sizes, cells })
    }

    /// For every cell the mean over the axes that are not kept.
    fn margin(&self, kept: [bool; 3]) -> Vec<f64> {
        let [_, raters, tasks] = self.sizes;
        let size = |axis: usize| if kept[axis] { self.sizes[axis] } else { 1 };
        let place = |cell: usize| {
            let at = [cell / (raters * tasks), cell / tasks % raters, cell % tasks];
            let at = |axis: usize| if kept[axis] { at[axis] } else { 0 };
            (at(0) * size(1) + at(1)) * size(2) + at(2)
        };
        let means = size(0) * size(1) * size(2);
        let mut sums = vec![0.0; means];
        self.cells.iter().enumerate().for_each(|(cell, value)| sums[place(cell)] += value);
        let each = (self.cells.len() / means) as f64;
        (0..self.cells.len()).map(|cell| sums[place(cell)] / each).collect()
    }

    /// Σ (Σ sign·margin)² over all cells, over the degrees of freedom.
    fn square(&self, parts: &[(f64, [bool; 3])], degrees: usize) -> Square {
        let mut deviations = vec![0.0; self.cells.len()];
        for (sign, kept) in parts {
            for (deviation, mean) in deviations.iter_mut().zip(self.margin(*kept)) {
                *deviation += sign * mean;
            }
        }
        let sum: f64 = deviations.iter().map(|deviation| deviation * deviation).sum();
        Square { value: sum / degrees as f64, degrees: degrees as f64 }
    }
}

const P: [bool; 3] = [true, false, false];
const R: [bool; 3] = [false, true, false];
const T: [bool; 3] = [false, false, true];
const PR: [bool; 3] = [true, true, false];
const PT: [bool; 3] = [true, false, true];
const RT: [bool; 3] = [false, true, true];
const ALL: [bool; 3] = [true, true, true];
const NONE: [bool; 3] = [false, false, false];

pub(super) fn components(
    design: Design,
    layout: &Layout,
    scores: &[Score],
) -> Result<Components, Error> {
    let table = Table::new(layout, scores)?;
    let components = match design {
        Design::PersonRater => crossed_two(&table),
        Design::PersonRaterWithinTask => nested(&table)?,
        Design::PersonRaterTask => crossed_three(&table),
    };
    let (persons, raters, tasks) = (layout.persons, layout.raters, layout.tasks);
    Ok(Components { design, components, persons, raters, tasks })
}

/// A component from the sum of signed mean squares over its divisor; its own mean square comes first.
fn component(name: &'static str, parts: &[(f64, Square)], divisor: usize) -> Component {
    let divisor = divisor as f64;
    let computed = parts.iter().map(|(sign, square)| sign * square.value).sum::<f64>() / divisor;
    let spread = |(_, square): &(f64, Square)| square.value.powi(2) / (square.degrees + 2.0);
    let variance = 2.0 / (divisor * divisor) * parts.iter().map(spread).sum::<f64>();
    Component {
        name,
        computed,
        value: computed.max(0.0),
        standard_error: Some(variance.sqrt()),
        mean_square: Some(parts[0].1.value),
    }
}

fn crossed_two(table: &Table) -> Vec<Component> {
    let [persons, raters, _] = table.sizes;
    let p = table.square(&[(1.0, P), (-1.0, NONE)], persons - 1);
    let r = table.square(&[(1.0, R), (-1.0, NONE)], raters - 1);
    let parts = [(1.0, ALL), (-1.0, P), (-1.0, R), (1.0, NONE)];
    let pr = table.square(&parts, (persons - 1) * (raters - 1));
    vec![
        component("p", &[(1.0, p), (-1.0, pr)], raters),
        component("r", &[(1.0, r), (-1.0, pr)], persons),
        component("pr", &[(1.0, pr)], 1),
    ]
}

fn nested(table: &Table) -> Result<Vec<Component>, Error> {
    let [persons, raters, tasks] = table.sizes;
    crate::error::at_least("raters of a task", raters, 2)?;
    let p = table.square(&[(1.0, P), (-1.0, NONE)], persons - 1);
    let t = table.square(&[(1.0, T), (-1.0, NONE)], tasks - 1);
    let rt = table.square(&[(1.0, RT), (-1.0, T)], tasks * (raters - 1));
    let parts = [(1.0, PT), (-1.0, P), (-1.0, T), (1.0, NONE)];
    let pt = table.square(&parts, (persons - 1) * (tasks - 1));
    let parts = [(1.0, ALL), (-1.0, PT), (-1.0, RT), (1.0, T)];
    let prt = table.square(&parts, tasks * (persons - 1) * (raters - 1));
    Ok(vec![
        component("p", &[(1.0, p), (-1.0, pt)], raters * tasks),
        component("t", &[(1.0, t), (-1.0, pt), (-1.0, rt), (1.0, prt)], persons * raters),
        component("r:t", &[(1.0, rt), (-1.0, prt)], persons),
        component("pt", &[(1.0, pt), (-1.0, prt)], raters),
        component("pr:t", &[(1.0, prt)], 1),
    ])
}

fn crossed_three(table: &Table) -> Vec<Component> {
    let [persons, raters, tasks] = table.sizes;
    let (dp, dr, dt) = (persons - 1, raters - 1, tasks - 1);
    let main = |axis, degrees| table.square(&[(1.0, axis), (-1.0, NONE)], degrees);
    let pair = |both, one, other, degrees| {
        table.square(&[(1.0, both), (-1.0, one), (-1.0, other), (1.0, NONE)], degrees)
    };
    let (p, r, t) = (main(P, dp), main(R, dr), main(T, dt));
    let (pr, pt, rt) = (pair(PR, P, R, dp * dr), pair(PT, P, T, dp * dt), pair(RT, R, T, dr * dt));
    let parts = [
        (1.0, ALL),
        (-1.0, PR),
        (-1.0, PT),
        (-1.0, RT),
        (1.0, P),
        (1.0, R),
        (1.0, T),
        (-1.0, NONE),
    ];
    let prt = table.square(&parts, dp * dr * dt);
    let main = |name, own, one, other, divisor| {
        component(name, &[(1.0, own), (-1.0, one), (-1.0, other), (1.0, prt)], divisor)
    };
    let pair = |name, own, divisor| component(name, &[(1.0, own), (-1.0, prt)], divisor);
    vec![
        main("p", p, pr, pt, raters * tasks),
        main("r", r, pr, rt, persons * tasks),
        main("t", t, pt, rt, persons * raters),
        pair("pr", pr, tasks),
        pair("pt", pt, raters),
        pair("rt", rt, persons),
        component("prt", &[(1.0, prt)], 1),
    ]
}
