//! What is shown and asked before a visit is taken: the brief (M6) and the declaration (M4).

use std::io::{BufRead as _, IsTerminal as _};

use anyhow::{Context as _, Result, bail};
use mizan_device::visit::VisitView;
use mizan_domain::text::{Language, Text};
use mizan_protocol::record::BriefJson;

use crate::failure::Misuse;
use crate::{out, rubric};

/// The declaration of M4.
fn declaration(language: Language) -> &'static str {
    match language {
        Language::Arabic => {
            "أقرّ بأنه لا مصلحة لي ولا لأحد من أهلي أو أصدقائي لدى هذه الجهة، وأن أحداً منا لا يعمل فيها \
             ولم يعمل."
        }
        Language::English => {
            "I declare that neither I nor family or friends of mine have an interest at this agency, \
             work there or have worked there."
        }
    }
}

/// Prints brief and declaration, and makes sure that both are confirmed.
pub(super) fn confirm(
    view: &VisitView,
    language: Language,
    no_interest: bool,
    brief_read: bool,
) -> Result<()> {
    out::line(&text(view, language))?;
    let ask = !(no_interest && brief_read);
    if ask && !std::io::stdin().is_terminal() {
        bail!(Misuse(
            "confirm with --no-interest (the declaration above) and --brief-read, or run on a \
             terminal to be asked"
                .into()
        ));
    }
    if !no_interest && !yes("the declaration is true (y/n): ")? {
        bail!("the visit was not taken; hand it back with `mizan device decline` and the reason");
    }
    if !brief_read && !yes("the brief and the guide are read (y/n): ")? {
        bail!("the visit was not taken; read the brief and the guide, then accept it");
    }
    Ok(())
}

fn yes(question: &str) -> Result<bool> {
    eprint!("{question}");
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line).context("reading the answer")?;
    Ok(["y", "yes", "نعم"].contains(&line.trim().to_lowercase().as_str()))
}

/// How the visit is to be made: persona, answer key, safety and limits, as far as the brief names them.
pub(super) fn instructions(brief: &BriefJson, language: Language) -> Vec<String> {
    let arabic = language == Language::Arabic;
    let word = |ar: &'static str, en: &'static str| if arabic { ar } else { en };
    let texts = [
        (word("الشخصية", "persona"), &brief.persona),
        (word("مفتاح الإجابة", "answer key"), &brief.answer_key),
        (word("السلامة", "safety"), &brief.safety),
    ];
    let told = texts.into_iter().filter_map(|(name, text)| Some((name, text.as_ref()?)));
    let mut lines: Vec<String> =
        told.map(|(name, text)| format!("{name}: {}", Text::from(text).get(language))).collect();
    // The Arabic names the unit before the number, whatever form the number would ask of it.
    let limits = [
        (word("أقصى مدة بالدقائق", "longest stay in minutes"), brief.max_minutes),
        (
            word(
                "مهلة التقرير بعد نهاية الزيارة بالساعات",
                "report due after the visit's end, in hours",
            ),
            Some(brief.report_within_h),
        ),
    ];
    let limits = limits.into_iter().filter_map(|(name, limit)| Some((name, limit?)));
    lines.extend(limits.map(|(name, limit)| format!("{name}: {limit}")));
    lines
}

fn text(view: &VisitView, language: Language) -> String {
    let brief = &view.brief;
    let get = |text: &mizan_protocol::record::TextJson| Text::from(text).get(language).to_owned();
    let (rubric, version) = (view.rubric.title().get(language), view.rubric.version());
    let judged = view
        .rubric
        .criteria()
        .filter(|criterion| criterion.visits.iter().any(|kind| kind.word() == brief.kind));
    let mut lines = vec![
        format!("{} · {}", brief.centre_code, get(&brief.centre)),
        get(&brief.agency),
        format!("{} – {}", brief.from, brief.to),
        get(&brief.scenario),
    ];
    lines.extend(instructions(&brief.brief, language));
    lines.push(format!("{rubric} ({version})"));
    for criterion in judged {
        let scale = rubric::scale(&criterion.scale, language);
        lines.push(format!("  {}  {} [{scale}]", criterion.id, criterion.name.get(language)));
    }
    lines.push(declaration(language).to_owned());
    lines.join("\n")
}
