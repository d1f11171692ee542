//! The HTTP/2 phase: from the preface to the server's SETTINGS.

use std::time::Duration;

use h2::Reason;
use http::Uri;
use hyper::client::conn::http2::Builder;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::{sync::watch, time::sleep};

use super::{Channel, DialError, address::BoxedIo, channel::Loss, probe, tap::Tap};
use crate::tls::{self, ClientAuth};

const FRAME_HEADER: usize = 9;

/// Starts HTTP/2 on `stream` and waits for the server's first frame.
///
/// # Errors
/// If the peer does not start HTTP/2 within `patience`.
pub(super) async fn start(
    stream: BoxedIo,
    origin: Uri,
    client_auth: ClientAuth,
    patience: Duration,
) -> Result<Channel, DialError> {
    let (stream, mut seen) = Tap::new(stream);
    let (sender, connection) = Builder::new(TokioExecutor::new())
        .timer(TokioTimer::new())
        .handshake(TokioIo::new(stream))
        .await
        .map_err(|_| DialError::Http2Closed)?;
    let loss = Loss::default();
    let (is_open, open) = watch::channel(());
    let mut driver = tokio::spawn({
        let loss = loss.clone();
        async move {
            if let Err(error) = connection.await {
                loss.record(&error);
            }
            drop(is_open);
        }
    });
    tokio::select! {
        () = seen.at_least(FRAME_HEADER) => {}
        _ = &mut driver => {}
        () = sleep(patience) => return Err(DialError::Http2NoAnswer),
    }
    // A TLS 1.3 server judges the client's certificate only after the client
    // has finished its handshake, so its alert arrives here.
    if let Some(error) = seen.tls_error() {
        return Err(tls::error::from_alert(error, client_auth));
    }
    if loss.reason() == Some(Reason::ENHANCE_YOUR_CALM) {
        return Err(DialError::Calm);
    }
    let first = seen.bytes();
    if probe::is_settings(&first) {
        // Also if it has ended since: the first request shows that.
        Ok(Channel::new(sender, origin, loss, open))
    } else {
        Err(from_first_bytes(&first))
    }
}

fn from_first_bytes(bytes: &[u8]) -> DialError {
    if bytes.is_empty() {
        DialError::Http2Closed
    } else if bytes.starts_with(b"HTTP/") {
        DialError::Http1Server
    } else {
        DialError::NotHttp2
    }
}
