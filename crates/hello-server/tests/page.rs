//! The page on `/`, who gets it, and what it contains.

mod support;

use reqwest::RequestBuilder;
use serde_json::{Value, json};
use support::{exchange, start};
use testkit::{
    Service,
    clients::{h2c, http1},
};

const BROWSER: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
const DETAILED: &str = "application/vnd.hello-server+json";

fn request(hello: &Service, accept: &str) -> RequestBuilder {
    http1().get(hello.url("/")).header("accept", accept)
}

/// The identity in a page.
fn embedded(page: &str) -> Value {
    let (_, rest) = page.split_once(r#"id="identity">"#).unwrap();
    let (json, _) = rest.split_once("</script>").unwrap();
    serde_json::from_str(json).unwrap()
}

#[tokio::test]
async fn browsers_get_a_page_that_nobody_stores() {
    let hello = start([
        "--version-label",
        "v1",
        "--color",
        "teal",
        "--zone=a",
        "--node=",
    ])
    .await;
    for client in [http1(), h2c()] {
        let request = client.get(hello.url("/?x=1")).header("accept", BROWSER);
        let response = request.send().await.unwrap();
        let headers = response.headers().clone();
        assert_eq!(headers["content-type"], "text/html; charset=utf-8");
        assert_eq!(headers["cache-control"], "no-store");
        assert_eq!(headers["vary"], "accept");
        assert_eq!(headers["x-content-type-options"], "nosniff");
        let page = response.text().await.unwrap();
        assert!(page.starts_with("<!doctype html>"), "{page}");
        assert!(!page.contains("{{"), "{page}");
        let identity = embedded(&page);
        assert_eq!(identity["pod"], "hello-1");
        assert_eq!(identity["version"], "v1");
        assert_eq!(identity["color"], "teal");
        assert_eq!(identity["zone"], "a");
        assert_eq!(identity["node"], Value::Null);
    }
}

#[tokio::test]
async fn the_answers_of_other_clients_are_what_they_were() {
    let hello = start(["--version-label", "v2"]).await;
    let expected = "HTTP/1.1 200 OK\r\ncontent-type: text/html; charset=utf-8\r\n\
        content-security-policy: default-src 'none'; base-uri 'none'; form-action 'none'; \
        frame-ancestors 'none'\r\nx-content-type-options: nosniff\r\nconnection: close\r\n\
        content-length: 14\r\ndate: ";
    for accept in ["accept: */*\r\n", "", "accept: text/plain, text/html\r\n"] {
        let request = format!("GET / HTTP/1.1\r\nhost: a\r\n{accept}connection: close\r\n\r\n");
        let response = exchange(hello.public, request).await;
        assert!(response.starts_with(expected), "{response}");
        let (_, date) = response.split_once("date: ").unwrap();
        let (_, rest) = date.split_once("\r\n").unwrap();
        assert_eq!(rest, "\r\nHello World! /");
    }
    // Only the root has a page.
    let other = http1().get(hello.url("/any")).header("accept", BROWSER);
    let text = other.send().await.unwrap().text().await.unwrap();
    assert_eq!(text, "Hello World! /any");
}

#[tokio::test]
async fn hostile_headers_stay_within_the_identity() {
    let flags = [
        "--show-mesh-identity",
        "--trace-url",
        "https://trace.example/{trace_id}",
    ];
    let hello = start(flags).await;
    let hostile = "</script><script>alert(1)</script><!--";
    let request = request(&hello, BROWSER)
        .header("x-request-id", hostile)
        .header("x-forwarded-proto", hostile)
        .header("x-forwarded-client-cert", format!("URI={hostile}"))
        .header(
            "traceparent",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        );
    let page = request.send().await.unwrap().text().await.unwrap();
    assert!(!page.contains("alert(1)</"), "{page}");
    let identity = embedded(&page);
    assert_eq!(identity["request_id"], hostile);
    assert_eq!(identity["scheme"], hostile);
    assert_eq!(identity["peer"]["caller"], hostile);
    let link = "https://trace.example/0af7651916cd43dd8448eb211c80319c";
    assert_eq!(identity["trace"]["link"], link);
}

#[tokio::test]
async fn shows_the_start_of_long_headers() {
    let hello = start(["--show-mesh-identity"]).await;
    let start = "<".repeat(256);
    let request = request(&hello, BROWSER)
        .header("x-request-id", "<".repeat(12_000))
        .header("x-forwarded-proto", &start)
        .header(
            "x-forwarded-client-cert",
            format!("URI={start}<;By={start}"),
        );
    let response = request.send().await.unwrap();
    let length = response.content_length();
    let page = response.text().await.unwrap();
    assert_eq!(Some(page.len() as u64), length);
    let identity = embedded(&page);
    assert_eq!(identity["request_id"], format!("{start}…"));
    assert_eq!(identity["scheme"], start);
    assert_eq!(identity["peer"]["caller"], format!("{start}…"));
    assert_eq!(identity["peer"]["own"], start);
}

#[tokio::test]
async fn identities_of_the_mesh_need_their_flag() {
    let certificate = "By=spiffe://a/sa/hello;Hash=1;URI=spiffe://a/sa/gateway";
    for (flags, peer) in [
        (vec![], Value::Null),
        (
            vec!["--show-mesh-identity"],
            json!({"caller": "spiffe://a/sa/gateway", "own": "spiffe://a/sa/hello"}),
        ),
    ] {
        let hello = support::start_with(&flags).await;
        let request = request(&hello, DETAILED).header("x-forwarded-client-cert", certificate);
        let response = request.send().await.unwrap();
        assert_eq!(response.headers()["content-type"], DETAILED);
        assert_eq!(response.headers()["cache-control"], "no-store");
        let identity: Value = response.json().await.unwrap();
        assert_eq!(identity["peer"], peer);
        assert_eq!(identity["protocol"], "HTTP/1.1");
    }
}
