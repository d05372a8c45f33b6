//! Meetings of the committee: votes before words, nobody about their own, and minutes that stay.

use mizan_protocol::api::{CentreResult, NewPerson};
use mizan_protocol::canonical::{Digest, canonical_json};
use mizan_protocol::id::{CentreId, MeetingId};
use mizan_protocol::meeting::{AgendaItem, MeetingJson, SignedMinutes};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::engines::on_both_engines;
use crate::harness::{Caller, NOW, Programme};

on_both_engines! {
    from_the_agenda_to_signed_minutes,
    nobody_takes_part_in_what_is_their_own,
    where_the_rules_say_so_nothing_is_decided_outside_a_meeting,
}

/// A cycle under review and its committee: a chair and three members, the last of the first agency, the
/// one before with an interest in the second.
struct Committee {
    programme: Programme,
    chair: Caller,
    members: Vec<Caller>,
}

impl Committee {
    async fn start() -> Self {
        let programme = Programme::start().await;
        let chair = programme.person("chair", "committee_chair", |_| {}).await;
        let (first, second) = (programme.agencies[0].id, programme.agencies[1].id);
        let mut members = vec![programme.person("sara", "committee_member", |_| {}).await];
        let interested = |new: &mut NewPerson| new.interests = vec![second];
        members.push(programme.person("maha", "committee_member", interested).await);
        let employed = |new: &mut NewPerson| new.agency = Some(first);
        members.push(programme.person("noor", "committee_member", employed).await);
        let visit = programme.plan(0, "unannounced").await;
        programme.open().await;
        let path = format!("/api/visits/{}/cancel", visit.id);
        programme.admin.post::<Value>(&path, &json!({ "reason": "closed" })).await;
        programme.step(&programme.admin, "close_field_work").await;
        let rules = json!({ "quorum": 2, "only_in_meetings": true });
        let path = programme.path("committee-rules");
        let (status, _) = programme.admin.answer(Method::PUT, &path, rules).await;
        assert_eq!(status, 200);
        Self { programme, chair, members }
    }

    fn centre(&self, at: usize) -> CentreId {
        self.programme.centres[at].id
    }

    async fn call(&self, centres: &[usize]) -> MeetingId {
        let centres: Vec<_> = centres.iter().map(|at| self.centre(*at)).collect();
        let new = json!({ "date": "2026-12-01", "place": "Room 4", "centres": centres });
        self.chair.post::<MeetingJson>(&self.programme.path("meetings"), &new).await.id
    }

    async fn open(&self, meeting: MeetingId) {
        let everybody = self.members.iter().chain([&self.chair]);
        let present: Vec<_> = everybody.map(Caller::id).collect();
        let path = format!("/api/meetings/{meeting}");
        self.chair.post::<Value>(&path, &json!({ "present": present })).await;
        self.chair.post::<Value>(&format!("{path}/step"), &json!({ "event": "open" })).await;
    }

    fn path(&self, meeting: MeetingId, centre: usize, what: &str) -> String {
        format!("/api/meetings/{meeting}/centres/{}/{what}", self.centre(centre))
    }

    async fn does(&self, who: &Caller, path: &str, body: Value) -> Result<AgendaItem, String> {
        let (status, answer) = who.answer(Method::POST, path, body).await;
        if status != 200 {
            return Err(answer["code"].as_str().unwrap_or_default().to_owned());
        }
        let mut meeting: MeetingJson = serde_json::from_value(answer).unwrap();
        meeting.agenda.retain(|item| path.contains(&item.centre.to_string()));
        Ok(meeting.agenda.remove(0))
    }

    async fn decide(&self, centre: usize) -> Result<(), String> {
        let results: Vec<CentreResult> = self.chair.get(&self.programme.path("results")).await;
        let sha256 = Digest::of(canonical_json(&results[centre].scorecard).unwrap().as_bytes());
        let path = self.programme.path(&format!("centres/{}/decision", self.centre(centre)));
        let body = json!({ "scorecard_sha256": sha256 });
        let (status, answer) = self.chair.answer(Method::POST, &path, body).await;
        if status == 204 { Ok(()) } else { Err(answer["code"].as_str().unwrap().to_owned()) }
    }
}

fn refused<T>(code: &str) -> Result<T, String> {
    Err(code.to_owned())
}

