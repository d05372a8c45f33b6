//! "Something changed": told to whoever has a page open, so that it reads again what it shows.
//!
//! What is told is a topic and nothing else, and only the topics of a reader's rights. It is read off the
//! audit, which every change enters in its own transaction: nothing is told before it is durable, and what
//! another process of the same database changed is found there too. A reader's place in it is sealed, so
//! that it tells nobody how much is going on.

use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use tokio::sync::{Notify, broadcast, watch};
use utoipa::ToSchema;

use crate::accounts::{Caller, sessions};
use crate::app::App;
use crate::error::Error;
use crate::rights::{Action, rights};
use crate::streams;
use crate::tx::{Tx, one, params};

/// How often the audit is looked at for what other processes entered.
const LOOK: Duration = Duration::from_secs(1);
/// How often it is seen whether a session has ended by itself.
const LOOK_AT_SESSION: Duration = Duration::from_secs(60);
/// Changes a slow reader may be behind before it is told to read everything.
const KEPT: usize = 1_024;
/// Entries looked at in one go.
const AT_ONCE: i64 = 500;
/// What a reader's place is sealed for.
const PLACE: &str = "events";

/// What has changed, as far as a page needs to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Topic {
    /// Whatever there is: the reader was away for too long to be told.
    Everything,
    /// Agencies.
    Agencies,
    /// Centres.
    Centres,
    /// Accounts.
    People,
    /// Devices and enrolment codes.
    Devices,
    /// Rubrics.
    Rubrics,
    /// Cycles, their states and notices.
    Cycles,
    /// The plan and its visits.
    Visits,
    /// The reviewers' queue.
    Reviews,
    /// Results before publication, and decisions.
    Results,
    /// Published scorecards.
    Scorecards,
    /// Appeals, for those who hear them: another centre's are nothing a centre may know of.
    Appeals,
    /// The audit itself.
    Audit,
}

impl Topic {
    /// Who may know that something of it has changed: whoever may read it.
    fn needs(self) -> Action {
        match self {
            Self::Everything => Action::KeepOwnAccount,
            Self::Agencies | Self::Centres | Self::Rubrics => Action::ReadProgramme,
            Self::People => Action::PlanVisits,
            Self::Devices => Action::ManageDevices,
            Self::Cycles => Action::StepCycle,
            Self::Visits => Action::PlanVisits,
            Self::Reviews => Action::Review,
            Self::Results => Action::ReadResults,
            Self::Scorecards => Action::ReadScorecards,
            Self::Appeals => Action::HearAppeals,
            Self::Audit => Action::ReadAudit,
        }
    }
}

/// The topics a deed of the audit touches.
fn topics(deed: &str, details: &str) -> Vec<Topic> {
    let mut topics = vec![Topic::Audit];
    topics.extend_from_slice(match deed {
        "programme_imported" => &[Topic::Agencies, Topic::Centres],
        "agency_added" => &[Topic::Agencies],
        "centre_added" => &[Topic::Centres],
        "person_added" | "account_changed" | "administrator_made" | "factor_reset" => {
            &[Topic::People]
        }
        "device_enrolled" | "device_revoked" | "code_issued" => &[Topic::Devices],
        "rubric_added" => &[Topic::Rubrics],
        // Publication is the one step that those it concerns may know of.
        "cycle_stepped" if details.contains("\"publish\"") => {
            &[Topic::Cycles, Topic::Results, Topic::Scorecards]
        }
        // Scheduling or cancelling one is nothing that whoever is judged may hear of.
        "publication_due" => &[Topic::Cycles, Topic::Results, Topic::Scorecards],
        "cycle_stepped" => &[Topic::Cycles, Topic::Visits, Topic::Reviews, Topic::Results],
        "cycle_added" | "notice_recorded" => &[Topic::Cycles],
        "evaluation_received" | "bundle_carried" | "review_begun" | "visit_returned" => {
            &[Topic::Visits, Topic::Reviews]
        }
        "review_taken_over" | "second_begun" | "second_submitted" | "second_taken_over" => {
            &[Topic::Reviews]
        }
        "visit_validated" | "critical_ruled" => &[Topic::Visits, Topic::Reviews, Topic::Results],
        // A vote is told to nobody while the ballot is open.
        "centre_decided"
        | "meeting_called"
        | "meeting_changed"
        | "meeting_stepped"
        | "agenda_stepped"
        | "discussion_noted"
        | "dissent_recorded"
        | "member_recused"
        | "committee_rules_set"
        | "publication_scheduled"
        | "publication_cancelled"
        | "rubrics_mapped" => &[Topic::Results],
        "appeal_filed" | "appeal_withdrawn" => &[Topic::Appeals],
        "appeal_ruled" => &[Topic::Appeals, Topic::Results],
        "visit_accepted" | "visit_assigned" | "visit_cancelled" | "visit_declined"
        | "visit_exposed" | "visit_planned" => &[Topic::Visits],
        "database_moved" | "database_restored" => &[Topic::Everything],
        // Coming, going and reading change nothing that a page shows.
        _ => &[],
    });
    topics
}

