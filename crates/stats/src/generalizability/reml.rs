//! Components from scores with gaps, by restricted maximum likelihood.
//!
//! Henderson's equations hold for all effects at once; each person's own effects meet nobody else's, so
//! they are eliminated person by person, and what is left is as large as raters and tasks together.

use std::collections::BTreeMap;

use super::{Component, Components, Design, Layout, Score};
use crate::Error;
use crate::error::at_most;
use crate::linear::{Factor, Symmetric, dot};

const ITERATIONS: usize = 200;
/// A component below this share of the scores' variance that still wants to fall is set aside.
const NOTHING: f64 = 1e-3;
/// From here a component that was set aside is tried again; once it was, it is set aside below this alone.
const LEAST: f64 = 1e-6;
/// How often a component that was set aside is tried again.
const TRIALS: u32 = 4;
const SETTLED: f64 = 1e-9;
const HALVINGS: i32 = 20;

/// An effect of the model, the residual aside.
struct Effect {
    name: &'static str,
    levels: usize,
}

/// One person's rows and the effects they touch.
struct Block {
    rows: Vec<usize>,
    /// The component of each of the person's own effects.
    own: Vec<usize>,
    /// The shared effects touched, rising; the mean is 0.
    shared: Vec<usize>,
    /// For each row the places in `own`, then in `shared`.
    of_rows: Vec<(Vec<usize>, Vec<usize>)>,
}

struct Model {
    effects: Vec<Effect>,
    residual: &'static str,
    /// The component of each shared effect; the mean has none.
    shared: Vec<Option<usize>>,
    blocks: Vec<Block>,
    values: Vec<f64>,
}

/// The equations at one set of variances.
struct Equations {
    /// For each person the factor of its own part, and own⁻¹·(own with shared), column by column.
    blocks: Vec<(Factor, Vec<Vec<f64>>)>,
    shared: Factor,
    log_determinant: f64,
}

pub(super) fn components(
    design: Design,
    layout: &Layout,
    scores: &[Score],
) -> Result<Components, Error> {
    let mut model = Model::new(design, layout, scores);
    at_most("raters, tasks and their combinations", model.shared.len(), 3_000)?;
    // An effect with a level for each score is the residual by another name.
    if model.effects.iter().any(|effect| effect.levels == scores.len()) {
        return Err(Error::Singular { what: "an effect with one score a level and the residual" });
    }
    let mean = model.values.iter().sum::<f64>() / model.values.len() as f64;
    model.values.iter_mut().for_each(|value| *value -= mean);
    let total = dot(&model.values, &model.values) / model.values.len() as f64;
    // Scores of variance one: thresholds of the iteration then mean the same for every scale.
    let scale = total.sqrt();
    model.values.iter_mut().for_each(|value| *value /= scale);
    let (variances, errors) = model.climb()?;
    let names = model.effects.iter().map(|effect| effect.name).chain([model.residual]);
    let components = names.zip(variances.iter().zip(&errors));
    let components = components.map(|(name, (value, error))| {
        let value = value * total;
        let standard_error = error.map(|error| error * total);
        Component { name, computed: value, value, standard_error, mean_square: None }
    });
    Ok(Components {
        design,
        components: components.collect(),
        persons: layout.persons,
        raters: layout.raters,
        tasks: layout.tasks,
    })
}

