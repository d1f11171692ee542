//! The labels of hello's metrics.

mod support;

use support::start;
use testkit::{metrics::Scrape, random};

const PREFIXES: [&str; 7] = [
    "/",
    "/greet/",
    "/status/",
    "/delay/x",
    "/stream/x",
    "/echo/",
    "/a/b?c=",
];
const TYPES: [&str; 2] = ["text/plain", "application/grpc"];

#[tokio::test]
async fn random_paths_methods_and_hosts_add_no_series() {
    let hello = start(["--greeter", "http://127.0.0.1:1"]).await;
    random::requests(hello.public, 0, &PREFIXES, &TYPES).await;
    let before = Scrape::of(&hello).await;
    random::requests(hello.public, 10_000, &PREFIXES, &TYPES).await;
    let counted = |it: &Scrape| {
        let http = it.sum("http_server_request_duration_seconds_count", &[]);
        let rpc = it.sum("rpc_server_call_duration_seconds_count", &[]);
        http.unwrap_or_default() + rpc.unwrap_or_default() >= 10_000.0
    };
    let after = Scrape::until(&hello, counted).await;
    assert_eq!(before.series(), after.series());
    assert!(after.0.contains("http_route=\"/greet/{name}\""));
}
