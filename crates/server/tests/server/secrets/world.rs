//! A programme in which every text, moment and id is one of its own, so that whoever sees one of them in
//! the wrong place knows where it comes from.

use std::collections::BTreeMap;

use mizan_protocol::api::{
    AgencyJson, CentreResult, NewAgency, NewVisit, PublishedScorecard, ReviewItem, VisitJson,
};
use mizan_protocol::canonical::{Digest, canonical_json};
use mizan_protocol::evaluation::{EvaluationDocument, EvidenceRef, SealedEvaluation};
use mizan_protocol::id::{AgencyId, OperationId, RecordId, UploadId};
use mizan_protocol::record::{AcceptanceBody, BriefJson, EvaluationBody, TextJson};
use mizan_protocol::session::{EnrolDevice, EnrolledDevice, EnrolmentCode, Person};
use mizan_protocol::signature::SecretKey;
use mizan_protocol::sync::{Operation, Outcome};
use mizan_tests::planted::Planted;
use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::evidence::{begin, photo, upload};
use crate::harness::{Caller, Device, NOW, PASSWORD, Programme, call, fresh, record};
use crate::rights::Ids;

/// What an evaluator's, a reviewer's or an administrator's account is known by.
pub const PERSON: &str = "who works in the programme";
pub const DEVICE: &str = "a device";
pub const EMPLOYER: &str = "an evaluator's employer";
pub const PLAN: &str = "the plan";
pub const BRIEF: &str = "a brief";
pub const MOMENT: &str = "an exact moment";
pub const NOTE: &str = "a note for the programme";
pub const ID: &str = "an id";
pub const EVIDENCE: &str = "evidence";
pub const CREDENTIAL: &str = "a credential";

/// A word nobody has used before, in each alphabet.
fn word() -> TextJson {
    const ARABIC: [char; 16] =
        ['ب', 'ت', 'ث', 'ج', 'ح', 'خ', 'د', 'ذ', 'ر', 'ز', 'س', 'ش', 'ص', 'ض', 'ط', 'ظ'];
    let letters = b"bcdfghjklmnpqrst";
    let random = Uuid::new_v4().into_bytes().map(|byte| usize::from(byte & 0xF));
    TextJson {
        ar: random[..12].iter().map(|of| ARABIC[*of]).collect(),
        en: random.iter().map(|of| char::from(letters[*of])).collect(),
    }
}

/// Plants as it goes.
#[derive(Default)]
pub struct Planter {
    pub planted: Planted,
    seconds: i64,
}

impl Planter {
    pub fn text(&mut self, kind: &'static str) -> TextJson {
        let text = word();
        self.planted.text(kind, &text.ar);
        self.planted.text(kind, &text.en);
        text
    }

    pub fn word(&mut self, kind: &'static str) -> String {
        self.text(kind).en
    }

    /// A moment of the past, to a second that nothing else happens in.
    pub fn moment(&mut self) -> i64 {
        self.seconds += 4_201;
        let ms = NOW - 40 * 86_400_000 - self.seconds * 1_000 - 457;
        self.planted.moment(MOMENT, ms);
        ms
    }

    pub fn id(&mut self) -> Uuid {
        let id = fresh();
        self.planted.id(ID, id);
        id
    }
}

/// The photo of a visit.
fn photo_of(visit: usize) -> Vec<u8> {
    photo(91 + u8::try_from(visit).unwrap(), 60)
}

/// An evaluator with a device.
pub struct Evaluator {
    pub caller: Caller,
    pub device: Device,
}

pub struct World {
    pub programme: Programme,
    pub planter: Planter,
    /// An agency without centres, which employs the evaluators.
    pub employer: AgencyId,
    pub evaluators: Vec<Evaluator>,
    pub reviewer: Caller,
    pub chair: Caller,
    pub visits: Vec<VisitJson>,
    pub evidence: Digest,
    /// Something that was refused.
    pub refused: OperationId,
    pub upload: UploadId,
    pub scorecards: Vec<PublishedScorecard>,
    /// What the reviewer was shown.
    pub reviewed: Vec<Value>,
}

