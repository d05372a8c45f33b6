//! A demo with a past, asked through the API afterwards: cycles, rubrics, appeals, actions, a meeting.

use std::path::Path;

use mizan_protocol::session::{Session, SignIn};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::runner::{Server, mizan};

const CENTRES: usize = 4;

/// Somebody of the demo who has signed in.
struct Person {
    url: String,
    token: String,
}

impl Person {
    fn sign_in(server: &Server, user: &str, role: &str) -> Self {
        let request = SignIn::by_password(user, &format!("mizan-demo-{role}"));
        let url = format!("{}/api/session", server.url);
        let answer = reqwest::blocking::Client::new().post(url).json(&request).send().unwrap();
        let session: Session = answer.error_for_status().unwrap().json().unwrap();
        Self { url: server.url.clone(), token: session.token }
    }

    fn get<T: DeserializeOwned>(&self, path: &str) -> T {
        let request = reqwest::blocking::Client::new().get(format!("{}{path}", self.url));
        let answer = request.bearer_auth(&self.token).send().unwrap();
        answer.error_for_status().unwrap().json().unwrap()
    }

    fn list(&self, path: &str) -> Vec<Value> {
        self.get(path)
    }

    /// The rows of a list.
    fn rows(&self, of: &str) -> Vec<Value> {
        let listed: Value = self.get(&format!("/api/lists/{of}?per=200"));
        listed["rows"].as_array().unwrap().clone()
    }
}

fn demo(dir: &Path) -> String {
    let (dir, centres) = (dir.display().to_string(), CENTRES.to_string());
    let args = ["demo", "--dir", &dir, "--centres", &centres, "--seed", "3", "--history", "2"];
    let ran = mizan(&args);
    assert_eq!(ran.code, 0, "{}\n{}", ran.stdout, ran.stderr);
    ran.stdout
}

#[test]
fn past_cycles_are_closed_with_all_that_became_of_them() {
    let folder = tempfile::tempdir().unwrap();
    let told = demo(folder.path());
    for told_of in ["past        cycle 2", "past        cycle 3", "present     cycle 4", "planted "]
    {
        assert!(told.contains(told_of), "{told_of} is told of:\n{told}");
    }
    let server = Server::start(&folder.path().join("server"));
    let central = Person::sign_in(&server, "central", "central-team");
    let chair = Person::sign_in(&server, "chair", "committee-chair");
    let cycles = central.list("/api/cycles");
    let states: Vec<(&str, &str)> = cycles
        .iter()
        .map(|cycle| (cycle["number"].as_str().unwrap(), cycle["state"].as_str().unwrap()))
        .collect();
    assert_eq!(states, [("2", "closed"), ("3", "closed"), ("4", "published")]);

    the_rubrics_changed_between_the_past_cycles(&central, &cycles);
    the_visits_lie_half_a_year_apart(&central, &cycles);
    the_committee_met_in_the_first(&chair, &cycles);
    an_upheld_appeal_made_a_second_version(&chair);
    appeals_of_the_present_wait(&chair);
    centres_kept_their_actions(&chair);
    a_centre_has_a_course_over_the_cycles(&chair, &cycles);
}

fn path_of(cycle: &Value) -> String {
    format!("/api/cycles/{}", cycle["id"].as_str().unwrap())
}

fn the_rubrics_changed_between_the_past_cycles(central: &Person, cycles: &[Value]) {
    let rubrics = |cycle: &Value| -> Vec<Value> {
        let setup: Value = central.get(&format!("{}/setup", path_of(cycle)));
        let rubrics = setup["rubrics"].as_array().unwrap();
        rubrics.iter().map(|of| of["rubric"].clone()).collect()
    };
    let [first, second, present] = [0, 1, 2].map(|place| rubrics(&cycles[place]));
    assert!(first.iter().all(|rubric| rubric["version"] == "0.9.0"), "{first:?}");
    assert_eq!(second, present, "the change lies between the past cycles");
    assert_ne!(first, second);
    for (before, after) in first.iter().zip(&second) {
        let digest = |rubric: &Value| rubric["sha256"].as_str().unwrap().to_owned();
        let path = format!("/api/rubrics/{}/mapping/{}", digest(before), digest(after));
        let mapping: Value = central.get(&path);
        assert_eq!(mapping["edited"], true, "what became of the criteria is on record");
    }
}

