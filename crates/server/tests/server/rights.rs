//! Who is admitted to which route: a row for every route of the server's own description, and every role
//! at every door.

use std::collections::BTreeSet;

use mizan_domain::role::Role;
use mizan_protocol::api::{
    CentreResult, NewPerson, PublishedScorecard, ReviewItem, ScheduledPublication, VisitJson,
};
use mizan_protocol::canonical::{Digest, canonical_json};
use mizan_protocol::evaluation::EvidenceRef;
use mizan_protocol::id::{
    ActionId, AgencyId, AppealId, CentreId, CycleId, DeviceId, MeetingId, OperationId, PersonId,
    PublicationId, RecordId, ScorecardId, UploadId, VisitId,
};
use mizan_protocol::meeting::MeetingJson;
use mizan_protocol::sync::{Operation, PullResponse};
use mizan_server::store::Store;
use mizan_server::tx::{Engine, Tx};
use reqwest::Method;
use serde_json::{Value, json};

use crate::engines::on_both_engines;
use crate::evidence::{photo, upload};
use crate::harness::{
    BRIEF, Caller, Device, PASSWORD, Programme, SECRET, SINCE_UPLOADS, engine, fresh, rubric,
};

on_both_engines! {
    each_role_meets_each_route_as_the_table_says,
    coordinators_read_what_is_published_of_their_agency_and_observers_of_all,
    what_was_published_before_coordinators_had_a_stream_is_in_it_after_the_upgrade,
}

const ANONYMOUS: &str = "anonymous";
const ADMINISTRATOR: &[&str] = &["administrator"];
const OFFICE: &[&str] = &["administrator", "central_team"];
const STEPS: &[&str] = &["administrator", "central_team", "committee_chair"];
const EVALUATOR: &[&str] = &["evaluator"];
const REVIEWER: &[&str] = &["reviewer"];
const CHAIR: &[&str] = &["committee_chair"];
const RESULTS: &[&str] = &["central_team", "committee_chair", "committee_member"];
const EVIDENCE: &[&str] =
    &["central_team", "evaluator", "reviewer", "committee_chair", "committee_member"];
const COMMITTEE: &[&str] = &["committee_chair", "committee_member"];
const PREPARERS: &[&str] = &["central_team", "committee_chair"];
const MAPPERS: &[&str] = &["rubric_editor", "central_team"];
const MAPPINGS: &[&str] = &["rubric_editor", "central_team", "committee_chair", "committee_member"];
const RUBRICS: &[&str] =
    &["administrator", "rubric_editor", "central_team", "committee_chair", "committee_member"];
const CYCLES: &[&str] = &["administrator", "central_team", "committee_chair", "committee_member"];
const SCORECARDS: &[&str] =
    &["committee_chair", "committee_member", "coordinator", "manager", "observer"];
const CENTRES: &[&str] = &["coordinator", "manager"];
const ACTIONS: &[&str] =
    &["central_team", "committee_chair", "committee_member", "coordinator", "manager"];
const HEARERS: &[&str] = &["central_team", "reviewer", "committee_chair", "committee_member"];
const APPEALS: &[&str] =
    &["central_team", "reviewer", "committee_chair", "committee_member", "coordinator", "manager"];
const SIGNED_IN: &[&str] = &[
    "administrator",
    "rubric_editor",
    "central_team",
    "evaluator",
    "reviewer",
    "committee_chair",
    "committee_member",
    "coordinator",
    "manager",
    "observer",
];
/// Everybody, with a session or without.
const OPEN: &[&str] = &[
    ANONYMOUS,
    "administrator",
    "rubric_editor",
    "central_team",
    "evaluator",
    "reviewer",
    "committee_chair",
    "committee_member",
    "coordinator",
    "manager",
    "observer",
];

