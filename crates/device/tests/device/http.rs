//! The HTTP transport against a socket on this machine.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;

use mizan_device::Error;
use mizan_device::transport::{Http, Method, NoReply, Reply, Request, Transport as _};
use zeroize::Zeroizing;

fn request(body: &str) -> Request {
    Request {
        method: Method::Post,
        path: "/api/sync/pull".into(),
        token: Some(Zeroizing::new("a-token".into())),
        content_type: "application/json".into(),
        headers: vec![("upload-offset", "7".into())],
        body: body.into(),
    }
}

fn send(http: &Http, request: &Request) -> Result<Reply, NoReply> {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.enable_all().build().unwrap().block_on(http.send(request))
}

/// Answers one request with the given text; gives back what it received.
fn serve_once(answer: &'static str) -> (String, std::thread::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let served = std::thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        let mut reader = BufReader::new(&stream);
        let (mut received, mut length) = (String::new(), 0);
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).unwrap();
            if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
            received.push_str(&line);
            if line == "\r\n" {
                break;
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).unwrap();
        received.push_str(&String::from_utf8(body).unwrap());
        (&stream).write_all(answer.as_bytes()).unwrap();
        received
    });
    (url, served)
}

#[test]
fn a_request_carries_token_type_and_body_and_the_reply_its_patience() {
    let (url, served) = serve_once(
        "HTTP/1.1 503 Service Unavailable\r\nretry-after: 7\r\nupload-offset: 9\r\n\
         location: /there\r\ncontent-length: 2\r\n\r\n{}",
    );
    let reply = send(&Http::new(&url).unwrap(), &request("{\"cursors\":{}}")).unwrap();
    let expected = Reply {
        status: 503,
        retry_after_s: Some(7),
        location: Some("/there".into()),
        upload_offset: Some(9),
        body: b"{}".to_vec(),
    };
    assert_eq!(reply, expected);
    let received = served.join().unwrap();
    assert!(received.starts_with("POST /api/sync/pull HTTP/1.1\r\n"), "{received}");
    let lower = received.to_lowercase();
    let lines =
        ["authorization: bearer a-token", "content-type: application/json", "upload-offset: 7"];
    for line in lines {
        assert!(lower.contains(line), "{received}");
    }
    assert!(received.ends_with("{\"cursors\":{}}"), "{received}");
}

#[test]
fn a_cut_answer_is_told_from_an_unreachable_server() {
    let (url, served) = serve_once("HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\n{\"half");
    let cut = send(&Http::new(&url).unwrap(), &request("{}")).unwrap_err();
    assert!(matches!(cut, NoReply::Cut { .. }), "{cut:?}");
    served.join().unwrap();

    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let http = Http::new(&format!("http://{closed}")).unwrap();
    let NoReply::Unreachable { server, reason } = send(&http, &request("{}")).unwrap_err() else {
        panic!("nothing listens there")
    };
    assert_eq!(server, format!("http://{closed}"));
    assert!(reason.to_lowercase().contains("refused"), "{reason}");
}

#[test]
fn without_tls_only_this_machine_is_spoken_to() {
    for url in ["http://mizan.example.org", "ftp://127.0.0.1", "mizan", "http://10.0.0.1:8080"] {
        assert!(matches!(Http::new(url), Err(Error::BadUrl { .. })), "{url}");
    }
    for url in ["https://mizan.example.org/", "http://127.0.0.1:8080", "http://localhost:1"] {
        assert!(Http::new(url).is_ok(), "{url}");
    }
}