/// Which evaluator goes to which centre how.
const PLANNED: [(Option<usize>, usize, &str); 8] = [
    (Some(0), 0, "unannounced"),
    (Some(0), 1, "unannounced"),
    (Some(1), 0, "scheduled"),
    (Some(2), 0, "unannounced"),
    (Some(3), 1, "unannounced"),
    (Some(1), 1, "unannounced"),
    (None, 0, "unannounced"),
    (None, 1, "scheduled"),
];

impl World {
    /// A programme whose field work has begun: visits are planned, assigned, and one is under way.
    pub async fn begin(mut programme: Programme) -> Self {
        let mut planter = Planter::default();
        let name = planter.text(EMPLOYER);
        let new = NewAgency { code: planter.word(EMPLOYER), name };
        let employer: AgencyJson = programme.admin.post("/api/agencies", &new).await;
        planter.planted.id(EMPLOYER, employer.id.0);
        let mut evaluators = Vec::new();
        for seed in 0..4 {
            let caller = person(&programme, &mut planter, "evaluator", Some(employer.id)).await;
            let device = enrol(&mut planter, &caller, seed).await;
            evaluators.push(Evaluator { caller, device });
        }
        let reviewer = person(&programme, &mut planter, "reviewer", None).await;
        let chair = person(&programme, &mut planter, "committee_chair", None).await;
        programme.admin = named_administrator(&programme, &mut planter).await;
        let mut visits = Vec::new();
        for (evaluator, centre, kind) in PLANNED {
            let mut visit = plan(&programme, &mut planter, centre, kind).await;
            if let Some(evaluator) = evaluator {
                visit = programme.assign(visit.id, &evaluators[evaluator].caller).await;
            }
            visits.push(visit);
        }
        programme.open().await;
        let unfinished = photo(90, 400_000);
        let place = begin(&evaluators[0].caller, &unfinished).await;
        let upload = place.rsplit('/').next().unwrap().parse().unwrap();
        let UploadId(id) = upload;
        planter.planted.id(ID, id);
        let evidence = Digest::of(&photo_of(0));
        let refused = OperationId(planter.id());
        let note = json!({ "visit": visits[0].id, "note": planter.word(NOTE) });
        let refusal = record(RecordId(planter.id()), "no such kind", 0, note);
        evaluators[0].device.push(vec![Operation { op_id: refused, record: refusal }]).await;
        Self {
            programme,
            planter,
            employer: employer.id,
            evaluators,
            reviewer,
            chair,
            visits,
            evidence,
            refused,
            upload,
            scorecards: Vec::new(),
            reviewed: Vec::new(),
        }
    }

    /// Visits are made, declined, cancelled and recognised; some are reviewed.
    pub async fn do_field_work(&mut self) {
        for (evaluator, visit) in [(0, 0), (0, 1), (1, 2)] {
            self.submit(evaluator, visit).await;
        }
        let reason = self.planter.word(NOTE);
        let (visit, at) = (self.visits[3].id, self.planter.moment());
        self.push(2, "acceptance", AcceptanceBody::Declined { visit, reason, at }).await;
        self.accept(3, 4).await;
        for (visit, step) in [(4, "expose"), (5, "cancel"), (6, "cancel"), (7, "cancel")] {
            let path = format!("/api/visits/{}/{step}", self.visits[visit].id);
            let reason = json!({ "reason": self.planter.word(NOTE) });
            self.programme.admin.post::<Value>(&path, &reason).await;
        }
        self.review().await;
    }

    async fn accept(&mut self, evaluator: usize, visit: usize) {
        let body = AcceptanceBody::Accepted {
            visit: self.visits[visit].id,
            no_interest: true,
            brief_rubric: self.programme.rubric.sha256,
            at: self.planter.moment(),
        };
        self.push(evaluator, "acceptance", body).await;
    }

