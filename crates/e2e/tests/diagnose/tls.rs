//! TLS handshakes that fail, and ALPN without HTTP/2.

use std::sync::Arc;

use pki::{Issued, Leaf};
use testkit::{
    Pki, localhost,
    servers::{closing, serve, silent, silent_tls},
    tls::config,
};
use time::{Duration, OffsetDateTime};
use tokio::{io::AsyncReadExt, sync::mpsc};
use tokio_rustls::TlsAcceptor;

use crate::{
    gateway::Gateway,
    scenario::Scenario,
    servers::{greeter, tls_greeter},
};

pub(crate) async fn tls_plaintext_server() -> Scenario {
    Scenario::new(["--tls", "--addr", &greeter(&[]).await])
}

pub(crate) async fn tls_closed_by_peer() -> Scenario {
    // Envoy closes the connection if no filter chain matches the server name.
    let gateway = Gateway::with_tls("tls_params: {}").only_for("other.example");
    gateway.start().await
}

pub(crate) async fn tls_no_answer() -> Scenario {
    Scenario::new([
        "--tls",
        "--connect-timeout",
        "300ms",
        "--addr",
        &silent().await,
    ])
}

pub(crate) async fn tls_version_unsupported() -> Scenario {
    let versions = "tls_params: { tls_minimum_protocol_version: TLSv1_0, tls_maximum_protocol_version: TLSv1_1 }";
    Gateway::with_tls(versions).start().await
}

pub(crate) async fn tls_unknown_issuer() -> Scenario {
    let pki = Pki::new();
    let addr = silent_tls(pki.server(&localhost(), &["h2"])).await;
    Scenario::new(["--tls", "--addr", &addr])
}

pub(crate) async fn tls_self_signed() -> Scenario {
    let signed = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let issued = Issued {
        cert: signed.cert.pem(),
        key: signed.signing_key.serialize_pem(),
    };
    let addr = silent_tls(config(&issued, &["h2"])).await;
    Scenario::new(["--tls", "--addr", &addr])
}

pub(crate) async fn tls_staging_certificate() -> Scenario {
    let pki = Pki::named("(STAGING) Counterfeit Cashew R10");
    let addr = silent_tls(pki.server(&localhost(), &["h2"])).await;
    Scenario::new(["--tls", "--addr", &addr])
}

pub(crate) async fn tls_expired() -> Scenario {
    let yesterday = OffsetDateTime::now_utc() - Duration::days(1);
    verified(&Leaf {
        not_before: yesterday - Duration::days(9),
        not_after: yesterday,
        ..localhost()
    })
    .await
}

pub(crate) async fn tls_not_yet_valid() -> Scenario {
    verified(&Leaf {
        not_before: OffsetDateTime::now_utc() + Duration::days(1),
        ..localhost()
    })
    .await
}

pub(crate) async fn tls_wrong_name() -> Scenario {
    verified(&Leaf::new(["example.com", "www.example.com"])).await
}

/// A server with this certificate of a CA that the client trusts.
async fn verified(leaf: &Leaf) -> Scenario {
    let pki = Pki::new();
    let addr = silent_tls(pki.server(leaf, &["h2"])).await;
    Scenario::new(["--tls", "--cacert", &pki.ca(), "--addr", &addr]).keep(pki)
}

pub(crate) async fn tls_client_certificate_required() -> Scenario {
    let pki = Pki::new();
    let addr = tls_greeter(&pki, &["--client-ca", &pki.ca()]).await;
    Scenario::new(["--tls", "--cacert", &pki.ca(), "--addr", &addr]).keep(pki)
}

pub(crate) async fn tls_client_certificate_rejected() -> Scenario {
    let (pki, other) = (Pki::new(), Pki::new());
    let addr = tls_greeter(&pki, &["--client-ca", &pki.ca()]).await;
    let (cert, key) = other.issue("client", &Leaf::new(["client"]));
    let ca = pki.ca();
    Scenario::new([
        "--tls", "--cacert", &ca, "--cert", &cert, "--key", &key, "--addr", &addr,
    ])
    .keep((pki, other))
}

pub(crate) async fn alpn_none() -> Scenario {
    let pki = Pki::new();
    let addr = silent_tls(pki.server(&localhost(), &[])).await;
    Scenario::new(["--tls", "--cacert", &pki.ca(), "--addr", &addr]).keep(pki)
}

/// Envoy leaves out the ALPN extension if no protocol matches.
pub(crate) async fn alpn_http1_only() -> Scenario {
    Gateway::with_tls("alpn_protocols: [http/1.1]")
        .start()
        .await
}

#[tokio::test]
async fn a_server_that_refuses_h2_has_http1_only() {
    let pki = Pki::new();
    let addr = silent_tls(pki.server(&localhost(), &["http/1.1"])).await;
    let scenario = Scenario::new(["--tls", "--cacert", &pki.ca(), "--addr", &addr]);
    scenario
        .diagnosed_as("alpn_http1_only")
        .await
        .shows("the server selects it");
}