/// Who is admitted to which route.
pub const TABLE: &[(&str, &str, &[&str])] = &[
    ("POST", "/api/session", OPEN),
    ("GET", "/api/session", OPEN),
    ("DELETE", "/api/session", SIGNED_IN),
    ("GET", "/api/sessions", SIGNED_IN),
    ("DELETE", "/api/sessions", SIGNED_IN),
    ("POST", "/api/session/challenge", OPEN),
    ("POST", "/api/session/device", OPEN),
    ("POST", "/api/session/password", SIGNED_IN),
    ("POST", "/api/session/totp", SIGNED_IN),
    ("POST", "/api/session/totp/confirm", SIGNED_IN),
    ("GET", "/api/devices", OFFICE),
    ("POST", "/api/devices", EVALUATOR),
    ("POST", "/api/devices/{device}/revoke", OFFICE),
    ("GET", "/api/agencies", OFFICE),
    ("POST", "/api/agencies", ADMINISTRATOR),
    ("POST", "/api/agencies/{agency}", ADMINISTRATOR),
    ("GET", "/api/centres", OFFICE),
    ("POST", "/api/centres/{centre}", ADMINISTRATOR),
    ("POST", "/api/centres", ADMINISTRATOR),
    ("GET", "/api/people", OFFICE),
    ("POST", "/api/people", ADMINISTRATOR),
    ("POST", "/api/people/{person}", ADMINISTRATOR),
    ("POST", "/api/people/{person}/enrolment-code", OFFICE),
    ("POST", "/api/people/{person}/password", ADMINISTRATOR),
    ("DELETE", "/api/people/{person}/totp", ADMINISTRATOR),
    ("GET", "/api/rubrics", OFFICE),
    ("POST", "/api/rubrics", ADMINISTRATOR),
    ("POST", "/api/rubrics/check", ADMINISTRATOR),
    ("GET", "/api/rubrics/{rubric}", RUBRICS),
    ("GET", "/api/cycles", CYCLES),
    ("POST", "/api/cycles", ADMINISTRATOR),
    ("GET", "/api/cycles/{cycle}/setup", OFFICE),
    ("POST", "/api/cycles/{cycle}/notice", ADMINISTRATOR),
    ("POST", "/api/cycles/{cycle}/step", STEPS),
    ("GET", "/api/cycles/{cycle}/retention", OFFICE),
    ("PUT", "/api/cycles/{cycle}/retention", ADMINISTRATOR),
    ("POST", "/api/cycles/{cycle}/purge", ADMINISTRATOR),
    ("GET", "/api/cycles/{cycle}/visits", OFFICE),
    ("POST", "/api/cycles/{cycle}/visits", OFFICE),
    ("GET", "/api/visits/{visit}", OFFICE),
    ("GET", "/api/visits/{visit}/candidates", OFFICE),
    ("POST", "/api/visits/{visit}/assign", OFFICE),
    ("POST", "/api/visits/{visit}/cancel", OFFICE),
    ("POST", "/api/visits/{visit}/expose", OFFICE),
    ("GET", "/api/audit", &["administrator", "observer"]),
    ("GET", "/api/audit/head", &["administrator", "observer"]),
    ("GET", "/api/events", SIGNED_IN),
    ("POST", "/api/imports", ADMINISTRATOR),
    ("GET", "/api/lists/agencies", OFFICE),
    ("GET", "/api/lists/audit", &["administrator", "observer"]),
    ("GET", "/api/lists/people", OFFICE),
    ("GET", "/api/lists/centres", OFFICE),
    ("GET", "/api/lists/scorecards", SCORECARDS),
    ("POST", "/api/sync/push", EVALUATOR),
    ("POST", "/api/sync/pull", SIGNED_IN),
    ("POST", "/api/evidence/missing", EVALUATOR),
    ("OPTIONS", "/api/evidence/uploads", EVALUATOR),
    ("POST", "/api/evidence/uploads", EVALUATOR),
    ("HEAD", "/api/evidence/uploads/{upload}", EVALUATOR),
    ("POST", "/api/evidence/uploads/{upload}", EVALUATOR),
    ("PATCH", "/api/evidence/uploads/{upload}", EVALUATOR),
    ("DELETE", "/api/evidence/uploads/{upload}", EVALUATOR),
    ("GET", "/api/evidence/{sha256}", EVIDENCE),
    ("POST", "/api/bundles", OFFICE),
    ("GET", "/api/quarantine", OFFICE),
    ("GET", "/api/quarantine/{operation}", OFFICE),
    ("POST", "/api/quarantine/{operation}/release", OFFICE),
    ("POST", "/api/quarantine/{operation}/set-aside", OFFICE),
    ("GET", "/api/review/queue", REVIEWER),
    ("GET", "/api/review/history", REVIEWER),
    ("GET", "/api/review/second", REVIEWER),
    ("GET", "/api/cycles/{cycle}/review-settings", &["administrator", "central_team", "reviewer"]),
    ("POST", "/api/cycles/{cycle}/review-settings", ADMINISTRATOR),
    ("POST", "/api/visits/{visit}/review", REVIEWER),
    ("GET", "/api/visits/{visit}/review", REVIEWER),
    ("POST", "/api/visits/{visit}/review/take-over", REVIEWER),
    ("POST", "/api/visits/{visit}/second", REVIEWER),
    ("POST", "/api/visits/{visit}/second/take-over", REVIEWER),
    ("POST", "/api/visits/{visit}/second/answers", REVIEWER),
    ("POST", "/api/visits/{visit}/second/submit", REVIEWER),
    ("GET", "/api/visits/{visit}/second/comparison", REVIEWER),
    ("POST", "/api/visits/{visit}/return", REVIEWER),
    ("POST", "/api/visits/{visit}/validate", REVIEWER),
    ("POST", "/api/cycles/{cycle}/centres/{centre}/critical", REVIEWER),
    ("GET", "/api/cycles/{cycle}/overview", RESULTS),
    ("GET", "/api/cycles/{cycle}/comparison/{model}", RESULTS),
    ("GET", "/api/cycles/{cycle}/comparison/{model}/since/{earlier}", RESULTS),
    ("GET", "/api/cycles/{cycle}/readings/{model}", RESULTS),
    ("GET", "/api/cycles/{cycle}/centres/{centre}", RESULTS),
    ("GET", "/api/cycles/{cycle}/centres/{centre}/levers", RESULTS),
    ("GET", "/api/cycles/{cycle}/fairness/{model}", RESULTS),
    ("GET", "/api/cycles/{cycle}/uncertainty/{model}", RESULTS),
    ("GET", "/api/cycles/{cycle}/ratings/{model}", RESULTS),
    ("GET", "/api/rubrics/{earlier}/mapping/{later}", MAPPINGS),
    ("PUT", "/api/rubrics/{earlier}/mapping/{later}", MAPPERS),
    ("GET", "/api/cycles/{cycle}/committee-rules", CYCLES),
    ("PUT", "/api/cycles/{cycle}/committee-rules", ADMINISTRATOR),
    ("GET", "/api/cycles/{cycle}/meetings", RESULTS),
    ("POST", "/api/cycles/{cycle}/meetings", PREPARERS),
    ("GET", "/api/meetings/{meeting}", RESULTS),
    ("POST", "/api/meetings/{meeting}", PREPARERS),
    ("POST", "/api/meetings/{meeting}/step", CHAIR),
    ("GET", "/api/meetings/{meeting}/minutes", RESULTS),
    ("GET", "/api/meetings/{meeting}/minutes/pdf", RESULTS),
    ("POST", "/api/meetings/{meeting}/centres/{centre}/step", CHAIR),
    ("POST", "/api/meetings/{meeting}/centres/{centre}/vote", COMMITTEE),
    ("POST", "/api/meetings/{meeting}/centres/{centre}/notes", COMMITTEE),
    ("POST", "/api/meetings/{meeting}/centres/{centre}/dissents", COMMITTEE),
    ("POST", "/api/meetings/{meeting}/centres/{centre}/recusals", COMMITTEE),
    ("GET", "/api/cycles/{cycle}/publications", RESULTS),
    ("POST", "/api/cycles/{cycle}/publications", CHAIR),
    ("POST", "/api/publications/{publication}/cancel", CHAIR),
    ("GET", "/api/cycles/{cycle}/results", RESULTS),
    ("GET", "/api/cycles/{cycle}/centres/{centre}/explanation", RESULTS),
    ("POST", "/api/cycles/{cycle}/centres/{centre}/decision", CHAIR),
    ("GET", "/api/scorecards", SCORECARDS),
    ("GET", "/api/scorecards/{scorecard}/pdf", SCORECARDS),
    ("GET", "/api/scorecards/{scorecard}", SCORECARDS),
    ("POST", "/api/scorecards/{scorecard}/appeals", CENTRES),
    ("GET", "/api/lists/actions", ACTIONS),
    ("GET", "/api/actions/{action}", ACTIONS),
    ("POST", "/api/actions/{action}", CENTRES),
    ("GET", "/api/lists/appeals", APPEALS),
    ("GET", "/api/appeals/{appeal}", APPEALS),
    ("GET", "/api/appeals/{appeal}/case", HEARERS),
    ("POST", "/api/appeals/{appeal}/preview", HEARERS),
    ("POST", "/api/appeals/{appeal}/ruling", HEARERS),
    ("POST", "/api/appeals/{appeal}/withdraw", CENTRES),
    ("POST", "/api/appeals/{appeal}/files", CENTRES),
    ("GET", "/api/appeals/{appeal}/files/{sha256}", APPEALS),
];