async fn from_the_agenda_to_signed_minutes() {
    let committee = Committee::start().await;
    let (chair, sara) = (&committee.chair, &committee.members[0]);
    let meeting = committee.call(&[0, 1]).await;
    for change in
        [json!({ "remove": [committee.centre(1)] }), json!({ "add": [committee.centre(1)] })]
    {
        chair.post::<Value>(&format!("/api/meetings/{meeting}"), &change).await;
    }
    let path = |centre, what: &str| committee.path(meeting, centre, what);
    let agree = json!({ "choice": "agree" });
    let step = |event: &str| json!({ "event": event });
    let opened = committee.does(chair, &path(0, "step"), step("open_ballot")).await;
    assert_eq!(opened, refused("meeting.not_present"), "nobody was noted as present");
    let of_meeting = format!("/api/meetings/{meeting}/step");
    let code = chair.refused(Method::POST, &of_meeting, step("open")).await;
    assert_eq!(code, "meeting.no_quorum");
    committee.open(meeting).await;
    assert_eq!(committee.decide(0).await, refused("meeting.wrong_item_state"), "no ballot yet");
    let words = json!({ "text": "It was closed." });
    let said = committee.does(sara, &path(0, "notes"), words.clone()).await;
    assert_eq!(said, refused("meeting.wrong_item_state"), "votes come before words");

    committee.does(chair, &path(0, "step"), step("open_ballot")).await.unwrap();
    let plain = json!({ "choice": "level", "level": "plain" });
    let voted = committee.does(sara, &path(0, "vote"), plain).await.unwrap();
    assert_eq!((voted.voters, voted.votes_cast, voted.votes.len()), (3, 1, 0));
    let other = json!({ "choice": "level", "level": "diamond" });
    assert_eq!(committee.does(chair, &path(0, "vote"), other).await, refused("request.invalid"));
    let close = committee.does(chair, &path(0, "step"), step("close_ballot")).await;
    assert_eq!(close, refused("meeting.no_quorum"), "one vote of two");
    let voted = committee.does(chair, &path(0, "vote"), agree.clone()).await.unwrap();
    assert_eq!(voted.own_vote.unwrap().choice, "agree");
    assert!(voted.votes.is_empty(), "nobody sees another's vote, the chair neither");
    let (_, _, seen) = chair.raw(Method::GET, &format!("/api/meetings/{meeting}"), None).await;
    assert!(!String::from_utf8_lossy(&seen).contains("plain"), "nor anywhere else");
    let closed = committee.does(chair, &path(0, "step"), step("close_ballot")).await.unwrap();
    assert_eq!((closed.state.as_str(), closed.votes.len()), ("discussing", 2));
    assert_eq!(
        committee.does(sara, &path(0, "vote"), agree).await,
        refused("meeting.wrong_item_state")
    );
    committee.does(sara, &path(0, "notes"), words).await.unwrap();
    committee.decide(0).await.unwrap();
    let dissent = json!({ "text": "Too little was seen." });
    let item = committee.does(sara, &path(0, "dissents"), dissent).await.unwrap();
    assert_eq!((item.state.as_str(), item.dissents.len(), item.notes.len()), ("decided", 1, 1));

    let code = chair.refused(Method::POST, &of_meeting, step("close")).await;
    assert_eq!(code, "meeting.items_pending");
    committee.does(chair, &path(1, "step"), step("defer")).await.unwrap();
    let code = sara.refused(Method::POST, &of_meeting, step("close")).await;
    assert_eq!(code, "request.not_found", "the chair presides");
    chair.post::<Value>(&of_meeting, &step("close")).await;
    let kept = format!("/api/meetings/{meeting}/minutes");
    let signed: SignedMinutes = sara.get(&kept).await;
    let bytes = canonical_json(&signed.minutes).unwrap();
    assert_eq!(Digest::of(bytes.as_bytes()), signed.sha256);
    signed.public_key.verify(bytes.as_bytes(), &signed.signature).unwrap();
    for lang in ["ar", "en"] {
        let (status, headers, pdf) =
            chair.raw(Method::GET, &format!("{kept}/pdf?lang={lang}"), None).await;
        assert_eq!(status, StatusCode::OK);
        assert!(headers.contains("application/pdf") && pdf.starts_with(b"%PDF-1.7"), "{headers}");
    }
    let other = chair.refused(Method::GET, &format!("{kept}/pdf?lang=fr"), Value::Null).await;
    assert_eq!(other, "request.invalid");
    let minutes = &signed.minutes;
    assert_eq!((minutes.number, minutes.closed_at, minutes.place.as_str()), (1, NOW, "Room 4"));
    let states: Vec<_> = minutes.items.iter().map(|item| item.item.state.as_str()).collect();
    assert_eq!(states, ["decided", "deferred"]);
    assert!(
        minutes.items[0].scorecard_sha256.is_some() && minutes.items[1].scorecard_sha256.is_none()
    );
    let changed = json!({ "present": [] });
    let path = format!("/api/meetings/{meeting}");
    assert_eq!(chair.refused(Method::POST, &path, changed).await, "meeting.wrong_state");
    let next = committee.call(&[1]).await;
    assert_ne!(next, meeting, "what was left can be taken up again");
    let meetings: Vec<MeetingJson> = chair.get(&committee.programme.path("meetings")).await;
    assert_eq!(meetings.iter().map(|of| of.number).collect::<Vec<_>>(), [2, 1]);
}

