//! Faults planted in the server on purpose: each is found by a test of this suite, which passes without it.

use std::process::{Command, Output};

use mizan_protocol::proof::{Fault, Finder};

/// Which test finds which fault, and what it says then.
const TABLE: [(Fault, &str, &str); 4] = [
    (
        Fault::SequenceFirst,
        "order::a_reader_beside_many_writers_misses_nothing::postgres",
        "rows that the reader's cursor went past",
    ),
    (
        Fault::RoleTestInverted,
        "rights::each_role_meets_each_route_as_the_table_says::sqlite",
        "manager: GET /api/audit: 200",
    ),
    (
        Fault::ConflictOverwritten,
        "sync::an_operation_sent_again_changes_nothing::sqlite",
        "a conflict",
    ),
    (Fault::AuditNotChained, "audit::an_export_is_whole_and_signed::sqlite", "NotChained"),
];

/// Runs one test in a process of its own, where a fault may be planted in everything.
fn run(test: &str, fault: Option<Fault>) -> Output {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args([test, "--exact", "--nocapture"]).env_remove("MIZAN_PLANT");
    command.envs(fault.map(|fault| ("MIZAN_PLANT", fault.word())));
    command.output().unwrap()
}

#[test]
fn each_fault_is_found_by_the_test_that_is_named_and_by_its_cause() {
    let named = TABLE.map(|(fault, ..)| fault);
    assert!(Fault::found_by(Finder::Server).all(|fault| named.contains(&fault)));
    for (fault, test, says) in TABLE {
        let (word, sound) = (fault.word(), run(test, None));
        let told = String::from_utf8_lossy(&sound.stdout);
        assert!(sound.status.success() && told.contains("1 passed"), "{test} without {word}");
        let planted = run(test, Some(fault));
        let told = String::from_utf8_lossy(&planted.stderr);
        assert!(!planted.status.success(), "{word} was not found by {test}");
        assert!(told.contains(says), "{word} was found, but not by its cause: {told}");
        println!("planted {word}: found by {test}");
    }
}
