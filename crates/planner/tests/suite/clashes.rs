//! Problems without a plan, each with the rules that clash.

use mizan_planner::{Load, Need, PastVisit, Problem, Rule, Weeks, plan};

use crate::small::{clash, problem};

/// The rules of the clash, and that setting any one of them aside frees it.
fn check(title: &str, of: &Problem, rules: &[Rule], centres: &[&str]) {
    let clash = clash(of);
    assert!(clash.is_proved, "{title}: {clash}");
    assert_eq!(clash.rules, rules, "{title}: {clash}");
    assert_eq!(clash.centres, centres, "{title}: {clash}");
    let freed: Vec<Rule> = clash.frees.iter().map(|remedy| remedy.rule).collect();
    for rule in rules {
        assert!(freed.contains(rule), "{title}: {rule:?} frees it: {clash}");
    }
}

#[test]
fn too_few_are_left_for_a_centre() {
    let mut of = problem(3, 3, 2);
    of.evaluators[0].employer = Some("A1".into());
    of.evaluators[1].interests = vec!["A1".into()];
    let rules = [Rule::Visits, Rule::DifferentEvaluators, Rule::OwnAgency, Rule::Interest];
    check("own agency and interest", &of, &rules, &["C1"]);
    let clash = clash(&of);
    assert_eq!(clash.short, Some(1));
    let barred = clash.frees.iter().find(|remedy| remedy.rule == Rule::OwnAgency).unwrap();
    assert_eq!(barred.evaluators, ["E0"]);
    // What the clash offers indeed frees it.
    of.evaluators[0].employer = None;
    assert!(plan(&of).is_ok());
}

#[test]
fn a_need_that_nobody_meets_is_told_alone() {
    let mut of = problem(3, 3, 2);
    of.centres[2].needs = vec![Need { ability: "sign_language".into(), visits: Some(1) }];
    check("nobody signs", &of, &[Rule::Visits, Rule::Need], &["C2"]);
}

#[test]
fn rotation_exposure_and_refusals_add_up() {
    let mut of = problem(2, 3, 1);
    let day = of.policy.first_day - chrono::Days::new(10);
    of.evaluators[0].past = vec![PastVisit { centre: "C0".into(), day }];
    of.evaluators[1].exposed = vec!["A0".into()];
    of.evaluators[2].declined = vec!["C0".into()];
    let rules = [Rule::Visits, Rule::Exposed, Rule::Rotation, Rule::Declined];
    check("three bars", &of, &rules, &["C0"]);
}

#[test]
fn workloads_that_are_too_small_or_too_large_are_told() {
    let mut of = problem(6, 3, 2);
    of.evaluators.iter_mut().for_each(|one| one.load = Load { least: 0, most: 3 });
    let told = clash(&of);
    assert_eq!((told.rules, told.short), (vec![Rule::Visits, Rule::LoadMost], Some(3)));
    of.evaluators.iter_mut().for_each(|one| one.load = Load { least: 5, most: 9 });
    let told = clash(&of);
    assert_eq!((told.rules, told.short), (vec![Rule::Visits, Rule::LoadLeast], Some(3)));
}

#[test]
fn whoever_is_away_cannot_come() {
    let mut of = problem(2, 2, 1);
    let all = Weeks { from: 1, to: 12 };
    of.evaluators.iter_mut().for_each(|one| one.away = vec![all]);
    let told = clash(&of);
    assert_eq!(told.rules, [Rule::Visits, Rule::Availability], "{told}");
}

#[test]
fn dates_that_do_not_fit_are_told_with_their_rules() {
    let mut of = problem(2, 5, 4);
    of.policy.spacing_days = 30;
    check(
        "four visits, a month apart",
        &of,
        &[Rule::Visits, Rule::Spacing, Rule::Calendar],
        &["C0"],
    );
    let mut of = problem(1, 4, 1);
    of.centres[0].visits[0].scheduled = 2;
    of.centres[0].scheduled_weeks = Some(Weeks { from: 3, to: 3 });
    let rules = [Rule::Visits, Rule::ScheduledWeeks, Rule::Spacing];
    check("two in one week", &of, &rules, &["C0"]);
}

#[test]
fn a_design_that_cannot_be_one_is_told_though_not_proved() {
    let mut of = problem(4, 4, 1);
    of.policy.linking_percent = 1;
    of.policy.anchors_link = true;
    of.evaluators.iter_mut().for_each(|one| one.load = Load { least: 1, most: 1 });
    let told = clash(&of);
    // One visit a centre links nobody, whoever makes it.
    assert!(!told.is_proved && told.rules.contains(&Rule::Connected), "{told}");
}

#[test]
fn a_clash_reads_as_a_sentence_with_its_remedy() {
    let mut of = problem(3, 3, 2);
    of.centres[2].needs = vec![Need { ability: "sign_language".into(), visits: Some(1) }];
    assert_eq!(
        clash(&of).to_string(),
        "no plan keeps these rules together: visits, need; at C2; 1 visits nobody can make; to free it: \
         find evaluators with the ability, or need it in fewer visits (by 1 visits), or ask for fewer \
         visits (by 1 visits)"
    );
}