#[tokio::test]
async fn a_probe_without_sni_is_shown() {
    let run = tls_closed_by_peer()
        .await
        .diagnosed_as("tls_closed_by_peer")
        .await;
    run.shows("TLS without SNI");
    run.shows("plaintext on the same port: no HTTP");
}

#[tokio::test]
async fn a_connection_closed_after_accept_is_closed_by_peer() {
    let addr = closing().await;
    let scenario = Scenario::new(["--tls", "--addr", &addr]);
    scenario.diagnosed_as("tls_closed_by_peer").await;
}

#[tokio::test]
async fn no_credentials_are_sent_to_an_unverified_server() {
    let pki = Pki::new();
    let (cert, key) = pki.issue("client", &Leaf::new(["client"]));
    let (sender, mut received) = mpsc::unbounded_channel();
    let acceptor = TlsAcceptor::from(Arc::new(pki.asking_server(&localhost())));
    let addr = serve(move |stream| {
        let (acceptor, sender) = (acceptor.clone(), sender.clone());
        async move {
            let mut bytes = Vec::new();
            if let Ok(mut stream) = acceptor.accept(stream).await {
                let _ = stream.read_to_end(&mut bytes).await;
                let certificates = stream.get_ref().1.peer_certificates();
                bytes.extend(
                    certificates
                        .into_iter()
                        .flatten()
                        .flat_map(|it| it.to_vec()),
                );
            }
            let _ = sender.send(bytes);
        }
    })
    .await;
    let scenario = Scenario::new([
        "--tls",
        "--cert",
        &cert,
        "--key",
        &key,
        "--header",
        "authorization=secret",
        "--addr",
        &addr,
    ]);
    scenario.diagnosed_as("tls_unknown_issuer").await;
    for _connection in ["the diagnosis", "the probe without verification"] {
        assert_eq!(received.recv().await, Some(Vec::new()));
    }
}

#[tokio::test]
async fn the_names_of_the_certificate_are_shown() {
    let run = tls_wrong_name().await.diagnosed_as("tls_wrong_name").await;
    run.shows("but for example.com, www.example.com");
    run.shows("TLS without verification (the handshake only): the handshake succeeds");
}

#[tokio::test]
async fn a_certificate_that_expires_soon_is_a_warning() {
    let pki = Pki::new();
    let leaf = Leaf {
        not_after: OffsetDateTime::now_utc() + Duration::days(9),
        ..localhost()
    };
    let (cert, key) = pki.issue("greeter", &leaf);
    let addr = greeter(&["--tls-cert", &cert, "--tls-key", &key]).await;
    let scenario = Scenario::new(["--tls", "--cacert", &pki.ca(), "--addr", &addr]);
    let run = scenario.diagnosed_as("ok").await;
    assert_eq!(run.status("tls"), "warning", "{run:?}");
    let fix = &run.json["verdict"]["fix"];
    assert_eq!(fix, "Renew the certificate; see the warning.");
    assert!(
        run.json["stages"].to_string().contains("EXPIRES in 8 days"),
        "{run:?}"
    );
}

#[tokio::test]
async fn the_date_of_the_invalid_certificate_is_shown() {
    let now = OffsetDateTime::now_utc();
    let (expired, early) = (
        Leaf {
            not_before: now - Duration::days(9),
            not_after: now - Duration::hours(1),
            ..localhost()
        },
        Leaf {
            not_before: now + Duration::days(1),
            ..localhost()
        },
    );
    for (validity, code) in [(expired, "tls_expired"), (early, "tls_not_yet_valid")] {
        let pki = Pki::new();
        let addr = silent_tls(pki.server_below(&validity, &localhost())).await;
        let scenario = Scenario::new(["--tls", "--cacert", &pki.ca(), "--addr", &addr]);
        scenario
            .diagnosed_as(code)
            .await
            .shows("(the certificate of its issuer, CN=Intermediate CA)");
    }
}

#[tokio::test]
async fn a_certificate_for_clients_needs_server_auth() {
    let pki = Pki::new();
    let leaf = Leaf {
        for_servers: false,
        ..localhost()
    };
    let addr = silent_tls(pki.server(&leaf, &["h2"])).await;
    let scenario = Scenario::new(["--tls", "--cacert", &pki.ca(), "--addr", &addr]);
    let run = scenario.diagnosed_as("tls_unknown_issuer").await;
    run.shows("Add `server auth` to spec.usages");
}

#[tokio::test]
async fn the_total_timeout_is_named_if_it_was_the_limit() {
    let addr = silent().await;
    for (flags, code) in [(&["--tls"][..], "tls_no_answer"), (&[], "http2_no_answer")] {
        let total = ["--total-timeout", "600ms"];
        let mut scenario = Scenario::new(["--addr", &addr]);
        let flags = flags.iter().chain(&total);
        scenario.args.extend(flags.map(|&flag| flag.to_owned()));
        let run = scenario.diagnosed_as(code).await;
        run.shows("aise --total-timeout");
        assert!(run.json["elapsed_ms"].as_f64().unwrap() < 700.0, "{run:?}");
    }
}
