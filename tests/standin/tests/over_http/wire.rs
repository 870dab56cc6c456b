//! Faults are faults on the wire, not only in the body: seen with a bare socket.

use std::{io, time::Duration};

use crate::support::{EXTRACTION, TestClient, ids};
use serde_json::{Value, json};
use standin::Config;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// All that comes back for a poll, and how it ended: `Ok` is an orderly close.
async fn raw(client: &TestClient, batch_id: &str) -> (String, io::Result<()>) {
    let mut stream = ask(client, batch_id).await;
    let (mut seen, mut piece) = (Vec::new(), [0; 4096]);
    let end = loop {
        match stream.read(&mut piece).await {
            Ok(0) => break Ok(()),
            Ok(read) => seen.extend_from_slice(&piece[..read]),
            Err(error) => break Err(error),
        }
    };
    (String::from_utf8(seen).unwrap(), end)
}

async fn ask(client: &TestClient, batch_id: &str) -> TcpStream {
    let mut stream = TcpStream::connect(client.server.address()).await.unwrap();
    let body = ids(EXTRACTION, batch_id).to_string();
    let head = format!(
        "POST /api/v1/getBatchResults HTTP/1.1\r\nhost: standin\r\nauthorization: Bearer T\r\nconnection: close\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all((head + &body).as_bytes()).await.unwrap();
    stream
}

fn promised_and_received(answer: &str) -> (usize, usize) {
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
    (length.parse().unwrap(), body.len())
}

#[tokio::test]
async fn a_reset_is_a_reset_and_nothing_before_it() {
    let client = TestClient::without_floor().await;
    for _ in 0..2 {
        let (seen, end) = raw(&client, "reset-then-done").await;
        assert_eq!(seen, "");
        assert_eq!(end.unwrap_err().kind(), io::ErrorKind::ConnectionReset);
    }
    let (seen, end) = raw(&client, "reset-then-done").await;
    assert!(seen.starts_with("HTTP/1.1 200 OK"), "{seen}");
    assert!(end.is_ok(), "an answer that is well ends in an orderly close");
    let log = client.see("log").await;
    assert_eq!((&log[0]["httpStatus"], &log[2]["httpStatus"]), (&Value::Null, &json!(200)));
}

#[tokio::test]
async fn a_reset_in_the_body_comes_after_half_of_it() {
    let client = TestClient::without_floor().await;
    let (seen, end) = raw(&client, "reset-in-body").await;
    let (promised, received) = promised_and_received(&seen);
    assert_eq!(received, promised / 2);
    assert_eq!(end.unwrap_err().kind(), io::ErrorKind::ConnectionReset);
}

#[tokio::test]
async fn a_cut_body_is_shorter_than_promised_and_closed_in_order() {
    let client = TestClient::without_floor().await;
    let (seen, end) = raw(&client, "cut-body").await;
    let (promised, received) = promised_and_received(&seen);
    assert_eq!(received, promised / 2);
    assert!(end.is_ok());
    client.poll(EXTRACTION, "cut-body").await.bytes().await.unwrap_err();
}

#[tokio::test]
async fn truncated_json_is_a_whole_http_body() {
    let client = TestClient::without_floor().await;
    let (seen, _) = raw(&client, "truncated-json").await;
    let (promised, received) = promised_and_received(&seen);
    assert_eq!(received, promised);
    assert!(client.poll(EXTRACTION, "truncated-json").await.json::<Value>().await.is_err());
}

#[tokio::test]
async fn slow_answers_are_slow_and_still_right() {
    let client = TestClient::without_floor().await;
    for (batch_id, at_least) in [("slow-headers", 3000), ("slow-bytes", 900)] {
        let asked = std::time::Instant::now();
        let answer = client.poll(EXTRACTION, batch_id).await;
        let done: Value = answer.json().await.unwrap();
        assert!(asked.elapsed() >= Duration::from_millis(at_least), "{batch_id}");
        assert_eq!(done["files"].as_array().unwrap().len(), 3);
    }
}

#[tokio::test]
async fn silence_lasts_while_the_client_listens() {
    let client = TestClient::without_floor().await;
    let mut silent = ask(&client, "never-answers").await;
    let mut byte = [0; 1];
    let received = tokio::time::timeout(Duration::from_millis(500), silent.read(&mut byte)).await;
    assert!(received.is_err(), "neither a byte nor an end");

    let mut endless = client.poll(EXTRACTION, "never-ends-body").await;
    assert_eq!(endless.status(), 200);
    let first = endless.chunk().await.unwrap().unwrap();
    assert!(first.starts_with(b"{"));
    assert_eq!(endless.chunk().await.unwrap().unwrap(), " ");
    assert!(endless.content_length().is_none());
}

#[tokio::test]
async fn bodies_that_are_not_the_expected_json() {
    let client = TestClient::without_floor().await;
    for (batch_id, status, content_type, start) in [
        ("html-502", 502, Some("text/html; charset=utf-8"), "<html>"),
        ("html-200", 200, Some("text/html; charset=utf-8"), "<!DOCTYPE html>"),
        ("array-body", 200, Some("application/json; charset=utf-8"), "[]"),
        ("null-body", 200, Some("application/json; charset=utf-8"), "null"),
        ("text-body", 200, Some("text/plain; charset=utf-8"), "OK"),
        ("empty-body", 200, None, ""),
        ("empty-404", 404, Some("application/json; charset=utf-8"), ""),
        ("wrong-type", 200, Some("text/html; charset=utf-8"), "{"),
        ("answers-{\"files\":\"-\"}", 200, Some("application/json; charset=utf-8"), "{\"files\":\"-\"}"),
    ] {
        let answer = client.poll(EXTRACTION, batch_id).await;
        assert_eq!(answer.status(), status, "{batch_id}");
        assert_eq!(answer.headers().get("content-type").map(|value| value.to_str().unwrap()), content_type);
        let body = answer.text().await.unwrap();
        assert!(body.starts_with(start) && (!start.is_empty() || body.is_empty()), "{batch_id}: {body}");
    }
    let binary = client.poll(EXTRACTION, "binary-500").await.bytes().await.unwrap();
    assert!(std::str::from_utf8(&binary).is_err());
    let deep = client.poll(EXTRACTION, "deep-9000").await.text().await.unwrap();
    assert!(deep.contains(&"[".repeat(9_000)));
    let large = client.poll(EXTRACTION, "megabytes-3").await.bytes().await.unwrap().len();
    assert!((3_000_000..3_010_000).contains(&large), "{large}");
    let (seen, _) = raw(&client, "bom").await;
    assert!(seen.contains("\r\n\r\n\u{feff}{"));
}

#[tokio::test]
async fn whoever_follows_a_redirect_is_logged() {
    let client = TestClient::without_floor().await;
    let away = client.poll(EXTRACTION, "redirect").await;
    assert_eq!(away.status(), 302);
    let place = away.headers()["location"].to_str().unwrap().to_owned();
    assert_eq!(client.see("log?token=T").await.as_array().unwrap().len(), 1);
    let url = format!("{}{place}", client.server.url());
    client.http.get(url).bearer_auth("T").send().await.unwrap();
    assert_eq!(client.see("log?token=T").await[1]["endpoint"], place);
}

#[tokio::test]
async fn an_outage_lasts_for_so_many_requests_and_no_script_goes_on_meanwhile() {
    let client = TestClient::without_floor().await;
    client.http.post(format!("{}/_standin/outage?token=T&requests=2", client.server.url())).send().await.unwrap();
    for status in [503, 503, 200] {
        assert_eq!(client.poll(EXTRACTION, "waits-1").await.status(), status);
    }
    assert_eq!(client.ok(EXTRACTION, "waits-1").await["files"].as_array().unwrap().len(), 3);

    client.http.post(format!("{}/_standin/outage?token=other&requests=9", client.server.url())).send().await.unwrap();
    assert_eq!(client.poll(EXTRACTION, "waits-1").await.status(), 200, "another token's outage is not ours");
}

#[tokio::test]
async fn connections_are_kept_open_unless_they_are_to_be_closed() {
    for (close_connections, connection) in [(false, None), (true, Some("close"))] {
        let client = TestClient::with(Config { close_connections, floor: Duration::ZERO, ..Config::default() }).await;
        let answer = client.poll(EXTRACTION, "done").await;
        assert_eq!(answer.headers().get("connection").map(|value| value.to_str().unwrap()), connection);
    }
}
