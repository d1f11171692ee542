//! Servers of which some calls fail: several addresses of one name, and replicas
//! behind one address.

use std::sync::atomic::Ordering;

use serde_json::Value;
use testkit::{Pki, servers::http1_only};

use crate::{
    connect::connect_refused,
    gateway::Gateway,
    http2::http2_calm,
    replicas::{NAME, addresses, balancer, resolving, tls_greeter},
    scenario::{Run, Scenario},
    servers::{greeter, named_greeter},
};

impl Run {
    /// How many attempts have this code, and how many there are.
    fn attempts(&self, code: &str) -> (usize, usize) {
        let attempts = self.json["attempts"].as_array().unwrap();
        let with_code = attempts.iter().filter(|it| it["code"] == code);
        (with_code.count(), attempts.len())
    }

    /// The distinct values of a field of the attempts with this code.
    fn values(&self, code: &str, field: &str) -> Vec<&str> {
        let attempts = self.json["attempts"].as_array().unwrap().iter();
        let with_code = attempts.filter(|it| it["code"] == code);
        let mut values: Vec<_> = with_code.filter_map(|it| it[field].as_str()).collect();
        values.sort_unstable();
        values.dedup();
        values
    }
}

#[tokio::test]
async fn an_expired_certificate_on_one_of_two_addresses_is_found() {
    let pki = Pki::new();
    let good = tls_greeter(&pki, "good", false).await;
    let expired = tls_greeter(&pki, "expired", true).await;
    // The failing address can be the first or the second of the name.
    for (good_ip, expired_ip) in [("127.0.0.1", "127.0.0.2"), ("127.0.0.2", "127.0.0.1")] {
        let port = addresses(&[(good_ip, &good), (expired_ip, &expired)]).await;
        let hosts = format!("127.0.0.1 {NAME}\n127.0.0.2 {NAME}\n");
        let addr = format!("{NAME}:{port}");
        let args = ["--tls", "--cacert", &pki.ca(), "--addr", &addr];
        let run = resolving(&hosts, &args).diagnosed_as("tls_expired").await;
        let failing = format!("{expired_ip}:{port}");
        let (failed, total) = run.attempts("tls.expired");
        run.shows(&format!(
            "{failed} of {total} attempts fail on {failing}: the certificate expired"
        ));
        run.shows(&format!("succeed on {good_ip}:{port} (host good)"));
        run.shows("Other addresses of the name serve");
        assert_eq!(run.values("tls.expired", "address"), [failing]);
        assert_eq!(run.values("ok", "host"), ["good"]);
        assert_eq!((failed + run.attempts("ok").0, total), (5, 5));
        assert_eq!((run.status("resolve"), run.status("tls")), ("ok", "failed"));
        let addresses = run.json["connection"]["addresses"].as_array().unwrap();
        assert_eq!(addresses.len(), 2, "{:#}", run.json);
    }
}

#[tokio::test]
async fn the_verdict_counts_the_attempts_of_its_cause() {
    let (pki, other) = (Pki::new(), Pki::new());
    let good = tls_greeter(&pki, "good", false).await;
    let expired = tls_greeter(&pki, "expired", true).await;
    let untrusted = tls_greeter(&other, "untrusted", false).await;
    let port = addresses(&[
        ("127.0.0.1", &good),
        ("127.0.0.2", &expired),
        ("127.0.0.3", &untrusted),
    ])
    .await;
    let hosts = ["127.0.0.1", "127.0.0.2", "127.0.0.3"].map(|ip| format!("{ip} {NAME}\n"));
    let addr = format!("{NAME}:{port}");
    let args = ["--tls", "--cacert", &pki.ca(), "--attempts", "6"];
    let args = [&args[..], &["--addr", &addr]].concat();
    let run = resolving(&hosts.concat(), &args).diagnose().await;
    for code in ["tls.expired", "tls.unknown_issuer"] {
        assert_eq!(run.attempts(code), (2, 6), "{:#}", run.json);
    }
    // The verdict is that of the first failure.
    let code = run.json["verdict"]["code"].as_str().unwrap();
    let address = run.values(code, "address").concat();
    run.shows("4 of 6 attempts fail on 127.0.0.");
    run.shows(&format!("; 2 of them on {address}: the certificate"));
    run.shows(&format!(
        "2 attempts succeed on 127.0.0.1:{port} (host good)"
    ));
}

#[tokio::test]
async fn the_families_of_localhost_can_have_different_servers() {
    let (good, http1) = (greeter(&[]).await, http1_only().await);
    let port = addresses(&[("127.0.0.1", &good), ("::1", &http1)]).await;
    let addr = format!("localhost:{port}");
    let hosts = "127.0.0.1 localhost\n::1 localhost\n";
    let scenario = resolving(hosts, &["--addr", &addr]);
    let run = scenario.diagnosed_as("http2_http1_server").await;
    run.shows(&format!("attempts fail on [::1]:{port}"));
    run.shows("(host greeter-under-test)");
}