/// A published cycle with everything in it that a path can name, and somebody of each role.
pub struct World {
    programme: Programme,
    people: Vec<Caller>,
    visit: VisitJson,
    device: Device,
    evidence: Digest,
    scorecards: Vec<PublishedScorecard>,
    /// Something that was refused.
    refused: OperationId,
    publication: PublicationId,
    /// What the first centre is to do about a remark.
    action: ActionId,
    /// The first centre's, against its scorecard.
    appeal: AppealId,
    /// Closed: its minutes are made, and nothing in it changes.
    meeting: MeetingId,
    /// An evaluator nobody else needs.
    spare: Caller,
}

impl World {
    pub async fn publish() -> Self {
        let programme = Programme::start().await;
        let mut people = Vec::new();
        for role in Role::ALL {
            let (centre, agency) = (programme.centres[0].id, programme.agencies[0].id);
            let change = |new: &mut NewPerson| {
                new.centre = (*role == Role::Manager).then_some(centre);
                new.agency = (*role == Role::Coordinator).then_some(agency);
            };
            let user = format!("the.{}", role.word());
            people.push(programme.person(&user, role.word(), change).await);
        }
        let spare = programme.person("spare", "evaluator", |_| {}).await;
        let of = |role: Role| &people[Role::ALL.iter().position(|of| *of == role).unwrap()];
        let evaluator = of(Role::Evaluator);
        let mut visits = Vec::new();
        for centre in 0..2 {
            let visit = programme.plan(centre, "unannounced").await;
            programme.assign(visit.id, evaluator).await;
            visits.push(visit);
        }
        programme.open().await;
        let device = Device::enrol(evaluator, 1).await;
        let evidence = submit(&programme, &device, &visits).await;
        let refused = OperationId(fresh());
        let record = crate::harness::record(RecordId(fresh()), "dream", 0, json!({}));
        device.push(vec![Operation { op_id: refused, record }]).await;
        for item in of(Role::Reviewer).get::<Vec<ReviewItem>>("/api/review/queue").await {
            for step in ["review", "validate"] {
                let path = format!("/api/visits/{}/{step}", item.visit);
                of(Role::Reviewer).post::<Value>(&path, &json!({})).await;
            }
        }
        let chair = of(Role::CommitteeChair);
        publish(&programme, chair).await;
        let scorecards: Vec<PublishedScorecard> = chair.get("/api/scorecards").await;
        let (action, appeal) = reply(of(Role::Manager), &scorecards).await;
        let out: Vec<ScheduledPublication> = chair.get(&programme.path("publications")).await;
        let publication = out[0].id;
        let meeting = hold_meeting(&programme, chair).await;
        let visit = visits.remove(0);
        Self {
            programme,
            people,
            visit,
            device,
            evidence,
            scorecards,
            refused,
            publication,
            action,
            appeal,
            meeting,
            spare,
        }
    }

