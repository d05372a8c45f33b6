//! The many-facet Rasch model against Facets 4.1.8 and a second program.

use mizan_stats::facets::{Design, Facet, FacetReport, FitStatistic, Measures, Scale};

use crate::case;

fn list(report: &FacetReport, of: impl Fn(&mizan_stats::facets::ElementReport) -> f64) -> Vec<f64> {
    report.elements.iter().map(of).collect()
}

fn check_fit(of: Option<FitStatistic>) -> FitStatistic {
    of.unwrap()
}

fn essays(data: &str) -> (Design, Measures) {
    let tokens: Vec<&str> = data.split_whitespace().collect();
    let facets = vec![Facet::floating(tokens.len()), Facet::centred(6)];
    let mut design = Design::new(facets, Scale::Each { facet: 1 }).unwrap();
    for (essay, token) in tokens.iter().enumerate() {
        for (rater, digit) in token.bytes().enumerate() {
            design.rate(&[essay, rater], f64::from(digit - b'0')).unwrap();
        }
    }
    let measures = design.measure().unwrap();
    (design, measures)
}

#[test]
fn the_essays_that_facets_measured() {
    let case = case("mfrm_facets_con1");
    let (design, measures) = essays(case.data.as_str().unwrap());
    let raters = &measures.facets[1];
    case.check_list("rater_measure", &list(raters, |it| it.measure.unwrap()));
    case.check_list("rater_se", &list(raters, |it| it.standard_error.unwrap()));
    case.check_list("rater_infit_mnsq", &list(raters, |it| check_fit(it.infit).mean_square));
    case.check_list("rater_infit_zstd", &list(raters, |it| check_fit(it.infit).z));
    case.check_list("rater_outfit_mnsq", &list(raters, |it| check_fit(it.outfit).mean_square));
    case.check_list("rater_outfit_zstd", &list(raters, |it| check_fit(it.outfit).z));
    case.check_list("rater_observed_average", &list(raters, |it| it.observed_average.unwrap()));
    case.check_list("rater_fair_average", &list(raters, |it| it.fair_average.unwrap()));
    case.check_list("rater_total_score", &list(raters, |it| it.score));
    let thresholds = |group: usize| -> Vec<f64> {
        measures.scales[group].iter().filter_map(|it| it.measure).collect()
    };
    (1..=3).for_each(|rater| {
        case.check_list(&format!("thresholds_rater{rater}"), &thresholds(rater - 1));
    });
    let errors: Vec<f64> = measures.scales[0].iter().filter_map(|it| it.standard_error).collect();
    case.check_list("threshold_se_rater1", &errors);
    assert_eq!(measures.wide_thresholds, [0, 1, 2], "three raters hardly used an end of the scale");
    let essays = &measures.facets[0];
    let summary = essays.summary.unwrap();
    case.check("essay_mean", summary.mean);
    case.check("essay_sd_pop", summary.deviation);
    case.check("essay192_measure", essays.elements[191].measure.unwrap());
    case.check("essay192_se", essays.elements[191].standard_error.unwrap());
    case.check("essay88_measure", essays.elements[87].measure.unwrap());
    case.check("essay_separation_pop", summary.separation);
    case.check("essay_strata_pop", summary.strata);
    case.check("essay_reliability_pop", summary.reliability);
    case.check("essay_fixed_chisq", summary.chi_squared);
    let summary = raters.summary.unwrap();
    case.check("rater_rmse", summary.error);
    case.check("rater_separation_pop", summary.separation);
    case.check("rater_strata_pop", summary.strata);
    case.check("rater_reliability_pop", summary.reliability);
    case.check("rater_fixed_chisq", summary.chi_squared);
    case.check("rater_fixed_df", summary.degrees as f64);
    let matching = measures.matching(&design, 1).all;
    case.check("agreement_opportunities", matching.opportunities as f64);
    case.check("exact_agreements", matching.exact as f64);
    case.check("expected_agreements", matching.expected);
    case.check("global_pearson_chisq", measures.fit.chi_squared);
    case.check("variance_explained_pct", 100.0 * measures.fit.explained);
    case.finish();
}

