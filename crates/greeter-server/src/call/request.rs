//! The request of a stream, which ends with its call: tonic-reflection reads it
//! in a task that does not notice the end of the response, and would keep the
//! stream, and its connection, open.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use axum::body::{Body, HttpBody};
use bytes::Bytes;
use http_body::Frame;
use tokio_util::sync::{CancellationToken, DropGuard, WaitForCancellationFutureOwned};

/// A body that ends early if its guard is dropped.
pub(crate) struct RequestBody {
    inner: Body,
    ended: Pin<Box<WaitForCancellationFutureOwned>>,
}

impl RequestBody {
    pub(crate) fn new(inner: Body) -> (Self, DropGuard) {
        let token = CancellationToken::new();
        let ended = Box::pin(token.clone().cancelled_owned());
        (Self { inner, ended }, token.drop_guard())
    }
}

impl HttpBody for RequestBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        if self.ended.as_mut().poll(context).is_ready() {
            self.inner = Body::empty();
        }
        Pin::new(&mut self.inner).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }
}
