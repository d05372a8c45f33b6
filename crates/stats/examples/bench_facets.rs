//! Times the many-facet Rasch model: 240,000 ratings of 1,000 centres by 200 evaluators on 60 criteria.

use std::time::Instant;

use mizan_stats::facets::{Design, Facet, Scale};
use mizan_stats::random::Random;

fn main() -> Result<(), mizan_stats::Error> {
    for (name, scale) in [
        ("one scale", Scale::Common),
        ("a scale for each criterion", Scale::Each { facet: 2 }),
        ("a scale for each evaluator", Scale::Each { facet: 1 }),
    ] {
        let mut random = Random::seeded(1);
        let mut draw = |count: usize, spread: f64| -> Vec<f64> {
            (0..count).map(|_| spread * random.normal()).collect()
        };
        let (centres, evaluators, criteria) = (draw(1_000, 1.0), draw(200, 0.4), draw(60, 0.8));
        let facets = vec![Facet::floating(1_000), Facet::centred(200), Facet::centred(60)];
        let mut design = Design::new(facets, scale)?;
        for (centre, measure) in centres.iter().enumerate() {
            for visit in 0..4 {
                let evaluator = (centre * 7 + visit * 53 + centre / 200 * visit) % 200;
                for (criterion, difficulty) in criteria.iter().enumerate() {
                    let line = measure - evaluators[evaluator] - difficulty;
                    let mut value = 0.0;
                    for threshold in [-2.0, -1.0, 0.0, 1.0, 2.0] {
                        let chance = 1.0 / (1.0 + (-1.5 * (line - threshold)).exp());
                        value += f64::from(u8::from(random.unit() < chance));
                    }
                    design.rate(&[centre, evaluator, criterion], value)?;
                }
            }
        }
        let start = Instant::now();
        let measures = design.measure()?;
        let seconds = start.elapsed().as_secs_f64();
        println!("{name}: {} ratings, {} steps, {seconds:.2} s", design.len(), measures.iterations);
    }
    Ok(())
}