fn the_visits_lie_half_a_year_apart(central: &Person, cycles: &[Value]) {
    let first_days: Vec<chrono::NaiveDate> = cycles
        .iter()
        .map(|cycle| {
            let visits = central.list(&format!("{}/visits", path_of(cycle)));
            assert_eq!(visits.len(), 3 * CENTRES);
            visits[0]["from"].as_str().unwrap().parse().unwrap()
        })
        .collect();
    for pair in first_days.windows(2) {
        assert!((pair[1] - pair[0]).num_days() >= 180, "{first_days:?}");
    }
}

fn the_committee_met_in_the_first(chair: &Person, cycles: &[Value]) {
    let meetings = |cycle: &Value| chair.list(&format!("{}/meetings", path_of(cycle)));
    let held = meetings(&cycles[0]);
    assert_eq!(held.len(), 1);
    assert_eq!(held[0]["state"], "closed");
    let agenda = held[0]["agenda"].as_array().unwrap();
    assert!(!agenda.is_empty());
    for item in agenda {
        assert_eq!((&item["state"], &item["votes_cast"]), (&"decided".into(), &3.into()));
    }
    assert!(meetings(&cycles[1]).is_empty());
}

fn an_upheld_appeal_made_a_second_version(chair: &Person) {
    let cards = chair.list("/api/scorecards");
    for cycle in ["2", "3"] {
        let of_cycle = || cards.iter().filter(|card| card["scorecard"]["cycle"] == cycle);
        let version = |card: &&Value| card["scorecard"]["publication"]["version"] == 2;
        let second: Vec<&Value> = of_cycle().filter(version).collect();
        let [second] = second[..] else { panic!("one second version in cycle {cycle}") };
        let centre = &second["scorecard"]["centre"];
        let first =
            of_cycle().find(|card| card["scorecard"]["centre"] == *centre && card != &second);
        let first = first.expect("the first version stays");
        assert_eq!(first["superseded"], true);
        let score =
            |card: &Value| card["scorecard"]["score"].as_str().unwrap().parse::<f64>().unwrap();
        assert!(score(second) > score(first), "{centre} scores higher now");
        let appeals = chair.rows("appeals");
        let ruled = |ruling: &str| {
            let of =
                |appeal: &&Value| appeal["cycle"] == cycle && appeal["ruling"]["ruling"] == ruling;
            appeals.iter().filter(of).count()
        };
        assert_eq!((ruled("upheld"), ruled("refused")), (1, 1), "cycle {cycle}");
    }
}

fn appeals_of_the_present_wait(chair: &Person) {
    let appeals = chair.rows("appeals");
    let present = appeals.iter().filter(|appeal| appeal["cycle"] == "4");
    let mut states: Vec<&str> = present.map(|appeal| appeal["state"].as_str().unwrap()).collect();
    states.sort_unstable();
    assert_eq!(states, ["examined", "filed"]);
}

fn centres_kept_their_actions(chair: &Person) {
    let actions = chair.rows("actions");
    for cycle in ["2", "3", "4"] {
        let of_cycle = || actions.iter().filter(|action| action["cycle"] == cycle);
        let owned = of_cycle().filter(|action| action["owner"] != "" && !action["due"].is_null());
        assert!(owned.count() > 0, "cycle {cycle} has actions with owner and due date");
        let done = of_cycle().filter(|action| action["state"] == "done").count();
        assert_eq!(done > 0, cycle != "4", "{done} done in cycle {cycle}");
    }
}

fn a_centre_has_a_course_over_the_cycles(chair: &Person, cycles: &[Value]) {
    let results = chair.list(&format!("{}/results", path_of(&cycles[2])));
    let centre = results[0]["centre"]["id"].as_str().unwrap();
    let page: Value = chair.get(&format!("{}/centres/{centre}", path_of(&cycles[2])));
    let history = page["history"].as_array().unwrap();
    let scores: Vec<f64> =
        history.iter().map(|past| past["score"].as_str().unwrap().parse().unwrap()).collect();
    assert!(scores.len() >= 2, "{history:?}");
    let leap = scores.windows(2).map(|pair| (pair[0] - pair[1]).abs()).fold(0.0, f64::max);
    assert!(leap < 15.0, "a centre does not leap from cycle to cycle: {scores:?}");
}
