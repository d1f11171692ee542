//! /greet/{name}?stream=n: the end of a stream that fails or that nobody reads.

mod support;

use support::{
    recorder::{FAILS, Recorder},
    start,
};
use testkit::{Service, clients::h2c, metrics::Scrape, soon};

/// The calls with this status, in the metrics.
fn calls(scrape: &Scrape, status: &str) -> f64 {
    let label = format!("rpc_response_status_code=\"{status}\"");
    let calls = scrape.sum("rpc_client_call_duration_seconds_count", &[&label]);
    calls.unwrap_or_default()
}

async fn get(hello: &Service, name: &str) -> reqwest::Response {
    let url = hello.url(&format!("/greet/{name}?stream=2"));
    let response = soon(h2c().get(url).send()).await.unwrap();
    assert_eq!(response.status(), 200);
    response
}

#[tokio::test]
async fn the_last_event_says_why_the_call_failed() {
    let greeter = Recorder::start().await;
    let hello = start(["--greeter", &greeter.url, "--greeter-timeout=100ms"]).await;
    for (name, status, detail) in [
        (FAILS, "ABORTED", "on purpose"),
        (
            "Waits",
            "DEADLINE_EXCEEDED",
            "no response from the greeter within 100ms",
        ),
    ] {
        let events = soon(get(&hello, name).await.text()).await.unwrap();
        let end = format!(
            "\n\nevent: failed\ndata: {{\"detail\":\"the call to the greeter failed: {detail}\",\
             \"grpc_status\":\"{status}\"}}\n\n"
        );
        assert!(events.starts_with("event: greeting\ndata: {"), "{events}");
        assert!(events.ends_with(&end), "{events}");
        Scrape::until(&hello, |it| calls(it, status) == 1.0).await;
    }
}

#[tokio::test]
async fn the_call_of_a_client_that_leaves_is_cancelled() {
    let greeter = Recorder::start().await;
    let hello = start(["--greeter", &greeter.url, "--greeter-timeout=1h"]).await;
    let mut response = get(&hello, "Waits").await;
    assert!(soon(response.chunk()).await.unwrap().is_some());
    drop(response);
    Scrape::until(&hello, |it| calls(it, "CANCELLED") == 1.0).await;
}
