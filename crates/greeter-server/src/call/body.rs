//! The body of a response, which ends at the deadline and when the server
//! closes. If flow control blocks the stream, the status follows when the client
//! reads again.

use std::{
    future::pending,
    pin::Pin,
    task::{Context, Poll},
};

use axum::{
    body::{Body, HttpBody},
    http::HeaderMap,
};
use bytes::Bytes;
use http_body::{Frame, SizeHint};
use service_kit::Phase;
use tokio::{
    sync::{OwnedSemaphorePermit, watch},
    time::{Instant, sleep_until},
};
use tokio_util::sync::DropGuard;
use tonic::Status;

use super::deadline::exceeded;

/// The permit of a stream, and the guard that ends its request; the body drops
/// them.
pub(crate) type Held = (Option<OwnedSemaphorePermit>, Option<DropGuard>);

/// Completes when the server ends the call.
pub(crate) type End = Pin<Box<dyn Future<Output = Status> + Send>>;

/// The status with which the server ends a call: at the deadline, or when the
/// server closes.
pub(crate) async fn end(
    deadline: Option<Instant>,
    phase: Option<watch::Receiver<Phase>>,
) -> Status {
    let deadline = async {
        match deadline {
            Some(deadline) => sleep_until(deadline).await,
            None => pending().await,
        }
    };
    let closing = async {
        match phase {
            // The lifecycle lives as long as the server.
            Some(mut phase) => drop(phase.wait_for(|phase| *phase >= Phase::Closing).await),
            None => pending().await,
        }
    };
    tokio::select! {
        () = deadline => exceeded(),
        () = closing => shutting_down(),
    }
}

/// The status of a stream that the server ends to shut down.
pub(crate) fn shutting_down() -> Status {
    Status::unavailable("the server is shutting down; call again")
}

/// A body that ends with the trailers of an [`End`].
pub(crate) struct CallBody {
    inner: Body,
    end: End,
    ended: bool,
    _held: Held,
}

impl CallBody {
    pub(crate) fn new(inner: Body, end: End, held: Held) -> Self {
        Self {
            inner,
            end,
            ended: false,
            _held: held,
        }
    }
}

impl HttpBody for CallBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        if self.ended {
            return Poll::Ready(None);
        }
        let Poll::Ready(status) = self.end.as_mut().poll(context) else {
            return Pin::new(&mut self.inner).poll_frame(context);
        };
        self.ended = true;
        let mut trailers = HeaderMap::new();
        Poll::Ready(match status.add_header(&mut trailers) {
            Ok(()) => Some(Ok(Frame::trailers(trailers))),
            Err(status) => Some(Err(axum::Error::new(status))),
        })
    }

    fn is_end_stream(&self) -> bool {
        self.ended || self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
