//! Measures how long a scorecard takes, or writes the sample cards: `measure [N | DIR]`.
//! The texts it writes are the snapshots of the tests.
//!
//! Figures are wall time of one thread; run it under `time` for the CPU time.

#[path = "../tests/fixtures/sample.rs"]
mod sample;

use std::time::Instant;

use mizan_domain::text::Language;
use mizan_report::{Error, Renderer, document, minutes_document};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let argument = std::env::args().nth(1).unwrap_or_else(|| "200".to_owned());
    match argument.parse::<u32>() {
        Ok(count) => measure(count)?,
        Err(_) => write_samples(&argument)?,
    }
    Ok(())
}

fn measure(count: u32) -> Result<(), Error> {
    let start = Instant::now();
    let mut renderer = Renderer::new()?;
    println!("renderer: {:.1} ms", start.elapsed().as_secs_f64() * 1000.0);
    for language in Language::ALL {
        let (mut bytes, start) = (0, Instant::now());
        for number in 0..count {
            bytes += renderer.render(&sample::numbered(number), language)?.len();
        }
        let each = start.elapsed().as_secs_f64() * 1000.0 / f64::from(count);
        println!("{language}: {each:.2} ms, {} bytes a card", bytes / count as usize);
    }
    let start = Instant::now();
    for _ in 0..20 {
        renderer.render(&sample::mixed_remarks(), Language::Arabic)?;
    }
    println!("with fonts of its own: {:.2} ms", start.elapsed().as_secs_f64() * 1000.0 / 20.0);
    Ok(())
}

fn write_samples(folder: &str) -> Result<(), Box<dyn std::error::Error>> {
    let mut renderer = Renderer::new()?;
    for (name, card) in sample::all() {
        for language in Language::ALL {
            let path = format!("{folder}/{name}-{language}.pdf");
            std::fs::write(path, renderer.render(&card, language)?)?;
            let text = document(&card, language)?.to_string();
            std::fs::write(format!("{folder}/{name}-{language}.txt"), text)?;
        }
    }
    for language in Language::ALL {
        let path = format!("{folder}/minutes-{language}.pdf");
        std::fs::write(path, renderer.render_minutes(&sample::minutes(), language)?)?;
        let text = minutes_document(&sample::minutes(), language).to_string();
        std::fs::write(format!("{folder}/minutes-{language}.txt"), text)?;
    }
    Ok(())
}
