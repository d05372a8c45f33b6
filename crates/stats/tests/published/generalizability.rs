//! Variance components against published ones.

use mizan_stats::generalizability::{Components, Design, Score};

use crate::case;

fn score(person: usize, rater: usize, task: usize, value: f64) -> Score {
    Score { person, rater, task, value }
}

#[track_caller]
fn near(found: f64, expected: f64, tolerance: f64) {
    assert!((found - expected).abs() <= tolerance, "{found} is not {expected}");
}

fn mean_square(components: &Components, name: &str) -> f64 {
    let found = components.components.iter().find(|component| component.name == name);
    found.unwrap().mean_square.unwrap()
}

#[test]
fn brennans_raters_within_tasks() {
    let case = case("gtheory_brennan_3_2");
    let rows = case.numbers();
    let place = |value: f64| value as usize;
    let scores: Vec<Score> =
        rows.iter().map(|row| score(place(row[1]), place(row[2]), place(row[0]), row[3])).collect();
    let design = Design::PersonRaterWithinTask;
    let components = design.anova(&scores).unwrap();
    for (name, ours) in [("p", "p"), ("t", "t"), ("r:t", "r:t"), ("pt", "pt"), ("pr:t", "pr:t")] {
        case.check(&format!("MS_{name}"), mean_square(&components, ours));
        case.check(&format!("var_{name}"), components.value(ours));
    }
    let decision = |tasks, raters| components.decision(raters, tasks).unwrap();
    case.check("D_3t_4r_Erho2", decision(3, 4).g);
    case.check("D_3t_4r_Phi", decision(3, 4).phi);
    case.check("D_3t_4r_var_rel", decision(3, 4).relative_error);
    case.check("D_3t_4r_var_abs", decision(3, 4).absolute_error);
    case.check("D_3t_2r_Erho2", decision(3, 2).g);
    case.check("D_6t_2r_Phi", decision(6, 2).phi);
    case.finish();
    let reml = design.reml(&scores).unwrap();
    for (one, other) in components.components.iter().zip(&reml.components) {
        near(other.value, one.value, 1e-6);
    }
}

#[test]
fn the_essays_of_genova_with_a_negative_component() {
    let case = case("gtheory_genova_human");
    let tokens = case.data.as_str().unwrap().split_whitespace().enumerate();
    let scores: Vec<Score> = tokens
        .flat_map(|(person, token)| {
            let digits: Vec<u8> = token.bytes().collect();
            (0..2).map(move |rater| score(person, rater, 0, f64::from(digits[rater] - b'0')))
        })
        .collect();
    let components = Design::PersonRater.anova(&scores).unwrap();
    for name in ["p", "r", "pr"] {
        case.check(&format!("MS_{name}"), mean_square(&components, name));
        case.check(&format!("var_{name}"), components.value(name));
    }
    let error = |place: usize| components.components[place].standard_error.unwrap();
    case.check("se_var_p", error(0));
    case.check("se_var_pr", error(2));
    let decisions = components.decisions(6, 1).unwrap();
    case.check_list("Erho2_1_to_6", &decisions.iter().map(|it| it.g).collect::<Vec<_>>());
    case.check_list("Phi_1_to_6", &decisions.iter().map(|it| it.phi).collect::<Vec<_>>());
    assert!(components.components[1].computed < 0.0, "reported as computed");
    case.finish();
    let reml = Design::PersonRater.reml(&scores).unwrap();
    near(reml.value("r"), 0.0, 0.0);
    // With the component at zero the residual takes its mean square in.
    let pooled = (1804.0 * mean_square(&components, "pr") + mean_square(&components, "r")) / 1805.0;
    near(reml.value("pr"), pooled, 1e-6);
}

/// Pinheiro JC, Bates DM (2000) Mixed-Effects Models in S and S-PLUS, section 1.1: six rails, three travel
/// times each, σ_b 24.805 and σ 4.021 by REML, so that the rails' mean square is 3σ_b² + σ².
#[test]
fn the_rails_of_pinheiro_and_bates() {
    let rails = [
        [55.0, 53.0, 54.0],
        [26.0, 37.0, 32.0],
        [78.0, 91.0, 85.0],
        [92.0, 100.0, 96.0],
        [49.0, 51.0, 50.0],
        [80.0, 85.0, 83.0],
    ];
    let scores: Vec<Score> = (0..6)
        .flat_map(|rail| (0..3).map(move |time| score(rail, time, 0, rails[rail][time])))
        .collect();
    let components = Design::PersonRater.anova(&scores).unwrap();
    near(mean_square(&components, "p"), 3.0 * 24.805f64.powi(2) + 4.021f64.powi(2), 0.5);
}
