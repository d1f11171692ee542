//! A deadline for a connection's first head.

use std::{
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, ready},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Sleep, sleep},
};

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

const END_OF_HEAD: &[u8] = b"\r\n\r\n";

/// A stream whose reads time out until it has said what it is: an HTTP/2
/// preface, or a whole HTTP/1.1 head. hyper's own timeouts start later or are as
/// long as an idle connection may live, and a client that sent nothing, or a
/// byte at a time, would keep its place.
#[derive(Debug)]
pub(crate) struct Opening<S> {
    stream: S,
    /// How much of [`PREFACE`] has been read.
    matched: usize,
    /// The last bytes of an HTTP/1.1 head so far.
    tail: Vec<u8>,
    /// `None` once the opening is over.
    timer: Option<Pin<Box<Sleep>>>,
    http2: Arc<AtomicBool>,
}

impl<S> Opening<S> {
    pub(crate) fn new(stream: S, timeout: Duration) -> Self {
        Self {
            stream,
            matched: 0,
            tail: Vec::new(),
            timer: Some(Box::pin(sleep(timeout))),
            http2: Arc::default(),
        }
    }

    /// A flag that is set once it is clear that this is HTTP/2.
    pub(crate) fn http2(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.http2)
    }

    /// Takes note of bytes that were read, and stops the timer once they are enough.
    fn look_at(&mut self, bytes: &[u8]) {
        let rest = &PREFACE[self.matched..];
        if self.tail.is_empty() && rest.starts_with(bytes) && bytes.len() < rest.len() {
            self.matched += bytes.len();
        } else if self.tail.is_empty() && bytes.starts_with(rest) {
            self.http2.store(true, Ordering::Relaxed);
            self.timer = None;
        } else {
            self.tail.extend_from_slice(bytes);
            let ended = |end: &[u8]| end == END_OF_HEAD;
            if self.tail.windows(END_OF_HEAD.len()).any(ended) {
                self.timer = None;
            }
            let kept = self.tail.len().min(END_OF_HEAD.len() - 1);
            self.tail.drain(..self.tail.len() - kept);
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Opening<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(context, buffer);
        let Some(timer) = &mut self.timer else {
            return read;
        };
        if read.is_pending() {
            ready!(timer.as_mut().poll(context));
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        match &buffer.filled()[before..] {
            // The end of the stream: there is nothing more to wait for.
            [] => self.timer = None,
            bytes => self.look_at(bytes),
        }
        read
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Opening<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
