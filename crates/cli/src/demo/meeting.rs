//! A meeting of the demo's committee: agenda, attendance, a ballot before the discussion; the decisions
//! follow as everywhere, and the minutes remain.

use anyhow::Result;
use mizan_protocol::id::{CentreId, MeetingId, PersonId};
use mizan_protocol::meeting::{
    ChangeMeeting, ItemStep, MeetingJson, MeetingStep, NewMeeting, SignedMinutes, VoteJson, Words,
};

use super::names::STAFF;
use super::programme::{Programme, password};
use super::story::Story;
use crate::client::Client;

/// How many centres are on the agenda.
const AGENDA: usize = 4;

/// The meeting that decides on the centre whose level is moderated, and on the first ones beside it.
pub(super) struct Meeting<'a> {
    id: MeetingId,
    chair: &'a Client,
}

impl<'a> Meeting<'a> {
    /// Holds the meeting up to where the chair records what was decided.
    pub(super) fn hold(
        server: &str,
        programme: &Programme,
        staff: &[PersonId],
        chair: &'a Client,
    ) -> Result<Self> {
        let centres = agenda(programme);
        let agenda = centres.iter().map(|(centre, _)| *centre).collect();
        let new = NewMeeting {
            date: programme.term.day(18),
            place: "قاعة اللجنة / The committee's room".into(),
            centres: agenda,
        };
        let path = format!("/api/cycles/{}/meetings", programme.cycle);
        let called: MeetingJson = chair.post(&path, &new)?;
        let sits = |(person, (_, _, role)): (&PersonId, &(_, _, &str))| {
            role.starts_with("committee").then_some(*person)
        };
        let present = staff.iter().zip(&STAFF).filter_map(sits).collect();
        let attendance =
            ChangeMeeting { present: Some(present), add: Vec::new(), remove: Vec::new() };
        let path = format!("/api/meetings/{}", called.id);
        chair.tell(&path, &attendance)?;
        let meeting = Self { id: called.id, chair };
        meeting.step("open")?;
        let members = members(server)?;
        for (centre, moderated) in centres {
            meeting.ballot(centre, moderated, &members)?;
        }
        Ok(meeting)
    }

    /// Closes the meeting once all on its agenda is decided; its minutes must bear the server's signature.
    pub(super) fn close(&self) -> Result<()> {
        self.step("close")?;
        let minutes: SignedMinutes =
            self.chair.get(&format!("/api/meetings/{}/minutes", self.id))?;
        let text = mizan_protocol::canonical::canonical_json(&minutes.minutes)?;
        minutes.public_key.verify(text.as_bytes(), &minutes.signature)?;
        Ok(())
    }

    fn step(&self, event: &str) -> Result<()> {
        let path = format!("/api/meetings/{}/step", self.id);
        self.chair.tell(&path, &MeetingStep { event: event.to_owned() })
    }

    fn ballot(&self, centre: CentreId, moderated: bool, members: &[Client]) -> Result<()> {
        let path = format!("/api/meetings/{}/centres/{centre}", self.id);
        let step = |event: &str| {
            self.chair.tell(&format!("{path}/step"), &ItemStep { event: event.to_owned() })
        };
        let vote = match moderated {
            true => VoteJson { choice: "level".into(), level: Some("meets".into()) },
            false => VoteJson { choice: "agree".into(), level: None },
        };
        step("open_ballot")?;
        for voter in members.iter().chain([self.chair]) {
            voter.tell(&format!("{path}/vote"), &vote)?;
        }
        step("close_ballot")?;
        let text = match moderated {
            true => "عطل النظام الوطني مثبت، وأثره في الإجابات أكبر من الفرق.",
            false => "النتيجة مفهومة من الأدلة، ولا ملاحظة عليها.",
        };
        if let Some(member) = members.first() {
            member.tell(&format!("{path}/notes"), &Words { text: text.to_owned() })?;
        }
        Ok(())
    }
}

/// The members beside the chair.
fn members(server: &str) -> Result<Vec<Client>> {
    let members = STAFF.iter().filter(|(_, _, role)| *role == "committee_member");
    let sign_in = |(user, _, role): &(&str, _, &str)| {
        let mut client = Client::new(server)?;
        client.sign_in(user, &password(role))?;
        Ok(client)
    };
    members.map(sign_in).collect()
}

/// The centres on the agenda, each with whether its level is moderated.
fn agenda(programme: &Programme) -> Vec<(CentreId, bool)> {
    let all = programme.centres.iter().map(|of| (of.id, of.plot.story == Story::Moderated));
    let mut all: Vec<(CentreId, bool)> = all.collect();
    // The sort is stable: what is moderated comes first, the rest keeps its order.
    all.sort_by_key(|(_, moderated)| !moderated);
    all.truncate(AGENDA);
    all
}
