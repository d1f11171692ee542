//! Client certificates that no server accepts.

use pki::Leaf;
use testkit::{Pki, localhost, servers::serve};
use time::{Duration, OffsetDateTime};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy},
    net::TcpStream,
};

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
async fn a_faulty_certificate_that_no_server_requests_is_a_warning() {
    let advice = [
        "Replace the certificate of --cert: it is expired.",
        "Replace the certificate of --cert: it is not yet valid.",
        "Replace the certificate of --cert: it is not for clients.",
    ];
    for ((leaf, ..), advice) in faults().iter().zip(advice) {
        let pki = Pki::new();
        let addr = tls_greeter(&pki, &[]).await;
        let scenario = with_certificate(&pki, leaf, &["--cacert", &pki.ca(), "--addr", &addr]);
        let run = scenario.diagnosed_as("ok").await;
        assert_eq!(run.status("tls"), "warning", "{:#}", run.json);
        run.shows(advice);
    }
}

#[tokio::test]
async fn envoy_rejects_an_expired_certificate() {
    let (leaf, cause, _) = &faults()[0];
    let mut gateway = Gateway::mutual(localhost()).start().await;
    let pki = Pki::new();
    let extra = with_certificate(&pki, leaf, &[]).args;
    gateway.args.extend(extra.into_iter().skip(1));
    let run = gateway
        .diagnosed_as("tls_client_certificate_rejected")
        .await;
    run.shows(cause);
}

#[tokio::test]
async fn a_tls_1_2_server_that_closes_without_an_alert_requires_a_certificate() {
    let mut gateway = Gateway::mutual(localhost()).tls12().start().await;
    let addr = gateway.args.last_mut().unwrap();
    *addr = without_alerts(addr).await;
    gateway
        .diagnosed_as("tls_client_certificate_required")
        .await;
}

/// A relay to a TLS server, which closes the connection instead of an alert.
async fn without_alerts(server: &str) -> String {
    const ALERT: u8 = 21;
    let server = server.to_owned();
    serve(move |mut client| {
        let server = server.clone();
        async move {
            let mut server = TcpStream::connect(server).await.unwrap();
            let (mut from_client, mut to_client) = client.split();
            let (mut from_server, mut to_server) = server.split();
            let responses = async {
                let mut bytes = [0; 1 << 14];
                while let Ok(length @ 1..) = from_server.read(&mut bytes).await {
                    if bytes[0] == ALERT {
                        return;
                    }
                    let _ = to_client.write_all(&bytes[..length]).await;
                }
            };
            tokio::select! {
                () = responses => {}
                _ = copy(&mut from_client, &mut to_server) => {}
            }
        }
    })
    .await
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
