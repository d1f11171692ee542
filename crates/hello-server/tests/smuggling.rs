//! Requests whose end two parsers could see in different places, on both servers:
//! none makes a server answer a request that hides in another one's content.

mod support;

use support::{both_servers, exchange};

/// What hides in the content. If a server took it for a request, it would answer it.
const HIDDEN: &str = "GET /hidden HTTP/1.1\r\nhost: a\r\n\r\n";

/// Asserts that these are the status lines of all responses.
fn assert_status_lines(sent: &str, received: &str, expected: &[&str]) {
    let lines = received.lines();
    let lines: Vec<_> = lines.filter(|it| it.starts_with("HTTP/")).collect();
    assert_eq!(lines, expected, "{sent:?}: {received}");
    assert!(!received.contains("/hidden"), "{sent:?}: {received}");
}

#[tokio::test]
async fn refuses_requests_whose_length_is_ambiguous() {
    let heads = [
        "content-length: 5\r\ncontent-length: 6",
        "content-length: 5, 6",
        "content-length: +5",
        "content-length: -5",
        "content-length: 0x5",
        "content-length: 5;",
        "content-length:",
        "content-length: 99999999999999999999",
        "content-length : 5",
        "content-length\t: 5",
        " content-length: 5",
        "transfer-encoding: identity",
        "transfer-encoding: xchunked",
        "transfer-encoding: chunked, identity",
        "transfer-encoding: chunked\r\ntransfer-encoding: identity",
        "transfer-encoding : chunked",
        // Line folding, which RFC 9112 removed from requests.
        "transfer-encoding:\r\n chunked",
        "x: a\r\n content-length: 5",
        // A bare CR, and bytes that text cannot contain.
        "x: a\rcontent-length: 5",
        "x: a\0content-length: 5",
        "x\r: a",
    ];
    for server in both_servers().await {
        for head in heads {
            let sent = format!("POST /echo HTTP/1.1\r\nhost: a\r\n{head}\r\n\r\n{HIDDEN}");
            let received = exchange(server, &sent).await;
            assert_status_lines(&sent, &received, &["HTTP/1.1 400 Bad Request"]);
        }
    }
}

#[tokio::test]
async fn refuses_chunks_in_http_1_0() {
    for server in both_servers().await {
        let head = "POST /echo HTTP/1.0\r\nhost: a\r\nconnection: keep-alive\r\n";
        let sent = format!("{head}transfer-encoding: chunked\r\n\r\n0\r\n\r\n{HIDDEN}");
        let received = exchange(server, &sent).await;
        assert!(received.contains(" 400 Bad Request\r\n"), "{received}");
        assert_eq!(received.matches("HTTP/1.").count(), 1, "{received}");
    }
}

#[tokio::test]
async fn closes_the_connection_after_chunks_with_a_length() {
    for server in both_servers().await {
        for head in [
            "content-length: 6\r\ntransfer-encoding: chunked",
            "transfer-encoding: chunked\r\ncontent-length: 6",
        ] {
            let sent = format!("GET /a HTTP/1.1\r\nhost: a\r\n{head}\r\n\r\n0\r\n\r\n{HIDDEN}");
            let received = exchange(server, &sent).await;
            assert_eq!(received.matches("HTTP/1.1 ").count(), 1, "{received}");
            assert!(!received.contains("/hidden"), "{received}");
        }
    }
}

#[tokio::test]
async fn closes_the_connection_after_a_malformed_chunk() {
    for server in both_servers().await {
        for chunk in [
            "0x5\r\nhello\r\n0\r\n\r\n",
            "-5\r\nhello\r\n0\r\n\r\n",
            "5\nhello\r\n0\r\n\r\n",
            "5;a\nb\r\nhello\r\n0\r\n\r\n",
            "5\r\nhello, too long\r\n0\r\n\r\n",
            "fffffffffffffffff\r\nhello\r\n0\r\n\r\n",
        ] {
            let head = "GET /a HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n";
            let received = exchange(server, format!("{head}{chunk}{HIDDEN}")).await;
            let responses = received.matches("HTTP/1.1 ").count();
            assert_eq!(responses, 1, "{chunk:?}: {received}");
            assert!(!received.contains("/hidden"), "{chunk:?}: {received}");
        }
    }
}

#[tokio::test]
async fn does_not_take_the_content_of_a_get_for_a_request() {
    for server in both_servers().await {
        let length = HIDDEN.len();
        let first = format!("GET /a HTTP/1.1\r\nhost: a\r\ncontent-length: {length}\r\n\r\n");
        let last = "GET /b HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";
        let received = exchange(server, format!("{first}{HIDDEN}{last}")).await;
        assert_eq!(received.matches("HTTP/1.1 ").count(), 2, "{received}");
        assert!(!received.contains("/hidden"), "{received}");
    }
}