/// Whether a deed may end somebody's session.
fn ends_sessions(deed: &str) -> bool {
    let deeds = ["signed_out", "account_changed", "password_changed", "password_set"];
    deeds.contains(&deed) || ["factor_reset", "factor_confirmed", "device_revoked"].contains(&deed)
}

/// One entry of the audit, as far as it is told.
#[derive(Debug, Clone)]
struct Change {
    n: i64,
    topics: Vec<Topic>,
    ends_sessions: bool,
}

/// Tells whoever listens.
pub(crate) struct Events {
    changes: broadcast::Sender<Change>,
    entered: Notify,
    closed: watch::Sender<bool>,
}

impl Default for Events {
    fn default() -> Self {
        Self {
            changes: broadcast::Sender::new(KEPT),
            entered: Notify::new(),
            closed: watch::Sender::new(false),
        }
    }
}

impl Events {
    /// This process has entered something.
    pub(crate) fn entered(&self) {
        self.entered.notify_one();
    }

    /// Ends every stream: the server stops.
    pub(crate) fn close(&self) {
        self.closed.send_replace(true);
    }
}

/// Reads the audit as it grows, as long as anybody listens.
pub(crate) async fn follow(app: Arc<App>) {
    let mut known = None;
    loop {
        tokio::select! {
            () = app.events.entered.notified() => {}
            () = tokio::time::sleep(LOOK) => {}
        }
        if app.events.changes.receiver_count() == 0 {
            known = None;
            continue;
        }
        match app.store.read(move |tx| news(tx, known)).await {
            Ok((last, changes)) => {
                known = Some(last);
                for change in changes {
                    // Nobody may be listening any more.
                    drop(app.events.changes.send(change));
                }
            }
            Err(error) => tracing::warn!(cause = %error, "the audit could not be followed"),
        }
    }
}

/// What was entered after a number; at first somewhat more than was entered since anybody listens, who
/// knows by the numbers what is new.
fn news(tx: &mut dyn Tx, known: Option<i64>) -> Result<(i64, Vec<Change>), Error> {
    let known = match known {
        Some(known) => known,
        None => (last(tx)? - AT_ONCE).max(0),
    };
    let sql = "SELECT n, deed, details FROM audit WHERE n > $1 ORDER BY n LIMIT $2";
    let rows = tx.query(sql, params![known, AT_ONCE])?;
    let change = |row: &crate::tx::Row| {
        let (deed, details) = (row.text(1)?, row.text(2)?);
        let (topics, ends_sessions) = (topics(deed, details), ends_sessions(deed));
        Ok(Change { n: row.int(0)?, topics, ends_sessions })
    };
    let changes = rows.iter().map(change).collect::<Result<Vec<_>, Error>>()?;
    Ok((changes.last().map_or(known, |change| change.n), changes))
}

fn last(tx: &mut dyn Tx) -> Result<i64, Error> {
    let sql = "SELECT COALESCE(MAX(n), 0) FROM audit";
    one(tx, sql, &[])?.int(0)
}

/// What a reader is told: topics, and the place to go on from.
pub(crate) struct Told {
    pub(crate) topics: Vec<Topic>,
    pub(crate) place: String,
}

/// Somebody who listens.
pub(crate) struct Listener {
    app: Arc<App>,
    rights: Vec<Action>,
    caller: Caller,
    at: i64,
    epoch: u64,
    changes: broadcast::Receiver<Change>,
    closed: watch::Receiver<bool>,
    /// What is to be told before anything new.
    first: Option<Vec<Topic>>,
}