#[tokio::test]
async fn an_address_without_a_listener_is_a_warning() {
    let good = greeter(&[]).await;
    let port = addresses(&[("127.0.0.1", &good)]).await;
    let hosts = format!("127.0.0.1 {NAME}\n127.0.0.2 {NAME}\n");
    let scenario = resolving(&hosts, &["--addr", &format!("{NAME}:{port}")]);
    let run = scenario.diagnosed_as("ok").await;
    assert_eq!(run.status("connect"), "warning");
    let stages = run.json["stages"].to_string();
    let text = format!("127.0.0.2:{port} refuses connections");
    assert!(stages.contains(&text), "{stages}");
    run.shows("or remove the address from DNS");
    assert!(run.attempts("connect.refused").0 > 0, "{run:?}");
}

#[tokio::test]
async fn the_usual_ipv6_address_of_localhost_is_no_warning() {
    let good = greeter(&[]).await;
    let port = addresses(&[("127.0.0.1", &good)]).await;
    let hosts = "127.0.0.1 localhost\n::1 localhost\n";
    let scenario = resolving(hosts, &["--addr", &format!("localhost:{port}")]);
    let run = scenario.diagnosed_as("ok").await;
    assert_eq!(run.status("connect"), "ok", "{:#}", run.json);
}

#[tokio::test]
async fn an_expired_certificate_behind_a_tcp_balancer_is_found() {
    let pki = Pki::new();
    let good = tls_greeter(&pki, "good", false).await;
    let expired = tls_greeter(&pki, "expired", true).await;
    for backends in [[&*good, &*expired], [&*expired, &*good]] {
        let (addr, _) = balancer(&backends).await;
        let scenario = Scenario::new(["--tls", "--cacert", &pki.ca(), "--addr", &addr]);
        let run = scenario.diagnosed_as("tls_expired").await;
        run.shows(" of 5 attempts fail on 127.0.0.1:");
        run.shows("(host good)");
        run.shows("compare the servers behind it");
        assert!(matches!(run.attempts("ok"), (2 | 3, 5)), "{:#}", run.json);
    }
}

#[tokio::test]
async fn one_broken_upstream_of_three_is_counted() {
    let (one, two) = (
        named_greeter("one", &[]).await,
        named_greeter("two", &[]).await,
    );
    let broken = connect_refused().await.args[1].clone();
    let mut scenario = Gateway::to(&one).and(&two).and(&broken).start().await;
    // Each of Envoy's threads has a round robin of its own.
    scenario
        .args
        .extend(["--attempts", "20"].map(str::to_owned));
    let run = scenario.diagnosed_as("upstream_connect_failure").await;
    let (failed, total) = run.attempts("upstream.connect_failure");
    assert!(failed > 0 && total > 2 * failed, "{:#}", run.json);
    run.shows(&format!("{failed} of {total} attempts fail"));
    assert_eq!(run.values("ok", "host"), ["one", "two"]);
}

#[tokio::test]
async fn a_failure_of_every_attempt_keeps_its_message() {
    let run = connect_refused()
        .await
        .diagnosed_as("connect_refused")
        .await;
    assert_eq!(run.attempts("connect.refused"), (5, 5));
    let cause = run.json["verdict"]["cause"].as_str().unwrap();
    assert!(cause.starts_with("nothing listens on"), "{cause}");
}

#[tokio::test]
async fn a_healthy_server_gets_few_calls() {
    let good = greeter(&[]).await;
    for (attempts, calls) in [("1", 1), ("5", 5)] {
        let (addr, connections) = balancer(&[&good]).await;
        let scenario = Scenario::new(["--attempts", attempts, "--addr", &addr]);
        let run = scenario.diagnosed_as("ok").await;
        assert_eq!(run.attempts("ok"), (calls, calls));
        assert_eq!(connections.load(Ordering::SeqCst), calls);
    }
}

#[tokio::test]
async fn a_server_that_asks_for_fewer_calls_gets_no_more() {
    let run = http2_calm().await.diagnosed_as("http2_calm").await;
    assert_eq!(run.attempts("http2.calm"), (1, 1));
}

#[tokio::test]
async fn a_single_attempt_shows_the_address_that_it_reaches() {
    let good = greeter(&[]).await;
    let port = addresses(&[("127.0.0.1", &good)]).await;
    let hosts = format!("127.0.0.1 {NAME}\n127.0.0.2 {NAME}\n");
    let addr = format!("{NAME}:{port}");
    let run = resolving(&hosts, &["--attempts", "1", "--addr", &addr]);
    let run = run.diagnosed_as("ok").await;
    let attempt: &Value = &run.json["attempts"][0];
    assert_eq!(attempt["address"], format!("127.0.0.1:{port}"));
    assert_eq!(attempt["host"], "greeter-under-test");
}