#[test]
fn the_judges_of_guilford() {
    let case = case("mfrm_guilford_1954");
    let facets = vec![Facet::centred(7), Facet::floating(3), Facet::centred(5)];
    let mut design = Design::new(facets, Scale::Common).unwrap();
    for row in case.numbers() {
        let place = |column: usize| row[column] as usize - 1;
        design.rate(&[place(1), place(0), place(2)], row[3]).unwrap();
    }
    let measures = design.measure().unwrap();
    let names = ["examinee", "judge", "trait"];
    for (name, report) in names.iter().zip(&measures.facets) {
        case.check_list(&format!("{name}_raw_score"), &list(report, |it| it.score));
        case.check_list(&format!("{name}_measure"), &list(report, |it| it.measure.unwrap()));
    }
    let [examinees, judges, _] = &measures.facets[..] else { panic!("three facets") };
    let counts: Vec<f64> = measures.scales[0].iter().map(|it| it.count).collect();
    case.check_list("category_counts_1to9", &counts);
    let thresholds: Vec<f64> = measures.scales[0].iter().filter_map(|it| it.measure).collect();
    case.check_list("thresholds", &thresholds);
    case.check_list("judge_se", &list(judges, |it| it.standard_error.unwrap()));
    case.check_list("examinee_se", &list(examinees, |it| it.standard_error.unwrap()));
    case.check_list("examinee_infit", &list(examinees, |it| check_fit(it.infit).mean_square));
    case.check_list("examinee_outfit", &list(examinees, |it| check_fit(it.outfit).mean_square));
    case.check_list("judge_infit", &list(judges, |it| check_fit(it.infit).mean_square));
    case.check_list("judge_fair_average", &list(judges, |it| it.fair_average.unwrap()));
    case.check_list("examinee_fair_average", &list(examinees, |it| it.fair_average.unwrap()));
    let summary = examinees.summary.unwrap();
    case.check("examinee_separation_pop", summary.separation);
    case.check("examinee_reliability_pop", summary.reliability);
    let matching = measures.matching(&design, 1).all;
    case.check("agreement_opportunities", matching.opportunities as f64);
    case.check("exact_agreements", matching.exact as f64);
    case.check("expected_agreements", matching.expected);
    case.check("loglik", measures.fit.log_likelihood);
    assert!(measures.iterations < 15, "{}", measures.iterations);
    case.finish();
}

#[test]
fn the_marginal_model_of_tam() {
    let case = case("mfrm_mml_tam_ex10");
    let lines: Vec<Vec<&str>> = case
        .data
        .as_array()
        .unwrap()
        .iter()
        .map(|line| line.as_str().unwrap().split_whitespace().collect())
        .collect();
    let mut persons: Vec<&str> = lines.iter().map(|line| line[0]).collect();
    persons.dedup();
    let facets = vec![Facet::centred(persons.len()), Facet::centred(3), Facet::floating(5)];
    let mut design = Design::new(facets, Scale::Common).unwrap();
    for line in &lines {
        let person = persons.iter().position(|person| *person == line[0]).unwrap();
        let rater = line[1].parse::<usize>().unwrap() - 1;
        for (item, digit) in line[2].bytes().enumerate() {
            design.rate(&[person, rater, item], f64::from(digit - b'0')).unwrap();
        }
    }
    let marginal = design.measure_marginally().unwrap();
    let list =
        |facet: usize| -> Vec<f64> { marginal.measures[facet].iter().flatten().copied().collect() };
    case.check_list("item_difficulty", &list(1));
    case.check_list("rater_severity", &list(0));
    case.check("ability_variance", marginal.ability_variance);
    case.check("deviance", marginal.deviance);
    case.check("EAP_reliability", marginal.reliability);
    case.check("n_persons", marginal.abilities.iter().flatten().count() as f64);
    case.finish();
}
