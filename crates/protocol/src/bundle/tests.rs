//! The format held against every way a file can be hurt on its way.

use super::stream::{CHUNK, TAG};
use super::*;
use crate::signature::NotSigned;
use crate::sync::{OperationOutcome, Outcome};

const HEAD: usize = 8 + 32 + 32;

fn secret(byte: u8) -> BundleSecret {
    BundleSecret::from_seed(&Zeroizing::new([byte; 32]))
}

fn device(byte: u8) -> SecretKey {
    SecretKey::from_seed(&Zeroizing::new([byte; 32]))
}

fn id(byte: u8) -> uuid::Uuid {
    uuid::Uuid::from_bytes([byte; 16])
}

fn manifest(files: &[Vec<u8>]) -> Manifest {
    let file = |bytes: &Vec<u8>| BundledFile {
        sha256: Digest::of(bytes),
        media_type: "image/jpeg".into(),
        bytes: bytes.len() as u64,
    };
    Manifest {
        schema: SCHEMA,
        bundle: BundleId(id(1)),
        device: DeviceId(id(2)),
        made_at: 5,
        answer_key: AnswerKey::from_bytes(Zeroizing::new([3; 32])),
        push: vec![PushRequest { epoch: None, operations: Vec::new(), link: None }],
        pull: PullRequest::default(),
        evidence: EvidenceQuery { sha256: Vec::new() },
        files: files.iter().map(file).collect(),
    }
}

fn sealed_as(manifest: &Manifest, files: &[Vec<u8>]) -> Result<Vec<u8>, BundleFault> {
    let mut file = Vec::new();
    let mut next = files.iter();
    let read = |_: &BundledFile| Ok::<_, BundleFault>(next.next().unwrap().clone());
    let ephemeral = Zeroizing::new([9; 32]);
    seal_bundle(&mut file, manifest, &device(4), &secret(7).public(), &ephemeral, read)?;
    Ok(file)
}

fn sealed(files: &[Vec<u8>]) -> Vec<u8> {
    sealed_as(&manifest(files), files).unwrap()
}

/// Reads a bundle to its end, as a server does before it acts on anything.
fn opened(file: &[u8], secret: &BundleSecret) -> Result<(Manifest, Vec<Vec<u8>>), BundleFault> {
    let mut bundle = OpenBundle::open(file, secret)?;
    bundle.verify(&device(4).public())?;
    let mut files = Vec::new();
    loop {
        let mut bytes = Vec::new();
        match bundle.next_file(&mut bytes)? {
            Some(_) => files.push(bytes),
            None => return Ok((bundle.manifest, files)),
        }
    }
}

fn fault(file: &[u8]) -> String {
    opened(file, &secret(7)).map(|_| ()).expect_err("the file must not be taken").code().to_owned()
}

fn photo(length: usize) -> Vec<u8> {
    (0..length).map(|n| (n % 251) as u8).collect()
}

fn answer() -> Answer {
    let outcome = Outcome::Applied { rev: 1 };
    let outcomes = vec![OperationOutcome { op_id: crate::id::OperationId(id(8)), outcome }];
    Answer {
        schema: SCHEMA,
        bundle: BundleId(id(1)),
        mark: 6,
        push: vec![PushResponse { outcomes, ..PushResponse::default() }],
        evidence_present: vec![Digest::of(b"a photo")],
        evidence_missing: Vec::new(),
        evidence_refused: Vec::new(),
        pages: Vec::new(),
    }
}

fn answer_key() -> AnswerKey {
    AnswerKey::from_bytes(Zeroizing::new([3; 32]))
}

#[test]
fn what_goes_in_comes_out_whatever_the_lengths() {
    let around = [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK];
    for length in around {
        let files = [photo(length), photo(7), photo(CHUNK)];
        let file = sealed(&files);
        let (manifest, read) = opened(&file, &secret(7)).unwrap();
        assert_eq!(read, files, "{length}");
        assert_eq!(manifest.answer_key, answer_key());
        assert_eq!(manifest.bundle, BundleId(id(1)));
        let plain = file.len() - HEAD;
        assert_eq!(plain.div_ceil(CHUNK + TAG), (plain - TAG) / (CHUNK + TAG) + 1, "{length}");
    }
    assert_eq!(opened(&sealed(&[]), &secret(7)).unwrap().1.len(), 0, "a bundle without files");
}

/// Plain text that ends exactly with a chunk: the last chunk is full, and none follows.
#[test]
fn a_bundle_that_fills_its_last_chunk_reads_back() {
    let rest = {
        let empty = sealed(&[photo(CHUNK)]);
        (empty.len() - HEAD) % (CHUNK + TAG)
    };
    // The digits of the length are as many for both, so the manifest has the same length.
    let files = [photo(CHUNK - (rest - TAG))];
    let file = sealed(&files);
    assert_eq!((file.len() - HEAD) % (CHUNK + TAG), 0, "the test reaches its case");
    assert_eq!(opened(&file, &secret(7)).unwrap().1, files);
}

