//! The search of everything managers received for what they must never see (M1): names and accounts of
//! evaluators, ids of people, devices, planned visits and their contacts, the briefs, in every form they
//! could travel in.

use std::collections::BTreeSet;
use std::io::Read as _;

use anyhow::{Result, bail};
use flate2::read::ZlibDecoder;
use memchr::memmem::{Finder, find_iter};
use mizan_protocol::id::VisitId;
use uuid::Uuid;

use super::briefs;
use super::field::Devices;
use super::names::EVALUATORS;
use super::process::parallel;
use super::programme::Programme;
use super::publish::Manager;

/// What the search came to.
pub(super) struct Search {
    /// Bytes received, headers included.
    pub(super) bytes: usize,
    /// Bytes looked through, with the compressed parts of PDFs unpacked.
    pub(super) searched: usize,
    /// Forms of secrets looked for.
    pub(super) forms: usize,
    /// What was found, by name.
    pub(super) found: Vec<String>,
}

/// Searches what every manager received, in all cycles up to the present one.
pub(super) fn search(
    programme: &Programme,
    past: &[VisitId],
    devices: &Devices,
    managers: &[Manager],
) -> Result<Search> {
    let needles = Needles::new(secrets(programme, past, devices)?);
    let searched = parallel(managers, |place, manager| {
        let centre = &programme.centres[place];
        let received = manager.received();
        let mut all = received.clone();
        inflate_streams(&received, &mut all);
        search_bites(programme, &centre.named.code, &received, &all)?;
        let found: Vec<String> =
            needles.within(&all).map(|name| format!("{}: {name}", centre.manager)).collect();
        Ok((received.len(), all.len(), found))
    })?;
    let mut search =
        Search { bytes: 0, searched: 0, forms: needles.forms.len(), found: Vec::new() };
    for (bytes, all, found) in searched {
        search.bytes += bytes;
        search.searched += all;
        search.found.extend(found);
    }
    Ok(search)
}

/// What is looked for, found by how it begins: with the visits of several cycles there are too many forms
/// to go through everything once for each.
struct Needles {
    /// What it is, and a form of it.
    forms: Vec<(String, Vec<u8>)>,
    /// The forms that begin with two bytes, by those.
    by_start: Vec<Vec<usize>>,
}

impl Needles {
    fn new(forms: Vec<(String, Vec<u8>)>) -> Self {
        let mut by_start = vec![Vec::new(); 1 << 16];
        for (place, (_, form)) in forms.iter().enumerate() {
            by_start[start(form)].push(place);
        }
        Self { forms, by_start }
    }

    /// The names of what stands in a text, each once.
    fn within(&self, text: &[u8]) -> impl Iterator<Item = &str> {
        let mut found: BTreeSet<usize> = BTreeSet::new();
        for place in 0..text.len().saturating_sub(1) {
            let rest = &text[place..];
            let begin = &self.by_start[start(rest)];
            found.extend(
                begin.iter().filter(|form| rest.starts_with(&self.forms[**form].1)).copied(),
            );
        }
        found.into_iter().map(|form| self.forms[form].0.as_str())
    }
}

/// The first two bytes as a number. No form is shorter.
fn start(bytes: &[u8]) -> usize {
    usize::from(bytes[0]) << 8 | usize::from(bytes[1])
}

/// The search must find what is there: the centre's own name, as JSON; and no other centre's code.
///
/// The words of a PDF's pages are drawn as glyph numbers, which no search of bytes can read; they are
/// a function of the scorecard's JSON and the rubric, which are searched, and the tests read the
/// pages' text with pdftotext.
fn search_bites(programme: &Programme, code: &str, received: &[u8], all: &[u8]) -> Result<()> {
    let own = programme.centres.iter().find(|centre| centre.named.code == code);
    let name = own.map(|centre| centre.named.ar.as_str()).unwrap_or_default();
    let holds = |text: &[u8]| Finder::new(text).find(received).is_some();
    if !holds(name.as_bytes()) {
        bail!("the search does not even find the centre's own name {name}; it proves nothing");
    }
    if all.len() <= received.len() {
        bail!("no compressed part of a PDF of {code} could be unpacked; the search proves nothing");
    }
    for other in programme.centres.iter().filter(|centre| centre.named.code != code) {
        let quoted = format!("\"{}\"", other.named.code);
        if holds(quoted.as_bytes()) {
            bail!("the manager of {code} received something about {}", other.named.code);
        }
    }
    Ok(())
}

