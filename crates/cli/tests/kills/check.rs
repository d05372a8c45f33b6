//! What must hold in the end: everything acknowledged is there, once.

use std::collections::{BTreeMap, BTreeSet};

use mizan_protocol::canonical::Digest;
use mizan_protocol::sync::Record;
use mizan_server::store::Store;
use mizan_server::tx::Tx;
use serde_json::{Value, json};

use crate::device::{ARRIVED_MS, Field, Given, Process, Word};
use crate::ground::{AMENDED, Ground, Http};
use crate::process::mizan;
use crate::reviewer::Review;
use crate::server::Server;
use crate::tally::Tally;

/// Looks at everything, once nobody is killed any more.
pub fn everything(
    ground: &Ground,
    server: Server,
    fields: &mut [Field],
    tally: &Tally,
) -> Result<(), String> {
    let mut revisions = BTreeMap::new();
    for field in &*fields {
        revisions.extend(device(ground, field).map_err(|told| format!("{}: {told}", field.user))?);
    }
    files(ground, fields)?;
    audit(ground)?;
    server.kill();
    tally.killed("server");
    let held = Held::read(ground)?;
    for field in &*fields {
        held.check(field).map_err(|told| format!("{} on the server: {told}", field.user))?;
    }
    held.once(&revisions)
}

/// The device has everything, has sent it, and nothing was refused; gives each visit's revisions.
fn device(ground: &Ground, field: &Field) -> Result<BTreeMap<String, u64>, String> {
    let mut process = Process::start(ground, field, None);
    let known: Vec<&Word> = field.words.iter().filter(|word| !word.once.is_empty()).collect();
    let lines = [json!(["sync", "--json"]), json!(["sync", "--json"]), json!(["status", "--json"])];
    let mut answers = Vec::new();
    let shows = known.iter().map(|word| json!(["show", word.visit, "--json"]));
    for line in lines.into_iter().chain(shows) {
        process.write(&line);
        let Some(answer) = process.read_json() else { break };
        answers.push(answer);
    }
    process.finish(ground, field)?;
    let [_, second, status, shown @ ..] = answers.as_slice() else {
        return Err(format!("it says no more than {answers:?}"));
    };
    for (of, key) in [(second, "applied"), (second, "conflicts"), (second, "rejected")]
        .into_iter()
        .chain([(status, "unsent_records"), (status, "conflicts"), (status, "rejections")])
    {
        if of[key] != 0 {
            return Err(format!("{key}: {of}"));
        }
    }
    for (word, shown) in known.iter().zip(shown) {
        shown_whole(word, shown).map_err(|told| format!("{}: {told}", word.visit))?;
    }
    let revisions = |(word, shown): (&&Word, &Value)| {
        (word.visit.clone(), shown["revisions"].as_u64().unwrap_or(0))
    };
    Ok(known.iter().zip(shown).map(revisions).collect())
}

/// Whether an answer is the one given.
fn is_given(given: &Given, answer: &Value) -> bool {
    answer["value"] == (given.value == "yes") && answer["note"] == given.note.as_str()
}

/// Whether the answer to the criterion that changes is the last that was acknowledged, or a later one.
fn is_last_given(word: &Word, answer: &Value) -> bool {
    let last = word.amended.iter().rposition(|given| given.is_acknowledged).unwrap_or(0);
    word.amended[last..].iter().any(|given| is_given(given, answer))
}

fn acknowledged(word: &Word) -> impl Iterator<Item = (&'static str, &Given)> {
    word.once.iter().filter(|(_, given)| given.is_acknowledged).map(|(id, given)| (*id, given))
}