    async fn submit(&mut self, evaluator: usize, visit: usize) {
        self.accept(evaluator, visit).await;
        let photo = photo_of(visit);
        let document = self.document(evaluator, visit, &photo);
        let device = &self.evaluators[evaluator].device;
        let sealed = SealedEvaluation::seal(&document, &device.key).unwrap();
        let body = EvaluationBody { visit: document.visit, sealed };
        self.push(evaluator, "evaluation", body).await;
        assert_eq!(upload(&self.evaluators[evaluator].caller, &photo).await.status, 204);
        self.planter.planted.bytes(EVIDENCE, Digest::of(&photo).as_bytes());
        self.planter.planted.bytes(EVIDENCE, &photo[15..55]);
    }

    fn document(&mut self, evaluator: usize, visit: usize, photo: &[u8]) -> EvaluationDocument {
        let device = &self.evaluators[evaluator].device;
        let planter = &mut self.planter;
        let mut document = device.document(&self.visits[visit], &self.programme.rubric, true, "75");
        planter.planted.id(ID, document.evaluation.0);
        for answer in &mut document.answers {
            answer.note = Some(planter.word(NOTE));
        }
        let mut contact = call(planter.id().as_u128());
        for moment in contact.moments.iter_mut().rev() {
            moment.at = planter.moment();
        }
        document.contacts = vec![contact];
        let (left, arrived) = (planter.moment(), planter.moment());
        document.times = BTreeMap::from([("arrived".into(), arrived), ("left".into(), left)]);
        document.submitted_at = planter.moment();
        document.evidence.push(EvidenceRef {
            criterion: "P1".into(),
            kind: "photo".into(),
            sha256: Digest::of(photo),
            media_type: "image/jpeg".into(),
            bytes: photo.len() as u64,
        });
        document
    }

    async fn push(&mut self, evaluator: usize, kind: &str, body: impl Serialize) {
        let id = RecordId(self.planter.id());
        let op_id = OperationId(self.planter.id());
        let operation = Operation { op_id, record: record(id, kind, 0, body) };
        let outcome = self.evaluators[evaluator].device.push(vec![operation]).await.remove(0);
        assert!(matches!(outcome, Outcome::Applied { .. }), "{outcome:?}");
    }

    /// Two visits are validated, a third is returned with a question.
    async fn review(&mut self) {
        for item in self.reviewer.get::<Vec<ReviewItem>>("/api/review/queue").await {
            let path = format!("/api/visits/{}", item.visit);
            let shown = self.reviewer.post(&format!("{path}/review"), &json!({})).await;
            self.reviewed.push(shown);
            if item.visit == self.visits[2].id {
                let text = self.planter.word(NOTE);
                let questions = json!({ "questions": [{ "criterion": null, "text": text }] });
                self.reviewer.post::<Value>(&format!("{path}/return"), &questions).await;
            } else {
                self.reviewer.post::<Value>(&format!("{path}/validate"), &json!({})).await;
            }
        }
    }

    /// What came back is given up, the committee decides, and the scorecards go out.
    pub async fn publish(&mut self) {
        for visit in [2, 3] {
            let path = format!("/api/visits/{}/cancel", self.visits[visit].id);
            let reason = json!({ "reason": self.planter.word(NOTE) });
            self.programme.admin.post::<Value>(&path, &reason).await;
        }
        let programme = &self.programme;
        programme.step(&programme.admin, "close_field_work").await;
        for centre in &programme.centres {
            let ruling = json!({
                "criterion": "P1", "confirmed": false, "reason": self.planter.word(NOTE),
            });
            let path = programme.path(&format!("centres/{}/critical", centre.id));
            self.reviewer.post::<Value>(&path, &ruling).await;
        }
        let results: Vec<CentreResult> = self.chair.get(&programme.path("results")).await;
        for result in &results {
            let sha256 = Digest::of(canonical_json(&result.scorecard).unwrap().as_bytes());
            let path = programme.path(&format!("centres/{}/decision", result.centre.id));
            self.chair.post::<Value>(&path, &json!({ "scorecard_sha256": sha256 })).await;
        }
        programme.step(&self.chair, "decide").await;
        programme.step(&self.chair, "publish").await;
        self.scorecards = self.chair.get("/api/scorecards").await;
    }

