//! What a connection's bytes say about its peer: the protocol, and slow heads.

use std::{
    io,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use h2::Reason;

use super::{
    deadline::Deadline, http2_inspector::Http2Inspector, idle::IdleTimeout, state::ConnectionState,
};

pub(crate) const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// Inspects the bytes of one connection as they pass.
#[derive(Debug)]
pub(crate) struct Inspector {
    connection: Arc<ConnectionState>,
    protocol: Protocol,
    header_timeout: Duration,
    idle: IdleTimeout,
    /// When the head that is being received must be complete.
    head: Deadline,
    /// The number of requests before that head.
    started: u64,
}

#[derive(Debug)]
enum Protocol {
    /// So many bytes of the HTTP/2 preface have been read.
    Unknown(usize),
    Http1,
    Http2(Box<Http2Inspector>),
}

impl Inspector {
    pub(crate) fn new(
        connection: Arc<ConnectionState>,
        header_timeout: Duration,
        idle_timeout: Duration,
    ) -> Self {
        let mut head = Deadline::default();
        head.set(header_timeout);
        Self {
            connection,
            protocol: Protocol::Unknown(0),
            header_timeout,
            idle: IdleTimeout::new(idle_timeout),
            head,
            started: 0,
        }
    }

    /// Inspects bytes of the peer. After a flood of control frames it returns how
    /// many of the bytes are accepted; they end with a frame.
    pub(crate) fn read(&mut self, mut bytes: &[u8]) -> Option<usize> {
        let all = bytes.len();
        if let Protocol::Unknown(known) = self.protocol {
            bytes = self.detect(known, bytes);
        }
        match &mut self.protocol {
            Protocol::Unknown(_) => None,
            Protocol::Http1 => {
                let (started, in_flight) = self.connection.requests();
                if in_flight == 0 && !self.head.is_set() {
                    self.started = started;
                    self.head.set(self.header_timeout);
                }
                None
            }
            Protocol::Http2(http2) => {
                let within_limit = http2.read(&mut bytes, &mut self.head);
                if http2.is_receiving_header_block() {
                    self.head.set(self.header_timeout);
                }
                (!within_limit).then_some(all - bytes.len())
            }
        }
    }

    /// Compares the first bytes with the HTTP/2 preface; returns those after it.
    fn detect<'a>(&mut self, known: usize, bytes: &'a [u8]) -> &'a [u8] {
        let expected = &PREFACE[known..];
        if expected.len() > bytes.len() && expected.starts_with(bytes) {
            self.protocol = Protocol::Unknown(known + bytes.len());
            return &[];
        }
        let Some(rest) = bytes.strip_prefix(expected) else {
            self.connection.set_http2(false);
            self.protocol = Protocol::Http1;
            return bytes;
        };
        self.connection.set_http2(true);
        self.head.clear();
        self.protocol = Protocol::Http2(Box::new(Http2Inspector::new()));
        rest
    }

    /// Inspects bytes that were sent to the peer.
    pub(crate) fn written(&mut self, bytes: &[u8]) {
        if let Protocol::Http2(http2) = &mut self.protocol {
            http2.written(bytes);
        }
    }

    /// Waits until a head has taken too long.
    ///
    /// # Errors
    /// If HTTP/1.1 has been idle for too long.
    pub(crate) fn poll_timeout(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if matches!(self.protocol, Protocol::Http1) {
            // The head is complete once the service has been called.
            if self.connection.requests().0 != self.started {
                self.head.clear();
            }
            if self.idle.poll(&self.connection, context).is_ready() {
                return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
            }
        }
        self.head.poll(context).map(Ok)
    }

    /// A GOAWAY frame, if the peer speaks HTTP/2 and has sent whole frames.
    pub(crate) fn goaway(&self, reason: Reason, debug_data: &str) -> Option<Vec<u8>> {
        match &self.protocol {
            Protocol::Http2(http2) => http2.goaway(reason, debug_data),
            _ => None,
        }
    }
}
