//! A stream that keeps the first bytes it reads. They identify the peer's protocol
//! if the error of a layer above does not.

use std::{
    io,
    pin::Pin,
    sync::{Arc, OnceLock},
    task::{Context, Poll},
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    sync::watch,
};

use crate::tls::find_rustls_error;

/// The bytes that are kept: enough for an HTTP/2 frame header, a TLS alert or the
/// start of an HTTP/1.1 status line.
const KEPT: usize = 32;

/// A stream that keeps its first bytes.
pub(crate) struct Sniffer<S> {
    inner: S,
    bytes: watch::Sender<Vec<u8>>,
    full: bool,
    tls_error: Arc<OnceLock<rustls::Error>>,
}

/// The first bytes that a [`Sniffer`] read, and the TLS error that ended it.
pub(crate) struct FirstBytes {
    bytes: watch::Receiver<Vec<u8>>,
    tls_error: Arc<OnceLock<rustls::Error>>,
}

impl FirstBytes {
    /// What was read so far, at most [`KEPT`] bytes.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        self.bytes.borrow().clone()
    }

    /// The TLS error that ended the stream, such as an alert from the peer. The
    /// layers above keep only its message.
    pub(crate) fn tls_error(&self) -> Option<&rustls::Error> {
        self.tls_error.get()
    }

    /// Waits until `n` bytes were read; waits forever if the stream ends earlier.
    pub(crate) async fn at_least(&mut self, n: usize) {
        if self.bytes.wait_for(|bytes| bytes.len() >= n).await.is_err() {
            std::future::pending().await
        }
    }
}

impl<S> Sniffer<S> {
    pub(crate) fn new(inner: S) -> (Self, FirstBytes) {
        let (bytes, receiver) = watch::channel(Vec::new());
        let tls_error = Arc::default();
        let sniffer = Self {
            inner,
            bytes,
            full: false,
            tls_error: Arc::clone(&tls_error),
        };
        (
            sniffer,
            FirstBytes {
                bytes: receiver,
                tls_error,
            },
        )
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Sniffer<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let result = Pin::new(&mut self.inner).poll_read(context, buffer);
        let read = &buffer.filled()[before..];
        if !self.full && !read.is_empty() {
            self.bytes.send_modify(|bytes| {
                let wanted = read.len().min(KEPT - bytes.len());
                bytes.extend_from_slice(&read[..wanted]);
            });
            let kept = self.bytes.borrow().len();
            self.full = kept == KEPT;
        }
        if let Poll::Ready(Err(error)) = &result
            && let Some(error) = find_rustls_error(error)
        {
            // Only the first error counts.
            let _ = self.tls_error.set(error.clone());
        }
        result
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Sniffer<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }
}
