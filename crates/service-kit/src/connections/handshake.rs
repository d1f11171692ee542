//! The TLS handshake of a connection, and how it ended.

use std::time::Duration;

use telemetry::{Handshake, Telemetry};
use tokio::{net::TcpStream, time::timeout};
use tokio_rustls::server::TlsStream;
use tracing::debug;

use crate::tls::TlsAcceptor;

/// Performs the handshake; `None` if it fails or takes too long.
pub(crate) async fn accept(
    tls: &TlsAcceptor,
    stream: TcpStream,
    limit: Duration,
    telemetry: Option<&Telemetry>,
) -> Option<TlsStream<TcpStream>> {
    let (result, stream) = match timeout(limit, tls.accept(stream)).await {
        Ok(Ok(stream)) => (Handshake::Ok, Some(stream)),
        Ok(Err(error)) => {
            debug!(%error, "TLS handshake failed");
            (Handshake::Failed, None)
        }
        Err(_) => {
            debug!("TLS handshake timed out");
            (Handshake::Timeout, None)
        }
    };
    if let Some(telemetry) = telemetry {
        telemetry.handshake(result);
    }
    stream
}