    pub fn of(&self, role: Role) -> &Caller {
        &self.people[Role::ALL.iter().position(|of| *of == role).unwrap()]
    }

    fn scorecard(&self, centre: &str) -> ScorecardId {
        self.scorecards.iter().find(|card| card.scorecard.centre == centre).unwrap().id
    }

    fn path(&self, path: &str) -> String {
        self.ids().path(path)
    }

    fn body(&self, route: &str) -> Value {
        self.ids().body(route)
    }

    fn ids(&self) -> Ids {
        Ids {
            action: self.action,
            agency: self.programme.agencies[0].id,
            appeal: self.appeal,
            centre: self.programme.centres[0].id,
            cycle: self.programme.cycle,
            device: self.device.id,
            evidence: self.evidence,
            meeting: self.meeting,
            operation: self.refused,
            person: self.spare.id(),
            publication: self.publication,
            rubric: self.programme.rubric.sha256,
            scorecard: self.scorecard("C-1"),
            upload: UploadId(fresh()),
            visit: self.visit.id,
        }
    }
}

/// What paths and bodies name.
#[derive(Debug, Clone)]
pub struct Ids {
    pub action: ActionId,
    pub agency: AgencyId,
    pub appeal: AppealId,
    pub centre: CentreId,
    pub cycle: CycleId,
    pub device: DeviceId,
    pub evidence: Digest,
    pub meeting: MeetingId,
    pub operation: OperationId,
    pub person: PersonId,
    pub publication: PublicationId,
    pub rubric: Digest,
    pub scorecard: ScorecardId,
    pub upload: UploadId,
    pub visit: VisitId,
}

impl Ids {
    /// Ids of nothing.
    pub fn unknown() -> Self {
        let id = || uuid::Uuid::now_v7();
        Self {
            action: ActionId(uuid::Uuid::new_v4()),
            agency: AgencyId(id()),
            appeal: AppealId(uuid::Uuid::new_v4()),
            centre: CentreId(id()),
            cycle: CycleId(id()),
            device: DeviceId(id()),
            evidence: Digest::of(id().as_bytes()),
            meeting: MeetingId(id()),
            operation: OperationId(id()),
            person: PersonId(id()),
            publication: PublicationId(id()),
            rubric: Digest::of(id().as_bytes()),
            scorecard: ScorecardId(uuid::Uuid::new_v4()),
            upload: UploadId(id()),
            visit: VisitId(id()),
        }
    }

