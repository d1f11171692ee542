//! Enforces `grpc-timeout`: at its deadline a call ends with `DEADLINE_EXCEEDED`,
//! also in the middle of a stream. If flow control blocks the stream, the status
//! follows when the client reads again.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use axum::{
    body::{Body, HttpBody},
    extract::Request,
    http::HeaderMap,
    middleware::Next,
    response::Response,
};
use bytes::Bytes;
use greeter_proto::parse_timeout;
use http_body::{Frame, SizeHint};
use tokio::time::{Instant, Sleep, sleep_until, timeout_at};
use tonic::Status;

/// Ends the response at the deadline of the request, if it has one.
pub(crate) async fn enforce(request: Request, next: Next) -> Response {
    let timeout = request
        .headers()
        .get("grpc-timeout")
        .and_then(|value| parse_timeout(value.to_str().ok()?));
    // A timeout that overflows the clock means no deadline.
    let Some(deadline) = timeout.and_then(|timeout| Instant::now().checked_add(timeout)) else {
        return next.run(request).await;
    };
    match timeout_at(deadline, next.run(request)).await {
        Ok(response) => response.map(|inner| {
            Body::new(DeadlineBody {
                inner,
                timer: Box::pin(sleep_until(deadline)),
                ended: false,
            })
        }),
        Err(_) => exceeded().into_http(),
    }
}

fn exceeded() -> Status {
    Status::deadline_exceeded("the deadline passed before the call was complete")
}

/// A body that ends with the trailers of [`exceeded`] at the deadline.
struct DeadlineBody {
    inner: Body,
    timer: Pin<Box<Sleep>>,
    ended: bool,
}

impl HttpBody for DeadlineBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        if self.ended {
            return Poll::Ready(None);
        }
        if self.timer.as_mut().poll(context).is_pending() {
            return Pin::new(&mut self.inner).poll_frame(context);
        }
        self.ended = true;
        let mut trailers = HeaderMap::new();
        Poll::Ready(match exceeded().add_header(&mut trailers) {
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