impl Model {
    fn new(design: Design, layout: &Layout, scores: &[Score]) -> Self {
        let (names, residual): (&[(&'static str, [bool; 3])], _) = match design {
            Design::PersonRater => {
                (&[("p", [true, false, false]), ("r", [false, true, false])], "pr")
            }
            Design::PersonRaterWithinTask => (
                &[
                    ("p", [true, false, false]),
                    ("t", [false, false, true]),
                    ("r:t", [false, true, true]),
                    ("pt", [true, false, true]),
                ],
                "pr:t",
            ),
            Design::PersonRaterTask => (
                &[
                    ("p", [true, false, false]),
                    ("r", [false, true, false]),
                    ("t", [false, false, true]),
                    ("pr", [true, true, false]),
                    ("pt", [true, false, true]),
                    ("rt", [false, true, true]),
                ],
                "prt",
            ),
        };
        let mut model = Self {
            effects: names.iter().map(|(name, _)| Effect { name, levels: 0 }).collect(),
            residual,
            shared: vec![None],
            blocks: Vec::new(),
            values: scores.iter().map(|score| score.value).collect(),
        };
        let mut rows = vec![Vec::new(); layout.persons];
        for (row, place) in layout.places.iter().enumerate() {
            rows[place[0]].push(row);
        }
        let mut places: BTreeMap<(usize, [usize; 3]), usize> = BTreeMap::new();
        for rows in rows {
            let block = model.block(rows, names, layout, &mut places);
            model.blocks.push(block);
        }
        model
    }

    fn block(
        &mut self,
        rows: Vec<usize>,
        names: &[(&'static str, [bool; 3])],
        layout: &Layout,
        places: &mut BTreeMap<(usize, [usize; 3]), usize>,
    ) -> Block {
        let mut own_places = BTreeMap::new();
        let mut own = Vec::new();
        let mut touched = Vec::new();
        for row in &rows {
            let (mut of_own, mut of_shared) = (Vec::new(), vec![0]);
            for (component, (_, axes)) in names.iter().enumerate() {
                let place = layout.places[*row];
                let key = std::array::from_fn(|axis| if axes[axis] { place[axis] } else { 0 });
                if axes[0] {
                    let next = own.len();
                    let place = *own_places.entry((component, key)).or_insert(next);
                    if place == next {
                        own.push(component);
                        self.effects[component].levels += 1;
                    }
                    of_own.push(place);
                } else {
                    let next = self.shared.len();
                    let place = *places.entry((component, key)).or_insert(next);
                    if place == next {
                        self.shared.push(Some(component));
                        self.effects[component].levels += 1;
                    }
                    of_shared.push(place);
                }
            }
            touched.push((of_own, of_shared));
        }
        let mut shared: Vec<usize> =
            touched.iter().flat_map(|(_, shared)| shared.clone()).collect();
        shared.sort_unstable();
        shared.dedup();
        for (_, of_shared) in &mut touched {
            for place in of_shared {
                *place = shared.partition_point(|it| *it < *place);
            }
        }
        Block { rows, own, shared, of_rows: touched }
    }

    /// Climbs the likelihood: variances of the effects and of the residual, and their errors.
    ///
    /// A component that is nearly nothing and wants to fall is set aside at zero, because its information
    /// says nothing of the others; at the top it is tried again.
    fn climb(&self) -> Result<(Vec<f64>, Vec<Option<f64>>), Error> {
        let count = self.effects.len() + 1;
        let mut variances = vec![1.0 / count as f64; count];
        let mut likelihood = self.slope(&variances)?;
        let mut trials = vec![0; count];
        for _ in 0..ITERATIONS {
            let before = variances.clone();
            let is_top = match self.rise(&variances, &likelihood)? {
                Some((next, there)) => {
                    (variances, likelihood) = (next, there);
                    let changes = before.iter().zip(&variances).map(|(a, b)| (a - b).abs());
                    changes.fold(0.0, f64::max) < SETTLED
                }
                None => true,
            };
            if variances[count - 1] < LEAST {
                return Err(Error::NoVariation { what: "the residuals" });
            }
            if self.set_aside(&mut variances, &likelihood, &trials) {
                likelihood = self.slope(&variances)?;
            } else if is_top {
                match self.tried_again(&variances, &mut trials)? {
                    Some(wider) => variances = wider,
                    None => return self.finished(variances, &likelihood),
                }
                likelihood = self.slope(&variances)?;
            }
        }
        Err(Error::NotConverged { what: "variance components", iterations: ITERATIONS })
    }

    /// One step up, if there is one: the quick one, or else the sure one.
    fn rise(
        &self,
        variances: &[f64],
        likelihood: &Likelihood,
    ) -> Result<Option<(Vec<f64>, Likelihood)>, Error> {
        if let Some(step) = likelihood.quick_step(variances)
            && let Some(next) = self.uphill(variances, likelihood, &step, HALVINGS)?
        {
            return Ok(Some(next));
        }
        self.uphill(variances, likelihood, &self.sure_step(variances, likelihood), HALVINGS)
    }

    /// Puts to zero what is nearly nothing and wants to fall; the residual stays.
    fn set_aside(&self, variances: &mut [f64], likelihood: &Likelihood, trials: &[u32]) -> bool {
        let mut changed = false;
        let effects = variances.iter_mut().take(self.effects.len());
        for ((variance, score), trials) in effects.zip(&likelihood.score).zip(trials) {
            let least = if *trials == 0 { NOTHING } else { LEAST };
            if *variance > 0.0 && *variance < least && *score < 0.0 {
                *variance = 0.0;
                changed = true;
            }
        }
        changed
    }

    /// The variances with those components back that would rise from next to nothing; none if all stay.
    fn tried_again(
        &self,
        variances: &[f64],
        trials: &mut [u32],
    ) -> Result<Option<Vec<f64>>, Error> {
        let mut wider = variances.to_vec();
        for component in 0..self.effects.len() {
            if variances[component] > 0.0 || trials[component] >= TRIALS {
                continue;
            }
            let mut alone = variances.to_vec();
            alone[component] = LEAST;
            if self.slope(&alone)?.score[component] > 0.0 {
                trials[component] += 1;
                wider[component] = LEAST;
            }
        }
        Ok((wider != variances).then_some(wider))
    }

    /// The step of expectation and maximization: it always rises, if slowly.
    fn sure_step(&self, variances: &[f64], likelihood: &Likelihood) -> Vec<f64> {
        let rows = self.values.len();
        let levels = self.effects.iter().map(|effect| effect.levels).chain([rows]);
        let of = |((variance, score), levels): ((&f64, &f64), usize)| {
            2.0 * variance * variance * score / levels as f64
        };
        variances.iter().zip(&likelihood.score).zip(levels).map(of).collect()
    }

    /// Goes a step, or a half of it, or a quarter, until the likelihood does not fall.
    fn uphill(
        &self,
        variances: &[f64],
        likelihood: &Likelihood,
        step: &[f64],
        halvings: i32,
    ) -> Result<Option<(Vec<f64>, Likelihood)>, Error> {
        for halving in 0..halvings {
            let length = 0.5f64.powi(halving);
            // Never across zero in one step: a tenth of the way from where it stands.
            let moved =
                |(variance, step): (&f64, &f64)| (variance + length * step).max(variance / 10.0);
            let next: Vec<f64> = variances.iter().zip(step).map(moved).collect();
            let tried = self.slope(&next)?;
            if tried.value >= likelihood.value - 1e-11 * likelihood.value.abs().max(1.0) {
                return Ok(Some((next, tried)));
            }
        }
        Ok(None)
    }

    fn finished(
        &self,
        variances: Vec<f64>,
        likelihood: &Likelihood,
    ) -> Result<(Vec<f64>, Vec<Option<f64>>), Error> {
        let free: Vec<usize> = (0..variances.len()).filter(|it| variances[*it] > 0.0).collect();
        let inverse = likelihood.information(&free)?.inverse();
        let mut errors = vec![None; variances.len()];
        for (place, component) in free.iter().enumerate() {
            errors[*component] = Some(inverse.get(place, place).sqrt());
        }
        Ok((variances, errors))
    }

    /// What Henderson's equations add for an effect: the residual's variance over its own.
    fn ratio(&self, variances: &[f64], component: usize) -> f64 {
        let residual = variances[self.effects.len()];
        // An effect without variance is held at zero by a weight that leaves it nothing.
        if variances[component] > 0.0 { residual / variances[component] } else { 1e14 }
    }

    fn equations(&self, variances: &[f64]) -> Result<Equations, Error> {
        let what = "variance components";
        let mut matrix = Symmetric::zero(self.shared.len());
        for (place, component) in self.shared.iter().enumerate() {
            if let Some(component) = component {
                matrix.add(place, place, self.ratio(variances, *component));
            }
        }
        let mut log_determinant = 0.0;
        let mut blocks = Vec::with_capacity(self.blocks.len());
        for block in &self.blocks {
            let mut own = Symmetric::zero(block.own.len());
            for (place, component) in block.own.iter().enumerate() {
                own.add(place, place, self.ratio(variances, *component));
            }
            let mut with = vec![vec![0.0; block.own.len()]; block.shared.len()];
            for (of_own, of_shared) in &block.of_rows {
                for (index, one) in of_own.iter().enumerate() {
                    of_own[..=index].iter().for_each(|other| own.add(*one, *other, 1.0));
                    of_shared.iter().for_each(|shared| with[*shared][*one] += 1.0);
                }
                for (index, one) in of_shared.iter().enumerate() {
                    for other in &of_shared[..=index] {
                        matrix.add(block.shared[*one], block.shared[*other], 1.0);
                    }
                }
            }
            let factor = own.factor(what)?;
            log_determinant += factor.log_determinant();
            let solved: Vec<Vec<f64>> = with.iter().map(|column| factor.solve(column)).collect();
            for (index, one) in block.shared.iter().enumerate() {
                for (other, column) in block.shared[..=index].iter().zip(&with) {
                    matrix.add(*one, *other, -dot(&solved[index], column));
                }
            }
            blocks.push((factor, solved));
        }
        let shared = matrix.factor(what)?;
        log_determinant += shared.log_determinant();
        Ok(Equations { blocks, shared, log_determinant })
    }

    /// The effects that go with a right side: person by person, and shared.
    fn solve(&self, equations: &Equations, values: &[f64]) -> (Vec<Vec<f64>>, Vec<f64>) {
        let mut right = vec![0.0; self.shared.len()];
        let mut own_right = Vec::with_capacity(self.blocks.len());
        for (block, (_, solved)) in self.blocks.iter().zip(&equations.blocks) {
            let mut own = vec![0.0; block.own.len()];
            for (row, (of_own, of_shared)) in block.rows.iter().zip(&block.of_rows) {
                of_own.iter().for_each(|place| own[*place] += values[*row]);
                of_shared.iter().for_each(|place| right[block.shared[*place]] += values[*row]);
            }
            for (place, column) in block.shared.iter().zip(solved) {
                right[*place] -= dot(column, &own);
            }
            own_right.push(own);
        }
        let shared = equations.shared.solve(&right);
        let own = self.blocks.iter().zip(&equations.blocks).zip(own_right);
        let own = own.map(|((block, (factor, solved)), right)| {
            let mut effects = factor.solve(&right);
            for (place, column) in block.shared.iter().zip(solved) {
                effects.iter_mut().zip(column).for_each(|(it, cell)| *it -= cell * shared[*place]);
            }
            effects
        });
        (own.collect(), shared)
    }

    /// What the effects leave of the values.
    fn rest(&self, values: &[f64], own: &[Vec<f64>], shared: &[f64]) -> Vec<f64> {
        let mut rest = values.to_vec();
        for (block, own) in self.blocks.iter().zip(own) {
            for (row, (of_own, of_shared)) in block.rows.iter().zip(&block.of_rows) {
                let sum: f64 = of_own.iter().map(|place| own[*place]).sum();
                let others: f64 = of_shared.iter().map(|place| shared[block.shared[*place]]).sum();
                rest[*row] -= sum + others;
            }
        }
        rest
    }

    fn slope(&self, variances: &[f64]) -> Result<Likelihood, Error> {
        let count = self.effects.len();
        let residual = variances[count];
        let equations = self.equations(variances)?;
        let (own, shared) = self.solve(&equations, &self.values);
        let rest = self.rest(&self.values, &own, &shared);
        let traces = self.traces(&equations);
        let squares = self.squares(&own, &shared);
        let size = self.values.len() as f64;
        let (mut effects, mut logs, mut freedom) = (0.0, 0.0, size - 1.0);
        let mut score = vec![0.0; count + 1];
        for (component, effect) in self.effects.iter().enumerate() {
            let (variance, levels) = (variances[component], effect.levels as f64);
            if variance <= 0.0 {
                continue;
            }
            effects += levels;
            logs += levels * variance.ln();
            freedom -= levels - traces[component] * residual / variance;
            let spread = traces[component] * residual + squares[component];
            score[component] = -0.5 * (levels / variance - spread / (variance * variance));
        }
        score[count] = -0.5 * (freedom / residual - dot(&rest, &rest) / (residual * residual));
        let determinant = equations.log_determinant - self.held(variances);
        let value = -0.5
            * ((size - 1.0 - effects) * residual.ln()
                + logs
                + determinant
                + dot(&self.values, &rest) / residual);
        let working = self.working(variances, &own, &shared, &rest);
        let projected: Vec<Vec<f64>> = working
            .iter()
            .map(|vector| {
                let (own, shared) = self.solve(&equations, vector);
                self.rest(vector, &own, &shared).iter().map(|rest| rest / residual).collect()
            })
            .collect();
        Ok(Likelihood { value, score, working, projected })
    }

    /// The part of the determinant that effects held at zero bring in.
    fn held(&self, variances: &[f64]) -> f64 {
        let effects = self.effects.iter().zip(variances);
        let zero = effects.filter(|(_, variance)| **variance <= 0.0);
        zero.map(|(effect, _)| effect.levels as f64 * 1e14f64.ln()).sum()
    }

    /// For each component the trace of its part of the inverse.
    fn traces(&self, equations: &Equations) -> Vec<f64> {
        let mut traces = vec![0.0; self.effects.len()];
        let inverse = equations.shared.inverse();
        for (place, component) in self.shared.iter().enumerate() {
            if let Some(component) = component {
                traces[*component] += inverse.get(place, place);
            }
        }
        for (block, (factor, solved)) in self.blocks.iter().zip(&equations.blocks) {
            let own = factor.inverse();
            for (place, component) in block.own.iter().enumerate() {
                let mut trace = own.get(place, place);
                for (one, column) in block.shared.iter().zip(solved) {
                    let with = block.shared.iter().zip(solved);
                    let sum: f64 =
                        with.map(|(other, of)| inverse.get(*one, *other) * of[place]).sum();
                    trace += column[place] * sum;
                }
                traces[*component] += trace;
            }
        }
        traces
    }

    fn squares(&self, own: &[Vec<f64>], shared: &[f64]) -> Vec<f64> {
        let mut squares = vec![0.0; self.effects.len()];
        for (component, effect) in self.shared.iter().zip(shared) {
            if let Some(component) = component {
                squares[*component] += effect * effect;
            }
        }
        for (block, own) in self.blocks.iter().zip(own) {
            for (component, effect) in block.own.iter().zip(own) {
                squares[*component] += effect * effect;
            }
        }
        squares
    }

    /// For each component the derivative of the values' covariance applied to what is left of them.
    fn working(
        &self,
        variances: &[f64],
        own: &[Vec<f64>],
        shared: &[f64],
        rest: &[f64],
    ) -> Vec<Vec<f64>> {
        let count = self.effects.len();
        let mut working = vec![vec![0.0; self.values.len()]; count + 1];
        working[count] = rest.iter().map(|rest| rest / variances[count]).collect();
        for (block, own) in self.blocks.iter().zip(own) {
            for (row, (of_own, of_shared)) in block.rows.iter().zip(&block.of_rows) {
                for place in of_own {
                    working[block.own[*place]][*row] += own[*place];
                }
                for place in of_shared {
                    let place = block.shared[*place];
                    if let Some(component) = self.shared[place] {
                        working[component][*row] += shared[place];
                    }
                }
            }
        }
        for (vector, variance) in working.iter_mut().zip(&variances[..count]) {
            let scale = if *variance > 0.0 { 1.0 / variance } else { 0.0 };
            vector.iter_mut().for_each(|value| *value *= scale);
        }
        working
    }
}

/// The likelihood at one set of variances, its slope, and what its information is made of.
struct Likelihood {
    value: f64,
    score: Vec<f64>,
    working: Vec<Vec<f64>>,
    projected: Vec<Vec<f64>>,
}

impl Likelihood {
    /// Newton's step by the average information; none where that is singular.
    fn quick_step(&self, variances: &[f64]) -> Option<Vec<f64>> {
        let free: Vec<usize> = (0..variances.len()).filter(|it| variances[*it] > 0.0).collect();
        let score: Vec<f64> = free.iter().map(|component| self.score[*component]).collect();
        let solved = self.information(&free).ok()?.solve(&score);
        let mut step = vec![0.0; variances.len()];
        free.iter().zip(solved).for_each(|(component, solved)| step[*component] = solved);
        Some(step)
    }

    fn information(&self, free: &[usize]) -> Result<Factor, Error> {
        let mut matrix = Symmetric::zero(free.len());
        for (row, one) in free.iter().enumerate() {
            for (column, other) in free[..=row].iter().enumerate() {
                matrix.add(row, column, 0.5 * dot(&self.working[*one], &self.projected[*other]));
            }
        }
        matrix.factor("variance components")
    }
}
