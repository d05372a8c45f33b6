//! Weeks without a server: what is shown when the grant has ended, what never stops, and what a clock that
//! is set cannot do.

use std::path::Path;
use std::sync::Mutex;

use mizan_device::clock::Reading;
use mizan_device::grant::Offline;
use mizan_device::{Device, Error, exchange};
use mizan_domain::evaluation::RawAnswer;
use mizan_domain::rubric::EvidenceKind;
use mizan_domain::scale::RawValue;
use mizan_domain::timeline::Moment;
use mizan_domain::visit::VisitState;
use mizan_protocol::id::DeviceId;
use mizan_protocol::session::OfflineGrant;
use mizan_protocol::signature::SecretKey;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::fake_server::FakeServer;
use crate::support::{NOW, STREAM, open, records, rubric, visit_id, with_visits, word, yes};

const DAY: i64 = 86_400_000;

fn key(seed: u8) -> SecretKey {
    SecretKey::from_seed(&Zeroizing::new([seed; 32]))
}

fn grant(device: u128, from: i64, by: &SecretKey) -> OfflineGrant {
    OfflineGrant::sign(DeviceId(Uuid::from_u128(device)), from, from + 30 * DAY, by)
}

fn sync_at(device: &Mutex<Device>, server: &FakeServer, now_ms: i64) -> Result<(), Error> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(exchange::sync(device, server, &|| now_ms, &mut |_| {})).map(drop)
}

/// A device with two visits it has taken, the first begun, and its server, which gives 30 days.
fn pair(home: &Path) -> (Mutex<Device>, FakeServer) {
    let rubric = rubric();
    let server = FakeServer::with(&[(STREAM, records(&rubric, 2))]);
    server.state(|state| {
        state.server_key = Some(key(1).public());
        state.grant = Some(grant(9, NOW, &key(1)));
    });
    let device = Mutex::new(with_visits(home, &rubric, 2));
    sync_at(&device, &server, NOW).unwrap();
    device.lock().unwrap().answer(visit_id(1), "A1", &yes(), Some("n"), NOW).unwrap();
    (device, server)
}

fn level(level: i64) -> RawAnswer {
    RawAnswer::Value(RawValue::Integer(level))
}

fn at(wall_ms: i64) -> Reading {
    Reading { wall_ms, steady: None }
}

fn shown(device: &mut Device) -> Vec<mizan_protocol::id::VisitId> {
    device.visits().unwrap().into_iter().map(|visit| visit.brief.visit).collect()
}

#[test]
fn when_the_grant_has_ended_a_visit_in_progress_is_shown_finished_and_submitted() {
    let folder = tempfile::tempdir().unwrap();
    let (device, server) = pair(folder.path());
    let late = NOW + 30 * DAY;
    {
        let mut device = device.lock().unwrap();
        device.observe(&at(late - 1)).unwrap();
        assert_eq!((device.offline(), shown(&mut device).len()), (Offline::Left(1), 2));
        device.observe(&at(late + DAY)).unwrap();
        assert_eq!(device.offline(), Offline::Ended);
        assert_eq!(shown(&mut device), [visit_id(1)]);
        assert_eq!(device.hidden_visits().unwrap(), 1);
        let hidden = device.visit(visit_id(2)).unwrap_err();
        assert_eq!(hidden.code(), "device.grant_ended");
        assert!(hidden.to_string().contains("sync"), "{hidden}");

        let visit = visit_id(1);
        device.answer(visit, "A2", &word("met"), Some("clean"), late).unwrap();
        device.answer(visit, "A3", &level(5), Some("quick"), late).unwrap();
        device.answer(visit, "A4", &word("5"), Some("by the clock"), late).unwrap();
        let photo = b"\xff\xd8\xff\xda\0\x02 a photo \xff\xd9";
        device.attach(visit, "A2", photo, EvidenceKind::Photo, late).unwrap();
        device.time_at(visit, Moment::Arrived, NOW, late).unwrap();
        device.time_at(visit, Moment::Left, NOW + 1, late).unwrap();
        let missing = device.check(visit).unwrap();
        assert!(missing.is_empty(), "{missing:?}");
        device.submit(visit, true, late).unwrap();
    }
    server.state(|state| state.grant = Some(grant(9, late + DAY, &key(1))));
    sync_at(&device, &server, late + DAY).unwrap();
    let mut device = device.lock().unwrap();
    assert_eq!((shown(&mut device).len(), device.hidden_visits().unwrap()), (2, 0));
    assert_eq!(device.visit(visit_id(1)).unwrap().state, VisitState::Submitted);
    assert_eq!(device.offline(), Offline::Left(30 * DAY));
}

#[test]
fn a_clock_set_back_and_a_new_start_do_not_make_it_longer() {
    let folder = tempfile::tempdir().unwrap();
    let (device, _) = pair(folder.path());
    device.lock().unwrap().observe(&at(NOW + 31 * DAY)).unwrap();
    drop(device);
    let mut device = open(folder.path());
    assert_eq!(device.offline(), Offline::Ended, "opened with the clock a month back");
    device.observe(&at(NOW - 400 * DAY)).unwrap();
    assert_eq!((device.offline(), shown(&mut device)), (Offline::Ended, vec![visit_id(1)]));
}

#[test]
fn a_grant_of_another_device_or_another_key_changes_nothing_and_none_limits_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (device, server) = pair(folder.path());
    let later = NOW + 20 * DAY;
    for (title, forged) in [
        ("another device's", grant(8, later, &key(1))),
        ("another key's", grant(9, later, &key(2))),
    ] {
        server.state(|state| state.grant = Some(forged));
        sync_at(&device, &server, later).unwrap();
        let mut device = device.lock().unwrap();
        device.observe(&at(later)).unwrap();
        assert_eq!(device.offline(), Offline::Left(10 * DAY), "{title}");
    }
    let other = tempfile::tempdir().unwrap();
    let mut without = with_visits(other.path(), &rubric(), 1);
    without.observe(&at(NOW + 4_000 * DAY)).unwrap();
    assert_eq!((without.offline(), shown(&mut without).len()), (Offline::Unlimited, 1));
}

#[test]
fn a_clock_that_is_off_is_told_until_it_is_right() {
    let folder = tempfile::tempdir().unwrap();
    let (device, server) = pair(folder.path());
    let minutes = |count: i64| count * 60_000;
    for (off, told) in [
        (minutes(5), None),
        (minutes(6), Some(minutes(6))),
        (minutes(-90), Some(minutes(-90))),
        (0, None),
    ] {
        sync_at(&device, &server, NOW + off).unwrap();
        assert_eq!(device.lock().unwrap().clock_off_ms().unwrap(), told, "{off}");
    }
    server.state(|state| assert_eq!(state.clocks.last(), Some(&Some(NOW)), "the server hears it"));
}
