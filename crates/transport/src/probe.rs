//! Probes: further connections that distinguish causes. Each differs from the
//! failed connection in one property, carries none of the user's headers, paths or
//! certificates, and has a timeout.

mod proxy_protocol;

pub use proxy_protocol::proxy_protocol;

use std::{sync::Arc, time::Duration};

use cli_kit::printable;
use rustls::{ClientConfig, RootCertStore, crypto::aws_lc_rs, pki_types::ServerName};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    time::{sleep, timeout},
};
use tokio_rustls::TlsConnector;

use crate::{
    DialError, Protocol,
    protocol::is_tls,
    sniffer::{FirstBytes, Sniffer},
    socket::Address,
    tls::{self, ClientAuth, Tls, TlsReport},
};

/// The timeout of a probe.
pub const TIMEOUT: Duration = Duration::from_millis(400);

/// An HTTP/2 connection preface with an empty SETTINGS frame.
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";

/// A request that every HTTP/1.1 server accepts and that names no resource.
const OPTIONS: &[u8] = b"OPTIONS * HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

/// The bytes of a response that are read for its first line.
const LINE: usize = 80;

/// A peer's response to plaintext HTTP/1.1.
#[derive(Debug)]
pub enum FirstLine {
    /// A TLS record, such as an alert.
    Tls,
    /// The first line of text.
    Text(String),
}

/// Whether the port responds to a TLS handshake with TLS: a handshake or an alert.
pub async fn speaks_tls(address: &Address) -> bool {
    let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .map(|config| {
            config
                .with_root_certificates(RootCertStore::empty())
                .with_no_client_auth()
        });
    let (Ok(config), Ok(name)) = (config, ServerName::try_from("localhost")) else {
        return false;
    };
    let handshake = async {
        let (stream, first_bytes) = Sniffer::new(address.open().await.ok()?);
        // The handshake fails, since no root is trusted. Only the first bytes count.
        let _ = TlsConnector::from(Arc::new(config))
            .connect(name, stream)
            .await;
        Some(is_tls(&first_bytes.bytes()))
    };
    let responded = timeout(TIMEOUT, handshake).await;
    responded.ok().flatten().unwrap_or(false)
}

/// Whether the port belongs to a sidecar that requires mTLS of its mesh.
pub async fn is_sidecar(address: &Address, limit: Duration) -> bool {
    let Ok(tls) = Tls::unverified("localhost") else {
        return false;
    };
    let (connector, verifier) = tls.probe(false, "h2");
    let handshake = async {
        let stream = address.open().await.ok()?;
        connector
            .connect(tls.server_name.clone(), stream)
            .await
            .ok()
    };
    let _ = timeout(limit, handshake).await;
    verifier.client_auth() == ClientAuth::RequestedBySidecar
}

/// The protocol of the response to a plaintext HTTP/2 preface; `None` without a
/// response, or if it is not HTTP.
pub async fn plaintext(address: &Address) -> Option<Protocol> {
    let response = async {
        let mut stream = address.open().await.ok()?;
        stream.write_all(PREFACE).await.ok()?;
        let mut bytes = [0; 9];
        stream.read_exact(&mut bytes).await.ok()?;
        Protocol::from_first_bytes(&bytes).filter(|protocol| *protocol != Protocol::Unknown)
    };
    timeout(TIMEOUT, response).await.ok().flatten()
}

/// Probes for plaintext if nothing was read within [`TIMEOUT`]. Never completes if
/// the port does not speak plaintext.
pub(crate) async fn plaintext_after_silence(
    address: &Address,
    first_bytes: &FirstBytes,
) -> Protocol {
    sleep(TIMEOUT).await;
    if first_bytes.bytes().is_empty()
        && let Some(protocol) = plaintext(address).await
    {
        return protocol;
    }
    std::future::pending().await
}

/// A TLS handshake with or without SNI and with this ALPN protocol. It accepts any
/// certificate. `None` if it does not complete within `limit`.
pub async fn handshake(
    tls: &Tls,
    address: &Address,
    sni: bool,
    alpn: &str,
    limit: Duration,
) -> Option<Result<TlsReport, DialError>> {
    let (connector, verifier) = tls.probe(sni, alpn);
    let handshake = async {
        let stream = address.open().await.ok()?;
        let name = tls.server_name.clone();
        Some(match connector.connect(name, stream).await {
            Ok(stream) => Ok(TlsReport {
                verified: false,
                ..tls.report(&verifier, Some(stream.get_ref().1))
            }),
            Err(error) => Err(tls::classify(&error, tls, &verifier)),
        })
    };
    timeout(limit, handshake).await.ok().flatten()
}

/// The response to plaintext HTTP/1.1; `None` without one within `limit`.
pub async fn http1(address: &Address, limit: Duration) -> Option<FirstLine> {
    let response = async {
        let mut stream = address.open().await.ok()?;
        stream.write_all(OPTIONS).await.ok()?;
        let mut bytes = vec![0; LINE];
        let read = stream.read(&mut bytes).await.ok()?;
        let bytes = &bytes[..read];
        if is_tls(bytes) {
            return Some(FirstLine::Tls);
        }
        let text = String::from_utf8_lossy(bytes);
        Some(FirstLine::Text(printable(text.lines().next()?)))
    };
    timeout(limit, response).await.ok().flatten()
}
