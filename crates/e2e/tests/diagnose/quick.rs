//! The time to a verdict with the default timeouts, for peers that do not respond
//! and for servers that are slow.

use std::time::Duration;

use testkit::{
    Pki, localhost,
    servers::{never_answering, silent, silent_tls},
};

use crate::{
    connect::blackhole,
    gateway::Gateway,
    names::silent_dns,
    replicas::{NAME, addresses, resolving},
    scenario::Scenario,
    servers::greeter,
};

/// The time to the verdict about a peer that does not respond.
const SILENT: Duration = Duration::from_secs(3);

/// Checks the code of a silent peer and the time to the verdict, and that the fix is
/// to allow more time if the peer is only slow.
async fn is_quick(scenario: Scenario, code: &str, fix: &str) {
    let run = scenario.diagnose().await;
    assert_eq!(run.json["verdict"]["code"], code, "{:#}", run.json);
    assert!(run.took < SILENT, "{:?} in {:#}", run.took, run.json);
    run.shows(fix);
}

#[tokio::test]
async fn a_silent_plaintext_port() {
    let scenario = Scenario::new(["--addr", &silent().await]);
    is_quick(scenario, "http2.no_answer", "raise --total-timeout").await;
}

#[tokio::test]
async fn a_silent_tls_port() {
    let scenario = Scenario::new(["--tls", "--addr", &silent().await]);
    is_quick(scenario, "tls.no_answer", "raise --total-timeout").await;
}

#[tokio::test]
async fn a_server_that_is_silent_after_the_tls_handshake() {
    let pki = Pki::new();
    let addr = silent_tls(pki.server(&localhost(), &["h2"])).await;
    let scenario = Scenario::new(["--tls", "--cacert", &pki.ca(), "--addr", &addr]);
    is_quick(scenario, "http2.no_answer", "raise --total-timeout").await;
}

#[tokio::test]
async fn a_call_that_gets_no_response() {
    let scenario = Scenario::new(["--addr", &never_answering().await]);
    is_quick(scenario, "grpc.deadline", "with --total-timeout").await;
}

#[tokio::test]
async fn an_address_that_drops_packets() {
    let scenario = blackhole().await;
    is_quick(scenario, "connect.timeout", "raise --total-timeout").await;
}

#[tokio::test]
async fn a_dns_server_that_does_not_respond() {
    is_quick(silent_dns(), "name.not_found", "DNS timed out").await;
}

#[tokio::test]
async fn one_silent_address_of_two() {
    let (good, silent) = (greeter(&[]).await, silent().await);
    let port = addresses(&[("127.0.0.1", &good), ("127.0.0.2", &silent)]).await;
    let hosts = format!("127.0.0.1 {NAME}\n127.0.0.2 {NAME}\n");
    let scenario = resolving(&hosts, &["--addr", &format!("{NAME}:{port}")]);
    let fails = format!("1 of 4 attempts fail on 127.0.0.2:{port}");
    is_quick(scenario, "http2.no_answer", &fails).await;
}

/// Envoy delays each call by this time.
async fn delayed(seconds: &str) -> Scenario {
    let delay = format!("delay: {{ fixed_delay: {seconds}, percentage: {{ numerator: 100 }} }}");
    Gateway::to(&greeter(&[]).await)
        .filter("fault", "HTTPFault", &delay)
        .start()
        .await
}

#[tokio::test]
async fn a_server_that_takes_a_second_is_healthy() {
    is_quick(delayed("1s").await, "ok", "the call succeeds").await;
}

#[tokio::test]
async fn a_longer_timeout_lengthens_the_diagnosis() {
    let mut scenario = delayed("2s").await;
    scenario
        .args
        .extend(["--timeout", "4s", "--attempts", "1"].map(str::to_owned));
    let run = scenario.diagnose().await;
    assert_eq!(run.json["verdict"]["code"], "ok", "{:#}", run.json);
}
