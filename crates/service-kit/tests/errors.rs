//! What an operator reads when a server cannot start: which flag is wrong.

mod support;

use std::{fs, future::pending, path::Path};

use axum::Router;
use service_kit::{Lifecycle, Listeners, Version};
use support::{any_port, config};
use tempfile::TempDir;

/// A certificate, its key, and files that are neither.
fn files() -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    let write = |name, text: &str| fs::write(directory.path().join(name), text).unwrap();
    let own = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    write("cert.pem", &own.cert.pem());
    write("key.pem", &own.signing_key.serialize_pem());
    let other = rcgen::KeyPair::generate().unwrap();
    write("other-key.pem", &other.serialize_pem());
    write("empty.pem", "");
    let begin = "-----BEGIN CERTIFICATE-----\n";
    write(
        "broken.pem",
        &format!("{begin}!!!\n-----END CERTIFICATE-----\n"),
    );
    directory
}

/// The error of a server that is to start with these TLS files.
async fn failure(directory: &Path, cert: &str, key: &str, client_ca: &str) -> String {
    let path = |name| directory.join(name).display().to_string();
    let (cert, key, client_ca) = (path(cert), path(key), path(client_ca));
    let config = config([
        "--tls-cert",
        &cert,
        "--tls-key",
        &key,
        "--client-ca",
        &client_ca,
    ]);
    let listeners = Listeners::bind(any_port(), any_port()).await.unwrap();
    let version = Version {
        name: "server",
        version: "1.2.3",
    };
    let lifecycle = Lifecycle::default();
    let served = service_kit::serve(
        listeners,
        Router::new(),
        version,
        lifecycle,
        config,
        pending(),
    );
    format!("{:#}", support::soon(served).await.unwrap_err())
}

#[tokio::test]
async fn a_tls_file_that_cannot_be_used_is_named_with_its_flag() {
    let directory = files();
    let failure = async |cert, key, ca| failure(directory.path(), cert, key, ca).await;
    for file in ["missing.pem", "empty.pem", "broken.pem", "key.pem"] {
        for (flag, error) in [
            ("--tls-cert", failure(file, "key.pem", "cert.pem").await),
            ("--client-ca", failure("cert.pem", "key.pem", file).await),
        ] {
            assert!(error.contains(flag), "{error}");
            assert!(error.contains(file), "{error}");
        }
    }
    for file in ["missing.pem", "empty.pem", "broken.pem", "cert.pem"] {
        let error = failure("cert.pem", file, "cert.pem").await;
        assert!(error.contains("--tls-key"), "{error}");
        assert!(error.contains(file), "{error}");
    }
}

#[tokio::test]
async fn a_key_of_another_certificate_is_refused() {
    let directory = files();
    let error = failure(directory.path(), "cert.pem", "other-key.pem", "cert.pem").await;
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
        let error = Listeners::bind(public, admin).await.unwrap_err();
        let error = format!("{error:#}");
        assert!(error.contains(flag), "{error}");
        assert!(error.contains(&address.to_string()), "{error}");
        assert!(error.contains("in use"), "{error}");
    }
}

#[test]
fn a_log_filter_that_is_none_is_named_with_its_flag() {
    let error = config(["--log", "info,hyper=loud"]).log.init().unwrap_err();
    let error = format!("{error:#}");
    assert!(error.contains("--log \"info,hyper=loud\""), "{error}");
    assert!(error.contains("try info"), "{error}");
}
