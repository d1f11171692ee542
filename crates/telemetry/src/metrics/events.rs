//! What happens to connections, and requests that are refused.

use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family},
    registry::Registry,
};

/// How a TLS handshake ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Handshake {
    /// The connection is encrypted.
    Ok,
    /// An error, or the peer left.
    Failed,
    /// It took too long.
    Timeout,
}

/// The reasons for which a server closes connections.
const CLOSING: [&str; 6] = [
    "header_timeout",
    "keepalive_timeout",
    "max_connection_age",
    "send_timeout",
    "too_many_connections",
    "too_many_control_frames",
];

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Reason {
    reason: &'static str,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct HandshakeResult {
    result: &'static str,
}

#[derive(Debug)]
pub(crate) struct Events {
    refused: Counter,
    closed: Family<Reason, Counter>,
    handshakes: [Counter; 3],
}

impl Events {
    pub(super) fn new(registry: &mut Registry) -> Self {
        let refused = Family::<Reason, Counter>::default();
        let closed = Family::<Reason, Counter>::default();
        let handshakes = Family::<HandshakeResult, Counter>::default();
        let counters = ["ok", "failed", "timeout"]
            .map(|result| handshakes.get_or_create_owned(&HandshakeResult { result }));
        // Series exist before their first event: a rate needs two samples.
        for reason in CLOSING {
            drop(closed.get_or_create(&Reason { reason }));
        }
        let reason = "max_requests";
        let events = Self {
            refused: refused.get_or_create_owned(&Reason { reason }),
            closed: Family::clone(&closed),
            handshakes: counters,
        };
        registry.register(
            "server_refused_requests",
            "Requests that were refused, by reason",
            refused,
        );
        registry.register(
            "server_closed_connections",
            "Connections that the server closed, by reason",
            closed,
        );
        registry.register("tls_server_handshakes", "TLS handshakes", handshakes);
        events
    }

    pub(super) fn refused(&self) {
        self.refused.inc();
    }

    /// Counts a connection that the server closed.
    pub(crate) fn closed(&self, reason: &'static str) {
        self.closed.get_or_create(&Reason { reason }).inc();
    }

    /// Counts a TLS handshake.
    pub(crate) fn handshake(&self, result: Handshake) {
        self.handshakes[result as usize].inc();
    }
}
