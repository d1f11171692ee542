//! The HTTP/2 phase: from the preface to the server's SETTINGS.

use std::sync::Arc;

use bytes::Bytes;
use h2::{
    Reason,
    client::{Builder, Connection},
};
use tokio::time::Instant;

use super::http2_io::Http2Io;
use crate::{
    Channel, DialError, Keepalive,
    channel::{ConnectionState, Origin},
    deadline::before,
    keepalive::Receipts,
    protocol::is_settings,
    sniffer::Sniffer,
    socket::BoxedIo,
    tls::{self, ClientAuth},
};

const FRAME_HEADER: usize = 9;

/// Flow control that does not slow down responses on fast and distant networks.
const STREAM_WINDOW: u32 = 2 << 20;
const CONNECTION_WINDOW: u32 = 5 << 20;

/// The data of one request that may wait for the network.
const SEND_BUFFER: usize = 1 << 20;

/// The size of a response's headers, more than servers send.
const HEADER_LIST: u32 = 16 << 10;

/// The requests that may be open before the server's SETTINGS have been read.
const INITIAL_STREAMS: usize = 100;

/// Starts HTTP/2 on `stream` and waits for the server's first frame.
///
/// # Errors
/// If the peer does not start HTTP/2 before the deadline.
pub(super) async fn start(
    stream: BoxedIo,
    origin: Origin,
    client_auth: ClientAuth,
    deadline: Instant,
    keepalive: Keepalive,
) -> Result<Channel, DialError> {
    let (stream, mut first_bytes) = Sniffer::new(stream);
    let receipts = Receipts::new();
    let stream = Http2Io::new(stream, receipts.clone());
    let (sender, connection) = builder()
        .handshake(stream)
        .await
        .map_err(|_| DialError::Http2Closed)?;
    let state = Arc::<ConnectionState>::default();
    let driver = drive(connection, Arc::clone(&state), keepalive, receipts);
    let mut driver = tokio::spawn(driver);
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
    if state.close_code() == Some(Reason::ENHANCE_YOUR_CALM) {
        return Err(DialError::EnhanceYourCalm);
    }
    let bytes = first_bytes.bytes();
    if is_settings(&bytes) {
        // If the connection has ended since, the first request reports it.
        Ok(Channel::new(sender, origin, state))
    } else {
        Err(from_first_bytes(&bytes))
    }
}

fn builder() -> Builder {
    let mut builder = Builder::new();
    builder
        .enable_push(false)
        .initial_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .initial_max_send_streams(INITIAL_STREAMS)
        .max_header_list_size(HEADER_LIST)
        .max_send_buffer_size(SEND_BUFFER);
    builder
}

/// Reads and writes the connection's frames until it ends.
async fn drive(
    mut connection: Connection<Http2Io<Sniffer<BoxedIo>>, Bytes>,
    state: Arc<ConnectionState>,
    keepalive: Keepalive,
    receipts: Receipts,
) {
    let pings = connection.ping_pong().expect("it is taken only here");
    tokio::select! {
        result = &mut connection => if let Err(error) = result {
            state.close(&error);
        },
        silent = keepalive.watch(pings, &receipts, &state) => state.close(&silent),
    }
    // The streams end here, after the error is known.
    drop(connection);
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
