//! Signed, chained pushes: what is altered, left out or said again on the way is told.

use mizan_protocol::chain::{ChainHead, receipt_text};
use mizan_protocol::code::ErrorBody;
use mizan_protocol::id::{OperationId, RecordId};
use mizan_protocol::record::AcceptanceBody;
use mizan_protocol::session::{
    Challenge, ChallengeRequest, DeviceSignIn, Session, device_session_text,
};
use mizan_protocol::sync::{Operation, Outcome, PushRequest, PushResponse};
use reqwest::Method;
use serde_json::{Value, json};

use crate::engines::on_both_engines;
use crate::harness::{Caller, Device, NOW, Programme, fresh, record, unsigned};

on_both_engines! {
    a_link_is_taken_once_however_often_it_comes_and_the_receipt_names_it,
    what_was_altered_on_the_way_is_refused_whole_and_audited,
    what_is_missing_is_told_and_the_chain_goes_on_from_where_it_is,
    whose_device_signs_is_refused_without,
    a_device_that_went_another_way_is_told_where_its_chain_stands,
}

struct Field {
    programme: Programme,
    device: Device,
    visit: mizan_protocol::api::VisitJson,
    head: ChainHead,
}

async fn field() -> Field {
    let programme = Programme::start().await;
    let evaluator = programme.person("rasha", "evaluator", |_| {}).await;
    let visit = programme.plan(0, "unannounced").await;
    programme.assign(visit.id, &evaluator).await;
    programme.open().await;
    let device = Device::enrol(&evaluator, 1).await;
    let head = ChainHead::root(device.id);
    let mut field = Field { programme, device, visit, head };
    let body = AcceptanceBody::Accepted {
        visit: field.visit.id,
        no_interest: true,
        brief_rubric: field.programme.rubric.sha256,
        at: NOW,
    };
    let body = serde_json::to_value(body).unwrap();
    let first = field.link("acceptance", RecordId(fresh()), 0, body);
    assert_eq!(field.taken(&first).await, [Outcome::Applied { rev: 1 }]);
    field
}

impl Field {
    /// The next link of the device's chain, not sent yet.
    fn link(&mut self, kind: &str, id: RecordId, base_rev: i64, body: Value) -> PushRequest {
        let operation =
            Operation { op_id: OperationId(fresh()), record: record(id, kind, base_rev, body) };
        let push = unsigned(vec![operation]);
        let (push, head) = push.chained(self.device.id, self.head, &self.device.key).unwrap();
        self.head = head;
        push
    }

    fn answer(&mut self, id: RecordId, base_rev: i64, note: &str) -> PushRequest {
        let answer = json!({ "criterion": "P1", "value": true, "note": note });
        let body = json!({ "visit": self.visit.id, "answer": answer, "at": 5 });
        self.link("answer", id, base_rev, body)
    }

    async fn push(&self, push: &PushRequest) -> PushResponse {
        self.device.caller.post("/api/sync/push", push).await
    }

    async fn taken(&self, push: &PushRequest) -> Vec<Outcome> {
        self.push(push).await.outcomes.into_iter().map(|of| of.outcome).collect()
    }

    async fn refused(&self, by: &Caller, push: &PushRequest) -> (u16, ErrorBody) {
        let body = serde_json::to_value(push).unwrap();
        let (status, answer) = by.answer(Method::POST, "/api/sync/push", body).await;
        (status, serde_json::from_value(answer).unwrap())
    }

    /// What the audit says of refused pushes.
    async fn entered(&self) -> Vec<Value> {
        let page: Value = self.programme.admin.get("/api/audit?after=0").await;
        let entries = page["entries"].as_array().unwrap().iter();
        let of_pushes = entries.filter(|entry| entry["deed"] == "push_refused");
        of_pushes.map(|entry| entry["details"].clone()).collect()
    }
}

async fn a_link_is_taken_once_however_often_it_comes_and_the_receipt_names_it() {
    let mut field = field().await;
    let id = RecordId(fresh());
    let first = field.answer(id, 0, "a");
    let response = field.push(&first).await;
    let link = first.link.as_ref().unwrap();
    let text = receipt_text(first.chain_digest(link).unwrap(), &response.outcomes).unwrap();
    let server = field.device.server_key.expect("told at enrolment");
    assert_eq!(server.verify(text.as_bytes(), &response.receipt.unwrap()), Ok(()));
    assert_eq!(field.push(&first).await, response, "to the byte");
    let second = field.answer(id, 1, "b");
    assert_eq!(field.taken(&second).await, [Outcome::Applied { rev: 2 }]);
    assert_eq!(field.push(&first).await, response, "an old one, kept by somebody and sent again");
    let third = field.answer(id, 2, "b");
    assert_eq!(field.taken(&third).await, [Outcome::Same { rev: 2 }]);
    assert!(field.entered().await.is_empty());
}