    pub fn path(&self, path: &str) -> String {
        let rubrics = format!("{}/mapping/{}", self.rubric, self.rubric);
        let named = if path.ends_with("/files") { "?name=words" } else { "" };
        format!("{path}{named}")
            .replace("{earlier}/mapping/{later}", &rubrics)
            .replace("{rubric}", &self.rubric.to_string())
            .replace("{earlier}", &self.cycle.to_string())
            .replace("{model}", "in_person")
            .replace("{meeting}/minutes/pdf", &format!("{}/minutes/pdf?lang=ar", self.meeting))
            .replace("{meeting}", &self.meeting.to_string())
            .replace("{publication}", &self.publication.to_string())
            .replace("{cycle}", &self.cycle.to_string())
            .replace("{visit}", &self.visit.to_string())
            .replace("{agency}", &self.agency.to_string())
            .replace("{centre}", &self.centre.to_string())
            .replace("{scorecard}/pdf", &format!("{}/pdf?lang=en", self.scorecard))
            .replace("{scorecard}", &self.scorecard.to_string())
            .replace("{action}", &self.action.to_string())
            .replace("{appeal}", &self.appeal.to_string())
            .replace("{person}", &self.person.to_string())
            .replace("{device}", &self.device.to_string())
            .replace("{sha256}", &self.evidence.to_string())
            .replace("{upload}", &self.upload.to_string())
            .replace("{operation}", &self.operation.to_string())
    }

    /// A body that the route understands, so that nothing but the caller decides.
    pub fn body(&self, route: &str) -> Value {
        let name = json!({ "ar": "اسم", "en": "Name" });
        let unique = fresh().simple().to_string();
        let key =
            mizan_protocol::signature::SecretKey::from_seed(&zeroize::Zeroizing::new([3; 32]));
        match route {
            "POST /api/session" => json!({ "user": unique, "password": "not the password" }),
            "POST /api/session/challenge" => json!({ "device": self.device }),
            "POST /api/session/device" => json!({
                "device": self.device, "challenge": "c", "signature": key.sign(b"c"),
            }),
            "POST /api/session/password" => json!({ "old": "not the password", "new": PASSWORD }),
            "POST /api/session/totp/confirm" => json!({ "code": "" }),
            "POST /api/devices" => json!({ "name": "tablet", "public_key": key.public() }),
            "POST /api/people/{person}" => json!({ "active": true }),
            "POST /api/people/{person}/password" => json!({ "new": PASSWORD }),
            "POST /api/agencies/{agency}" | "POST /api/centres/{centre}" => json!({ "name": name }),
            "POST /api/agencies" => json!({ "code": unique, "name": name }),
            "POST /api/centres" => json!({
                "code": unique, "agency": self.agency, "model": "remote",
                "name": name,
            }),
            "POST /api/people" => json!({
                "user": unique, "password": PASSWORD, "name": name, "role": "reviewer",
            }),
            "POST /api/rubrics" => rubric(),
            "POST /api/rubrics/check" => json!({ "text": "" }),
            "POST /api/imports" => json!({
                "kind": "agencies", "text": format!("code,name_ar,name_en\n{unique},اسم,Name\n"),
            }),
            "POST /api/cycles" => json!({
                "number": unique, "name": name, "programme": name, "rubrics": [], "centres": [],
            }),
            "POST /api/cycles/{cycle}/notice" => {
                json!({ "date": "2026-10-20", "text": name, "recipients": "all" })
            }
            "PUT /api/cycles/{cycle}/retention" => json!({ "days": 90 }),
            "POST /api/cycles/{cycle}/step" => json!({ "event": "open" }),
            "POST /api/cycles/{cycle}/visits" => json!({
                "centre": self.centre, "kind": "unannounced",
                "from": "2026-11-02", "to": "2026-11-13", "scenario": name,
            }),
            "POST /api/visits/{visit}/assign" => json!({ "evaluator": self.person }),
            "POST /api/quarantine/{operation}/set-aside"
            | "POST /api/publications/{publication}/cancel"
            | "POST /api/visits/{visit}/cancel"
            | "POST /api/visits/{visit}/expose" => {
                json!({ "reason": "a reason" })
            }
            "PUT /api/rubrics/{earlier}/mapping/{later}" => json!({ "lines": [] }),
            "PUT /api/cycles/{cycle}/committee-rules" => {
                json!({ "quorum": 1, "only_in_meetings": false })
            }
            "POST /api/cycles/{cycle}/meetings" => json!({ "date": "2026-12-01" }),
            "POST /api/meetings/{meeting}" => json!({ "add": [] }),
            "POST /api/meetings/{meeting}/step" => json!({ "event": "close" }),
            "POST /api/meetings/{meeting}/centres/{centre}/step" => json!({ "event": "defer" }),
            "POST /api/meetings/{meeting}/centres/{centre}/vote" => json!({ "choice": "agree" }),
            "POST /api/meetings/{meeting}/centres/{centre}/notes"
            | "POST /api/meetings/{meeting}/centres/{centre}/dissents" => {
                json!({ "text": "words" })
            }
            "POST /api/meetings/{meeting}/centres/{centre}/recusals" => {
                json!({ "reason": "a reason" })
            }
            "POST /api/cycles/{cycle}/publications" => json!({ "centres": [] }),
            "POST /api/scorecards/{scorecard}/appeals" => {
                json!({ "criterion": "P2", "ground": "factual_error", "text": "it is not so" })
            }
            "POST /api/actions/{action}" => {
                json!({ "revision": 0, "state": "open", "owner": "the counter", "evidence": "" })
            }
            "POST /api/appeals/{appeal}/preview" => json!({ "corrections": [] }),
            "POST /api/appeals/{appeal}/ruling" => {
                json!({ "ruling": "refused", "reason": "it is so" })
            }
            "POST /api/devices/{device}/revoke" => json!({ "wipe": false }),
            "POST /api/sync/push" => json!({ "operations": [] }),
            "POST /api/evidence/missing" => json!({ "sha256": [] }),
            "POST /api/visits/{visit}/return" => json!({ "questions": [] }),
            "POST /api/visits/{visit}/review/take-over"
            | "POST /api/visits/{visit}/second/take-over" => json!({ "reason": "a reason" }),
            "POST /api/visits/{visit}/second/answers" => {
                json!({ "criterion": "P1", "value": true })
            }
            "POST /api/cycles/{cycle}/review-settings" => {
                json!({ "outlier_points": 20, "tolerance_points": 10, "second_share": 10 })
            }
            "POST /api/cycles/{cycle}/centres/{centre}/critical" => {
                json!({ "criterion": "P1", "confirmed": false, "reason": "a reason" })
            }
            "POST /api/cycles/{cycle}/centres/{centre}/decision" => {
                json!({ "scorecard_sha256": self.evidence })
            }
            _ => json!({}),
        }
    }
}

