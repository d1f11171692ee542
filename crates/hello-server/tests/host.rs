//! The header `host` (RFC 9112, section 3.2), on both servers.

mod support;

use serde_json::Value;
use support::{both_servers, check_problem, exchange, start};

/// A request that ends its connection, with these further lines.
fn request(version: &str, lines: &str) -> String {
    format!("GET /a HTTP/{version}\r\n{lines}connection: close\r\n\r\n")
}

#[tokio::test]
async fn refuses_a_request_without_exactly_one_valid_host() {
    for server in both_servers().await {
        for (version, lines) in [
            ("1.1", ""),
            ("1.1", "host: a\r\nhost: b\r\n"),
            ("1.1", "host: a\r\nhost: a\r\n"),
            ("1.0", "host: a\r\nhost: b\r\n"),
            ("1.1", "host: a b\r\n"),
            ("1.1", "host: a/b\r\n"),
            ("1.1", "host: user@a\r\n"),
            ("1.1", "host: a:http\r\n"),
            ("1.0", "host: a:65536\r\n"),
        ] {
            let response = exchange(server, request(version, lines)).await;
            let start = format!("HTTP/{version} 400 Bad Request\r\n");
            assert!(response.starts_with(&start), "{lines:?}: {response}");
            let (head, body) = response.split_once("\r\n\r\n").unwrap();
            assert!(
                head.contains("content-type: application/problem+json"),
                "{head}"
            );
            let body: Value = serde_json::from_str(body).unwrap();
            check_problem(&body);
            assert!(body["detail"].as_str().unwrap().contains("Host"), "{body}");
        }
    }
}

#[tokio::test]
async fn refuses_an_absolute_target_without_a_host() {
    let hello = start([]).await;
    let request = "GET http://a/ HTTP/1.1\r\nconnection: close\r\n\r\n";
    let response = exchange(hello.public, request).await;
    assert!(response.starts_with("HTTP/1.1 400 "), "{response}");
}

#[tokio::test]
async fn takes_a_valid_host_and_http_1_0_without_one() {
    for server in both_servers().await {
        for (version, lines) in [
            ("1.1", "host: a\r\n"),
            ("1.1", "Host: [::1]:80\r\n"),
            ("1.1", "host:\r\n"),
            ("1.0", ""),
            ("1.0", "host: a:80\r\n"),
        ] {
            let response = exchange(server, request(version, lines)).await;
            let start = format!("HTTP/{version} ");
            assert!(response.starts_with(&start), "{response}");
            assert!(!response.contains("Host header"), "{lines:?}: {response}");
        }
    }
}

#[tokio::test]
async fn the_admin_port_requires_a_host() {
    let hello = start([]).await;
    let response = exchange(hello.admin, request("1.1", "")).await;
    assert!(response.starts_with("HTTP/1.1 400 "), "{response}");
}
