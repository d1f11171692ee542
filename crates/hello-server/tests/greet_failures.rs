//! /greet/{name} with a greeter that fails: a JSON error within the deadline.

mod support;

use std::time::{Duration, Instant};

use reqwest::StatusCode;
use support::{problem, start, start_greeter};
use testkit::{any_port, clients::http1, servers::silent};
use tokio::net::TcpSocket;

#[tokio::test]
async fn a_greeter_that_is_down_is_unavailable() {
    // Bound but not listening: the port stays reserved and refuses connections.
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(any_port()).unwrap();
    let url = format!("http://{}", socket.local_addr().unwrap());
    let hello = start(["--greeter", &url]).await;
    let response = http1().get(hello.url("/greet/Alice")).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    let (error, status) = problem(response).await;
    assert!(error.contains("Connection refused"), "{error}");
    assert_eq!(status.as_deref(), Some("UNAVAILABLE"));
}

#[tokio::test]
async fn a_greeter_that_returns_is_called_again() {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(any_port()).unwrap();
    let address = socket.local_addr().unwrap();
    let hello = start(["--greeter", &format!("http://{address}")]).await;
    let get = async || http1().get(hello.url("/greet/Alice")).send().await.unwrap();
    assert_eq!(get().await.status(), StatusCode::SERVICE_UNAVAILABLE);
    let public = socket.listen(16).unwrap();
    support::serve_greeter(public).await;
    assert_eq!(get().await.status(), StatusCode::OK);
}

#[tokio::test]
async fn a_call_to_a_silent_greeter_ends_at_the_deadline() {
    let url = format!("http://{}", silent().await);
    let hello = start(["--greeter", &url, "--greeter-timeout", "1h"]).await;
    let deadline = Duration::from_millis(200);
    let called = Instant::now();
    let response = http1()
        .get(hello.url("/greet/Alice"))
        .header(
            "x-envoy-expected-rq-timeout-ms",
            deadline.as_millis().to_string(),
        )
        .send();
    let response = response.await.unwrap();
    let waited = called.elapsed();
    assert!(waited >= deadline && waited < 20 * deadline, "{waited:?}");
    assert_eq!(response.status(), StatusCode::GATEWAY_TIMEOUT);
    let (error, status) = problem(response).await;
    assert!(error.contains("200ms"), "{error}");
    assert_eq!(status.as_deref(), Some("DEADLINE_EXCEEDED"));
}

#[tokio::test]
async fn a_call_to_a_silent_greeter_ends_without_a_deadline_too() {
    let url = format!("http://{}", silent().await);
    let hello = start(["--greeter", &url, "--greeter-timeout", "50ms"]).await;
    let response = http1().get(hello.url("/greet/Alice")).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::GATEWAY_TIMEOUT);
}

#[tokio::test]
async fn a_name_that_the_greeter_refuses_is_a_bad_request() {
    let greeter = start_greeter().await;
    let hello = start(["--greeter", &greeter]).await;
    for name in ["a%0Ab", "%7F", &"a".repeat(4097)] {
        let url = hello.url(&format!("/greet/{name}"));
        let response = http1().get(url).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::BAD_REQUEST);
        let (error, status) = problem(response).await;
        assert!(error.contains("name "), "{error}");
        assert_eq!(status.as_deref(), Some("INVALID_ARGUMENT"));
    }
}