async fn what_was_altered_on_the_way_is_refused_whole_and_audited() {
    let mut field = field().await;
    let id = RecordId(fresh());
    let made = field.answer(id, 0, "seen");
    let mut note = made.clone();
    note.operations[0].record.body["answer"]["note"] = "altered".into();
    let mut left_out = made.clone();
    left_out.operations.clear();
    let mut number = made.clone();
    number.link.as_mut().unwrap().number = 1;
    let mut name = made.clone();
    name.operations[0].op_id = OperationId(fresh());
    let caller = field.device.caller.clone();
    for (what, bent) in [("note", note), ("left out", left_out), ("number", number), ("name", name)]
    {
        let (status, error) = field.refused(&caller, &bent).await;
        assert_eq!((status, error.code.as_str()), (422, "sync.wrong_signature"), "{what}");
    }
    let other = field.programme.person("salma", "evaluator", |_| {}).await;
    let (_, error) = field.refused(&other, &made).await;
    assert_eq!(error.code, "sync.wrong_signature", "another person's session");
    assert_eq!(field.entered().await.len(), 5);
    assert_eq!(field.entered().await[0], json!({ "code": "sync.wrong_signature", "number": "2" }));
    assert_eq!(field.taken(&made).await, [Outcome::Applied { rev: 1 }], "nothing was taken of it");
}

async fn what_is_missing_is_told_and_the_chain_goes_on_from_where_it_is() {
    let mut field = field().await;
    let (known, id) = (field.head, RecordId(fresh()));
    let lost = [field.answer(RecordId(fresh()), 0, "a"), field.answer(id, 0, "b")];
    let after = field.answer(RecordId(fresh()), 0, "c");
    let caller = field.device.caller.clone();
    let (status, error) = field.refused(&caller, &after).await;
    assert_eq!((status, error.code.as_str()), (409, "sync.gap"));
    let told = ["number", "digest", "missing"].map(|name| error.params[name].clone());
    assert_eq!(told, ["1".to_owned(), known.digest.to_string(), "2–3".to_owned()]);
    let (_, error) = field.refused(&caller, &lost[1]).await;
    assert_eq!(error.params["missing"], "2");
    let entered = field.entered().await;
    assert_eq!(entered[0], json!({ "code": "sync.gap", "number": "4", "missing": "2–3" }));
    assert_eq!(field.taken(&lost[0]).await, [Outcome::Applied { rev: 1 }], "they come after all");
    assert_eq!(field.taken(&lost[1]).await, [Outcome::Applied { rev: 1 }]);
    assert_eq!(field.taken(&after).await, [Outcome::Applied { rev: 1 }]);
}

async fn whose_device_signs_is_refused_without() {
    let programme = Programme::start().await;
    let evaluator = programme.person("rasha", "evaluator", |_| {}).await;
    let device = Device::enrol(&evaluator, 1).await;
    let by_key = {
        let guest = Caller { token: None, person: None, ..evaluator.clone() };
        let asked = ChallengeRequest { device: device.id };
        let Challenge { challenge } = guest.post("/api/session/challenge", &asked).await;
        let text = device_session_text(device.id, &challenge);
        let signature = device.key.sign(text.as_bytes());
        let signed = DeviceSignIn { device: device.id, challenge, signature, clock: None };
        let session: Session = guest.post("/api/session/device", &signed).await;
        Caller { token: Some(session.token.clone()), ..guest }
    };
    let empty = serde_json::to_value(unsigned(Vec::new())).unwrap();
    for caller in [&evaluator, &by_key] {
        let _: PushResponse = caller.post("/api/sync/push", &empty).await;
    }
    let push = unsigned(Vec::new());
    let (push, _) = push.chained(device.id, ChainHead::root(device.id), &device.key).unwrap();
    let _: PushResponse = by_key.post("/api/sync/push", &push).await;
    for caller in [&evaluator, &by_key] {
        let code = caller.refused(Method::POST, "/api/sync/push", empty.clone()).await;
        assert_eq!(code, "sync.not_signed");
    }
    let other = Device::enrol(&evaluator, 2).await;
    let push = unsigned(Vec::new());
    let (push, _) = push.chained(other.id, ChainHead::root(other.id), &other.key).unwrap();
    let body = serde_json::to_value(&push).unwrap();
    let code = by_key.refused(Method::POST, "/api/sync/push", body).await;
    assert_eq!(code, "sync.wrong_signature", "a session of one device speaks for no other");
}

async fn a_device_that_went_another_way_is_told_where_its_chain_stands() {
    let mut field = field().await;
    let copy = field.head;
    let sent = field.answer(RecordId(fresh()), 0, "sent, then the device was put back from a copy");
    field.push(&sent).await;
    let there = field.head;
    field.head = copy;
    let fork = field.answer(RecordId(fresh()), 0, "made since");
    let caller = field.device.caller.clone();
    let (_, error) = field.refused(&caller, &fork).await;
    assert_eq!((error.code.as_str(), error.params.get("missing")), ("sync.gap", None));
    assert_eq!(error.params["digest"], there.digest.to_string());
    field.head = there;
    let again = field.answer(RecordId(fresh()), 0, "made since");
    assert_eq!(field.taken(&again).await, [Outcome::Applied { rev: 1 }]);
}
