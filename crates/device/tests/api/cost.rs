//! What an answer costs beside a thousand criteria; printed, never judged: a machine may be busy.

use std::time::{Duration, Instant};

use mizan_domain::rubric::Rubric;
use serde_json::json;

use crate::desk::Desk;
use crate::support::visit_id;

const CRITERIA: usize = 1_000;
/// Enough for a percentile and few enough for every run.
const ANSWERS: usize = 200;

fn large_rubric() -> Rubric {
    let criterion = |n: usize| {
        format!(
            "[[pillars.criteria]]\nid = \"K{n}\"\nname = {{ ar = \"ع\", en = \"K\" }}\n\
             guidance = {{ ar = \"ع\", en = \"look\" }}\nweight = 0.1\n\
             scale = {{ kind = \"yes_no\" }}\nvisits = [\"unannounced\"]\n\
             evidence = {{ rule = \"none\" }}\n"
        )
    };
    let toml = format!(
        "id = \"large\"\nversion = \"1.0.0\"\nmodel = \"in_person\"\n\
         title = {{ ar = \"ع\", en = \"Large\" }}\n[policy]\ncritical_cap = \"meets\"\n\
         [[levels]]\nid = \"meets\"\nname = {{ ar = \"ع\", en = \"Meets\" }}\nmin_score = 0\n\
         allows_critical = true\n\
         [[pillars]]\nid = \"P\"\nname = {{ ar = \"ع\", en = \"P\" }}\nweight = 100\n{}",
        (1..=CRITERIA).map(criterion).collect::<String>(),
    );
    Rubric::from_toml(&toml).unwrap_or_else(|faults| panic!("{}", faults[0]))
}

fn percentile(times: &mut [Duration], percent: usize) -> Duration {
    times.sort_unstable();
    times[(times.len() - 1) * percent / 100]
}

#[tokio::test]
async fn answers_beside_a_thousand_criteria_are_all_saved() {
    let desk = Desk::with_rubric(&large_rubric(), 1, "no such path");
    desk.enrol_and_pull().await;
    let path = |rest: &str| format!("/visits/{}{rest}", visit_id(1));
    let given = json!({ "no_interest": true, "brief_acknowledged": true });
    desk.post(&path("/accept"), given).await.ok();
    let mut times = Vec::with_capacity(ANSWERS);
    for n in 1..=ANSWERS {
        let started = Instant::now();
        let saved = desk.put(&path(&format!("/answers/K{n}")), json!({ "value": true })).await;
        times.push(started.elapsed());
        assert_eq!(saved.ok()["missing"], json!([]));
    }
    let started = Instant::now();
    let view = desk.get(&path("")).await.ok();
    let whole = started.elapsed();
    assert_eq!(view["summary"]["answered"], ANSWERS);
    assert_eq!(view["missing"].as_array().unwrap().len(), CRITERIA - ANSWERS);
    let (half, most) = (percentile(&mut times, 50), percentile(&mut times, 99));
    println!("answer: p50 {half:.1?}, p99 {most:.1?}; the whole visit: {whole:.1?}");
}
