//! TLS without a mesh, and client certificates.

mod support;

use std::path::Path;

use pki::Leaf;
use support::{dial, greeter, named, start};
use testkit::{Pki, Service};
use transport::{DialError, tls::Tls};

/// TLS that trusts this CA.
fn trusting(pki: &Pki) -> Tls {
    Tls::verified("127.0.0.1", Some(Path::new(&pki.ca()))).unwrap()
}

/// With a client certificate of this CA.
fn identified(tls: Tls, pki: &Pki) -> Tls {
    let (cert, key) = pki.issue("client", &Leaf::new(["127.0.0.1"]));
    tls.with_identity(Path::new(&cert), Path::new(&key))
        .unwrap()
}

async fn start_tls(pki: &Pki, client_ca: bool) -> Service {
    let (cert, key) = pki.issue("server", &Leaf::new(["127.0.0.1"]));
    let ca = pki.ca();
    if client_ca {
        start(["--tls-cert", &cert, "--tls-key", &key, "--client-ca", &ca]).await
    } else {
        start(["--tls-cert", &cert, "--tls-key", &key]).await
    }
}

async fn greeting(server: &Service, tls: Tls) -> Result<String, DialError> {
    let (channel, report) = dial(server.public, Some(tls)).await?;
    assert_eq!(report.tls.unwrap().alpn.as_deref(), Some("h2"));
    let reply = greeter(&channel).say_hello(named("Alice")).await.unwrap();
    Ok(reply.into_inner().message)
}

#[tokio::test]
async fn greets_over_tls() {
    let pki = Pki::new();
    let server = start_tls(&pki, false).await;
    assert_eq!(
        greeting(&server, trusting(&pki)).await.unwrap(),
        "Hello Alice"
    );
}

#[tokio::test]
async fn greets_only_clients_with_a_certificate_of_the_client_ca() {
    let (pki, stranger) = (Pki::new(), Pki::new());
    let server = start_tls(&pki, true).await;
    let anonymous = greeting(&server, trusting(&pki)).await.unwrap_err();
    assert!(
        matches!(anonymous, DialError::ClientCertificateRequired),
        "{anonymous:?}"
    );
    let unknown = greeting(&server, identified(trusting(&pki), &stranger)).await;
    let unknown = unknown.unwrap_err();
    assert!(
        matches!(unknown, DialError::ClientCertificateRejected { .. }),
        "{unknown:?}"
    );
    let known = greeting(&server, identified(trusting(&pki), &pki)).await;
    assert_eq!(known.unwrap(), "Hello Alice");
}
