//! Version 0.9.0 of the shipped rubrics, by which the first of the past cycles were judged: made from the
//! shipped ones, so that there are criteria of every fate between two versions, and none to keep up.
//!
//! Pure; what became of the criteria is said as the committee would say it.

use anyhow::{Context as _, Result, bail};
use mizan_domain::likeness::{Likeness, Mapped, automatic};
use mizan_domain::rubric::{Model, Rubric};
use mizan_protocol::committee::MappedJson;
use mizan_protocol::rubric::{from_json, to_json};
use serde_json::{Value, json};

use super::names::Name;

/// What the earlier version is called.
const VERSION: &str = "0.9.0";

/// How the earlier version differs from the shipped one.
struct Earlier {
    /// It did not have a criterion; the weight was another's.
    missing: (&'static str, &'static str),
    /// It had a criterion under another id and name.
    renamed: (&'static str, &'static str, Name),
    /// It called a criterion otherwise.
    reworded: (&'static str, Name),
    /// It expected another rate.
    target: (&'static str, i64),
    /// It gave so much of a criterion's weight to another of the pillar.
    moved: (&'static str, &'static str, f64),
}

const IN_PERSON: Earlier = Earlier {
    missing: ("V5", "V2"),
    renamed: ("I6", "I8", ("لوحة حقوق العميل وواجباته", "Notice of customers' rights and duties")),
    reworded: ("E5", ("مقاعد انتظار كافية", "Enough waiting seats")),
    target: ("R4", 75),
    moved: ("R3", "R2", 1.0),
};

const REMOTE: Earlier = Earlier {
    missing: ("Z8", "Z6"),
    renamed: ("M7", "M8", ("لباقة الموظف في المحادثة", "Courtesy of staff in chat")),
    reworded: ("M4", ("لا يُطلب من العميل تكرار ما كتبه", "Nothing has to be written twice")),
    target: ("T2", 85),
    moved: ("O1", "O4", 1.0),
};

fn earlier_of(rubric: &Rubric) -> &'static Earlier {
    match rubric.model() {
        Model::InPerson => &IN_PERSON,
        Model::Remote => &REMOTE,
    }
}

/// The earlier version of a shipped rubric.
pub(super) fn rubric(shipped: &Rubric) -> Result<Rubric> {
    let earlier = earlier_of(shipped);
    let mut all = to_json(shipped);
    all["version"] = json!(VERSION);
    let (missing, heir) = earlier.missing;
    let freed = remove(&mut all, missing)?;
    add_weight(&mut all, heir, freed)?;
    let (criterion, target) = earlier.target;
    find(&mut all, criterion)?["scale"]["target"] = json!(target);
    let (from, to, weight) = earlier.moved;
    add_weight(&mut all, from, -weight)?;
    add_weight(&mut all, to, weight)?;
    let (criterion, name) = earlier.reworded;
    find(&mut all, criterion)?["name"] = text(name);
    let (is, was, name) = earlier.renamed;
    let renamed = find(&mut all, is)?;
    renamed["name"] = text(name);
    renamed["id"] = json!(was);
    from_json(&all).map_err(|faults| {
        let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
        anyhow::anyhow!("the earlier version of {}: {}", shipped.id(), faults.join("; "))
    })
}

/// What became of the criteria of the earlier version in the shipped one: as ids, scales and words tell,
/// but for the criterion that was renamed, of which they tell that one is new and one is gone.
pub(super) fn mapping(earlier: &Rubric, shipped: &Rubric) -> Vec<MappedJson> {
    let (is, was, _) = earlier_of(shipped).renamed;
    let mut lines = automatic(earlier, shipped);
    lines.retain(|line| line.earlier.as_deref() != Some(was) && line.later.as_deref() != Some(is));
    lines.push(Mapped {
        earlier: Some(was.to_owned()),
        later: Some(is.to_owned()),
        likeness: Likeness::Reworded,
    });
    let line = |line: Mapped| MappedJson {
        earlier: line.earlier,
        later: line.later,
        likeness: line.likeness.word().to_owned(),
    };
    lines.into_iter().map(line).collect()
}

fn text((ar, en): Name) -> Value {
    json!({ "ar": ar, "en": en })
}

fn lists(rubric: &mut Value) -> impl Iterator<Item = &mut Vec<Value>> {
    let pillars = rubric["pillars"].as_array_mut().into_iter().flatten();
    pillars.filter_map(|pillar| pillar["criteria"].as_array_mut())
}

fn find<'a>(rubric: &'a mut Value, id: &str) -> Result<&'a mut Value> {
    let found = lists(rubric).flatten().find(|criterion| criterion["id"] == id);
    found.with_context(|| format!("the shipped rubric has no criterion {id}"))
}

/// Takes a criterion out and returns its weight.
fn remove(rubric: &mut Value, id: &str) -> Result<f64> {
    for list in lists(rubric) {
        if let Some(place) = list.iter().position(|criterion| criterion["id"] == id) {
            return list.remove(place)["weight"].as_f64().context("a criterion's weight");
        }
    }
    bail!("the shipped rubric has no criterion {id}")
}

fn add_weight(rubric: &mut Value, id: &str, weight: f64) -> Result<()> {
    let criterion = find(rubric, id)?;
    let before = criterion["weight"].as_f64().context("a criterion's weight")?;
    criterion["weight"] = json!(before + weight);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use mizan_domain::likeness;

    #[test]
    fn the_earlier_version_is_a_whole_rubric_with_one_criterion_less() {
        for shipped in crate::shipped::rubrics().unwrap() {
            let earlier = rubric(&shipped).unwrap();
            assert_eq!((earlier.id(), earlier.version()), (shipped.id(), VERSION));
            assert_eq!(earlier.criteria().count() + 1, shipped.criteria().count());
        }
    }

    #[test]
    fn the_mapping_holds_against_both_and_knows_every_fate_of_a_criterion() {
        for shipped in crate::shipped::rubrics().unwrap() {
            let earlier = rubric(&shipped).unwrap();
            let lines = mapping(&earlier, &shipped);
            let mapped: Vec<Mapped> = lines
                .iter()
                .map(|line| Mapped {
                    earlier: line.earlier.clone(),
                    later: line.later.clone(),
                    likeness: Likeness::from_word(&line.likeness).unwrap(),
                })
                .collect();
            assert_eq!(likeness::check(&earlier, &shipped, &mapped), Ok(()));
            let count = |of| mapped.iter().filter(|line| line.likeness == of).count();
            let (new, scale, reworded) = (Likeness::New, Likeness::NewScale, Likeness::Reworded);
            assert_eq!((count(new), count(scale), count(reworded)), (1, 1, 2), "{}", shipped.id());
        }
    }
}