/// Every secret with each form it could take, named for a person to read.
fn secrets(
    programme: &Programme,
    past: &[VisitId],
    devices: &Devices,
) -> Result<Vec<(String, Vec<u8>)>> {
    let mut secrets = Vec::new();
    for evaluator in &EVALUATORS[..programme.evaluators.len()] {
        let (ar, en) = evaluator.name;
        let family = |name: &str| name.rsplit(' ').next().unwrap_or(name).to_owned();
        for text in [evaluator.user.to_owned(), ar.into(), en.into(), family(ar), family(en)] {
            let what = format!("evaluator {}", evaluator.user);
            secrets.extend(text_forms(&text).into_iter().map(|form| (what.clone(), form)));
        }
    }
    let people = programme.evaluators.iter().map(|person| ("evaluator's id", person.0));
    for (what, id) in people {
        secrets.extend(id_forms(id).into_iter().map(|form| (format!("{what} {id}"), form)));
    }
    let present = programme.visits.iter().map(|visit| &visit.id);
    for visit in present.chain(past) {
        let what = format!("planned visit or its contacts {visit}");
        secrets.extend(visit_forms(*visit).into_iter().map(|form| (what.clone(), form)));
    }
    for opening in briefs::openings() {
        let what = format!("brief `{opening}`");
        secrets.extend(text_forms(&opening).into_iter().map(|form| (what.clone(), form)));
    }
    for word in WORDS {
        let what = format!("brief or contact by its word {word}");
        secrets.extend(text_forms(word).into_iter().map(|form| (what.clone(), form)));
    }
    for device in &devices.ids {
        let id: Uuid = device.parse()?;
        secrets.extend(id_forms(id).into_iter().map(|form| (format!("device {id}"), form)));
    }
    Ok(secrets)
}

/// Words that a visit's brief and contacts are written with, and nothing that is published.
const WORDS: [&str; 8] = [
    "\"persona\"",
    "answer_key",
    "max_minutes",
    "report_within_h",
    "\"contacts\"",
    "dialled",
    "\"held\"",
    "\"resumed\"",
];

/// A text as UTF-8, as UTF-16 in both orders (PDF), escaped (JSON) and percent-encoded (headers).
fn text_forms(text: &str) -> Vec<Vec<u8>> {
    let units: Vec<u16> = text.encode_utf16().collect();
    let mut forms = vec![
        text.as_bytes().to_vec(),
        units.iter().flat_map(|unit| unit.to_be_bytes()).collect(),
        units.iter().flat_map(|unit| unit.to_le_bytes()).collect(),
    ];
    let hex: String = units.iter().map(|unit| format!("{unit:04X}")).collect();
    forms.extend([hex.to_lowercase().into_bytes(), hex.into_bytes()]);
    if !text.is_ascii() {
        let escaped: String = units
            .iter()
            .map(|unit| match u8::try_from(*unit) {
                Ok(byte) => char::from(byte).to_string(),
                Err(_) => format!("\\u{unit:04x}"),
            })
            .collect();
        let percent: String = text.bytes().map(|byte| format!("%{byte:02X}")).collect();
        forms.extend([escaped.into_bytes(), percent.into_bytes()]);
    }
    forms
}

