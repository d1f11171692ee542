//! The TLS phase: the handshake, its evidence, and probes where it fails.

use std::time::{Duration, Instant};

use tokio::time::timeout;

use super::left;
use crate::{
    DialError, DialReport, Protocol, probe,
    sniffer::Sniffer,
    socket::{Address, BoxedIo},
    tls::{self, Tls},
};

/// Runs the handshake until `deadline`, and reports what it showed also if it
/// fails. A probe afterwards has the time `limit`.
pub(super) async fn secure(
    tls: &Tls,
    stream: BoxedIo,
    address: &Address,
    (deadline, limit): (Instant, Duration),
    report: &mut DialReport,
) -> Result<BoxedIo, DialError> {
    let (stream, first_bytes) = Sniffer::new(stream);
    let (connector, verifier) = tls.connector();
    let handshake = connector.connect(tls.server_name.clone(), stream);
    let result = tokio::select! {
        handshake = timeout(left(deadline), handshake) => handshake,
        // A server that waits for a plaintext request would use up all the time.
        protocol = probe::plaintext_after_silence(address, &first_bytes) => {
            return Err(DialError::PlaintextServer { protocol });
        }
    };
    let result = match result {
        Ok(Ok(stream)) => {
            report.tls = Some(tls.report(&verifier, Some(stream.get_ref().1)));
            let alpn = tls::check_alpn(stream.get_ref().1);
            report.client_auth = verifier.client_auth();
            alpn.map(|()| Box::new(stream) as BoxedIo)
        }
        Ok(Err(error)) => {
            report.tls = Some(tls.report(&verifier, None));
            Err(tls::classify(&error, tls, &verifier))
        }
        Err(_) => Err(DialError::TlsNoAnswer),
    };
    match result {
        Err(error) if !error.is_certain() => {
            let bytes = first_bytes.bytes();
            let plaintext = if bytes.is_empty() {
                let probe = timeout(limit, probe::plaintext(address));
                probe.await.ok().flatten()
            } else {
                Protocol::from_first_bytes(&bytes)
            };
            Err(plaintext.map_or(error, |protocol| DialError::PlaintextServer { protocol }))
        }
        result => result,
    }
}
