//! What managers of the demo do about the remarks of their scorecards: an owner, a day, and in past cycles
//! mostly an end.

use anyhow::{Result, bail};
use mizan_protocol::id::ActionId;
use serde::Deserialize;
use serde_json::{Value, json};

use super::chance::Chance;
use super::process::parallel;
use super::programme::Programme;
use super::publish::Manager;
use crate::progress::Progress;

/// How many centres keep their actions at all.
const SHARE: f64 = 0.6;
/// Who sees to an action: an office, not a person.
const OWNERS: [&str; 4] = ["مشرف الصالة", "منسق الجودة", "رئيس خدمة العملاء", "منسق التدريب"];
const EVIDENCE: &str = "نُفّذ الإجراء وأُدرج في سجل التحسين، وتحققت منه زيارة داخلية.";
const BEGUN: &str = "بُدئ التنفيذ، والإجراء مدرج في خطة المركز.";

/// What actions came to.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Kept {
    /// Actions with an owner and a day.
    pub(super) owned: usize,
    /// Of those, done.
    pub(super) done: usize,
}

/// The rows of a list.
#[derive(Deserialize)]
struct Listed {
    rows: Vec<Action>,
}

/// What the demo reads of an action.
#[derive(Deserialize)]
struct Action {
    id: ActionId,
    cycle: String,
    revision: u32,
}

/// Most managers say of each action who sees to it and by when; what is done is shown to be.
pub(super) fn keep(programme: &Programme, managers: &[Manager], chance: Chance) -> Result<Kept> {
    let progress = Progress::start("actions", managers.len());
    let chance = programme.term.chance(chance).of("actions");
    let number = programme.term.number.to_string();
    let kept = parallel(managers, |place, manager| {
        progress.step();
        let chance = chance.at(place);
        let mut kept = Kept::default();
        // The first manager always, so that there is something to see in every demo.
        if place > 0 && !chance.happens(SHARE) {
            return Ok(kept);
        }
        let listed: Listed = manager.client.get("/api/lists/actions?per=200")?;
        let own = listed.rows.into_iter().filter(|action| action.cycle == number);
        for (turn, action) in own.enumerate() {
            let change = change(programme, &action, chance.at(turn));
            kept.owned += 1;
            kept.done += usize::from(change["state"] == "done");
            manager.client.tell(&format!("/api/actions/{}", action.id), &change)?;
        }
        if kept.owned == 0 && place == 0 {
            bail!("the first centre has no action in cycle {number}");
        }
        Ok(kept)
    })?;
    let sum = |part: fn(&Kept) -> usize| kept.iter().map(part).sum();
    let kept = Kept { owned: sum(|kept| kept.owned), done: sum(|kept| kept.done) };
    progress.finish(&format!("{} have an owner and a day, {} are done", kept.owned, kept.done));
    Ok(kept)
}

/// The older the cycle, the more is done; what is not done of an old one is late.
fn change(programme: &Programme, action: &Action, chance: Chance) -> Value {
    let done = match programme.term.age {
        0 => 0.0,
        1 => 0.6,
        _ => 0.9,
    };
    let (state, evidence) = match (chance.of("done").happens(done), chance.of("begun").happens(0.5))
    {
        (true, _) => ("done", EVIDENCE),
        (false, true) => ("in_progress", ""),
        (false, false) => ("open", ""),
    };
    json!({
        "revision": action.revision,
        "state": state,
        "owner": chance.of("owner").pick(&OWNERS),
        "due": programme.term.day(40 + chance.of("due").below(50) as i64),
        "evidence": evidence,
        "note": if state == "in_progress" { BEGUN } else { "" },
    })
}
