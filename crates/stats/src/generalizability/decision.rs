//! What another number of raters and tasks would give.

use super::{Components, Design};
use crate::Error;
use crate::error::{at_least, open_unit};

/// How dependable the mean of so many raters and tasks is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Decision {
    /// How many raters, in p × (r:t) for each task.
    pub raters: usize,
    /// How many tasks; 1 in p × r.
    pub tasks: usize,
    /// The variance that blurs an order of persons, σ²(δ).
    pub relative_error: f64,
    /// The variance that blurs a score itself, σ²(Δ).
    pub absolute_error: f64,
    /// Eρ² = σ²(p)/(σ²(p) + σ²(δ)), for ranking.
    pub g: f64,
    /// Φ = σ²(p)/(σ²(p) + σ²(Δ)), for a level with a fixed threshold.
    pub phi: f64,
}

/// The least that reaches an aim, for one number of tasks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Need {
    /// How many tasks.
    pub tasks: usize,
    /// The fewest raters that reach the aim with them; `None` if the most that were tried do not.
    pub raters: Option<usize>,
}

impl Components {
    /// The dependability of the mean over so many raters and tasks.
    ///
    /// Formula: each component that persons share with raters or tasks is divided by the numbers it is
    /// averaged over; σ²(δ) sums those with persons, σ²(Δ) all but persons'.
    /// Assumes raters and tasks drawn anew from the same universes. Components at zero add nothing.
    ///
    /// # Errors
    /// [`Error::TooFew`] for no rater or task; [`Error::NoVariation`] when persons and errors have no
    /// variance.
    pub fn decision(&self, raters: usize, tasks: usize) -> Result<Decision, Error> {
        at_least("raters", raters, 1)?;
        at_least("tasks", tasks, 1)?;
        let (r, t) = (raters as f64, tasks as f64);
        let of = |name: &str| self.value(name);
        let (relative_error, others) = match self.design {
            Design::PersonRater => (of("pr") / r, of("r") / r),
            Design::PersonRaterWithinTask => {
                (of("pt") / t + of("pr:t") / (r * t), of("t") / t + of("r:t") / (r * t))
            }
            Design::PersonRaterTask => (
                of("pr") / r + of("pt") / t + of("prt") / (r * t),
                of("r") / r + of("t") / t + of("rt") / (r * t),
            ),
        };
        let absolute_error = relative_error + others;
        let person = of("p");
        if person + absolute_error <= 0.0 {
            return Err(Error::NoVariation { what: "persons and errors" });
        }
        let share = |error: f64| if person + error > 0.0 { person / (person + error) } else { 0.0 };
        let (g, phi) = (share(relative_error), share(absolute_error));
        let tasks = if self.design.has_tasks() { tasks } else { 1 };
        Ok(Decision { raters, tasks, relative_error, absolute_error, g, phi })
    }

    /// Decisions for every number of raters and tasks up to these.
    ///
    /// # Errors
    /// As [`Components::decision`].
    pub fn decisions(&self, raters: usize, tasks: usize) -> Result<Vec<Decision>, Error> {
        let tasks = if self.design.has_tasks() { tasks } else { 1 };
        let all = (1..=tasks).flat_map(|tasks| (1..=raters).map(move |raters| (raters, tasks)));
        all.map(|(raters, tasks)| self.decision(raters, tasks)).collect()
    }

    /// For each number of tasks up to `tasks`, the fewest raters up to `raters` with Φ of at least `aim`,
    /// such as 0.8: how many visits and evaluators a dependable score needs.
    ///
    /// # Errors
    /// As [`Components::decision`]; [`Error::OutOfRange`] for an aim outside (0, 1).
    pub fn needs(&self, aim: f64, raters: usize, tasks: usize) -> Result<Vec<Need>, Error> {
        let aim = open_unit("the aim of dependability", aim)?;
        let mut needs: Vec<Need> = Vec::new();
        for decision in self.decisions(raters, tasks)? {
            let reached = (decision.phi >= aim).then_some(decision.raters);
            match needs.last_mut().filter(|need| need.tasks == decision.tasks) {
                Some(need) => need.raters = need.raters.or(reached),
                None => needs.push(Need { tasks: decision.tasks, raters: reached }),
            }
        }
        Ok(needs)
    }
}
