//! Second looks at a peer whose connection failed: each differs in one thing from
//! what was asked, carries nothing of the user's, and ends within its patience.

use std::time::Duration;

use rustls::pki_types::ServerName;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    time::timeout,
};

use super::{DialError, Dialer, Facts, probe, probe::Speaks};
use crate::{
    failure::printable,
    tls::{self, TlsFacts},
};

/// A request that any HTTP/1.1 server answers, about nobody's host or path.
const OPTIONS: &[u8] = b"OPTIONS * HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

/// How much of an answer's first line is worth showing.
const LINE: usize = 80;

/// What a peer answers to plaintext.
pub(crate) enum FirstLine {
    /// A TLS alert.
    Tls,
    /// The first line of anything else.
    Text(String),
}

impl Dialer {
    /// A TLS handshake with that peer, with or without SNI and with this ALPN,
    /// whatever its certificate says; `None` if it has not ended in time.
    pub(crate) async fn handshake(
        &self,
        facts: &Facts,
        sni: bool,
        alpn: &str,
        patience: Duration,
    ) -> Option<Result<TlsFacts, DialError>> {
        let (tls, address) = (self.tls.as_ref()?, facts.address.as_ref()?);
        let (connector, recorder) = tls.probe(sni, alpn);
        let handshake = async {
            let stream = address.open().await.ok()?;
            let name = tls.server_name.clone();
            Some(match connector.connect(name, stream).await {
                Ok(stream) => Ok(TlsFacts {
                    verified: false,
                    ..tls.facts(&recorder, Some(stream.get_ref().1))
                }),
                Err(error) => Err(tls::error::classify(&error, tls, &recorder)),
            })
        };
        timeout(patience, handshake).await.ok().flatten()
    }

    /// What the peer answers to plaintext HTTP/1.1.
    pub(crate) async fn http1(&self, facts: &Facts, patience: Duration) -> Option<FirstLine> {
        let address = facts.address.as_ref()?;
        let answer = async {
            let mut stream = address.open().await.ok()?;
            stream.write_all(OPTIONS).await.ok()?;
            let mut bytes = vec![0; LINE];
            let read = stream.read(&mut bytes).await.ok()?;
            let bytes = &bytes[..read];
            if probe::is_tls(bytes) {
                return Some(FirstLine::Tls);
            }
            let text = String::from_utf8_lossy(bytes);
            Some(FirstLine::Text(printable(text.lines().next()?)))
        };
        timeout(patience, answer).await.ok().flatten()
    }

    /// What the peer speaks in plaintext.
    pub(crate) async fn plaintext(&self, facts: &Facts) -> Option<Speaks> {
        probe::speaks_plaintext(facts.address.as_ref()?).await
    }

    /// Whether the asked handshake names a server: addresses are not sent.
    pub(crate) fn sends_sni(&self) -> bool {
        let name = self.tls.as_ref().map(|tls| &tls.server_name);
        name.is_some_and(|name| matches!(name, ServerName::DnsName(_)))
    }
}