/// Submits both visits, the first with a photo.
async fn submit(programme: &Programme, device: &Device, visits: &[VisitJson]) -> Digest {
    let photo = photo(1, 60);
    let sha256 = Digest::of(&photo);
    for (at, visit) in visits.iter().enumerate() {
        device.accept(visit.id, &programme.rubric).await;
        let mut document = device.document(visit, &programme.rubric, true, "75");
        if at == 0 {
            document.evidence.push(EvidenceRef {
                criterion: "P1".into(),
                kind: "photo".into(),
                sha256,
                media_type: "image/jpeg".into(),
                bytes: photo.len() as u64,
            });
        }
        device.submit(&document).await;
    }
    assert_eq!(upload(&device.caller, &photo).await.status, 204);
    sha256
}

/// A meeting that left its centre to another.
async fn hold_meeting(programme: &Programme, chair: &Caller) -> MeetingId {
    let rules = json!({ "quorum": 1, "only_in_meetings": false });
    let path = programme.path("committee-rules");
    assert_eq!(programme.admin.answer(Method::PUT, &path, rules).await.0, 200);
    let new = json!({ "date": "2026-12-01", "centres": [programme.centres[0].id] });
    let meeting: MeetingJson = chair.post(&programme.path("meetings"), &new).await;
    let path = format!("/api/meetings/{}", meeting.id);
    chair.post::<Value>(&path, &json!({ "present": [chair.id()] })).await;
    chair.post::<Value>(&format!("{path}/step"), &json!({ "event": "open" })).await;
    let item = format!("{path}/centres/{}/step", programme.centres[0].id);
    chair.post::<Value>(&item, &json!({ "event": "defer" })).await;
    chair.post::<Value>(&format!("{path}/step"), &json!({ "event": "close" })).await;
    meeting.id
}

async fn publish(programme: &Programme, chair: &Caller) {
    programme.step(&programme.admin, "close_field_work").await;
    let results: Vec<CentreResult> = chair.get(&programme.path("results")).await;
    for result in &results {
        let sha256 = Digest::of(canonical_json(&result.scorecard).unwrap().as_bytes());
        let path = programme.path(&format!("centres/{}/decision", result.centre.id));
        let text = json!({ "ar": "تحسين", "en": "Improve" });
        let remarks = json!([{ "criterion": "P2", "kind": "improvement", "text": text }]);
        let decision = json!({ "scorecard_sha256": sha256, "remarks": remarks });
        chair.post::<Value>(&path, &decision).await;
    }
    programme.step(chair, "decide").await;
    programme.step(chair, "publish").await;
}