#[test]
fn a_bundle_that_is_cut_at_any_chunk_or_any_byte_of_its_head_is_refused() {
    let file = sealed(&[photo(5 * CHUNK)]);
    let chunks = (HEAD..file.len()).step_by(CHUNK + TAG);
    assert!(chunks.clone().count() > 5, "there are chunks to cut at");
    for end in chunks.flat_map(|at| [at, at + 1, at + TAG]).filter(|end| *end < file.len()) {
        assert_eq!(fault(&file[..end]), "bundle.damaged", "cut at {end}");
    }
    for end in 0..HEAD {
        let expected = if end < 8 { "bundle.not_a_bundle" } else { "bundle.damaged" };
        assert_eq!(fault(&file[..end]), expected, "cut at {end}");
    }
    assert_eq!(fault(&file[..file.len() - 1]), "bundle.damaged", "one byte short");
    let longer = [file.as_slice(), b"x"].concat();
    assert_eq!(fault(&longer), "bundle.damaged", "one byte more");
    let twice = [file.as_slice(), &file[HEAD..]].concat();
    assert_eq!(fault(&twice), "bundle.damaged", "its chunks once more");
}

#[test]
fn one_turned_bit_anywhere_is_refused() {
    let file = sealed(&[photo(100)]);
    for at in 0..file.len() {
        let mut bent = file.clone();
        bent[at] ^= 1;
        let code = fault(&bent);
        let expected = match at {
            6 => ["bundle.not_a_bundle", "bundle.newer_version"].as_slice(),
            0..8 => &["bundle.not_a_bundle"],
            8..40 => &["bundle.not_for_server"],
            _ => &["bundle.damaged"],
        };
        assert!(expected.contains(&code.as_str()), "byte {at}: {code}");
    }
}

#[test]
fn chunks_that_change_places_are_refused_and_the_place_is_named() {
    let file = sealed(&[photo(5 * CHUNK)]);
    let step = CHUNK + TAG;
    let (first, second) = (HEAD + step, HEAD + 2 * step);
    let swapped = [
        &file[..first],
        &file[second..second + step],
        &file[first..second],
        &file[second + step..],
    ]
    .concat();
    let refused = opened(&swapped, &secret(7)).unwrap_err();
    assert!(
        matches!(refused, BundleFault::Damaged { at } if at == first as u64),
        "the first chunk that does not open begins at {first}: {refused}"
    );
}

#[test]
fn another_server_another_version_and_another_kind_of_file_are_named() {
    let file = sealed(&[photo(9)]);
    let refused = opened(&file, &secret(8)).unwrap_err();
    assert!(
        matches!(refused, BundleFault::OtherServer { recipient } if recipient == secret(7).public()),
        "{refused}"
    );
    let mut newer = file.clone();
    newer[6] = b'2';
    assert_eq!(fault(&newer), "bundle.newer_version");
    let later = Manifest { schema: SCHEMA + 1, ..manifest(&[]) };
    assert_eq!(fault(&sealed_as(&later, &[]).unwrap()), "bundle.newer_version");
    for other in [b"".as_slice(), b"\xff\xd8\xff\xe0 a photo", b"MIZANA1\n0123456789"] {
        assert_eq!(fault(other), "bundle.not_a_bundle");
    }
    assert!(matches!(answered_bundle(&file), Err(BundleFault::NotAnAnswer)));
}

#[test]
fn a_bundle_signed_by_another_device_or_for_another_server_is_refused() {
    let files = [photo(9)];
    let file = sealed(&files);
    let bundle = OpenBundle::open(file.as_slice(), &secret(7)).unwrap();
    assert!(bundle.verify(&device(4).public()).is_ok());
    assert!(matches!(bundle.verify(&device(5).public()), Err(BundleFault::NotSigned(_))));
    // A server that passes a bundle on under its own name cannot sign it for the other.
    let signed = signed_text(&secret(8).public(), &canonical_json(&manifest(&files)).unwrap());
    let elsewhere = device(4).sign(signed.as_bytes());
    assert!(device(4).public().verify(bundle.signed.as_bytes(), &elsewhere).is_err());
}

#[test]
fn a_file_of_another_length_than_the_manifest_says_is_never_written() {
    let refused = sealed_as(&manifest(&[photo(9)]), &[photo(8)]);
    assert!(matches!(refused, Err(BundleFault::NotUnderstood { .. })));
}