    /// What there is: of the first centre, and of the second.
    pub fn ids(&self, centre: usize) -> Ids {
        let scorecard = |card: &&PublishedScorecard| {
            card.scorecard.centre == self.programme.centres[centre].code
        };
        let nobody = Ids::unknown();
        Ids {
            action: nobody.action,
            appeal: nobody.appeal,
            agency: self.programme.agencies[centre].id,
            centre: self.programme.centres[centre].id,
            cycle: self.programme.cycle,
            device: self.evaluators[centre].device.id,
            evidence: self.evidence,
            meeting: nobody.meeting,
            operation: self.refused,
            person: self.evaluators[centre].caller.id(),
            publication: nobody.publication,
            rubric: self.programme.rubric.sha256,
            scorecard: self.scorecards.iter().find(scorecard).map_or(nobody.scorecard, |of| of.id),
            upload: self.upload,
            visit: self.visits[centre].id,
        }
    }
}

async fn named_administrator(programme: &Programme, planter: &mut Planter) -> Caller {
    person(programme, planter, "administrator", None).await
}

async fn person(
    programme: &Programme,
    planter: &mut Planter,
    role: &str,
    employer: Option<AgencyId>,
) -> Caller {
    let (user, name) = (planter.word(PERSON), planter.text(PERSON));
    let new = json!({
        "user": user, "password": PASSWORD, "name": name, "role": role, "agency": employer,
    });
    let added: Person = programme.admin.post("/api/people", &new).await;
    planter.planted.id(ID, added.id.0);
    let caller = programme.server.sign_in(&user).await;
    planter.planted.text(CREDENTIAL, caller.token.as_ref().unwrap());
    if role == "evaluator" {
        let path = format!("/api/people/{}/enrolment-code", added.id);
        let code: EnrolmentCode = programme.admin.post(&path, &json!({})).await;
        planter.planted.text(CREDENTIAL, &code.code);
    }
    caller
}

/// Enrols a device under a name that is looked for.
async fn enrol(planter: &mut Planter, caller: &Caller, seed: u8) -> Device {
    let key = SecretKey::from_seed(&zeroize::Zeroizing::new([seed + 40; 32]));
    planter.planted.bytes(DEVICE, key.public().as_bytes());
    let request = EnrolDevice { name: planter.word(DEVICE), public_key: key.public() };
    let enrolled: EnrolledDevice = caller.post("/api/devices", &request).await;
    planter.planted.id(ID, enrolled.device.0);
    let EnrolledDevice { device: id, bundle_key, server_key, receipts: _ } = enrolled;
    Device { caller: caller.clone(), id, key, bundle_key, server_key }
}

async fn plan(
    programme: &Programme,
    planter: &mut Planter,
    centre: usize,
    kind: &str,
) -> VisitJson {
    planter.seconds += 1;
    // Days nobody else speaks of.
    let year = 2031 + planter.seconds % 60;
    let (from, to) = (format!("{year}-03-17"), format!("{year}-03-29"));
    planter.planted.text(PLAN, &from);
    planter.planted.text(PLAN, &to);
    let new = NewVisit {
        centre: programme.centres[centre].id,
        kind: kind.to_owned(),
        from,
        to,
        scenario: planter.text(BRIEF),
        brief: BriefJson {
            persona: Some(planter.text(BRIEF)),
            answer_key: Some(planter.text(BRIEF)),
            safety: Some(planter.text(BRIEF)),
            max_minutes: Some(45),
            report_within_h: 12,
        },
    };
    let visit: VisitJson = programme.admin.post(&programme.path("visits"), &new).await;
    planter.planted.id(ID, visit.id.0);
    visit
}
