//! Errors at start name the flag that is wrong.

mod support;

use std::{fs, future::pending};

use axum::Router;
use service_kit::{Lifecycle, Listeners, RouterRoutes};
use support::config;
use testkit::{Pki, any_port, localhost, soon};

/// Two certificates with their keys, and two files that hold neither.
fn files() -> Pki {
    let pki = Pki::new();
    for name in ["server", "other"] {
        let _paths = pki.issue(name, &localhost());
    }
    fs::write(pki.path("empty.pem"), "").unwrap();
    let broken = "-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----\n";
    fs::write(pki.path("broken.pem"), broken).unwrap();
    pki
}

/// The error of a server that starts with these TLS files.
async fn failure(pki: &Pki, cert: &str, key: &str, client_ca: &str) -> String {
    let (cert, key, client_ca) = (pki.path(cert), pki.path(key), pki.path(client_ca));
    let config = config([
        "--tls-cert",
        &cert,
        "--tls-key",
        &key,
        "--client-ca",
        &client_ca,
    ]);
    let listeners = Listeners::bind(any_port(), any_port()).unwrap();
    let telemetry = support::telemetry(&config);
    let served = service_kit::serve(
        listeners,
        || RouterRoutes::from(Router::new()),
        telemetry,
        Lifecycle::default(),
        config,
        pending(),
    );
    format!("{:#}", soon(served).await.unwrap_err())
}

#[tokio::test]
async fn a_bad_tls_file_is_named_with_its_flag() {
    let pki = files();
    let failure = async |cert, key, ca| failure(&pki, cert, key, ca).await;
    for file in ["missing.pem", "empty.pem", "broken.pem", "server.key"] {
        for (flag, error) in [
            (
                "--tls-cert",
                failure(file, "server.key", "server.pem").await,
            ),
            (
                "--client-ca",
                failure("server.pem", "server.key", file).await,
            ),
        ] {
            assert!(error.contains(flag), "{error}");
            assert!(error.contains(file), "{error}");
        }
    }
    for file in ["missing.pem", "empty.pem", "broken.pem", "server.pem"] {
        let error = failure("server.pem", file, "server.pem").await;
        assert!(error.contains("--tls-key"), "{error}");
        assert!(error.contains(file), "{error}");
    }
}

#[tokio::test]
async fn a_key_of_another_certificate_is_refused() {
    let pki = files();
    let error = failure(&pki, "server.pem", "other.key", "server.pem").await;
    assert!(error.contains("--tls-cert and --tls-key"), "{error}");
    assert!(
        error.ends_with(": the key does not belong to the certificate"),
        "{error}"
    );
}

#[tokio::test]
async fn a_taken_port_is_named_with_its_flag() {
    let taken = std::net::TcpListener::bind(any_port()).unwrap();
    let address = taken.local_addr().unwrap();
    for (public, admin, flag) in [
        (address, any_port(), "--listen"),
        (any_port(), address, "--admin"),
    ] {
        let error = Listeners::bind(public, admin).unwrap_err();
        let error = format!("{error:#}");
        assert!(error.contains(flag), "{error}");
        assert!(error.contains(&address.to_string()), "{error}");
        assert!(error.contains("in use"), "{error}");
    }
}

#[test]
fn an_invalid_log_filter_is_named_with_its_flag() {
    let error = config(["--log", "info,hyper=loud"]).log.init().unwrap_err();
    let error = format!("{error:#}");
    assert!(
        error.contains("--log (or RUST_LOG) \"info,hyper=loud\""),
        "{error}"
    );
    assert!(error.contains("try info"), "{error}");
}
