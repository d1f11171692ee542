//! h2's settings, each with its reason.

use h2::server::Builder;

use crate::{Limits, connections::heads::MAX_HEAD};

/// Unsent data that h2 takes from one stream of data: one DATA frame. More would only
/// help a single stream over a slow path; the total for a peer that does not read is
/// this, times the requests in flight.
const SEND_BUFFER: usize = 16 * 1024;

/// What a client may send on one stream before the handler reads. Requests are
/// names of at most 4 KiB.
const STREAM_WINDOW: u32 = 16 * 1024;

/// What a client may send on one connection before the handlers read: enough for a
/// gateway with many calls. h2 closes a connection whose unread DATA frames are
/// small and many, and derives that limit from this window: 2,048 frames. The
/// total for all connections is the stream window, times the requests in flight.
const CONNECTION_WINDOW: u32 = 1024 * 1024;

/// The largest frame: the least that HTTP/2 allows (RFC 9113, 6.5.2).
const MAX_FRAME: u32 = 16 * 1024;

/// Streams that are reset before the service sees them, at one time. Rapid resets
/// (CVE-2023-44487) end here.
const MAX_PENDING_RESETS: usize = 20;

/// Streams that are reset because the client broke the protocol or the limit of
/// streams, over the life of a connection. Each costs an RST_STREAM frame.
const MAX_ERROR_RESETS: usize = 1024;

pub(super) fn builder(limits: &Limits) -> Builder {
    let mut http2 = Builder::new();
    http2
        .max_concurrent_streams(limits.max_concurrent_streams)
        .max_header_list_size(MAX_HEAD)
        .max_frame_size(MAX_FRAME)
        .initial_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .max_send_buffer_size(SEND_BUFFER)
        .max_pending_accept_reset_streams(MAX_PENDING_RESETS)
        .max_local_error_reset_streams(Some(MAX_ERROR_RESETS));
    http2
}
