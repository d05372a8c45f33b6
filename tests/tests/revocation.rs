//! From an enrolment code to the wipe, between a real device and a real server.

#![expect(clippy::unwrap_used, reason = "clippy does not see that helpers of tests are tests")]

#[path = "../../crates/server/tests/server/harness.rs"]
#[expect(
    dead_code,
    unreachable_pub,
    reason = "the server's own suite uses the rest, and a suite has no callers"
)]
mod harness;

use std::sync::Mutex;

use mizan_device::keys::{Cost, Unlock};
use mizan_device::transport::Http;
use mizan_device::{Device, Error, exchange};
use mizan_protocol::session::{DeviceJson, EnrolmentCode};
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use serde_json::{Value, json};

use crate::harness::{NOW, Programme};

#[tokio::test]
async fn a_device_enrolled_by_a_code_works_until_it_is_revoked_and_is_wiped_when_that_is_ordered() {
    let programme = Programme::start().await;
    let evaluator = programme.person("rasha", "evaluator", |_| {}).await;
    let visit = programme.plan(0, "unannounced").await;
    programme.assign(visit.id, &evaluator).await;
    programme.open().await;
    let path = format!("/api/people/{}/enrolment-code", evaluator.id());
    let code: EnrolmentCode = programme.admin.post(&path, &json!({})).await;

    let folder = tempfile::tempdir().unwrap();
    let rng = Box::new(StdRng::seed_from_u64(1));
    let device = Device::create(folder.path(), "ten tall palms", Cost::TEST, NOW, rng).unwrap();
    let device = Mutex::new(device);
    let url = &programme.server.url;
    let http = Http::new(url).unwrap();
    exchange::enrol(&device, &http, url, "rasha", &code.code, "tablet").await.unwrap();
    let sync = async || exchange::sync(&device, &http, &|| NOW, &mut |_| {}).await;
    assert_eq!(sync().await.unwrap().pulled, 2, "the rubric and the visit");
    let accepted = device.lock().unwrap().accept(visit.id, true, NOW);
    accepted.unwrap();
    assert_eq!(sync().await.unwrap().pushed.applied, 1);

    let devices: Vec<DeviceJson> = programme.admin.get("/api/devices").await;
    assert_eq!((devices.len(), devices[0].name.as_str()), (1, "tablet"));
    let revoke = format!("/api/devices/{}/revoke", devices[0].id);
    let _: Value = programme.admin.post(&revoke, &json!({ "wipe": false })).await;
    assert!(matches!(sync().await, Err(Error::Revoked)));
    assert_eq!(device.lock().unwrap().visits().unwrap().len(), 1, "nothing is destroyed");

    let _: Value = programme.admin.post(&revoke, &json!({ "wipe": true })).await;
    assert!(matches!(sync().await, Err(Error::Wiped)));
    drop(device);
    let rng = Box::new(StdRng::seed_from_u64(2));
    let gone = Device::open(folder.path(), &Unlock::passphrase("ten tall palms"), NOW, rng);
    assert!(matches!(gone, Err(Error::NoDevice { .. })), "{gone:?}");
}
