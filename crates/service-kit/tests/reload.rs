//! Certificates that are renewed while the server runs.

mod support;

use std::{fs, net::SocketAddr, os::unix::fs::symlink, path::Path, sync::Arc};

use axum::{Router, routing::get};
use pki::Leaf;
use rustls::{
    ClientConfig, HandshakeKind, RootCertStore,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use support::log::Log;
use testkit::{Pki, Service, localhost};
use time::{Duration, OffsetDateTime};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tokio_rustls::{TlsConnector, client::TlsStream};

const REFUSED: &str = "the last good ones stay in use";

/// A server that reads these files again and again.
async fn start(cert: &str, key: &str, more: &[&str]) -> Service {
    let flags = ["--tls-cert", cert, "--tls-key", key];
    let reload = ["--tls-reload-interval", "10ms"];
    let routes = Router::new().route("/", get("hello"));
    let flags = flags.iter().chain(&reload).chain(more).copied();
    support::start(routes, flags).await
}

/// A client that trusts the CA, and resumes its sessions.
struct Client(TlsConnector);

impl Client {
    fn new(pki: &Pki) -> Self {
        Self::identified(pki, None)
    }

    /// With the certificate of a client, and its key.
    fn identified(pki: &Pki, identity: Option<(String, String)>) -> Self {
        let mut roots = RootCertStore::empty();
        let ca = CertificateDer::from_pem_slice(pki.authority.pem().as_bytes());
        roots.add(ca.unwrap()).unwrap();
        let builder = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots);
        let config = match identity {
            None => builder.with_no_client_auth(),
            Some((cert, key)) => builder
                .with_client_auth_cert(
                    vec![CertificateDer::from_pem_file(cert).unwrap()],
                    PrivateKeyDer::from_pem_file(key).unwrap(),
                )
                .unwrap(),
        };
        Self(Arc::new(config).into())
    }

    /// A connection after one request.
    async fn get(&self, address: SocketAddr) -> std::io::Result<TlsStream<TcpStream>> {
        let stream = TcpStream::connect(address).await?;
        let name = "localhost".try_into().unwrap();
        let mut stream = self.0.connect(name, stream).await?;
        get_again(&mut stream).await?;
        Ok(stream)
    }

    /// The server's certificate on a new connection.
    async fn certificate(&self, address: SocketAddr) -> Vec<u8> {
        leaf(&self.get(address).await.unwrap())
    }

    /// Connects until the server has this certificate.
    async fn until(&self, address: SocketAddr, certificate: &str) {
        let expected = der(certificate);
        let changed = async { while self.certificate(address).await != expected {} };
        testkit::soon(changed).await;
    }
}

