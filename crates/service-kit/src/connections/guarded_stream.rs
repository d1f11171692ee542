//! A connection's stream with its time limits.

use std::{
    io::{self, IoSlice},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use h2::Reason;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tracing::debug;

use super::{
    deadline::Deadline, inspector::Inspector, reads::Reads, requests::Requests,
    small_write::SmallWrite, state::ConnectionState,
};

/// How long a closed connection still reads. Closing with unread bytes would
/// reset the connection, and the peer could lose the last response or GOAWAY.
const LINGER: Duration = Duration::from_secs(1);

/// The time limits of a stream.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Timeouts {
    /// For receiving a request head or a header block.
    pub(crate) header: Duration,
    /// For a peer that accepts no bytes.
    pub(crate) send: Duration,
    /// Between the requests of HTTP/1.1.
    pub(crate) idle: Duration,
}

/// A stream that ends its reads when a head takes too long or when control frames flood
/// it, and fails its writes when the peer accepts none. hyper and h2 do neither.
#[derive(Debug)]
pub(crate) struct GuardedStream<S> {
    stream: S,
    connection: Arc<ConnectionState>,
    reads: Reads,
    inspector: Inspector,
    send_timeout: Duration,
    /// When the peer must have accepted bytes.
    send: Deadline,
    /// No more bytes are read.
    ended: bool,
    /// The rest of a GOAWAY frame that is sent last.
    goaway: Vec<u8>,
    shut_down: bool,
    linger: Deadline,
}

impl<S> GuardedStream<S> {
    pub(crate) fn new(
        stream: S,
        connection: Arc<ConnectionState>,
        requests: Arc<Requests>,
        timeouts: Timeouts,
    ) -> Self {
        Self {
            stream,
            reads: Reads::new(requests),
            inspector: Inspector::new(Arc::clone(&connection), timeouts.header, timeouts.idle),
            connection,
            send_timeout: timeouts.send,
            send: Deadline::default(),
            ended: false,
            goaway: Vec::new(),
            shut_down: false,
            linger: Deadline::default(),
        }
    }

    /// Fails a write that the peer has not accepted in time.
    fn limited<T>(
        &mut self,
        context: &mut Context<'_>,
        written: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.send.clear();
            return written;
        }
        self.send.set(self.send_timeout);
        ready!(self.send.poll(context));
        debug!("the peer accepts no data");
        self.connection.end("send_timeout");
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }

    /// Ends the reads: h2 finishes its writes and shuts down, which sends a GOAWAY.
    fn end(&mut self, reason: Reason, debug_data: &'static str) -> io::Result<()> {
        debug!(%reason, debug_data, "closing the connection");
        self.connection.end(debug_data);
        self.ended = true;
        if let Some(frame) = self.inspector.goaway(reason, debug_data) {
            self.goaway = frame;
        } else if reason != Reason::NO_ERROR {
            return Err(io::ErrorKind::TimedOut.into());
        }
        Ok(())
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for GuardedStream<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        if this.ended {
            return Poll::Ready(Ok(()));
        }
        if let Some(reason) = this.connection.closing() {
            return Poll::Ready(this.end(Reason::NO_ERROR, reason));
        }
        let before = buffer.filled().len();
        let read = this.reads.poll(&mut this.stream, context, buffer)?;
        if read.is_pending() {
            ready!(this.inspector.poll_timeout(context))?;
            return Poll::Ready(this.end(Reason::ENHANCE_YOUR_CALM, "header_timeout"));
        }
        this.connection.last_read.record();
        if let Some(accepted) = this.inspector.read(&buffer.filled()[before..]) {
            buffer.set_filled(before + accepted);
            return Poll::Ready(this.end(Reason::ENHANCE_YOUR_CALM, "too_many_control_frames"));
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for GuardedStream<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        let count = ready!(self.limited(context, written))?;
        self.inspector.written(&bytes[..count]);
        Poll::Ready(Ok(count))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if let Some(bytes) = SmallWrite::default().gather(slices) {
            return self.poll_write(context, bytes);
        }
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        let count = ready!(self.limited(context, written))?;
        let mut rest = count;
        for slice in slices {
            let (written, _) = slice.split_at(rest.min(slice.len()));
            self.inspector.written(written);
            rest -= written.len();
        }
        Poll::Ready(Ok(count))
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.stream).poll_flush(context);
        self.limited(context, flushed)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        while !this.goaway.is_empty() {
            let written = Pin::new(&mut this.stream).poll_write(context, &this.goaway);
            let count = ready!(this.limited(context, written))?;
            if count == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            this.goaway.drain(..count);
        }
        if !this.shut_down {
            let shut_down = Pin::new(&mut this.stream).poll_shutdown(context);
            ready!(this.limited(context, shut_down))?;
            this.shut_down = true;
            this.linger.set(LINGER);
        }
        let mut bytes = [0; 4096];
        while this.connection.closing().is_none() && this.linger.poll(context).is_pending() {
            let mut buffer = ReadBuf::new(&mut bytes);
            match ready!(Pin::new(&mut this.stream).poll_read(context, &mut buffer)) {
                Ok(()) if !buffer.filled().is_empty() => {}
                Ok(()) | Err(_) => break,
            }
        }
        Poll::Ready(Ok(()))
    }
}
