//! Second connections that tell causes apart. They carry nothing of the
//! user's, and each ends within [`PATIENCE`].

use std::{fmt, sync::Arc, time::Duration};

use rustls::{ClientConfig, RootCertStore, crypto::aws_lc_rs, pki_types::ServerName};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    time::{sleep, timeout},
};
use tokio_rustls::TlsConnector;

use super::{
    address::Address,
    tap::{Seen, Tap},
};

const PATIENCE: Duration = Duration::from_millis(400);

/// An HTTP/2 connection preface with an empty SETTINGS frame.
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";

/// What a plaintext port speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Speaks {
    /// HTTP/1.x.
    Http1,
    /// HTTP/2 without TLS (h2c).
    Http2,
    /// Something that is neither TLS nor HTTP.
    Unknown,
}

impl fmt::Display for Speaks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Http1 => "HTTP/1.1",
            Self::Http2 => "HTTP/2",
            Self::Unknown => "an unknown protocol",
        })
    }
}

impl Speaks {
    /// What the peer's first bytes say; `None` if they are TLS.
    pub(super) fn from_first_bytes(bytes: &[u8]) -> Option<Self> {
        if is_tls(bytes) {
            None
        } else if bytes.starts_with(b"HTTP/") {
            Some(Self::Http1)
        } else if is_settings(bytes) {
            Some(Self::Http2)
        } else {
            Some(Self::Unknown)
        }
    }
}

/// Whether these are the first bytes of a TLS record: an alert or a handshake.
pub(super) fn is_tls(bytes: &[u8]) -> bool {
    matches!(bytes, [0x15 | 0x16, 0x03, ..])
}

/// Whether these are the header of a SETTINGS frame on stream 0, with which
/// every HTTP/2 server starts (RFC 9113, section 3.4).
pub(super) fn is_settings(bytes: &[u8]) -> bool {
    matches!(bytes, [_, _, _, 0x04, _, 0, 0, 0, 0, ..])
}

/// Whether the port answers a TLS handshake, whatever it thinks of it.
pub(super) async fn speaks_tls(address: &Address) -> bool {
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
        let (stream, seen) = Tap::new(address.open().await.ok()?);
        // It fails, since no root is trusted; what counts is the answer.
        let _ = TlsConnector::from(Arc::new(config))
            .connect(name, stream)
            .await;
        Some(is_tls(&seen.bytes()))
    };
    timeout(PATIENCE, handshake)
        .await
        .ok()
        .flatten()
        .unwrap_or(false)
}

/// What the port answers to a plaintext HTTP/2 preface; `None` if nothing, or
/// nothing that is HTTP.
pub(super) async fn speaks_plaintext(address: &Address) -> Option<Speaks> {
    let answer = async {
        let mut stream = address.open().await.ok()?;
        stream.write_all(PREFACE).await.ok()?;
        let mut bytes = [0; 9];
        stream.read_exact(&mut bytes).await.ok()?;
        Speaks::from_first_bytes(&bytes).filter(|protocol| *protocol != Speaks::Unknown)
    };
    timeout(PATIENCE, answer).await.ok().flatten()
}

/// If nothing has been read for a while, asks whether the port speaks plaintext;
/// ends only if it does.
pub(super) async fn plaintext_after_silence(address: &Address, seen: &Seen) -> Speaks {
    sleep(PATIENCE).await;
    if seen.bytes().is_empty()
        && let Some(protocol) = speaks_plaintext(address).await
    {
        return protocol;
    }
    std::future::pending().await
}