/// Anybody may encrypt to the server's key: what is behind the last file the manifest names is not taken
/// for a part of the bundle, nor passed over.
#[test]
fn a_bundle_that_goes_on_behind_its_last_file_is_refused() {
    let manifest = canonical_json(&manifest(&[])).unwrap();
    let server = secret(7).public();
    let ephemeral = StaticSecret::from([9; 32]);
    let public = SharedKey::from(&ephemeral);
    let shared = ephemeral.diffie_hellman(&SharedKey::from(*server.as_bytes()));
    let head = [BUNDLE_MAGIC.as_slice(), server.as_bytes(), public.as_bytes()].concat();
    let (key, nonce) = bundle_stream_key(shared.as_bytes(), &head);
    for surplus in [0, 1, CHUNK] {
        let mut file = head.clone();
        let mut out = SealedWriter::new(&mut file, &key, &nonce, head.clone());
        out.write(&u32::try_from(manifest.len()).unwrap().to_be_bytes()).unwrap();
        out.write(manifest.as_bytes()).unwrap();
        out.write(device(4).sign(signed_text(&server, &manifest).as_bytes()).as_bytes()).unwrap();
        out.write(&vec![0; surplus]).unwrap();
        out.finish().unwrap();
        let read = opened(&file, &secret(7));
        assert_eq!(read.is_ok(), surplus == 0, "{surplus} bytes too many");
    }
}

#[test]
fn a_key_that_hides_nothing_is_not_written_to() {
    let nothing = BundleKey::from_bytes([0; 32]);
    let read = |_: &BundledFile| Ok::<_, BundleFault>(Vec::new());
    let mut file = Vec::new();
    let ephemeral = Zeroizing::new([9; 32]);
    let sealed = seal_bundle(&mut file, &manifest(&[]), &device(4), &nothing, &ephemeral, read);
    assert!(matches!(sealed, Err(BundleFault::WeakKey)));
    assert!(file.is_empty());
}

#[test]
fn nothing_of_a_bundle_is_readable_on_its_way() {
    let text = sealed(&[b"a face and a name".to_vec()]);
    for word in [b"operations".as_slice(), b"answer_key", b"a face and a name", b"image/jpeg"] {
        assert!(!text.windows(word.len()).any(|window| window == word));
    }
}

#[test]
fn an_answer_opens_under_its_bundles_key_alone() {
    let file = seal_answer(&answer(), &answer_key(), &[5; NONCE_BYTES]).unwrap();
    assert_eq!(answered_bundle(&file).unwrap(), BundleId(id(1)));
    assert_eq!(open_answer(&file, &answer_key()).unwrap(), answer());
    let other = AnswerKey::from_bytes(Zeroizing::new([4; 32]));
    assert_eq!(open_answer(&file, &other).unwrap_err().code(), "bundle.damaged");
    for at in 0..file.len() {
        let mut bent = file.clone();
        bent[at] ^= 1;
        assert!(open_answer(&bent, &answer_key()).is_err(), "byte {at}");
        assert!(open_answer(&file[..at], &answer_key()).is_err(), "cut at {at}");
    }
    let mut newer = file.clone();
    newer[6] = b'3';
    assert_eq!(answered_bundle(&newer).unwrap_err().code(), "bundle.newer_version");
}

#[test]
fn a_bundle_as_full_as_it_may_be_is_not_too_large() {
    let push_bytes = MAX_PUSHES as u64 * crate::sync::MAX_BYTES as u64;
    assert!(push_bytes * 5 / 4 <= u64::from(MAX_MANIFEST_BYTES), "room for the names of files");
    let plain = MAX_FILE_BYTES + u64::from(MAX_MANIFEST_BYTES);
    let sealed = plain + plain.div_ceil(CHUNK as u64) * TAG as u64 + 1024;
    assert!(sealed <= MAX_BUNDLE_BYTES, "{sealed}");
}

#[test]
fn every_fault_has_a_listed_code() {
    let listed: Vec<&str> = crate::code::CODES.iter().map(|(code, _)| *code).collect();
    let recipient = secret(1).public();
    let faults = [
        BundleFault::NotABundle,
        BundleFault::NotAnAnswer,
        BundleFault::Newer { found: "2".into(), known: 1 },
        BundleFault::OtherServer { recipient },
        BundleFault::Damaged { at: 1 },
        BundleFault::NotUnderstood { reason: "?".into() },
        BundleFault::NotSigned(NotSigned::Mismatch),
        BundleFault::WeakKey,
        BundleFault::Io(io::Error::other("?")),
    ];
    for fault in faults {
        assert!(listed.contains(&fault.code()), "{fault}");
        assert_eq!(fault.body().code, fault.code());
    }
}
