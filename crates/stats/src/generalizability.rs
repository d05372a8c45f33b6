//! How much of the difference between centres is the centres, and how much who went and when; and how
//! many visits and evaluators a dependable score needs.
//!
//! A study splits the variance of scores into components; a decision reads from them what another
//! number of raters and tasks would give. Persons are what is measured (centres), raters who measures,
//! tasks the occasions or criteria.
//!
//! Reference: Brennan RL (2001) Generalizability Theory.

mod anova;
mod decision;
mod reml;

pub use decision::{Decision, Need};

use crate::Error;
use crate::error::{at_least, at_most};

/// How persons, raters and tasks meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Design {
    /// p × r: every rater rates every person.
    PersonRater,
    /// p × (r:t): each task has raters of its own, who rate every person on it.
    PersonRaterWithinTask,
    /// p × r × t: every rater rates every person on every task.
    PersonRaterTask,
}

/// One score. Without tasks, `task` is 0 throughout. In p × (r:t) a rater's number counts within its task,
/// so that numbers may repeat from task to task.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Score {
    /// Who is measured.
    pub person: usize,
    /// Who measures.
    pub rater: usize,
    /// On what occasion, or by which criterion.
    pub task: usize,
    /// The score.
    pub value: f64,
}

/// One component of variance.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Component {
    /// Its usual name: `p`, `r`, `pr`, `r:t`.
    pub name: &'static str,
    /// The estimate as computed; by analysis of variance it can be negative.
    pub computed: f64,
    /// The estimate as used in what follows: a negative one is zero.
    pub value: f64,
    /// The standard error; none where REML puts the component at zero. A variance is skewed: for an
    /// interval take logarithms, ln σ² ± z·s/σ².
    pub standard_error: Option<f64>,
    /// The mean square of the effect, by analysis of variance.
    pub mean_square: Option<f64>,
}

/// The components of a study.
#[derive(Debug, Clone, PartialEq)]
pub struct Components {
    /// The design.
    pub design: Design,
    /// In the usual order: persons first, the residual last.
    pub components: Vec<Component>,
    /// How many persons were measured.
    pub persons: usize,
    /// How many raters, in p × (r:t) for each task, rounded up where they differ.
    pub raters: usize,
    /// How many tasks.
    pub tasks: usize,
}

impl Components {
    /// The component of a name, as used; 0 for a name that the design does not have.
    #[must_use]
    pub fn value(&self, name: &str) -> f64 {
        let found = self.components.iter().find(|component| component.name == name);
        found.map_or(0.0, |component| component.value)
    }
}

impl Design {
    /// Components by analysis of variance, for complete and balanced scores.
    ///
    /// Formula: expected mean squares solved for the components. Standard error:
    /// √(2/c²·Σ MS²/(df + 2)) over the mean squares that a component is made of, c its divisor.
    /// Assumes random effects; normal ones for the standard errors.
    /// A negative component is reported as computed and set to zero for what follows.
    ///
    /// ```
    /// use mizan_stats::generalizability::{Design, Score};
    /// let score = |person, rater, value| Score { person, rater, task: 0, value };
    /// let scores = [score(0, 0, 1.0), score(0, 1, 2.0), score(1, 0, 4.0), score(1, 1, 7.0)];
    /// let components = Design::PersonRater.anova(&scores)?;
    /// assert_eq!(components.value("pr"), 1.0);
    /// assert_eq!(components.value("p"), 7.5);
    /// # Ok::<(), mizan_stats::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Unbalanced`] and [`Error::RatedTwice`] unless every cell holds one score,
    /// [`Error::TooFew`] for fewer than two persons, raters or (where the design has them) tasks,
    /// [`Error::NotFinite`], [`Error::NoVariation`] when all scores are equal.
    pub fn anova(self, scores: &[Score]) -> Result<Components, Error> {
        anova::components(self, &Layout::new(self, scores)?, scores)
    }

    /// Components by restricted maximum likelihood, for scores with gaps. On balanced scores and
    /// positive components it agrees with [`Design::anova`].
    ///
    /// Formula: the likelihood of all contrasts of the scores, climbed by the average of observed and
    /// expected information; standard errors from that information. Components stay at zero or above.
    /// Assumes normal random effects and gaps that do not depend on what is missing.
    /// References: Patterson HD, Thompson R (1971) Biometrika 58:545–554; Gilmour AR, Thompson R,
    /// Cullis BR (1995) Biometrics 51:1440–1450. Tolerance against lme4: 1e-4 of the total variance.
    ///
    /// # Errors
    /// [`Error::RatedTwice`], [`Error::TooFew`], [`Error::NotFinite`], [`Error::NoVariation`];
    /// [`Error::TooMany`] beyond 3,000 raters, tasks and their combinations; [`Error::Singular`] when
    /// the gaps leave components that cannot be told apart; [`Error::NotConverged`].
    pub fn reml(self, scores: &[Score]) -> Result<Components, Error> {
        reml::components(self, &Layout::new(self, scores)?, scores)
    }

    fn has_tasks(self) -> bool {
        self != Self::PersonRater
    }
}

/// Persons, raters and tasks numbered without gaps.
struct Layout {
    persons: usize,
    raters: usize,
    tasks: usize,
    /// Person, rater and task of each score.
    places: Vec<[usize; 3]>,
}

impl Layout {
    fn new(design: Design, scores: &[Score]) -> Result<Self, Error> {
        if let Some(index) = scores.iter().position(|score| !score.value.is_finite()) {
            return Err(Error::NotFinite { what: "score", index });
        }
        at_most("scores", scores.len(), 10_000_000)?;
        let task = |score: &Score| if design.has_tasks() { score.task } else { 0 };
        let persons = numbered(scores.iter().map(|score| (0, score.person)));
        let tasks = numbered(scores.iter().map(|score| (0, task(score))));
        let within = |score: &Score| match design {
            Design::PersonRaterWithinTask => (task(score), score.rater),
            Design::PersonRater | Design::PersonRaterTask => (0, score.rater),
        };
        let raters = numbered(scores.iter().map(within));
        let places: Vec<[usize; 3]> = scores
            .iter()
            .map(|it| [persons[&(0, it.person)], raters[&within(it)], tasks[&(0, task(it))]])
            .collect();
        let count = |places: &Numbers| places.values().max().map_or(0, |most| most + 1);
        let (persons, raters, tasks) = (count(&persons), count(&raters), count(&tasks));
        at_least("persons", persons, 2)?;
        at_least("raters", raters, 2)?;
        if design.has_tasks() {
            at_least("tasks", tasks, 2)?;
        }
        let mut cells = std::collections::HashSet::new();
        for (place, score) in places.iter().zip(scores) {
            if !cells.insert(*place) {
                return Err(Error::RatedTwice { unit: score.person, rater: score.rater });
            }
        }
        let first = scores[0].value;
        if scores.iter().all(|score| score.value == first) {
            return Err(Error::NoVariation { what: "the scores" });
        }
        Ok(Self { persons, raters, tasks, places })
    }
}

type Numbers = std::collections::BTreeMap<(usize, usize), usize>;

/// Numbers the second parts from 0 within each first part, in their order.
fn numbered(keys: impl Iterator<Item = (usize, usize)>) -> Numbers {
    let mut numbers: Numbers = keys.map(|key| (key, 0)).collect();
    let (mut group, mut next) = (None, 0);
    for ((of_group, _), number) in &mut numbers {
        if group != Some(*of_group) {
            (group, next) = (Some(*of_group), 0);
        }
        *number = next;
        next += 1;
    }
    numbers
}
