//! What was refused: listed, shown, tried again or set aside, and never gone.

use mizan_protocol::api::{QuarantinePage, QuarantineRecord};
use mizan_protocol::id::{OperationId, RecordId};
use mizan_protocol::sync::{Operation, Outcome, Record};
use reqwest::Method;
use serde_json::{Value, json};

use crate::engines::on_both_engines;
use crate::harness::{Caller, Device, Programme, fresh, record, rejected};

on_both_engines! {
    what_was_refused_is_listed_with_its_reason_and_shown_as_it_came,
    what_is_released_is_tried_again_under_todays_rules,
    what_is_set_aside_needs_a_reason_and_stays,
}

struct Field {
    programme: Programme,
    office: Caller,
    device: Device,
    visit: mizan_protocol::api::VisitJson,
}

async fn field() -> Field {
    let programme = Programme::start().await;
    let office = programme.person("office", "central_team", |_| {}).await;
    let evaluator = programme.person("rasha", "evaluator", |_| {}).await;
    let visit = programme.plan(0, "unannounced").await;
    programme.assign(visit.id, &evaluator).await;
    programme.open().await;
    let device = Device::enrol(&evaluator, 1).await;
    device.accept(visit.id, &programme.rubric).await;
    Field { programme, office, device, visit }
}

impl Field {
    fn answer(&self, id: RecordId) -> Record {
        let answer = json!({ "criterion": "P1", "value": true, "note": "seen" });
        record(id, "answer", 0, json!({ "visit": self.visit.id, "answer": answer, "at": 5 }))
    }

    /// Sends a record and gives the operation it came in, with the code of its refusal.
    async fn refused(&self, record: Record) -> (OperationId, String) {
        let op_id = OperationId(fresh());
        let outcome = self.device.push(vec![Operation { op_id, record }]).await.remove(0);
        (op_id, rejected(outcome))
    }

    async fn listed(&self, state: &str) -> Vec<OperationId> {
        let page: QuarantinePage = self.office.get(&format!("/api/quarantine?state={state}")).await;
        assert_eq!(page.total, page.items.len() as u64);
        page.items.into_iter().map(|item| item.operation).collect()
    }

    async fn release(&self, operation: OperationId) -> Outcome {
        let path = format!("/api/quarantine/{operation}/release");
        let released: Value = self.office.post(&path, &json!({})).await;
        serde_json::from_value(released).unwrap()
    }

    /// Gives the visit to another evaluator, or back.
    async fn give_to(&self, evaluator: &Caller) {
        self.programme.assign(self.visit.id, evaluator).await;
    }
}

async fn what_was_refused_is_listed_with_its_reason_and_shown_as_it_came() {
    let field = field().await;
    let mut newer = field.answer(RecordId(fresh()));
    newer.schema_v = 9;
    newer.unknown.insert("colour".into(), "green".into());
    let (unread, code) = field.refused(newer.clone()).await;
    assert_eq!(code, "sync.newer_schema");
    let (strange, _) = field.refused(record(RecordId(fresh()), "dream", 0, json!(["x"]))).await;
    let page: QuarantinePage = field.office.get("/api/quarantine").await;
    assert_eq!(page.total, 2);
    let of = |operation| page.items.iter().find(|item| item.operation == operation).unwrap();
    let item = of(unread);
    assert_eq!((item.user.as_str(), item.visit), ("rasha", Some(field.visit.id)));
    assert_eq!((item.error.code.as_str(), item.state.as_str()), ("sync.newer_schema", "open"));
    assert_eq!((of(strange).kind.as_str(), of(strange).visit), ("dream", None));
    let shown: QuarantineRecord = field.office.get(&format!("/api/quarantine/{unread}")).await;
    assert_eq!((&shown.item, shown.record), (item, newer), "with what this version does not know");
    let later: QuarantinePage = field.office.get("/api/quarantine?skip=1").await;
    assert_eq!((later.total, later.items.len()), (2, 1));
    let wrong = field.office.refused(Method::GET, "/api/quarantine?state=lost", Value::Null).await;
    assert_eq!(wrong, "request.invalid");
    let none = format!("/api/quarantine/{}", fresh());
    assert_eq!(field.office.refused(Method::GET, &none, Value::Null).await, "request.not_found");
}

async fn what_is_released_is_tried_again_under_todays_rules() {
    let mut field = field().await;
    let evaluator = field.device.caller.clone();
    let other = field.programme.person("salma", "evaluator", |_| {}).await;
    field.visit = field.programme.plan(1, "unannounced").await;
    field.give_to(&other).await;
    let id = RecordId(fresh());
    let (operation, code) = field.refused(field.answer(id)).await;
    assert_eq!(code, "request.not_found", "it was given to somebody else meanwhile");
    assert_eq!(rejected(field.release(operation).await), "request.not_found", "and still is");
    assert_eq!(field.listed("open").await, [operation]);
    field.give_to(&evaluator).await;
    assert_eq!(field.release(operation).await, Outcome::Applied { rev: 1 });
    assert!(field.listed("open").await.is_empty());
    assert_eq!(field.listed("released").await, [operation]);
    let again = Operation { op_id: operation, record: field.answer(id) };
    assert_eq!(field.device.push(vec![again]).await, [Outcome::Applied { rev: 1 }]);
    let path = format!("/api/quarantine/{operation}/release");
    let code = field.office.refused(Method::POST, &path, json!({})).await;
    assert_eq!(code, "quarantine.settled");
}

async fn what_is_set_aside_needs_a_reason_and_stays() {
    let field = field().await;
    let (operation, _) = field.refused(record(RecordId(fresh()), "dream", 0, json!({}))).await;
    let path = format!("/api/quarantine/{operation}/set-aside");
    let code = field.office.refused(Method::POST, &path, json!({ "reason": " " })).await;
    assert_eq!(code, "request.invalid");
    let _: Value = field.office.post(&path, &json!({ "reason": "a trial of the tablet" })).await;
    let shown: QuarantineRecord = field.office.get(&format!("/api/quarantine/{operation}")).await;
    let settled = (shown.item.state.as_str(), shown.item.reason.as_deref());
    assert_eq!(settled, ("set_aside", Some("a trial of the tablet")));
    assert_eq!(shown.item.settled_by, Some(field.office.id()));
    assert_eq!(field.listed("set_aside").await, [operation]);
    let code = field.office.refused(Method::POST, &path, json!({ "reason": "again" })).await;
    assert_eq!(code, "quarantine.settled");
}
