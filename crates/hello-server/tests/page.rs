//! The page on `/`, who gets it, and what it contains.

mod support;

use reqwest::RequestBuilder;
use serde_json::{Value, json};
use support::start;
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
async fn hostile_headers_stay_within_the_identity() {
    let hello = start(["--show-mesh-identity"]).await;
    let hostile = "</script><script>alert(1)</script><!--";
    let request = request(&hello, BROWSER)
        .header("x-request-id", hostile)
        .header("x-forwarded-proto", hostile)
        .header("x-forwarded-client-cert", format!("URI={hostile}"));
    let page = request.send().await.unwrap().text().await.unwrap();
    assert!(!page.contains("alert(1)</"), "{page}");
    let identity = embedded(&page);
    assert_eq!(identity["request_id"], hostile);
    assert_eq!(identity["scheme"], hostile);
    assert_eq!(identity["peer"]["caller"], hostile);
}

#[tokio::test]
async fn only_sampled_traces_have_a_link() {
    let hello = start(["--trace-url", "https://trace.example/{trace_id}"]).await;
    let id = "0af7651916cd43dd8448eb211c80319c";
    let link = json!(format!("https://trace.example/{id}"));
    for (flags, link) in [("01", link), ("00", Value::Null)] {
        let context = format!("00-{id}-b7ad6b7169203331-{flags}");
        let request = request(&hello, DETAILED).header("traceparent", context);
        let identity: Value = request.send().await.unwrap().json().await.unwrap();
        let trace = json!({"id": id, "sampled": flags == "01", "link": link});
        assert_eq!(identity["trace"], trace);
    }
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
