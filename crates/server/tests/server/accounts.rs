//! Signing in, second factors, sessions and devices, by a clock that the test moves.

use mizan_protocol::code::ErrorBody;
use mizan_protocol::id::DeviceId;
use mizan_protocol::session::{
    Challenge, DeviceJson, EnrolDevice, EnrolledDevice, EnrolmentCode, Session, TotpSetup,
    WipeOrder, device_session_text,
};
use mizan_protocol::signature::SecretKey;
use mizan_server::Config;
use mizan_server::limits::{AddressFrom, Limits, Rate};
use mizan_server::store::Store;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use totp_rs::{Builder, Secret};

use crate::engines::on_both_engines;
use crate::harness::{Caller, Device, PASSWORD, Programme, Server, clock, fresh, later};

on_both_engines! {
    whoever_guesses_waits_longer_and_longer_whether_there_is_such_an_account_or_not,
    many_guesses_at_once_are_no_way_around_the_wait,
    a_password_that_would_be_guessed_is_refused_by_name,
    a_password_is_changed_by_whoever_knows_it_and_ends_the_other_sessions,
    a_second_factor_is_asked_for_after_the_password_and_each_code_is_good_once,
    a_lost_second_factor_is_taken_away_by_another_administrator,
    a_forgotten_password_is_replaced_by_another_administrator,
    a_server_that_requires_second_factors_lets_nothing_else_be_done_first,
    a_page_shows_what_only_it_knows_or_changes_nothing,
    a_token_whose_place_was_taken_ends_its_family_and_nobody_elses,
    a_sign_in_whose_answer_was_lost_harms_nobody,
    an_enrolment_code_enrols_one_device_of_one_person_once,
    a_revoked_device_is_told_so_and_its_order_and_a_stranger_is_told_nothing,
    a_closed_account_is_closed_everywhere_until_it_is_opened,
    one_address_may_ask_so_much_and_no_more,
}

const RATE: Option<Rate> = Some(Rate { per_second: 1, burst: 3 });
const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;

fn guest(server: &Server) -> Caller {
    Caller { url: server.url.clone(), token: None, person: None }
}

/// The data of a server that has stopped.
async fn opened(server: &Server) -> Store {
    let location = server.location();
    tokio::task::spawn_blocking(move || Store::open(&location)).await.unwrap().unwrap()
}

async fn try_password(server: &Server, user: &str, password: &str) -> (u16, Value) {
    let body = json!({ "user": user, "password": password });
    guest(server).answer(Method::POST, "/api/session", body).await
}

/// The code of an answer, after its status.
fn told(answer: &(u16, Value)) -> (u16, &str) {
    (answer.0, answer.1["code"].as_str().unwrap_or(""))
}

async fn ended(caller: &Caller) -> bool {
    told(&caller.answer(Method::POST, "/api/session/totp/confirm", json!({ "code": "" })).await)
        == (401, "session.ended")
}