/// The action that a manager has, and an appeal.
async fn reply(manager: &Caller, cards: &[PublishedScorecard]) -> (ActionId, AppealId) {
    let actions: Value = manager.get("/api/lists/actions").await;
    let card = cards.iter().find(|card| card.scorecard.centre == "C-1").unwrap();
    let new = json!({ "criterion": "P2", "ground": "factual_error", "text": "it is not so" });
    let appeal: Value = manager.post(&format!("/api/scorecards/{}/appeals", card.id), &new).await;
    let id = |of: &Value| of["id"].as_str().unwrap().parse::<uuid::Uuid>().unwrap();
    // The very picture of the visit, so that one digest names both.
    let files = format!("/api/appeals/{}/files?name=picture", id(&appeal));
    manager.post_bytes(&files, photo(1, 60)).await;
    (ActionId(id(&actions["rows"][0])), AppealId(id(&appeal)))
}

pub fn described() -> BTreeSet<(String, String)> {
    let description = serde_json::to_value(mizan_server::routes::openapi()).unwrap();
    let mut routes = BTreeSet::new();
    for (path, methods) in description["paths"].as_object().unwrap() {
        for method in methods.as_object().unwrap().keys().filter(|key| *key != "parameters") {
            routes.insert((method.to_uppercase(), path.clone()));
        }
    }
    routes
}

#[test]
fn every_route_has_one_row_and_every_row_a_route() {
    let rows: Vec<(String, String)> =
        TABLE.iter().map(|(method, path, _)| ((*method).into(), (*path).into())).collect();
    let unique: BTreeSet<(String, String)> = rows.iter().cloned().collect();
    assert_eq!(unique.len(), rows.len(), "no route has two rows");
    assert_eq!(unique, described());
    let words: Vec<&str> = Role::ALL.iter().map(|role| role.word()).collect();
    assert_eq!(SIGNED_IN, words);
}

