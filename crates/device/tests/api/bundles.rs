//! Bundles over the API: what is refused by name, and a file that goes out and is not an answer.

use serde_json::{Value, json};

use crate::desk::Desk;

#[tokio::test]
async fn without_the_servers_key_no_bundle_is_written_and_no_other_file_taken_for_an_answer() {
    let desk = Desk::new(1);
    desk.post("/bundle", Value::Null).await.refused(423, "device.locked");
    desk.enrol_and_pull().await;
    desk.post("/bundle", Value::Null).await.refused(409, "bundle.no_server_key");
    let wrong = desk.attach("/bundle/answer", b"a letter".to_vec()).await;
    assert_eq!(wrong.refused(422, "bundle.not_an_answer"), json!({}));
    assert_eq!(desk.get("/ledger").await.ok()["unsent_records"], 0, "nothing changed");
}