fn shown_whole(word: &Word, shown: &Value) -> Result<(), String> {
    let lost = |what: &str| Err(format!("{what} was acknowledged and is lost; it shows {shown}"));
    let none = Vec::new();
    let answers = shown["answers"].as_array().unwrap_or(&none);
    let answer = |id: &str| answers.iter().find(|answer| answer["criterion"] == id);
    for (criterion, given) in acknowledged(word) {
        if !answer(criterion).is_some_and(|answer| is_given(given, answer)) {
            return lost(&format!("{criterion} {given:?}"));
        }
    }
    let is_amended = word.amended.iter().any(|given| given.is_acknowledged);
    if is_amended && !answer(AMENDED).is_some_and(|answer| is_last_given(word, answer)) {
        return lost(AMENDED);
    }
    if word.has_arrived && shown["times"]["arrived"] != ARRIVED_MS {
        return lost("the arrival");
    }
    let evidence = shown["evidence"].as_array().unwrap_or(&none);
    for sha256 in word.files.iter().filter_map(|(_, sha256)| sha256.as_ref()) {
        if !evidence.iter().any(|item| item["sha256"] == sha256.as_str()) {
            return lost(sha256);
        }
    }
    let revisions = shown["revisions"].as_u64().unwrap_or(0);
    if revisions < word.seals.len() as u64 {
        return lost("a sealed evaluation");
    }
    if revisions > 0 && shown["delivery"] != "sent" {
        return Err(format!("it is not sent: {}", shown["delivery"]));
    }
    Ok(())
}

/// Every file of a sealed evaluation reads back from the server.
fn files(ground: &Ground, fields: &[Field]) -> Result<(), String> {
    let http = Http::new(&ground.url(), ground.reviewer.clone());
    let sealed = fields.iter().flat_map(|field| &field.words).filter(|word| !word.seals.is_empty());
    for sha256 in sealed.flat_map(|word| &word.files).filter_map(|(_, sha256)| sha256.as_ref()) {
        let bytes = http.bytes(&format!("/api/evidence/{sha256}"));
        if bytes.as_deref().map(|bytes| Digest::of(bytes).to_string()).as_ref() != Some(sha256) {
            return Err(format!("the server does not give back the file {sha256}"));
        }
    }
    Ok(())
}

/// The audit is whole, and each review stands in it once.
fn audit(ground: &Ground) -> Result<(), String> {
    let file = ground.path("audit.ndjson");
    let path = file.display().to_string();
    for arguments in [&["audit", "export", "--out", &path][..], &["audit", "verify", &path]] {
        let mut run = mizan(arguments);
        run.env("MIZAN_SERVER", ground.url()).env("MIZAN_TOKEN", &ground.admin);
        let run = run.output().unwrap();
        if !run.status.success() {
            return Err(format!("{arguments:?}: {}", String::from_utf8_lossy(&run.stderr)));
        }
    }
    let mut entered: BTreeMap<Review, usize> = BTreeMap::new();
    for line in std::fs::read_to_string(file).unwrap().lines().skip(1) {
        let entry: Value = serde_json::from_str(line).unwrap();
        let visit = || entry["subject"]["id"].as_str().unwrap_or_default().to_owned();
        let review = match entry["deed"].as_str() {
            Some("visit_validated") => Review::Validated(visit()),
            Some("visit_returned") => Review::Returned(visit()),
            _ => continue,
        };
        *entered.entry(review).or_default() += 1;
    }
    if let Some((review, times)) = entered.iter().find(|(_, times)| **times != 1) {
        return Err(format!("{review:?} was done {times} times"));
    }
    let acknowledged = ground.reviews.lock().unwrap();
    let counts = |review: &&Review| acknowledged.iter().filter(|of| of == review).count();
    for review in &*acknowledged {
        if !entered.contains_key(review) || counts(&review) != 1 {
            return Err(format!("{review:?} was acknowledged; the audit has {entered:?}"));
        }
    }
    Ok(())
}

/// What the server's database holds.
struct Held {
    /// The living records by kind, visit and criterion.
    records: BTreeMap<(String, String, String), Vec<Record>>,
    /// The evaluations by visit, each with its digest.
    evaluations: BTreeMap<String, Vec<String>>,
    states: BTreeMap<String, String>,
    /// The bytes of all files, and what the server counts.
    evidence: (i64, i64),
    files: BTreeSet<String>,
    reviews: BTreeSet<Review>,
}

impl Held {
    fn read(ground: &Ground) -> Result<Self, String> {
        let store = Store::open(&ground.location()).map_err(|error| error.to_string())?;
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let held = runtime.block_on(store.read(Self::read_all)).map_err(|error| error.to_string());
        let reviews = ground.reviews.lock().unwrap().iter().cloned().collect();
        Ok(Self { reviews, ..held? })
    }

