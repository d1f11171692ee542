//! Client certificates that no server accepts.

use pki::Leaf;
use testkit::Pki;
use time::{Duration, OffsetDateTime};

use crate::{gateway::Gateway, scenario::Scenario, servers::tls_greeter};

fn client() -> Leaf {
    Leaf::new(["client"])
}

fn faults() -> [(Leaf, &'static str, &'static str); 3] {
    let now = OffsetDateTime::now_utc();
    [
        (
            Leaf {
                not_before: now - Duration::days(9),
                not_after: now - Duration::hours(1),
                ..client()
            },
            "which expired on",
            "Renew the certificate of --cert",
        ),
        (
            Leaf {
                not_before: now + Duration::hours(1),
                ..client()
            },
            "which is not valid before",
            "Check the clocks",
        ),
        (
            Leaf {
                for_clients: false,
                ..client()
            },
            "its extended key usage lacks clientAuth",
            "client auth",
        ),
    ]
}

#[tokio::test]
async fn the_fault_of_a_rejected_certificate_is_named() {
    for (leaf, cause, fix) in faults() {
        let pki = Pki::new();
        let addr = tls_greeter(&pki, &["--client-ca", &pki.ca()]).await;
        let run = with_certificate(&pki, &leaf, &["--cacert", &pki.ca(), "--addr", &addr]);
        let run = run.diagnosed_as("tls_client_certificate_rejected").await;
        run.shows(cause);
        run.shows(fix);
    }
}

#[tokio::test]
async fn a_faulty_certificate_that_no_server_requests_is_no_failure() {
    let (leaf, ..) = &faults()[0];
    let pki = Pki::new();
    let addr = tls_greeter(&pki, &[]).await;
    let scenario = with_certificate(&pki, leaf, &["--cacert", &pki.ca(), "--addr", &addr]);
    scenario.diagnosed_as("ok").await;
}

#[tokio::test]
async fn envoy_rejects_an_expired_certificate() {
    let (leaf, cause, _) = &faults()[0];
    let mut gateway = Gateway::mutual(testkit::localhost()).start().await;
    let pki = Pki::new();
    let extra = with_certificate(&pki, leaf, &[]).args;
    gateway.args.extend(extra.into_iter().skip(1));
    let run = gateway
        .diagnosed_as("tls_client_certificate_rejected")
        .await;
    run.shows(cause);
}

/// A client with this certificate and these flags.
fn with_certificate(pki: &Pki, leaf: &Leaf, flags: &[&str]) -> Scenario {
    let (cert, key) = pki.issue("client", leaf);
    let mut scenario = Scenario::new(["--tls", "--cert", &cert, "--key", &key]);
    scenario
        .args
        .extend(flags.iter().map(|&flag| flag.to_owned()));
    scenario
}
