//! Reads that become small while the server is busy.

use std::{
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use tokio::io::{AsyncRead, ReadBuf};

use super::requests::Requests;

/// How much is read at once while the server is busy. A connection starts all requests
/// that it reads, also those that are refused, and those of many connections would add
/// up before any of them ends.
const BUSY_READ: usize = 256;

/// How a connection reads.
#[derive(Debug)]
pub(crate) struct Reads {
    requests: Arc<Requests>,
    /// Other connections have their turns before the next read.
    yields: bool,
}

impl Reads {
    pub(crate) fn new(requests: Arc<Requests>) -> Self {
        Self {
            requests,
            yields: false,
        }
    }

    /// Reads from this stream.
    pub(crate) fn poll(
        &mut self,
        stream: &mut (impl AsyncRead + Unpin),
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let stream = Pin::new(stream);
        if std::mem::take(&mut self.yields) {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        if !self.requests.is_busy() {
            return stream.poll_read(context, buffer);
        }
        let mut bytes = [0; BUSY_READ];
        let size = buffer.remaining().min(BUSY_READ);
        let mut part = ReadBuf::new(&mut bytes[..size]);
        ready!(stream.poll_read(context, &mut part))?;
        buffer.put_slice(part.filled());
        self.yields = true;
        Poll::Ready(Ok(()))
    }
}