impl Listener {
    /// Listens from now on, or from a place that was told before.
    pub(crate) async fn new(
        app: Arc<App>,
        caller: &Caller,
        place: Option<&str>,
    ) -> Result<Self, Error> {
        let changes = app.events.changes.subscribe();
        let closed = app.events.closed.subscribe();
        let place = place.map(|place| app.keys.open_cursor(PLACE, place));
        let look = move |tx: &mut dyn Tx| {
            let (epoch, last) = (streams::epoch(tx)?, last(tx)?);
            let from = match place {
                // Nobody who comes anew has missed anything.
                None => return Ok((epoch, last, None)),
                Some(from) => {
                    from.filter(|(of, n)| *of == epoch && *n <= last && last - n <= AT_ONCE)
                }
            };
            let Some((_, from)) = from else {
                return Ok((epoch, last, Some(vec![Topic::Everything])));
            };
            let (_, missed) = news(tx, Some(from))?;
            Ok((epoch, last, Some(missed.into_iter().flat_map(|change| change.topics).collect())))
        };
        let (epoch, at, first) = app.store.read(look).await?;
        // What follows the audit begins with the first who listens.
        app.events.entered();
        Ok(Self {
            rights: rights(caller.role),
            caller: *caller,
            at,
            epoch,
            changes,
            closed,
            first,
            app,
        })
    }

    /// The next thing to tell; `None` once there is nobody to tell it to.
    pub(crate) async fn next(&mut self) -> Option<Told> {
        if let Some(topics) = self.first.take() {
            let told = self.told(&topics);
            if told.is_some() {
                return told;
            }
        }
        loop {
            if *self.closed.borrow() {
                return None;
            }
            let change = tokio::select! {
                // The server stops, and its end is found above.
                _ = self.closed.changed() => continue,
                // Sessions also end by the clock.
                () = tokio::time::sleep(LOOK_AT_SESSION) => None,
                change = self.changes.recv() => Some(change),
            };
            let Some(change) = change else {
                if self.is_signed_in().await {
                    continue;
                }
                return None;
            };
            let change = match change {
                Ok(change) => change,
                Err(broadcast::error::RecvError::Closed) => return None,
                // Too much at once to be told one by one.
                Err(broadcast::error::RecvError::Lagged(_)) => {
                    return self.told(&[Topic::Everything]);
                }
            };
            if change.ends_sessions && !self.is_signed_in().await {
                return None;
            }
            if change.n <= self.at {
                continue;
            }
            self.at = change.n;
            let told = self.told(&change.topics);
            if told.is_some() {
                return told;
            }
        }
    }

    /// Of topics those this reader may know of.
    fn told(&self, topics: &[Topic]) -> Option<Told> {
        let may = |topic: &Topic| self.rights.contains(&topic.needs());
        let mut topics: Vec<Topic> = topics.iter().copied().filter(may).collect();
        topics.sort_unstable();
        topics.dedup();
        if topics.is_empty() {
            return None;
        }
        let place = self.app.keys.seal_cursor(PLACE, self.epoch, self.at).ok()?;
        Some(Told { topics, place })
    }

    /// Whether the session still stands.
    async fn is_signed_in(&self) -> bool {
        let (caller, now) = (self.caller, self.app.now());
        let look = move |tx: &mut dyn Tx| sessions::stands(tx, &caller, now);
        self.app.store.read(look).await.unwrap_or(false)
    }
}

#[cfg(test)]
mod tests {
    use mizan_domain::role::Role;

    use super::*;
    use crate::rights::may;

    fn told(role: Role, deed: &str, details: &str) -> Vec<Topic> {
        topics(deed, details).into_iter().filter(|topic| may(role, topic.needs())).collect()
    }

    #[test]
    fn whoever_is_judged_learns_of_publication_and_of_nothing_else() {
        for role in [Role::Manager, Role::Coordinator] {
            for deed in ["visit_planned", "evaluation_received", "centre_decided", "person_added"] {
                assert_eq!(told(role, deed, "{}"), [], "{deed}");
            }
            assert_eq!(told(role, "cycle_stepped", r#"{"event":"open"}"#), []);
            let published = told(role, "cycle_stepped", r#"{"event":"publish"}"#);
            assert_eq!(published, [Topic::Scorecards]);
            assert_eq!(told(role, "publication_due", "{}"), [Topic::Scorecards]);
            assert_eq!(told(role, "publication_scheduled", "{}"), []);
            assert_eq!(told(role, "publication_cancelled", "{}"), []);
        }
        assert_eq!(told(Role::Evaluator, "visit_assigned", "{}"), [], "by the sync, not from here");
    }

    #[test]
    fn each_role_is_told_of_what_it_may_read() {
        assert_eq!(told(Role::Reviewer, "evaluation_received", "{}"), [Topic::Reviews]);
        assert_eq!(told(Role::CommitteeMember, "visit_validated", "{}"), [Topic::Results]);
        assert_eq!(told(Role::CentralTeam, "visit_assigned", "{}"), [Topic::Visits]);
        assert_eq!(told(Role::Observer, "visit_assigned", "{}"), [Topic::Audit]);
    }
}
