//! The first bytes of a connection, which show its protocol and are then read again.

use std::{
    io::{self, IoSlice},
    pin::Pin,
    task::{Context, Poll, ready},
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::{inspector::PREFACE, state::ConnectionState};

/// A stream whose first bytes may have been read already.
#[derive(Debug)]
pub(crate) struct FirstBytes<S> {
    stream: S,
    bytes: [u8; PREFACE.len()],
    filled: usize,
    /// How many have been read again.
    read: usize,
}

impl<S: AsyncRead + Unpin> FirstBytes<S> {
    pub(crate) fn new(stream: S) -> Self {
        Self {
            stream,
            bytes: [0; PREFACE.len()],
            filled: 0,
            read: 0,
        }
    }

    /// Reads until the bytes show whether this is HTTP/2. The inspector of the stream tells
    /// `connection`.
    ///
    /// # Errors
    /// If the stream fails.
    pub(crate) fn poll_http2(
        &mut self,
        connection: &ConnectionState,
        context: &mut Context<'_>,
    ) -> Poll<io::Result<bool>> {
        loop {
            if let Some(http2) = connection.protocol() {
                return Poll::Ready(Ok(http2));
            }
            let mut buffer = ReadBuf::new(&mut self.bytes[self.filled..]);
            ready!(Pin::new(&mut self.stream).poll_read(context, &mut buffer))?;
            let count = buffer.filled().len();
            if count == 0 {
                // As HTTP/1.1, the connection is closed in order.
                return Poll::Ready(Ok(false));
            }
            self.filled += count;
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for FirstBytes<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        let first = &this.bytes[this.read..this.filled];
        if first.is_empty() {
            return Pin::new(&mut this.stream).poll_read(context, buffer);
        }
        let count = first.len().min(buffer.remaining());
        buffer.put_slice(&first[..count]);
        this.read += count;
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for FirstBytes<S> {
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
        slices: &[IoSlice<'_>],
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