async fn each_role_meets_each_route_as_the_table_says() {
    let world = World::publish().await;
    let guest = Caller { token: None, person: None, ..world.programme.admin.clone() };
    let roles = Role::ALL.iter().map(|role| (role.word(), world.of(*role)));
    let mut wrong = Vec::new();
    for (who, caller) in roles.chain([(ANONYMOUS, &guest)]) {
        for (method, path, admitted) in TABLE {
            let route = format!("{method} {path}");
            let caller = match (route.as_str(), &caller.person) {
                // It ends the session it is called with.
                ("DELETE /api/session", Some(person)) => {
                    &world.programme.server.sign_in(&person.user).await
                }
                _ => caller,
            };
            let (url, body) = (world.path(path), world.body(&route));
            let (status, answer) = match route.as_str() {
                // It does not end by itself.
                "GET /api/events" => caller.begin(&url).await,
                _ => caller.answer(method.parse().unwrap(), &url, body).await,
            };
            let mut code = answer["code"].as_str().unwrap_or_default().to_owned();
            if *method == "HEAD" {
                // It has no body to say more.
                code = match status {
                    401 => "session.ended".to_owned(),
                    404 => "request.not_found".to_owned(),
                    _ => code,
                };
            }
            let is_refused = match who {
                ANONYMOUS => (status, code.as_str()) == (401, "session.ended"),
                _ => (status, code.as_str()) == (404, "request.not_found"),
            };
            let is_understood = status < 500 && (status, code.as_str()) != (422, "request.invalid");
            let is_admitted = admitted.contains(&who);
            if is_refused == is_admitted || !is_refused && !is_understood && *method == "POST" {
                wrong.push(format!("{who}: {route}: {status} {answer}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

async fn coordinators_read_what_is_published_of_their_agency_and_observers_of_all() {
    let world = World::publish().await;
    let (coordinator, observer) = (world.of(Role::Coordinator), world.of(Role::Observer));
    let listed = async |caller: &Caller| -> Vec<String> {
        let cards: Vec<PublishedScorecard> = caller.get("/api/scorecards").await;
        cards.into_iter().map(|card| card.scorecard.centre).collect()
    };
    assert_eq!(listed(coordinator).await, ["C-1"]);
    assert_eq!(listed(observer).await, ["C-1", "C-2"]);
    let pdf = |centre: &str| format!("/api/scorecards/{}/pdf?lang=ar", world.scorecard(centre));
    let other = coordinator.refused(Method::GET, &pdf("C-2"), Value::Null).await;
    assert_eq!(other, "request.not_found", "another agency's");
    let (_, _, bytes) = observer.raw(Method::GET, &pdf("C-2"), None).await;
    assert!(bytes.starts_with(b"%PDF-1.7"));

    let pulled: PullResponse = coordinator.pull().await;
    assert_eq!(pulled.streams.len(), 1);
    let stream = &pulled.streams[0];
    assert_eq!((stream.stream.as_str(), stream.records.len()), ("agency", 1));
    assert_eq!(stream.records[0].body["centre"], "C-1");
    assert_eq!(stream.records[0].id.0.get_version_num(), 4, "an id that tells no time");
    let mut received = serde_json::to_string(&pulled).unwrap();
    for caller in [coordinator, observer] {
        let (_, _, bytes) = caller.raw(Method::GET, "/api/scorecards", None).await;
        received += &String::from_utf8_lossy(&bytes);
    }
    let visit = world.visit.id.to_string();
    let device = world.device.id.to_string();
    for secret in [SECRET, "زيزكس", BRIEF, "the.evaluator", &visit, &device, "2026-11-02"] {
        assert!(!received.contains(secret), "{secret} is told");
    }
    let outsider = world
        .programme
        .person("elsewhere", "coordinator", |new| {
            new.agency = Some(world.programme.agencies[1].id);
        })
        .await;
    assert_eq!(listed(&outsider).await, ["C-2"]);
}

/// What the release before had: neither the stream nor anything of 0005 and later.
const BEFORE: [&str; 25] = [
    "DROP INDEX records_by_visit",
    "ALTER TABLE records DROP COLUMN visit_id",
    "DROP TABLE push_links",
    "DROP INDEX quarantine_by_state",
    "ALTER TABLE quarantine DROP COLUMN device_id",
    "ALTER TABLE quarantine DROP COLUMN state",
    "ALTER TABLE quarantine DROP COLUMN settled_by",
    "ALTER TABLE quarantine DROP COLUMN settled_at",
    "ALTER TABLE quarantine DROP COLUMN reason",
    "DROP TABLE audit",
    "DELETE FROM stream_rows WHERE stream LIKE 'A:%'",
    "DROP TABLE sign_in_tries",
    "DROP TABLE second_factors",
    "DROP TABLE enrolment_codes",
    "DROP INDEX tokens_by_person",
    "DROP INDEX tokens_by_device",
    "ALTER TABLE tokens DROP COLUMN purpose",
    "ALTER TABLE tokens DROP COLUMN csrf_hash",
    "ALTER TABLE tokens DROP COLUMN rotated_at",
    "ALTER TABLE devices DROP COLUMN last_seen_at",
    "ALTER TABLE devices DROP COLUMN wipe_ordered_at",
    "DROP TABLE upload_parts",
    "DROP TABLE uploads",
    "DROP TABLE evidence_total",
    "DROP INDEX evidence_by_person",
];

async fn what_was_published_before_coordinators_had_a_stream_is_in_it_after_the_upgrade() {
    let mut world = World::publish().await;
    let coordinator = world.of(Role::Coordinator).person.clone().unwrap().user;
    let new = world.of(Role::Coordinator).pull().await.streams.remove(0).records;
    let actions = "/api/lists/actions";
    let remarks = |listed: &Value| {
        let rows = listed["rows"].as_array().unwrap().iter();
        rows.map(|row| (row["centre"].clone(), row["remark"].clone())).collect::<Vec<_>>()
    };
    let asked = remarks(&world.of(Role::Coordinator).get(actions).await);
    world.programme.server.pause().await;
    let location = world.programme.server.location();
    let version = match engine() {
        Engine::Sqlite => vec!["PRAGMA user_version = 4"],
        Engine::Postgres => {
            vec!["DROP FUNCTION refuse_change_of_audit", "UPDATE schema_version SET version = 4"]
        }
    };
    let opened = tokio::task::spawn_blocking(move || Store::open(&location));
    let store = opened.await.unwrap().unwrap();
    let undo = move |tx: &mut dyn Tx| {
        BEFORE
            .iter()
            .chain(SINCE_UPLOADS)
            .chain(&version)
            .try_for_each(|sql| tx.exec(sql, &[]).map(drop))
    };
    store.write(undo).await.unwrap();
    drop(store);
    world.programme.server.resume().await;
    let again = world.programme.server.sign_in(&coordinator).await;
    let page = again.pull().await.streams.remove(0);
    assert_eq!((&page.records, page.records.len()), (&new, 1));
    let asked_again = remarks(&again.get(actions).await);
    assert_eq!((&asked_again, asked_again.len()), (&asked, 1), "actions for what was out before");
    assert_eq!(page.summary.unwrap().count, 1);
}
