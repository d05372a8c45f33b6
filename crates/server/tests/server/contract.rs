//! The ways through the server that no other module takes, so that each of its statements runs.

use mizan_protocol::api::{AgencyJson, CentreJson, CycleJson};
use mizan_protocol::bundle::{self, AnswerKey, BundleFault, BundledFile, Manifest, SCHEMA};
use mizan_protocol::canonical::Digest;
use mizan_protocol::evaluation::{EvidenceRef, SealedEvaluation};
use mizan_protocol::id::{BundleId, DeviceId, OperationId, RecordId};
use mizan_protocol::record::{AcceptanceBody, EvaluationBody};
use mizan_protocol::rubric::RubricRef;
use mizan_protocol::session::{
    Challenge, ChallengeRequest, DeviceSignIn, Person, Session, device_session_text,
};
use mizan_protocol::sync::{EvidenceQuery, Operation, Outcome, PullRequest, PushRequest};
use reqwest::Method;
use serde_json::{Value, json};
use zeroize::Zeroizing;

use crate::engines::on_both_engines;
use crate::harness::{Caller, Device, NOW, Programme, fresh, record};

on_both_engines! {
    what_was_added_is_listed,
    a_device_signs_in_by_its_key_and_out_again,
    a_visit_given_to_another_leaves_the_first_evaluators_stream,
    a_bundle_brings_records_and_files_once,
}

async fn what_was_added_is_listed() {
    let programme = Programme::start().await;
    let admin = &programme.admin;
    assert_eq!(admin.get::<Vec<AgencyJson>>("/api/agencies").await, programme.agencies);
    assert_eq!(admin.get::<Vec<CentreJson>>("/api/centres").await, programme.centres);
    assert_eq!(
        admin.get::<Vec<RubricRef>>("/api/rubrics").await,
        std::slice::from_ref(&programme.rubric)
    );
    let cycles: Vec<CycleJson> = admin.get("/api/cycles").await;
    assert_eq!(cycles.iter().map(|cycle| cycle.id).collect::<Vec<_>>(), [programme.cycle]);
    let people: Vec<Person> = admin.get("/api/people").await;
    assert_eq!(people.iter().map(|person| person.user.as_str()).collect::<Vec<_>>(), ["admin"]);
}

async fn a_device_signs_in_by_its_key_and_out_again() {
    let programme = Programme::start().await;
    let evaluator = programme.person("rasha", "evaluator", |_| {}).await;
    let device = Device::enrol(&evaluator, 1).await;
    let guest = Caller { token: None, person: None, ..evaluator.clone() };
    let asked = ChallengeRequest { device: device.id };
    let Challenge { challenge } = guest.post("/api/session/challenge", &asked).await;
    let text = device_session_text(device.id, &challenge);
    let signature = device.key.sign(text.as_bytes());
    let signed = DeviceSignIn { device: device.id, challenge, signature, clock: None };
    let session: Session = guest.post("/api/session/device", &signed).await;
    assert!(session.bundle_key.is_some());
    let again = serde_json::to_value(&signed).unwrap();
    let code = guest.refused(Method::POST, "/api/session/device", again).await;
    assert_eq!(code, "session.refused", "a challenge is good once");
    let caller = Caller { token: Some(session.token.clone()), ..guest };
    caller.pull().await;
    let (status, _, _) = caller.raw(Method::DELETE, "/api/session", None).await;
    assert_eq!(status.as_u16(), 204);
    let code = caller.refused(Method::POST, "/api/sync/pull", json!({})).await;
    assert_eq!(code, "session.ended");
}

async fn a_visit_given_to_another_leaves_the_first_evaluators_stream() {
    let programme = Programme::start().await;
    let first = programme.person("rasha", "evaluator", |_| {}).await;
    let second = programme.person("salma", "evaluator", |_| {}).await;
    let visit = programme.plan(0, "unannounced").await;
    programme.assign(visit.id, &first).await;
    programme.open().await;
    let held = |pulled: mizan_protocol::sync::PullResponse| {
        let records = pulled.streams.into_iter().next().unwrap().records;
        let of_visit = records.into_iter().find(|record| record.id.0 == visit.id.0);
        of_visit.map(|record| record.deleted)
    };
    assert_eq!(held(first.pull().await), Some(false));
    programme.assign(visit.id, &second).await;
    assert_eq!(held(first.pull().await), Some(true), "a tombstone");
    assert_eq!(held(second.pull().await), Some(false));
}