async fn nobody_takes_part_in_what_is_their_own() {
    let committee = Committee::start().await;
    let (chair, sara) = (&committee.chair, &committee.members[0]);
    let (interested, employed) = (&committee.members[1], &committee.members[2]);
    let meeting = committee.call(&[0, 1]).await;
    committee.open(meeting).await;
    for centre in [0, 1] {
        let path = committee.path(meeting, centre, "step");
        committee.does(chair, &path, json!({ "event": "open_ballot" })).await.unwrap();
    }
    let agree = json!({ "choice": "agree" });
    for (member, centre, ground) in [(employed, 0, "agency"), (interested, 1, "interest")] {
        let own = committee.path(meeting, centre, "vote");
        assert_eq!(committee.does(member, &own, agree.clone()).await, refused("meeting.recused"));
        let other = committee.path(meeting, 1 - centre, "vote");
        let item = committee.does(member, &other, agree.clone()).await.unwrap();
        assert_eq!(item.votes_cast, 1);
        let seen: MeetingJson = sara.get(&format!("/api/meetings/{meeting}")).await;
        let recusals = &seen.agenda[centre].recusals;
        assert_eq!((recusals.len(), recusals[0].ground.as_str()), (1, ground));
        assert_eq!(recusals[0].person, member.id());
    }
    let vote = committee.path(meeting, 0, "vote");
    committee.does(sara, &vote, agree.clone()).await.unwrap();
    let recuse = committee.path(meeting, 0, "recusals");
    let by_member = json!({ "person": chair.id(), "reason": "a reason" });
    assert_eq!(committee.does(sara, &recuse, by_member).await, refused("visit.actor"));
    let no_reason = json!({ "reason": " " });
    assert_eq!(committee.does(sara, &recuse, no_reason).await, refused("visit.reason_missing"));
    let item =
        committee.does(sara, &recuse, json!({ "reason": "my sister works there" })).await.unwrap();
    assert_eq!((item.votes_cast, item.voters), (1, 2), "a vote cast before is taken out");
    assert_eq!(committee.does(sara, &vote, agree.clone()).await, refused("meeting.recused"));
    let of_chair = json!({ "person": chair.id(), "reason": "a reason" });
    committee.does(chair, &recuse, of_chair).await.unwrap();
    assert_eq!(
        committee.decide(0).await,
        refused("meeting.recused"),
        "a chair who abstains decides not"
    );
    let outsider = committee.programme.person("team", "central_team", |_| {}).await;
    let (status, _) = outsider.answer(Method::POST, &vote, agree).await;
    assert_eq!(status, 404, "who prepares meetings does not vote");
}

async fn where_the_rules_say_so_nothing_is_decided_outside_a_meeting() {
    let committee = Committee::start().await;
    assert_eq!(committee.decide(1).await, refused("meeting.only_in_meetings"));
    let path = committee.programme.path("committee-rules");
    let none = json!({ "quorum": 0, "only_in_meetings": false });
    let code = committee.programme.admin.refused(Method::PUT, &path, none).await;
    assert_eq!(code, "request.invalid");
    let free = json!({ "quorum": 2, "only_in_meetings": false });
    let (status, _) = committee.programme.admin.answer(Method::PUT, &path, free).await;
    assert_eq!(status, 200);
    committee.decide(1).await.unwrap();
    committee.call(&[0]).await;
    assert_eq!(committee.decide(0).await, refused("meeting.not_present"), "it is on an agenda");
    let again = json!({ "date": "2026-12-02", "centres": [committee.centre(0)] });
    let path = committee.programme.path("meetings");
    assert_eq!(committee.chair.refused(Method::POST, &path, again).await, "request.invalid");
}
