//! Evidence: bytes in, bytes out, and what is refused.

use axum::body::Body;
use axum::http::Method;
use mizan_protocol::canonical::Digest;
use mizan_protocol::media::MAX_BYTES;
use serde_json::json;

use crate::desk::{Answer, Desk};
use crate::support::visit_id;

/// A picture with a place in its metadata.
pub(crate) fn jpeg() -> Vec<u8> {
    let metadata = [&[0xFF, 0xE1, 0, 12], b"Exif\0\0GPS!".as_slice()].concat();
    [&[0xFF, 0xD8], metadata.as_slice(), &[0xFF, 0xDA, 0, 2, 1, 2, 3, 0xFF, 0xD9]].concat()
}

impl Desk {
    pub(crate) async fn attach(&self, path: &str, bytes: Vec<u8>) -> Answer {
        self.send(Method::POST, path, Body::from(bytes)).await
    }
}

fn path(rest: &str) -> String {
    format!("/visits/{}/evidence{rest}", visit_id(1))
}

#[tokio::test]
async fn a_file_goes_in_without_its_metadata_and_comes_out_by_its_digest() {
    let desk = Desk::taken(1).await;
    let view = desk.attach(&path("?criterion=A2&kind=photo"), jpeg()).await.ok();
    let item = &view["evidence"][0];
    assert_eq!((&item["criterion"], &item["kind"]), (&json!("A2"), &json!("photo")));
    assert_eq!((&item["media_type"], &item["sent"]), (&json!("image/jpeg"), &json!(false)));
    let sha256 = item["sha256"].as_str().unwrap().to_owned();

    let read = desk.get(&format!("/evidence/{sha256}")).await;
    assert_eq!((read.status.as_u16(), read.media_type.as_str()), (200, "image/jpeg"));
    assert_eq!(Digest::of(&read.bytes).to_string(), sha256);
    assert!(!read.bytes.windows(3).any(|part| part == b"GPS"), "the place is taken off");

    let twice = desk.attach(&path("?criterion=A2&kind=photo"), jpeg()).await.ok();
    assert_eq!(twice["evidence"].as_array().unwrap().len(), 1, "the same file is one file");
    let view = desk.delete(&path(&format!("/A2/{sha256}"))).await.ok();
    assert_eq!(view["evidence"], json!([]));
    desk.delete(&path(&format!("/A2/{sha256}"))).await.refused(404, "request.not_found");
    assert_eq!(desk.get("/ledger").await.ok()["unsent_files"], 0, "nobody waits for it");
    assert_eq!(desk.get(&format!("/evidence/{sha256}")).await.bytes, read.bytes, "the file stays");
    let none = "0".repeat(64);
    desk.get(&format!("/evidence/{none}")).await.refused(404, "request.not_found");
}

#[tokio::test]
async fn a_file_that_is_not_accepted_is_refused_by_name() {
    let desk = Desk::taken(1).await;
    let photo = "?criterion=A2&kind=photo";
    let mut cut = jpeg();
    cut.truncate(cut.len() - 2);
    let large = |bytes: usize| [b"plain ".as_slice(), &vec![b'x'; bytes]].concat();
    let rows = [
        ("of a kind it does not take", "?criterion=A2&kind=document", jpeg(), 422, "evidence.kind"),
        ("of no kind", "?criterion=A2&kind=smell", jpeg(), 422, "request.invalid"),
        (
            "of an unknown criterion",
            "?criterion=Z9&kind=photo",
            jpeg(),
            422,
            "answer.unknown_criterion",
        ),
        ("without a kind", "?criterion=A2", jpeg(), 422, "request.invalid"),
        (
            "a program",
            photo,
            b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0".to_vec(),
            422,
            "evidence.type",
        ),
        ("cut off", photo, cut, 422, "evidence.damaged"),
        ("empty", photo, Vec::new(), 422, "evidence.damaged"),
        ("a little too large", photo, large(MAX_BYTES), 413, "evidence.too_large"),
        ("far too large", photo, large(MAX_BYTES + (2 << 20)), 413, "evidence.too_large"),
    ];
    for (title, query, bytes, status, code) in rows {
        let told = desk.attach(&path(query), bytes).await.refused(status, code);
        if code == "evidence.too_large" {
            assert_eq!(told["max"], MAX_BYTES.to_string(), "{title}");
        }
    }
    let view = desk.get(&format!("/visits/{}", visit_id(1))).await.ok();
    assert_eq!(view["evidence"], json!([]));
}
