//! The time that a connection has for its first request.

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

const HEAD_END: &[u8] = b"\r\n\r\n";

/// A stream whose reads time out until the client has sent an HTTP/2 preface or
/// a whole HTTP/1.1 request head.
///
/// hyper's own timeouts start later, or are as long as an idle connection may
/// live. A client that sends nothing, or one byte at a time, would hold its
/// connection permit.
#[derive(Debug)]
pub(crate) struct FirstRequestTimeout<S> {
    stream: S,
    /// How many bytes of [`PREFACE`] have been read.
    preface_read: usize,
    /// The last bytes of an HTTP/1.1 head; empty while it may be a preface.
    head_tail: Vec<u8>,
    /// `None` once the preface or the head is complete.
    timer: Option<Pin<Box<Sleep>>>,
    http2: Arc<AtomicBool>,
}

impl<S> FirstRequestTimeout<S> {
    pub(crate) fn new(stream: S, timeout: Duration) -> Self {
        Self {
            stream,
            preface_read: 0,
            head_tail: Vec::new(),
            timer: Some(Box::pin(sleep(timeout))),
            http2: Arc::default(),
        }
    }

    /// A flag that is set once the HTTP/2 preface has been read.
    pub(crate) fn http2(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.http2)
    }

    /// Inspects bytes that were read; stops the timer at the end of the preface
    /// or of the head.
    fn inspect(&mut self, bytes: &[u8]) {
        let rest = &PREFACE[self.preface_read..];
        let may_be_preface = self.head_tail.is_empty();
        if may_be_preface && bytes.starts_with(rest) {
            self.http2.store(true, Ordering::Relaxed);
            self.timer = None;
        } else if may_be_preface && rest.starts_with(bytes) {
            self.preface_read += bytes.len();
        } else {
            self.head_tail.extend_from_slice(bytes);
            let mut windows = self.head_tail.windows(HEAD_END.len());
            if windows.any(|window| window == HEAD_END) {
                self.timer = None;
            }
            let kept = self.head_tail.len().min(HEAD_END.len() - 1);
            self.head_tail.drain(..self.head_tail.len() - kept);
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for FirstRequestTimeout<S> {
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
            // End of stream: nothing more will come.
            [] => self.timer = None,
            bytes => self.inspect(bytes),
        }
        read
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for FirstRequestTimeout<S> {
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
