//! The TLS phase: the handshake, its evidence, and probes after a failure.

use std::time::Duration;

use tokio::time::{Instant, timeout};

use crate::{
    DialError, DialReport, Protocol,
    deadline::before,
    probe,
    sniffer::{FirstBytes, Sniffer},
    socket::{Address, BoxedIo},
    tls::{self, Tls},
};

/// Runs the handshake until `deadline`, and reports its evidence even if it fails.
/// A probe after a failure has the timeout `limit`.
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
        handshake = before(deadline, handshake) => handshake,
        // A plaintext server waits for a request: the handshake would time out.
        protocol = probe::plaintext_after_silence(address, &first_bytes) => {
            return Err(DialError::PlaintextServer { protocol });
        }
    };
    let result = match result {
        Some(Ok(stream)) => {
            report.tls = Some(tls.report(&verifier, Some(stream.get_ref().1)));
            let alpn = tls::check_alpn(stream.get_ref().1);
            report.client_auth = verifier.client_auth();
            alpn.map(|()| Box::new(stream) as BoxedIo)
        }
        Some(Err(error)) => {
            report.tls = Some(tls.report(&verifier, None));
            Err(tls::classify(&error, tls, &verifier))
        }
        None => Err(DialError::TlsNoResponse),
    };
    match result {
        Err(error) if !error.is_certain() => {
            Err(after_probe(error, address, &first_bytes, limit).await)
        }
        result => result,
    }
}

/// The error of a failed handshake, or that the port speaks plaintext.
async fn after_probe(
    error: DialError,
    address: &Address,
    first_bytes: &FirstBytes,
    limit: Duration,
) -> DialError {
    let bytes = first_bytes.bytes();
    let plaintext = if bytes.is_empty() {
        let probe = timeout(limit, probe::plaintext(address));
        probe.await.ok().flatten()
    } else {
        Protocol::from_first_bytes(&bytes)
    };
    plaintext.map_or(error, |protocol| DialError::PlaintextServer { protocol })
}