    fn read_all(tx: &mut dyn Tx) -> Result<Self, mizan_server::error::Error> {
        let mut records: BTreeMap<_, Vec<Record>> = BTreeMap::new();
        for row in tx.query("SELECT record FROM records", &[])? {
            let record: Record = serde_json::from_str(row.text(0)?)?;
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            let visit = text(&record.body["visit"]);
            let part = text(&record.body["answer"]["criterion"]);
            records.entry((record.kind.clone(), visit, part)).or_default().push(record);
        }
        let mut evaluations: BTreeMap<_, Vec<String>> = BTreeMap::new();
        for row in tx.query("SELECT visit_id, sha256 FROM evaluations", &[])? {
            let sha256 = row.digest(1)?.to_string();
            evaluations.entry(row.id(0)?.to_string()).or_default().push(sha256);
        }
        let mut states = BTreeMap::new();
        for row in tx.query("SELECT id, state FROM visits", &[])? {
            states.insert(row.id(0)?.to_string(), row.text(1)?.to_owned());
        }
        let (mut files, mut bytes) = (BTreeSet::new(), 0);
        for row in tx.query("SELECT sha256, bytes FROM evidence", &[])? {
            files.insert(row.digest(0)?.to_string());
            bytes += row.int(1)?;
        }
        let counted = tx.query("SELECT bytes FROM evidence_total", &[])?;
        let counted = counted.first().map_or(Ok(0), |row| row.int(0))?;
        let evidence = (bytes, counted);
        let reviews = BTreeSet::new();
        Ok(Self { records, evaluations, states, evidence, files, reviews })
    }

    /// What a device acknowledged is here.
    fn check(&self, field: &Field) -> Result<(), String> {
        for word in &field.words {
            let of = |kind: &str, part: &str| {
                let key = (kind.to_owned(), word.visit.clone(), part.to_owned());
                self.records.get(&key).map_or(&[][..], Vec::as_slice)
            };
            for (criterion, given) in acknowledged(word) {
                match of("answer", criterion) {
                    [record] if record.rev == 1 && is_given(given, &record.body["answer"]) => {}
                    other => return Err(format!("{criterion} {given:?} is {other:?}")),
                }
            }
            if word.amended.iter().any(|given| given.is_acknowledged) {
                match of("answer", AMENDED) {
                    [record] if is_last_given(word, &record.body["answer"]) => {}
                    other => return Err(format!("{:?} is {other:?}", word.amended)),
                }
            }
            if word.has_arrived {
                match of("timeline", "") {
                    [record] if record.body["times"]["arrived"] == ARRIVED_MS => {}
                    other => return Err(format!("the arrival is {other:?}")),
                }
            }
            let taken = self.evaluations.get(&word.visit).map_or(&[][..], Vec::as_slice);
            if let Some(lost) = word.seals.iter().find(|seal| !taken.contains(seal)) {
                return Err(format!("the evaluation {lost} is not among {taken:?}"));
            }
            let named = word.files.iter().filter_map(|(_, sha256)| sha256.as_ref());
            let mut named = named.filter(|_| !word.seals.is_empty());
            if let Some(lost) = named.find(|sha256| !self.files.contains(*sha256)) {
                return Err(format!("the file {lost} of a sealed evaluation is lost"));
            }
        }
        Ok(())
    }

    /// Nothing is here twice.
    fn once(&self, revisions: &BTreeMap<String, u64>) -> Result<(), String> {
        // A visit has an evaluation for each revision.
        let is_single = |key: &(String, String, String)| key.0 != "evaluation";
        let mut records = self.records.iter().filter(|(key, _)| is_single(key));
        if let Some((key, twice)) = records.find(|(_, records)| records.len() != 1) {
            return Err(format!("{key:?} is there {} times: {twice:?}", twice.len()));
        }
        for (visit, known) in revisions {
            let taken = self.evaluations.get(visit).map_or(0, Vec::len) as u64;
            if taken != *known {
                return Err(format!("{visit} has {taken} evaluations, its device {known}"));
            }
        }
        for review in &self.reviews {
            let Review::Validated(visit) = review else { continue };
            if self.states.get(visit).map(String::as_str) != Some("validated") {
                return Err(format!("{review:?} is in state {:?}", self.states.get(visit)));
            }
        }
        let (bytes, counted) = self.evidence;
        if bytes != counted {
            return Err(format!("{bytes} bytes of evidence count as {counted}"));
        }
        Ok(())
    }
}