async fn a_bundle_brings_records_and_files_once() {
    let programme = Programme::start().await;
    let evaluator = programme.person("rasha", "evaluator", |_| {}).await;
    let reviewer = programme.person("reviewer", "reviewer", |_| {}).await;
    let visit = programme.plan(0, "unannounced").await;
    programme.assign(visit.id, &evaluator).await;
    programme.open().await;
    let device = Device::enrol(&evaluator, 1).await;
    let photo = b"\xff\xd8\xff\xda\0\x02 a photo \xff\xd9".to_vec();
    let sha256 = Digest::of(&photo);
    let mut document = device.document(&visit, &programme.rubric, true, "75");
    let (criterion, kind, media_type) = ("P1".into(), "photo".into(), "image/jpeg".to_owned());
    document.evidence.push(EvidenceRef {
        criterion,
        kind,
        sha256,
        media_type: media_type.clone(),
        bytes: photo.len() as u64,
    });
    let sealed = SealedEvaluation::seal(&document, &device.key).unwrap();
    let rubric = programme.rubric.sha256;
    let accepted = AcceptanceBody::Accepted {
        visit: visit.id,
        no_interest: true,
        brief_rubric: rubric,
        at: NOW,
    };
    let operation = |record| Operation { op_id: OperationId(fresh()), record };
    let operations = vec![
        operation(record(RecordId(fresh()), "acceptance", 0, accepted)),
        operation(record(
            RecordId(fresh()),
            "evaluation",
            0,
            EvaluationBody { visit: visit.id, sealed },
        )),
    ];
    let bytes = photo.len() as u64;
    let answer_key = AnswerKey::from_bytes(Zeroizing::new([5; 32]));
    let manifest = Manifest {
        schema: SCHEMA,
        bundle: BundleId(fresh()),
        device: device.id,
        made_at: NOW,
        answer_key: answer_key.clone(),
        push: vec![PushRequest { epoch: None, operations, link: None }],
        pull: PullRequest::default(),
        evidence: EvidenceQuery { sha256: vec![sha256] },
        files: vec![BundledFile { sha256, media_type, bytes }],
    };
    let server = device.bundle_key.expect("told at enrolment");
    let seal = |manifest: &Manifest| {
        let mut file = Vec::new();
        let ephemeral = Zeroizing::new([6; 32]);
        let read = |_: &BundledFile| Ok::<_, BundleFault>(photo.clone());
        bundle::seal_bundle(&mut file, manifest, &device.key, &server, &ephemeral, read).unwrap();
        file
    };
    let carry = async |file: Vec<u8>| {
        let request = reqwest::Client::new().post(format!("{}/api/bundles", programme.admin.url));
        let token = programme.admin.token.as_ref().unwrap();
        request.body(file).bearer_auth(token).send().await.unwrap()
    };
    let of_a_stranger = Manifest { device: DeviceId(fresh()), ..manifest.clone() };
    let refused: Value = carry(seal(&of_a_stranger)).await.json().await.unwrap();
    assert_eq!(refused["code"], "bundle.device_unknown");
    for _ in 0..2 {
        let response = carry(seal(&manifest)).await;
        assert!(response.status().is_success(), "{:?}", response.text().await);
        let answer = bundle::open_answer(&response.bytes().await.unwrap(), &answer_key).unwrap();
        let outcomes: Vec<&Outcome> =
            answer.push[0].outcomes.iter().map(|of| &of.outcome).collect();
        assert_eq!(outcomes, [&Outcome::Applied { rev: 1 }; 2]);
        assert_eq!(answer.evidence_present, [sha256]);
    }
    let path = format!("/api/evidence/{sha256}");
    let (status, headers, found) = reviewer.raw(Method::GET, &path, None).await;
    assert_eq!((status.as_u16(), found), (200, photo), "{headers}");
    let queue: Value = reviewer.get("/api/review/queue").await;
    assert_eq!(
        (queue[0]["revision"].clone(), queue[0]["evidence_missing"].clone()),
        (1.into(), 0.into())
    );
}
