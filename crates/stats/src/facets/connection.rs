//! Whether the ratings hang together: elements that no chain of ratings links cannot be compared.

use super::design::Design;
use crate::{Error, Subset};

/// Under this share of the largest pivot a direction counts as free. Entries are counts and sums of
/// fractions, so a true zero stands many orders below.
const FREE: f64 = 1e-9;

/// Beyond this many elements the exact test is not made, and what the quick one cannot link is refused.
const EXACT_MOST: usize = 4_000;

/// Refuses ratings that fall into parts.
///
/// A quick test first: an element is linked once a rating holds it together with linked ones alone. It
/// proves most designs connected in a few passes. Where it fails, the free directions of the model
/// itself are sought: those in which measures can move without a single rating becoming more or less
/// likely, besides what origins fix. Elements that move alike belong together.
pub(super) fn check(design: &Design, ratings: &[usize]) -> Result<(), Error> {
    if linked(design, ratings) {
        return Ok(());
    }
    let globals: usize = design.facets[1..].iter().map(|facet| facet.count).sum();
    crate::error::at_most("elements in a design that is barely linked", globals, EXACT_MOST)?;
    let moves = free_moves(design, ratings);
    if moves.is_empty() {
        Ok(())
    } else {
        Err(Error::Disconnected(subsets(design, ratings, &moves)))
    }
}

fn linked(design: &Design, ratings: &[usize]) -> bool {
    let Some(first) = ratings.first() else { return false };
    let facets = design.facets.len();
    let mut is_linked: Vec<Vec<bool>> =
        design.facets.iter().map(|facet| vec![false; facet.count]).collect();
    for (facet, element) in design.elements(*first).iter().enumerate() {
        is_linked[facet][*element as usize] = true;
    }
    let mut open: Vec<usize> = ratings.to_vec();
    loop {
        let before = open.len();
        open.retain(|rating| {
            let elements = design.elements(*rating);
            let unlinked = |facet: &usize| !is_linked[*facet][elements[*facet] as usize];
            let mut missing = (0..facets).filter(unlinked);
            match (missing.next(), missing.next()) {
                (None, _) => false,
                (Some(facet), None) => {
                    is_linked[facet][elements[facet] as usize] = true;
                    false
                }
                _ => true,
            }
        });
        if open.is_empty() {
            return true;
        }
        if open.len() == before {
            return false;
        }
    }
}

/// A basis of the free directions, each as the moves of all elements facet by facet.
fn free_moves(design: &Design, ratings: &[usize]) -> Vec<Vec<Vec<f64>>> {
    let mut starts = vec![0, 0];
    for facet in &design.facets[1..] {
        starts.push(starts[starts.len() - 1] + facet.count);
    }
    let size = starts[design.facets.len()];
    let mut by_person: Vec<Vec<usize>> = vec![Vec::new(); design.facets[0].count];
    ratings.iter().for_each(|rating| by_person[design.elements(*rating)[0] as usize].push(*rating));
    let globals = |rating: usize| -> Vec<usize> {
        let elements = design.elements(rating).iter().enumerate().skip(1);
        elements.map(|(facet, element)| starts[facet] + *element as usize).collect()
    };
    let mut matrix = vec![vec![0.0; size]; size];
    let mut rated = vec![false; size];
    for (person, own) in by_person.iter().enumerate().filter(|(_, own)| !own.is_empty()) {
        let mut sum = vec![0.0; size];
        for rating in own {
            let elements = globals(*rating);
            for one in &elements {
                rated[*one] = true;
                sum[*one] += 1.0;
                elements.iter().for_each(|other| matrix[*one][*other] += 1.0);
            }
        }
        if design.anchor(0, person).is_some() {
            continue;
        }
        let touched: Vec<usize> = (0..size).filter(|place| sum[*place] > 0.0).collect();
        for one in &touched {
            for other in &touched {
                matrix[*one][*other] -= sum[*one] * sum[*other] / own.len() as f64;
            }
        }
    }
    hold(design, &starts, &rated, &mut matrix);
    let basis = null_space(matrix);
    let complete = |direction: Vec<f64>| {
        let mut moves: Vec<Vec<f64>> =
            design.facets.iter().map(|facet| vec![0.0; facet.count]).collect();
        for facet in 1..design.facets.len() {
            moves[facet].copy_from_slice(&direction[starts[facet]..starts[facet + 1]]);
        }
        for (person, own) in by_person.iter().enumerate() {
            let Some(first) = own.first() else { continue };
            moves[0][person] = globals(*first).iter().map(|place| direction[*place]).sum();
        }
        moves
    };
    basis.into_iter().map(complete).collect()
}