async fn whoever_guesses_waits_longer_and_longer_whether_there_is_such_an_account_or_not() {
    let mut server = Server::start().await;
    for user in ["admin", "nobody"] {
        for _ in 0..3 {
            let refused = try_password(&server, user, "not the password").await;
            assert_eq!(told(&refused), (401, "session.refused"), "{user}");
        }
        for seconds in [1, 2, 4] {
            let body = json!({ "user": user, "password": PASSWORD });
            let (status, headers, bytes) =
                guest(&server).raw(Method::POST, "/api/session", Some(&body)).await;
            let expected =
                format!(r#"{{"code":"session.too_many","params":{{"seconds":"{seconds}"}}}}"#);
            assert_eq!((status.as_u16(), String::from_utf8(bytes).unwrap()), (429, expected));
            assert!(headers.contains(&format!("\"retry-after\": \"{seconds}\"")), "{headers}");
            later(seconds * 1_000);
            let refused = try_password(&server, user, "not the password").await;
            assert_eq!(told(&refused), (401, "session.refused"), "{user} after {seconds} s");
        }
        for _ in 0..10 {
            later(15 * MINUTE);
            let refused = try_password(&server, user, "not the password").await;
            assert_eq!(told(&refused), (401, "session.refused"), "a quarter of an hour is enough");
        }
        assert_eq!(try_password(&server, user, PASSWORD).await.1["params"]["seconds"], "900");
        later(15 * MINUTE);
    }
    assert_eq!(try_password(&server, "admin", PASSWORD).await.0, 200);
    for _ in 0..3 {
        let refused = try_password(&server, "admin", "not the password").await;
        assert_eq!(told(&refused), (401, "session.refused"), "success has cleared it");
    }
    later(25 * HOUR);
    assert_eq!(try_password(&server, "admin", PASSWORD).await.0, 200);
    server.pause().await;
    let store = opened(&server).await;
    let rows = store.read(|tx| tx.query("SELECT name_hash FROM sign_in_tries", &[])).await;
    assert_eq!(rows.unwrap(), [], "old rows are removed");
}

async fn many_guesses_at_once_are_no_way_around_the_wait() {
    let server = Server::start().await;
    let mut tasks = tokio::task::JoinSet::new();
    for n in 0..12 {
        let guest = guest(&server);
        let body = json!({ "user": "admin", "password": format!("guess number {n}") });
        tasks.spawn(async move { guest.answer(Method::POST, "/api/session", body).await.0 });
    }
    let looked_at = tasks.join_all().await.into_iter().filter(|status| *status == 401).count();
    assert_eq!(looked_at, 3);
}

async fn a_password_that_would_be_guessed_is_refused_by_name() {
    let programme = Programme::start().await;
    let add = async |password: &str| {
        let body = json!({
            "user": "salma.nasser", "password": password, "role": "reviewer",
            "name": { "ar": "سلمى", "en": "Salma" },
        });
        programme.admin.answer(Method::POST, "/api/people", body).await
    };
    assert_eq!(told(&add("gr7-Kd!pQx2").await), (422, "password.too_short"));
    for guessed in ["password1234", "salma.nasser1", "111111111111"] {
        let refused = add(guessed).await;
        assert_eq!(told(&refused), (422, "password.guessable"), "{guessed}");
        assert!(!refused.1.to_string().contains(guessed), "no error repeats a password");
    }
    assert_eq!(add("walnut kettle orbit").await.0, 200);
}

async fn a_password_is_changed_by_whoever_knows_it_and_ends_the_other_sessions() {
    let programme = Programme::start().await;
    let here = programme.person("salma", "reviewer", |_| {}).await;
    let elsewhere = programme.server.sign_in("salma").await;
    let change = async |old: &str, new: &str| {
        let body = json!({ "old": old, "new": new });
        here.answer(Method::POST, "/api/session/password", body).await
    };
    let new = "walnut kettle orbit";
    assert_eq!(told(&change("not the password", new).await), (401, "session.refused"));
    assert_eq!(told(&change(PASSWORD, "password1234").await), (422, "password.guessable"));
    assert!(!ended(&elsewhere).await, "nothing has changed yet");
    assert_eq!(change(PASSWORD, new).await.0, 204);
    assert!(!ended(&here).await);
    assert!(ended(&elsewhere).await);
    let old = try_password(&programme.server, "salma", PASSWORD).await;
    assert_eq!(told(&old), (401, "session.refused"));
    assert_eq!(try_password(&programme.server, "salma", new).await.0, 200);
    for _ in 0..3 {
        assert_eq!(told(&change("a guess of it", new).await), (401, "session.refused"));
    }
    let guessed = change("a guess of it", new).await;
    assert_eq!(told(&guessed), (429, "session.too_many"), "no guessing in an open session either");
}

/// The code of a secret at the clock's time.
pub fn code(setup: &TotpSetup) -> String {
    let secret = Secret::try_from_base32(&setup.secret).unwrap();
    let totp = Builder::new().with_secret(secret).build().unwrap();
    totp.generate(u64::try_from(clock() / 1_000).unwrap()).to_string()
}

/// Gives an account a second factor.
async fn set_up(caller: &Caller) -> TotpSetup {
    let setup: TotpSetup = caller.post("/api/session/totp", &json!({})).await;
    let confirm = json!({ "code": code(&setup) });
    let (status, body) = caller.answer(Method::POST, "/api/session/totp/confirm", confirm).await;
    assert_eq!(status, 204, "{body}");
    setup
}

async fn sign_in_with(server: &Server, user: &str, password: &str, otp: &str) -> (u16, Value) {
    let body = json!({ "user": user, "password": password, "otp": otp });
    guest(server).answer(Method::POST, "/api/session", body).await
}

async fn a_second_factor_is_asked_for_after_the_password_and_each_code_is_good_once() {
    let mut programme = Programme::start().await;
    let caller = programme.person("chair", "committee_chair", |_| {}).await;
    let earlier = programme.server.sign_in("chair").await;
    let confirm = async |code: String| {
        let body = json!({ "code": code });
        caller.answer(Method::POST, "/api/session/totp/confirm", body).await
    };
    assert_eq!(told(&confirm("000000".into()).await), (409, "session.totp_not_begun"));
    let setup: TotpSetup = caller.post("/api/session/totp", &json!({})).await;
    let uri = format!("otpauth://totp/Mizan:chair?secret={}&issuer=Mizan", setup.secret);
    assert_eq!(setup.uri, uri);
    assert_eq!(try_password(&programme.server, "chair", PASSWORD).await.0, 200, "not yet in use");
    let wrong = if code(&setup) == "000000" { "111111" } else { "000000" };
    assert_eq!(told(&confirm(wrong.into()).await), (401, "session.otp_wrong"));
    let first = code(&setup);
    assert_eq!(confirm(first.clone()).await.0, 204);
    assert!(ended(&earlier).await, "a session begun without a code has ended");

    let server = &programme.server;
    let none = try_password(server, "chair", PASSWORD).await;
    assert_eq!(told(&none), (401, "session.otp_required"));
    let guessed = try_password(server, "chair", "not the password").await;
    assert_eq!(told(&guessed), (401, "session.refused"), "no word of a code before the password");
    let again = sign_in_with(server, "chair", PASSWORD, &first).await;
    assert_eq!(told(&again), (401, "session.otp_wrong"), "the first code is used up");
    later(30_000);
    let next = code(&setup);
    assert_eq!(sign_in_with(server, "chair", PASSWORD, &next).await.0, 200);
    let again = sign_in_with(server, "chair", PASSWORD, &next).await;
    assert_eq!(told(&again), (401, "session.otp_wrong"));
    later(60_000);
    let early = code(&setup);
    later(30_000);
    assert_eq!(sign_in_with(server, "chair", PASSWORD, &early).await.0, 200, "a step of skew");
    let over: Value = caller.answer(Method::POST, "/api/session/totp", json!({})).await.1;
    assert_eq!(over["code"], "session.totp_active");

    programme.server.pause().await;
    let store = opened(&programme.server).await;
    let rows = store.read(|tx| tx.query("SELECT secret FROM second_factors", &[])).await.unwrap();
    let kept = rows[0].blob(0).unwrap();
    let secret = Secret::try_from_base32(&setup.secret).unwrap();
    let bytes = secret.as_bytes();
    assert!(!kept.windows(bytes.len()).any(|part| part == bytes), "it is not kept in clear");
}

async fn a_lost_second_factor_is_taken_away_by_another_administrator() {
    let programme = Programme::start().await;
    let chair = programme.person("chair", "committee_chair", |_| {}).await;
    set_up(&chair).await;
    let reset = async |caller: &Caller| {
        let path = format!("/api/people/{}/totp", caller.id());
        programme.admin.answer(Method::DELETE, &path, json!({})).await
    };
    assert_eq!(told(&reset(&programme.admin).await), (409, "account.own"));
    assert_eq!(reset(&chair).await.0, 204);
    assert!(ended(&chair).await, "whoever holds the lost one is out");
    assert_eq!(try_password(&programme.server, "chair", PASSWORD).await.0, 200);
}

async fn a_forgotten_password_is_replaced_by_another_administrator() {
    let programme = Programme::start().await;
    let chair = programme.person("chair", "committee_chair", |_| {}).await;
    let set = async |caller: &Caller, new: &str| {
        let path = format!("/api/people/{}/password", caller.id());
        programme.admin.answer(Method::POST, &path, json!({ "new": new })).await
    };
    const NEW: &str = "velvet anchor seven";
    assert_eq!(told(&set(&programme.admin, NEW).await), (409, "account.own"));
    assert_eq!(told(&set(&chair, "short").await), (422, "password.too_short"));
    assert_eq!(told(&set(&chair, "mizan-chair-chair").await), (422, "password.guessable"));
    assert!(!ended(&chair).await, "what was refused ends nothing");
    for _ in 0..5 {
        try_password(&programme.server, "chair", "not the password").await;
    }
    assert_eq!(set(&chair, NEW).await.0, 204);
    assert!(ended(&chair).await, "whoever knows the old one is out");
    assert_eq!(try_password(&programme.server, "chair", NEW).await.0, 200, "and need not wait");
    assert_eq!(told(&try_password(&programme.server, "chair", PASSWORD).await).0, 401);
}

async fn a_server_that_requires_second_factors_lets_nothing_else_be_done_first() {
    let server = Server::start_as(|config| Config { require_totp: true, ..config }).await;
    let admin = server.sign_in("admin").await;
    for (method, path) in [
        (Method::GET, "/api/agencies"),
        (Method::POST, "/api/agencies"),
        (Method::GET, "/api/scorecards"),
        (Method::POST, "/api/devices"),
    ] {
        let body = json!({ "code": "A-1", "name": { "ar": "جهة", "en": "Agency" } });
        let refused = admin.answer(method.clone(), path, body).await;
        assert_eq!(told(&refused), (409, "session.totp_setup_required"), "{method} {path}");
    }
    set_up(&admin).await;
    assert_eq!(admin.answer(Method::GET, "/api/agencies", Value::Null).await.0, 200);
    let added = admin
        .answer(
            Method::POST,
            "/api/people",
            json!({
                "user": "rasha", "password": PASSWORD, "role": "evaluator",
                "name": { "ar": "رشا", "en": "Rasha" },
            }),
        )
        .await;
    assert_eq!(added.0, 200);
    let rasha = server.sign_in("rasha").await;
    assert_eq!(rasha.pull().await.streams.len(), 1, "evaluators have the key of their device");
}

/// A page of the portal in a browser.
pub struct Page {
    server: String,
    cookie: String,
    pub csrf: String,
}

impl Page {
    pub async fn open(server: &Server) -> Self {
        let body = json!({ "user": "admin", "password": PASSWORD, "cookie": true });
        let url = format!("{}/api/session", server.url);
        let response = reqwest::Client::new().post(url).json(&body).send().await.unwrap();
        let set = response.headers()["set-cookie"].to_str().unwrap().to_owned();
        let session: Value = response.json().await.unwrap();
        assert_eq!(session.get("token"), None, "the page never sees the token");
        let (cookie, attributes) = set.split_once("; ").unwrap();
        assert!(cookie.starts_with("__Host-mizan="), "{set}");
        assert_eq!(attributes, "HttpOnly; Secure; SameSite=Strict; Path=/; Max-Age=28800");
        let csrf = session["csrf"].as_str().unwrap().to_owned();
        Self { server: server.url.clone(), cookie: cookie.to_owned(), csrf }
    }

    /// What the page reads.
    pub async fn get(&self, path: &str) -> Value {
        let request = reqwest::Client::new().get(format!("{}{path}", self.server));
        let response = request.header("cookie", &self.cookie).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        response.json().await.unwrap()
    }

    /// Status and code of what the page asks, with more headers or another cookie.
    pub async fn ask(&self, method: Method, path: &str, headers: &[(&str, &str)]) -> (u16, String) {
        let url = format!("{}{path}", self.server);
        let agency =
            json!({ "code": format!("A-{}", fresh().simple()), "name": { "ar": "ج", "en": "A" } });
        let mut request = reqwest::Client::new().request(method.clone(), url);
        if method != Method::GET {
            request = request.json(&agency);
        }
        let mut own_cookie = true;
        for (name, value) in headers {
            own_cookie &= *name != "cookie" && *name != "authorization";
            request = request.header(*name, *value);
        }
        if own_cookie {
            request = request.header("cookie", &self.cookie);
        }
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        let body: Value = response.json().await.unwrap_or_default();
        (status, body["code"].as_str().unwrap_or_default().to_owned())
    }
}

async fn a_page_shows_what_only_it_knows_or_changes_nothing() {
    let server = Server::start().await;
    let page = Page::open(&server).await;
    let other = Page::open(&server).await;
    let (get, post, path) = (Method::GET, Method::POST, "/api/agencies");
    assert_eq!(page.ask(get.clone(), path, &[]).await.0, 200, "reading needs nothing more");
    let csrf = (403, "session.csrf".to_owned());
    assert_eq!(page.ask(post.clone(), path, &[]).await, csrf);
    assert_eq!(page.ask(post.clone(), path, &[("x-mizan-csrf", "guessed")]).await, csrf);
    assert_eq!(page.ask(post.clone(), path, &[("x-mizan-csrf", &other.csrf)]).await, csrf);
    let own = ("x-mizan-csrf", page.csrf.as_str());
    assert_eq!(page.ask(post.clone(), path, &[own]).await.0, 200);
    let from = |site: &'static str| [own, ("sec-fetch-site", site)];
    assert_eq!(page.ask(post.clone(), path, &from("same-origin")).await.0, 200);
    assert_eq!(page.ask(post.clone(), path, &from("cross-site")).await, csrf);
    assert_eq!(page.ask(get.clone(), path, &from("cross-site")).await.0, 200);

    let token = page.cookie.split_once('=').unwrap().1;
    let bearer = format!("Bearer {token}");
    let ended = (401, "session.ended".to_owned());
    assert_eq!(page.ask(get.clone(), path, &[("authorization", &bearer)]).await, ended);
    let program = server.sign_in("admin").await.token.unwrap();
    let cookie = format!("__Host-mizan={program}");
    assert_eq!(page.ask(get.clone(), path, &[("cookie", &cookie)]).await, ended);

    assert_eq!(page.ask(Method::DELETE, "/api/session", &[]).await, csrf);
    assert_eq!(page.ask(Method::DELETE, "/api/session", &[own]).await.0, 204);
    assert_eq!(page.ask(get.clone(), path, &[]).await, ended);
    assert_eq!(other.ask(get, path, &[]).await.0, 200);
}

/// Signs in by a device's key.
async fn by_key(url: &str, device: DeviceId, key: &SecretKey) -> Result<Session, (u16, ErrorBody)> {
    let guest = Caller { url: url.to_owned(), token: None, person: None };
    let asked = json!({ "device": device });
    let given: Challenge = guest.post("/api/session/challenge", &asked).await;
    let text = device_session_text(device, &given.challenge);
    let signature = key.sign(text.as_bytes());
    let body = json!({ "device": device, "challenge": given.challenge, "signature": signature });
    let (status, body) = guest.answer(Method::POST, "/api/session/device", body).await;
    match status {
        200 => Ok(serde_json::from_value(body).unwrap()),
        _ => Err((status, serde_json::from_value(body).unwrap())),
    }
}

async fn caller_by_key(device: &Device) -> Caller {
    let session = by_key(&device.caller.url, device.id, &device.key).await.unwrap();
    assert_eq!(session.expires_in, 15 * 60);
    Caller { token: Some(session.token.clone()), ..device.caller.clone() }
}

async fn a_token_whose_place_was_taken_ends_its_family_and_nobody_elses() {
    let programme = Programme::start().await;
    let rasha = programme.person("rasha", "evaluator", |_| {}).await;
    let (first, second) = (Device::enrol(&rasha, 1).await, Device::enrol(&rasha, 2).await);
    let other = caller_by_key(&second).await;
    let copied = caller_by_key(&first).await;
    assert!(!ended(&copied).await);
    let newer = caller_by_key(&first).await;
    assert!(!ended(&newer).await);
    assert!(ended(&copied).await, "whoever uses it is not the device");
    assert!(ended(&newer).await, "so nobody is sure to be");
    assert!(!ended(&other).await && !ended(&rasha).await);
    let again = caller_by_key(&first).await;
    assert!(!ended(&again).await, "the device signs in by its key and goes on");
    later(15 * MINUTE + 1);
    assert!(ended(&again).await && ended(&other).await && !ended(&rasha).await);
}

async fn a_sign_in_whose_answer_was_lost_harms_nobody() {
    let programme = Programme::start().await;
    let rasha = programme.person("rasha", "evaluator", |_| {}).await;
    let device = Device::enrol(&rasha, 1).await;
    for _ in 0..3 {
        drop(caller_by_key(&device).await);
    }
    let held = caller_by_key(&device).await;
    for _ in 0..3 {
        later(MINUTE);
        assert!(!ended(&held).await);
    }
}

async fn an_enrolment_code_enrols_one_device_of_one_person_once() {
    let programme = Programme::start().await;
    let server = &programme.server;
    let rasha = programme.person("rasha", "evaluator", |_| {}).await;
    let omar = programme.person("omar", "evaluator", |_| {}).await;
    let central = programme.person("central", "central_team", |_| {}).await;
    let issue = async |of: &Caller| -> EnrolmentCode {
        central.post(&format!("/api/people/{}/enrolment-code", of.id()), &json!({})).await
    };
    let earlier = issue(&rasha).await;
    let code = issue(&rasha).await;
    assert_eq!(code.expires_at, clock() + 72 * HOUR);
    assert_eq!(code.code.split('-').map(str::len).collect::<Vec<_>>(), [5, 5, 5, 5]);
    let refused = (401, "session.refused");
    assert_eq!(told(&try_password(server, "rasha", &earlier.code).await), refused, "replaced");
    assert_eq!(told(&try_password(server, "omar", &code.code).await), refused, "another's");
    let typed = code.code.to_lowercase().replace('-', " ");
    let (status, session) = try_password(server, "rasha", &typed).await;
    assert_eq!(status, 200, "{session}");
    assert_eq!(told(&try_password(server, "rasha", &code.code).await), refused, "only once");

    let token = session["token"].as_str().unwrap().to_owned();
    let enrolling = Caller { token: Some(token), ..rasha.clone() };
    let closed = (404, "request.not_found");
    for (path, body) in [
        ("/api/sync/pull", json!({})),
        ("/api/sync/push", json!({ "operations": [] })),
        ("/api/session/password", json!({ "old": PASSWORD, "new": "walnut kettle orbit" })),
        ("/api/session/totp", json!({})),
    ] {
        assert_eq!(told(&enrolling.answer(Method::POST, path, body).await), closed, "{path}");
    }
    let device = Device::enrol(&enrolling, 1).await;
    let again = Device::enrol(&enrolling, 1).await;
    assert_eq!(device.id, again.id, "an answer that was lost is asked for again");
    let second = EnrolDevice { name: "x".into(), public_key: seeded(2).public() };
    let second = serde_json::to_value(&second).unwrap();
    assert_eq!(told(&enrolling.answer(Method::POST, "/api/devices", second).await), closed);
    assert!(!ended(&caller_by_key(&device).await).await, "the key signs in from now on");

    let late = issue(&omar).await;
    later(72 * HOUR);
    assert_eq!(told(&try_password(server, "omar", &late.code).await), refused);
    let admin = programme.server.sign_in("admin").await;
    let path = format!("/api/people/{}/enrolment-code", central.id());
    let not_evaluator = admin.answer(Method::POST, &path, json!({})).await;
    assert_eq!(told(&not_evaluator), closed, "only evaluators have devices");
}

fn seeded(seed: u8) -> SecretKey {
    SecretKey::from_seed(&zeroize::Zeroizing::new([seed; 32]))
}

async fn a_revoked_device_is_told_so_and_its_order_and_a_stranger_is_told_nothing() {
    let programme = Programme::start().await;
    let (url, admin) = (&programme.server.url, &programme.admin);
    let rasha = programme.person("rasha", "evaluator", |_| {}).await;
    let omar = programme.person("omar", "evaluator", |_| {}).await;
    let request = EnrolDevice { name: "tablet".into(), public_key: seeded(1).public() };
    let enrolled: EnrolledDevice = rasha.post("/api/devices", &request).await;
    let device = Device {
        caller: rasha.clone(),
        id: enrolled.device,
        key: seeded(1),
        bundle_key: enrolled.bundle_key,
        server_key: enrolled.server_key,
    };
    let held = caller_by_key(&device).await;
    let session = by_key(url, device.id, &device.key).await.unwrap();
    assert!(session.server_key.is_some() && session.server_key == enrolled.server_key);
    let listed: Vec<DeviceJson> = admin.get("/api/devices").await;
    let row = &listed[0];
    assert_eq!((row.id, row.owner, row.user.as_str()), (device.id, rasha.id(), "rasha"));
    assert_eq!((row.last_seen_at, row.revoked_at), (Some(clock()), None));

    later(MINUTE);
    let revoke = async |body: Value| {
        let path = format!("/api/devices/{}/revoke", device.id);
        assert_eq!(admin.answer(Method::POST, &path, body).await.0, 204);
    };
    revoke(json!({})).await;
    assert!(ended(&held).await, "at once");
    let refused = async |key: &SecretKey| by_key(url, device.id, key).await.unwrap_err();
    let bare = refused(&device.key).await;
    assert_eq!(bare, (409, ErrorBody::new("device.revoked")), "no order was given");
    revoke(json!({ "wipe": true })).await;
    let ordered_at = clock();
    later(MINUTE);
    revoke(json!({ "wipe": false })).await;
    let (status, ordered) = refused(&device.key).await;
    assert_eq!((status, ordered.code.as_str()), (409, "device.revoked"));
    let order = WipeOrder::read(&ordered, device.id, &session.server_key.unwrap()).unwrap();
    assert_eq!(order, WipeOrder { device: device.id, at: ordered_at }, "an order stays given");

    let stranger = (401, ErrorBody::new("session.refused"));
    assert_eq!(refused(&seeded(9)).await, stranger, "who has not its key");
    let unknown = by_key(url, DeviceId(fresh()), &device.key).await.unwrap_err();
    assert_eq!(unknown, stranger);
    let body = serde_json::to_value(&request).unwrap();
    let own = rasha.answer(Method::POST, "/api/devices", body.clone()).await;
    assert_eq!(told(&own), (409, "device.revoked"));
    let others = omar.answer(Method::POST, "/api/devices", body).await;
    assert_eq!(told(&others), (404, "request.not_found"));
    let listed: Vec<DeviceJson> = admin.get("/api/devices").await;
    assert_eq!(listed[0].revoked_at, Some(ordered_at), "the first revocation counts");
    assert_eq!(listed[0].wipe_ordered_at, Some(ordered_at));
}

async fn a_closed_account_is_closed_everywhere_until_it_is_opened() {
    let programme = Programme::start().await;
    let rasha = programme.person("rasha", "evaluator", |_| {}).await;
    let device = Device::enrol(&rasha, 1).await;
    let held = caller_by_key(&device).await;
    let path = format!("/api/people/{}", rasha.id());
    let code: EnrolmentCode =
        programme.admin.post(&format!("{path}/enrolment-code"), &json!({})).await;
    let set = async |path: &str, active: bool| {
        programme.admin.answer(Method::POST, path, json!({ "active": active })).await
    };
    let own = format!("/api/people/{}", programme.admin.id());
    assert_eq!(told(&set(&own, false).await), (409, "account.own"));
    assert_eq!(set(&path, false).await.0, 204);
    assert!(ended(&rasha).await && ended(&held).await);
    let refused = (401, "session.refused");
    let server = &programme.server;
    assert_eq!(told(&try_password(server, "rasha", PASSWORD).await), refused);
    let (status, error) = by_key(&server.url, device.id, &device.key).await.unwrap_err();
    assert_eq!((status, error.code.as_str()), refused);
    assert_eq!(set(&path, true).await.0, 204);
    assert!(ended(&rasha).await, "what has ended stays so");
    assert_eq!(told(&try_password(server, "rasha", &code.code).await), refused);
    assert_eq!(try_password(server, "rasha", PASSWORD).await.0, 200);
    assert!(!ended(&caller_by_key(&device).await).await);
}

/// What so many challenges are answered, asked for in the name of an address.
async fn challenges(
    server: &Server,
    count: usize,
    forwarded: &str,
) -> Vec<(StatusCode, Option<u64>)> {
    let client = reqwest::Client::new();
    let mut answers = Vec::new();
    for _ in 0..count {
        let request = client
            .post(format!("{}/api/session/challenge", server.url))
            .header("x-forwarded-for", forwarded)
            .json(&json!({ "device": fresh() }));
        let response = request.send().await.unwrap();
        let after = response.headers().get("retry-after");
        let after = after.map(|value| value.to_str().unwrap().parse().unwrap());
        let status = response.status();
        if status == StatusCode::TOO_MANY_REQUESTS {
            assert_eq!(response.headers()["x-content-type-options"], "nosniff");
            let error: ErrorBody = response.json().await.unwrap();
            assert_eq!(error.code, "server.too_many");
            assert_eq!(error.params["seconds"], after.unwrap_or(0u64).to_string());
        }
        answers.push((status, after));
    }
    answers
}

async fn one_address_may_ask_so_much_and_no_more() {
    let doors: fn(Config) -> Config =
        |config| Config { limits: Limits { sign_in: RATE, ..Limits::none() }, ..config };
    let server = Server::start_as(doors).await;
    let first = challenges(&server, 3, "198.51.100.1").await;
    assert_eq!(first, [(StatusCode::OK, None); 3]);
    // More would be served if each took a second.
    let more = challenges(&server, 30, "198.51.100.2").await;
    let refused = more.iter().filter(|(status, _)| *status == StatusCode::TOO_MANY_REQUESTS);
    assert!(refused.clone().count() > 0, "what a client writes is not believed");
    assert!(refused.clone().all(|(_, after)| *after >= Some(1)));
    let anybody = guest(&server);
    for _ in 0..40 {
        let refused = anybody.answer(Method::GET, "/api/agencies", Value::Null).await;
        assert_eq!(told(&refused), (401, "session.ended"), "other routes are as open as ever");
    }

    let behind_proxy: fn(Config) -> Config = |config| Config {
        limits: Limits { sign_in: RATE, all: None, address: AddressFrom::Proxy },
        ..config
    };
    let server = Server::start_as(behind_proxy).await;
    for address in ["198.51.100.1", "203.0.113.9, 198.51.100.2"] {
        assert_eq!(challenges(&server, 3, address).await, [(StatusCode::OK, None); 3]);
    }
    let spoofed = challenges(&server, 30, "192.0.2.77, 198.51.100.2").await;
    assert!(spoofed.iter().any(|(status, _)| *status == StatusCode::TOO_MANY_REQUESTS));

    let all: fn(Config) -> Config =
        |config| Config { limits: Limits { all: RATE, ..Limits::none() }, ..config };
    let server = Server::start_as(all).await;
    let mut statuses = Vec::new();
    for _ in 0..30 {
        statuses.push(guest(&server).answer(Method::GET, "/health", Value::Null).await.0);
    }
    assert!(statuses[..3].iter().all(|status| *status == 200) && statuses.contains(&429));
}
