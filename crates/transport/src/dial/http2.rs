//! The HTTP/2 phase: from the preface to the server's SETTINGS.

use h2::Reason;
use hyper::client::conn::http2::Builder;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::{sync::watch, time::Instant};

use crate::{
    Channel, DialError,
    channel::{Closing, Origin},
    deadline::before,
    protocol::is_settings,
    sniffer::Sniffer,
    socket::BoxedIo,
    tls::{self, ClientAuth},
};

const FRAME_HEADER: usize = 9;

/// Starts HTTP/2 on `stream` and waits for the server's first frame.
///
/// # Errors
/// If the peer does not start HTTP/2 before the deadline.
pub(super) async fn start(
    stream: BoxedIo,
    origin: Origin,
    client_auth: ClientAuth,
    deadline: Instant,
) -> Result<Channel, DialError> {
    let (stream, mut first_bytes) = Sniffer::new(stream);
    let (sender, connection) = Builder::new(TokioExecutor::new())
        .timer(TokioTimer::new())
        .handshake(TokioIo::new(stream))
        .await
        .map_err(|_| DialError::Http2Closed)?;
    let closing = Closing::default();
    let (is_open, open) = watch::channel(());
    let mut driver = tokio::spawn({
        let closing = closing.clone();
        async move {
            if let Err(error) = connection.await {
                closing.record(&error);
            }
            drop(is_open);
        }
    });
    let started = async {
        tokio::select! {
            () = first_bytes.at_least(FRAME_HEADER) => {}
            _ = &mut driver => {}
        }
    };
    let started = before(deadline, started).await;
    started.ok_or(DialError::Http2NoResponse)?;
    // A TLS 1.3 server verifies the client certificate after the client has
    // finished the handshake: the alert arrives here.
    if let Some(error) = first_bytes.tls_error() {
        return Err(tls::from_alert(error, client_auth));
    }
    if closing.code() == Some(Reason::ENHANCE_YOUR_CALM) {
        return Err(DialError::EnhanceYourCalm);
    }
    let bytes = first_bytes.bytes();
    if is_settings(&bytes) {
        // If the connection has ended since, the first request reports it.
        Ok(Channel::new(sender, origin, closing, open))
    } else {
        Err(from_first_bytes(&bytes))
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