/// Adds what fixes measures besides ratings: anchors, sums, and nothing for elements without a rating,
/// which are held so that they do not count as free.
fn hold(design: &Design, starts: &[usize], rated: &[bool], matrix: &mut [Vec<f64>]) {
    for facet in 1..design.facets.len() {
        let own = starts[facet]..starts[facet + 1];
        for place in own.clone() {
            if !rated[place] || design.anchor(facet, place - starts[facet]).is_some() {
                matrix[place][place] += 1.0;
            }
        }
        if design.is_centred(facet) {
            for one in own.clone().filter(|place| rated[*place]) {
                own.clone()
                    .filter(|place| rated[*place])
                    .for_each(|other| matrix[one][other] += 1.0);
            }
        }
    }
}

/// The directions that a positive semidefinite matrix sends to zero, by elimination with the largest
/// diagonal as the next pivot.
fn null_space(mut matrix: Vec<Vec<f64>>) -> Vec<Vec<f64>> {
    let size = matrix.len();
    let mut order: Vec<usize> = (0..size).collect();
    let largest = (0..size).map(|place| matrix[place][place]).fold(0.0, f64::max);
    let mut rank = 0;
    while rank < size {
        let next = (rank..size).max_by(|one, other| {
            let at = |place: usize| matrix[order[place]][order[place]];
            at(*one).total_cmp(&at(*other))
        });
        let Some(next) = next else { break };
        order.swap(rank, next);
        let pivot = order[rank];
        if matrix[pivot][pivot] <= FREE * largest {
            break;
        }
        let line = matrix[pivot].clone();
        for row in &order[rank + 1..] {
            let factor = line[*row] / line[pivot];
            if factor != 0.0 {
                order[rank..]
                    .iter()
                    .for_each(|place| matrix[*row][*place] -= factor * line[*place]);
            }
        }
        rank += 1;
    }
    let direction = |free: usize| {
        let mut direction = vec![0.0; size];
        direction[order[free]] = 1.0;
        for place in (0..rank).rev() {
            let pivot = order[place];
            let rest = order[place + 1..].iter();
            let sum: f64 = rest.map(|other| matrix[pivot][*other] * direction[*other]).sum();
            direction[pivot] = -sum / matrix[pivot][pivot];
        }
        direction
    };
    (rank..size).map(direction).collect()
}

/// The parts: ratings whose elements move alike.
fn subsets(design: &Design, ratings: &[usize], moves: &[Vec<Vec<f64>>]) -> Vec<Subset> {
    let key = |facet: usize, element: u32| -> Vec<i64> {
        moves.iter().map(|one| (one[facet][element as usize] * 1e6).round() as i64).collect()
    };
    let mut parts = std::collections::BTreeMap::<Vec<Vec<i64>>, Vec<Vec<usize>>>::new();
    for rating in ratings {
        let elements = design.elements(*rating);
        let keys: Vec<Vec<i64>> =
            elements.iter().enumerate().map(|(facet, element)| key(facet, *element)).collect();
        let part = parts.entry(keys).or_insert_with(|| vec![Vec::new(); design.facets.len()]);
        part.iter_mut().zip(elements).for_each(|(list, element)| list.push(*element as usize));
    }
    let mut subsets: Vec<Subset> = parts
        .into_values()
        .map(|mut elements| {
            for list in &mut elements {
                list.sort_unstable();
                list.dedup();
            }
            Subset { elements }
        })
        .collect();
    subsets.sort_by(|one, other| one.elements.cmp(&other.elements));
    subsets
}
