//! A device that the server admits no longer: told, and wiped only by an order that is its server's.

use std::path::Path;
use std::sync::Mutex;

use mizan_device::keys::Unlock;
use mizan_device::{Device, Error, exchange};
use mizan_protocol::code::ErrorBody;
use mizan_protocol::id::DeviceId;
use mizan_protocol::session::WipeOrder;
use mizan_protocol::signature::SecretKey;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::fake_server::FakeServer;
use crate::support::{
    NOW, PASSPHRASE, STREAM, open, records, rng, rubric, visit_id, with_visits, yes,
};

fn sync(device: &Mutex<Device>, server: &FakeServer) -> Result<exchange::SyncReport, Error> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(exchange::sync(device, server, &|| NOW, &mut |_| {}))
}

fn key(seed: u8) -> SecretKey {
    SecretKey::from_seed(&Zeroizing::new([seed; 32]))
}

/// The device of [`with_visits`].
fn own_id() -> DeviceId {
    DeviceId(Uuid::from_u128(9))
}

fn order(device: DeviceId, key: &SecretKey) -> ErrorBody {
    WipeOrder { device, at: NOW }.attach(ErrorBody::new("device.revoked"), key)
}

/// A device with an answer, and its server, whose key it has learned.
fn pair(home: &Path) -> (Mutex<Device>, FakeServer) {
    let rubric = rubric();
    let server = FakeServer::with(&[(STREAM, records(&rubric, 1))]);
    server.state(|state| state.server_key = Some(key(1).public()));
    let device = Mutex::new(with_visits(home, &rubric, 1));
    sync(&device, &server).unwrap();
    device.lock().unwrap().answer(visit_id(1), "A1", &yes(), Some("n"), NOW).unwrap();
    (device, server)
}

#[test]
fn nothing_is_destroyed_without_an_order_to_this_device_by_its_server() {
    let folder = tempfile::tempdir().unwrap();
    let (device, server) = pair(folder.path());
    let mut not_readable = order(own_id(), &key(1));
    not_readable.params.insert("wipe_signature".into(), "00".into());
    let rows = [
        ("no order", ErrorBody::new("device.revoked")),
        ("another server's", order(own_id(), &key(2))),
        ("another device's", order(DeviceId(Uuid::from_u128(8)), &key(1))),
        ("not readable", not_readable),
    ];
    for (title, told) in rows {
        // A server that says it has another key by now is not believed either.
        server.state(|state| {
            state.server_key = Some(key(2).public());
            state.revoked = None;
        });
        sync(&device, &server).unwrap();
        server.state(|state| state.revoked = Some(told));
        let refused = sync(&device, &server).unwrap_err();
        assert!(matches!(refused, Error::Revoked), "{title}: {refused}");
        assert_eq!(refused.code(), "device.revoked");
        let note = format!("{title} is noted");
        device.lock().unwrap().answer(visit_id(1), "A1", &yes(), Some(&note), NOW).unwrap();
    }
    drop(device);
    assert_eq!(open(folder.path()).visits().unwrap().len(), 1, "it opens as ever");
}

#[test]
fn an_order_before_the_servers_key_was_learned_is_no_order() {
    let folder = tempfile::tempdir().unwrap();
    let rubric = rubric();
    let server = FakeServer::with(&[(STREAM, records(&rubric, 1))]);
    let device = Mutex::new(with_visits(folder.path(), &rubric, 1));
    sync(&device, &server).unwrap();
    server.state(|state| state.revoked = Some(order(own_id(), &key(1))));
    assert!(matches!(sync(&device, &server), Err(Error::Revoked)));
}

#[test]
fn its_servers_order_leaves_nothing_and_nothing_more_is_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    let (device, server) = pair(folder.path());
    server.state(|state| state.revoked = Some(order(own_id(), &key(1))));
    let wiped = sync(&device, &server).unwrap_err();
    assert!(matches!(wiped, Error::Wiped), "{wiped}");
    assert_eq!(wiped.code(), "device.wiped");
    let mut held = device.lock().unwrap();
    assert!(held.visits().is_err(), "the empty shell knows nothing");
    assert!(held.answer(visit_id(1), "A1", &yes(), None, NOW).is_err(), "and takes nothing");
    drop(held);
    let left: Vec<_> = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name != "device.lock")
        .collect();
    assert!(left.is_empty(), "{left:?}");
    drop(device);
    let gone = Device::open(folder.path(), &Unlock::passphrase(PASSPHRASE), NOW, rng(3));
    assert!(matches!(gone, Err(Error::NoDevice { .. })), "{gone:?}");
}