async fn get_again(stream: &mut TlsStream<TcpStream>) -> std::io::Result<()> {
    stream
        .write_all(b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n")
        .await?;
    let mut response = Vec::new();
    while !response.ends_with(b"hello") {
        if stream.read_buf(&mut response).await? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
    }
    Ok(())
}

fn leaf(stream: &TlsStream<TcpStream>) -> Vec<u8> {
    stream.get_ref().1.peer_certificates().unwrap()[0].to_vec()
}

fn der(pem: &str) -> Vec<u8> {
    CertificateDer::from_pem_slice(pem.as_bytes())
        .unwrap()
        .to_vec()
}

/// Issues a certificate over these files; returns it.
fn renew(pki: &Pki, cert: &str, key: &str, leaf: &Leaf) -> String {
    let issued = pki.authority.issue(leaf).unwrap();
    issued.write(Path::new(cert), Path::new(key)).unwrap();
    issued.cert
}

#[tokio::test]
async fn new_connections_get_a_renewed_certificate_and_open_ones_stay() {
    let pki = Pki::new();
    let (cert, key) = pki.issue("server", &localhost());
    let server = start(&cert, &key, &[]).await;
    let client = Client::new(&pki);
    let mut open = client.get(server.public).await.unwrap();

    let renewed = renew(&pki, &cert, &key, &localhost());
    client.until(server.public, &renewed).await;
    get_again(&mut open).await.unwrap();
    assert_ne!(leaf(&open), der(&renewed));
}

#[tokio::test]
async fn follows_the_symbolic_links_of_a_mounted_secret() {
    let pki = Pki::new();
    let folder = pki.directory.path();
    let write = |version: &str| {
        fs::create_dir(folder.join(version)).unwrap();
        let path = |file: &str| pki.path(&format!("{version}/{file}"));
        let cert = renew(&pki, &path("tls.crt"), &path("tls.key"), &localhost());
        symlink(version, folder.join("..data_tmp")).unwrap();
        fs::rename(folder.join("..data_tmp"), folder.join("..data")).unwrap();
        cert
    };
    let first = write("..1");
    for file in ["tls.crt", "tls.key"] {
        symlink(format!("..data/{file}"), folder.join(file)).unwrap();
    }
    let server = start(&pki.path("tls.crt"), &pki.path("tls.key"), &[]).await;
    let client = Client::new(&pki);
    assert_eq!(client.certificate(server.public).await, der(&first));

    let second = write("..2");
    fs::remove_dir_all(folder.join("..1")).unwrap();
    client.until(server.public, &second).await;
}

#[tokio::test]
async fn refuses_a_bad_pair_once_and_keeps_the_last_good_one() {
    let log = Log::record();
    let pki = Pki::new();
    let (cert, key) = pki.issue("server", &localhost());
    let good = fs::read_to_string(&cert).unwrap();
    let server = start(&cert, &key, &[]).await;
    log.line(&["listening"]).await;
    let client = Client::new(&pki);

    let now = OffsetDateTime::now_utc();
    let (mut expired, mut early) = (localhost(), localhost());
    expired.not_after = now - Duration::hours(1);
    early.not_before = now + Duration::hours(1);
    let another = pki.authority.issue(&localhost()).unwrap().cert;
    let half = &good[..good.len() / 2];
    let no_certificate = "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n";
    for (content, error) in [
        (&another[..], "does not belong"),
        ("garbage", "holds no PEM certificate"),
        (half, "cannot read --tls-cert"),
        (no_certificate, "--tls-cert holds no valid certificate"),
    ] {
        fs::write(&cert, content).unwrap();
        log.line(&[REFUSED, error]).await;
        assert_eq!(
            client.certificate(server.public).await,
            der(&good),
            "{error}"
        );
    }
    for (leaf, error) in [(expired, "expired on"), (early, "not valid before")] {
        renew(&pki, &cert, &key, &leaf);
        log.line(&[REFUSED, error]).await;
        assert_eq!(
            client.certificate(server.public).await,
            der(&good),
            "{error}"
        );
    }
    let renewed = renew(&pki, &cert, &key, &localhost());
    client.until(server.public, &renewed).await;
    assert_eq!(log.count(&[REFUSED]), 6);
    assert_eq!(log.count(&["reloaded"]), 1);
}

#[tokio::test]
async fn trusts_a_changed_client_ca() {
    let (pki, other) = (Pki::new(), Pki::new());
    let (cert, key) = pki.issue("server", &localhost());
    let server = start(&cert, &key, &["--client-ca", &pki.ca()]).await;
    let old = Client::identified(&pki, Some(pki.issue("client", &localhost())));
    let new = Client::identified(&pki, Some(other.issue("client", &localhost())));
    assert!(new.get(server.public).await.is_err());
    old.get(server.public).await.unwrap();

    fs::write(pki.ca(), other.authority.pem()).unwrap();
    let trusted = async { while new.get(server.public).await.is_err() {} };
    testkit::soon(trusted).await;
    // A session of the old CA is not resumed.
    assert!(old.get(server.public).await.is_err());
}

#[tokio::test]
async fn a_session_from_before_the_renewal_gets_a_full_handshake() {
    let pki = Pki::new();
    let (cert, key) = pki.issue("server", &localhost());
    let server = start(&cert, &key, &[]).await;
    let client = Client::new(&pki);
    let kind = async || {
        let stream = client.get(server.public).await.unwrap();
        stream.get_ref().1.handshake_kind().unwrap()
    };
    assert_ne!(kind().await, HandshakeKind::Resumed);
    assert_eq!(kind().await, HandshakeKind::Resumed);

    // A client without sessions sees the renewal.
    let renewed = renew(&pki, &cert, &key, &localhost());
    Client::new(&pki).until(server.public, &renewed).await;
    assert_ne!(kind().await, HandshakeKind::Resumed);
    assert_eq!(client.certificate(server.public).await, der(&renewed));
    assert_eq!(kind().await, HandshakeKind::Resumed);
}

#[tokio::test]
async fn warns_at_the_start_of_a_certificate_that_expires_soon() {
    let log = Log::record();
    let pki = Pki::new();
    let mut leaf = localhost();
    leaf.not_after = OffsetDateTime::now_utc() + Duration::hours(12 * 24 + 12);
    let (cert, key) = pki.issue("server", &leaf);
    let server = start(&cert, &key, &[]).await;
    log.line(&["WARN", "expires soon", "days_left=12"]).await;
    // Further polls do not repeat it.
    let renewed = renew(&pki, &cert, &key, &leaf);
    Client::new(&pki).until(server.public, &renewed).await;
    log.line(&["reloaded"]).await;
    leaf.not_after = OffsetDateTime::now_utc() + Duration::days(90);
    let renewed = renew(&pki, &cert, &key, &leaf);
    Client::new(&pki).until(server.public, &renewed).await;
    assert_eq!(log.count(&["expires soon"]), 2);
}