/// An id as written with and without hyphens, in either case, and as its bytes.
fn id_forms(id: Uuid) -> Vec<Vec<u8>> {
    let (hyphens, plain) = (id.hyphenated().to_string(), id.simple().to_string());
    vec![
        hyphens.to_uppercase().into_bytes(),
        plain.to_uppercase().into_bytes(),
        hyphens.into_bytes(),
        plain.into_bytes(),
        id.as_bytes().to_vec(),
    ]
}

/// What a visit's id and those of its contacts have in common, which is all but the last byte.
fn visit_forms(visit: VisitId) -> Vec<Vec<u8>> {
    let shortened = |mut form: Vec<u8>| {
        // A byte is two digits where the id is written out.
        form.truncate(form.len() - if form.len() == visit.0.as_bytes().len() { 1 } else { 2 });
        form
    };
    id_forms(visit.0).into_iter().map(shortened).collect()
}

/// Appends what the compressed streams of the PDFs among the bytes unpack to.
fn inflate_streams(bytes: &[u8], all: &mut Vec<u8>) {
    for place in find_iter(bytes, b"stream") {
        let rest = &bytes[place + b"stream".len()..];
        let Some(rest) = rest.strip_prefix(b"\r\n").or_else(|| rest.strip_prefix(b"\n")) else {
            continue;
        };
        // What is no zlib stream fails at its first bytes and adds nothing.
        let _ = ZlibDecoder::new(rest).read_to_end(all);
    }
}

#[cfg(test)]
mod tests {
    use super::super::contacts;
    use super::*;
    use flate2::Compression;
    use flate2::write::ZlibEncoder;
    use std::io::Write as _;

    fn found(haystack: &[u8], text: &str) -> bool {
        let mut all = haystack.to_vec();
        inflate_streams(haystack, &mut all);
        text_forms(text).iter().any(|form| Finder::new(form).find(&all).is_some())
    }

    #[test]
    fn a_visit_and_its_contacts_are_found_by_what_their_ids_have_in_common() {
        let visit = VisitId(Uuid::now_v7());
        let contact = contacts::id(visit, 4).0;
        let other = Uuid::now_v7();
        let found = |text: &[u8]| {
            visit_forms(visit).iter().any(|form| Finder::new(form).find(text).is_some())
        };
        for id in [visit.0, contact] {
            assert!(id_forms(id).iter().all(|form| found(form)), "{id}");
        }
        assert!(!id_forms(other).iter().any(|form| found(form)), "{other} is another visit");
    }

    #[test]
    fn needles_are_found_wherever_they_stand_and_only_where_they_stand() {
        let forms = ["ab", "abc", "xyz", "zz"].map(|form| (form.to_owned(), form.into()));
        let needles = Needles::new(forms.to_vec());
        let rows: [(&str, &[&str]); 5] = [
            ("", &[]),
            ("a", &[]),
            ("..abc", &["ab", "abc"]),
            ("zzxyz", &["xyz", "zz"]),
            ("ba", &[]),
        ];
        for (text, expected) in rows {
            assert_eq!(needles.within(text.as_bytes()).collect::<Vec<_>>(), expected, "{text}");
        }
    }

    #[test]
    fn a_name_is_found_in_every_form_it_could_travel_in() {
        let name = "ثامر";
        let utf16: Vec<u8> = name.encode_utf16().flat_map(u16::to_be_bytes).collect();
        let mut zlib = ZlibEncoder::new(Vec::new(), Compression::default());
        zlib.write_all(&utf16).unwrap();
        let pdf = [b"5 0 obj stream\n".to_vec(), zlib.finish().unwrap(), b"endstream".to_vec()];
        assert!(found(name.as_bytes(), name));
        assert!(found(&utf16, name));
        assert!(found(&pdf.concat(), name));
        assert!(found(br#"{"x":"\u062b\u0627\u0645\u0631"}"#, name));
        assert!(found(b"<062B062706450631>", name));
        assert!(!found("سامر".as_bytes(), name));
    }
}
