//! TLS without a mesh: ALPN and client certificates.

mod support;

use pki::Leaf;
use reqwest::{Certificate, ClientBuilder, Identity, Version};
use support::start;
use testkit::{Pki, clients::http1};

/// The files of a server certificate for 127.0.0.1.
fn server_files(pki: &Pki) -> (String, String) {
    pki.issue("server", &Leaf::new(["127.0.0.1"]))
}

/// A client that trusts this CA.
fn client(pki: &Pki) -> ClientBuilder {
    let root = Certificate::from_pem(pki.authority.pem().as_bytes()).unwrap();
    reqwest::Client::builder().no_proxy().tls_certs_only([root])
}

/// A client certificate of this CA.
fn identity(pki: &Pki) -> Identity {
    let issued = pki.authority.issue(&Leaf::new(["a client"])).unwrap();
    Identity::from_pem((issued.cert + &issued.key).as_bytes()).unwrap()
}

#[tokio::test]
async fn serves_the_protocol_that_alpn_negotiates() {
    let pki = Pki::new();
    let (cert, key) = server_files(&pki);
    let hello = start(["--tls-cert", &cert, "--tls-key", &key]).await;
    let url = format!("https://{}/a?b", hello.public);
    for (client, version) in [
        (client(&pki), Version::HTTP_2),
        (client(&pki).http1_only(), Version::HTTP_11),
    ] {
        let response = client.build().unwrap().get(&url).send().await.unwrap();
        assert_eq!(response.version(), version);
        assert_eq!(response.text().await.unwrap(), "Hello World! /a?b");
    }
}

#[tokio::test]
async fn keeps_the_admin_port_in_plaintext_under_tls() {
    let pki = Pki::new();
    let (cert, key) = server_files(&pki);
    let hello = start(["--tls-cert", &cert, "--tls-key", &key]).await;
    let response = http1().get(hello.admin_url("/readyz")).send().await;
    assert_eq!(response.unwrap().status(), 200);
}

#[tokio::test]
async fn serves_only_clients_with_a_certificate_of_the_client_ca() {
    let (pki, stranger) = (Pki::new(), Pki::new());
    let (cert, key) = server_files(&pki);
    let ca = pki.ca();
    let hello = start(["--tls-cert", &cert, "--tls-key", &key, "--client-ca", &ca]).await;
    let url = format!("https://{}/", hello.public);
    let get = async |client: ClientBuilder| client.build().unwrap().get(&url).send().await;

    let anonymous = get(client(&pki)).await;
    assert!(anonymous.is_err(), "{anonymous:?}");
    let unknown = get(client(&pki).identity(identity(&stranger))).await;
    assert!(unknown.is_err(), "{unknown:?}");
    let known = get(client(&pki).identity(identity(&pki))).await.unwrap();
    assert_eq!(known.text().await.unwrap(), "Hello World! /");
}
