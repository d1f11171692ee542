//! The stream under HTTP/2: it can be read to its end after a write has failed, and
//! notes when bytes arrive.
//!
//! A server that closes the connection right after its last responses makes the next
//! write fail, such as an acknowledgement or a window update. `h2` ends a connection at
//! the first error: the responses behind it would be lost.

use std::{
    io::{self, IoSlice},
    pin::Pin,
    task::{Context, Poll},
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::keepalive::Receipts;

/// A stream whose write errors appear at the end of what can be read.
pub(super) struct Http2Io<S> {
    inner: S,
    receipts: Receipts,
    /// The first write error. Later writes are discarded.
    write_error: Option<io::Error>,
    is_broken: bool,
}

impl<S> Http2Io<S> {
    pub(super) fn new(inner: S, receipts: Receipts) -> Self {
        Self {
            inner,
            receipts,
            write_error: None,
            is_broken: false,
        }
    }

    /// The result of a write; a failed one counts as complete.
    fn written<T>(&mut self, result: Poll<io::Result<T>>, complete: T) -> Poll<io::Result<T>> {
        match result {
            Poll::Ready(Err(error)) => {
                self.write_error = Some(error);
                self.is_broken = true;
                Poll::Ready(Ok(complete))
            }
            result => result,
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Http2Io<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let result = Pin::new(&mut self.inner).poll_read(context, buffer);
        if buffer.filled().len() > before {
            self.receipts.note();
        } else if matches!(result, Poll::Ready(Ok(())))
            && let Some(error) = self.write_error.take()
        {
            return Poll::Ready(Err(error));
        }
        result
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Http2Io<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if self.is_broken {
            return Poll::Ready(Ok(bytes.len()));
        }
        let result = Pin::new(&mut self.inner).poll_write(context, bytes);
        self.written(result, bytes.len())
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.is_broken {
            return Poll::Ready(Ok(()));
        }
        let result = Pin::new(&mut self.inner).poll_flush(context);
        self.written(result, ())
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.is_broken {
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.inner).poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let length = slices.iter().map(|slice| slice.len()).sum();
        if self.is_broken {
            return Poll::Ready(Ok(length));
        }
        let result = Pin::new(&mut self.inner).poll_write_vectored(context, slices);
        self.written(result, length)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    use super::*;

    #[tokio::test]
    async fn a_write_to_a_closed_connection_fails_after_the_last_read() {
        let (near, mut far) = duplex(64);
        let mut near = Http2Io::new(near, Receipts::new());
        far.write_all(b"response").await.unwrap();
        drop(far);
        near.write_all(b"window update").await.unwrap();
        near.flush().await.unwrap();
        let mut received = Vec::new();
        let error = near.read_to_end(&mut received).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::BrokenPipe);
        assert_eq!(received, b"response");
    }
}
