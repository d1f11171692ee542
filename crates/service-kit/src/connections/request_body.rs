//! Request bodies that count what they receive.

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use h2::{Reason, RecvStream};
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;

use super::grpc::{Encoding, Messages};

/// What has been received of a request's body.
#[derive(Debug, Default)]
pub(crate) struct Received {
    bytes: AtomicU64,
    messages: AtomicU64,
}

impl Received {
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    pub(crate) fn messages(&self) -> u64 {
        self.messages.load(Ordering::Relaxed)
    }
}

/// A request's body, as the routes read it.
#[derive(Debug)]
pub struct RequestBody {
    body: Source,
    /// A part that was put back.
    unread: Option<Bytes>,
    counter: Option<Counter>,
}

/// Where a body comes from.
#[derive(Debug)]
enum Source {
    Http1(Incoming),
    Http2(RecvStream),
}

#[derive(Debug)]
struct Counter {
    received: Arc<Received>,
    messages: Option<Messages>,
}

impl RequestBody {
    /// A body that hyper reads, not observed.
    pub(crate) fn http1(body: Incoming) -> Self {
        Self::unobserved(Source::Http1(body))
    }

    /// A body that h2 reads, not observed.
    pub(crate) fn http2(body: RecvStream) -> Self {
        Self::unobserved(Source::Http2(body))
    }

    fn unobserved(body: Source) -> Self {
        Self {
            body,
            unread: None,
            counter: None,
        }
    }

    /// Counts what is received from now on; `None` if the body is empty.
    pub(crate) fn count(&mut self, encoding: Option<Encoding>) -> Option<Arc<Received>> {
        if self.is_end_stream() {
            return None;
        }
        let received = Arc::new(Received::default());
        self.counter = Some(Counter {
            received: Arc::clone(&received),
            messages: encoding.map(Messages::new),
        });
        Some(received)
    }

    /// Puts back the part that was read last: it is read again next.
    pub fn put_back(&mut self, data: Bytes) {
        self.unread = Some(data);
    }
}

impl Counter {
    fn count(&mut self, data: &[u8]) {
        let Received { bytes, messages } = &*self.received;
        bytes.fetch_add(data.len() as u64, Ordering::Relaxed);
        if let Some(scanner) = &mut self.messages {
            scanner.read(data);
            messages.store(scanner.count(), Ordering::Relaxed);
        }
    }
}

impl Source {
    fn poll_frame(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let body = match self {
            Self::Http1(body) => {
                let frame = ready!(Pin::new(body).poll_frame(context));
                return Poll::Ready(frame.map(|frame| frame.map_err(axum::Error::new)));
            }
            Self::Http2(body) => body,
        };
        let frame = match ready!(body.poll_data(context)) {
            Some(Ok(data)) => body
                .flow_control()
                .release_capacity(data.len())
                .map(|()| Some(Frame::data(data))),
            Some(Err(error)) => Err(error),
            None => ready!(body.poll_trailers(context)).map(|it| it.map(Frame::trailers)),
        };
        Poll::Ready(match frame {
            // The client stops sending, and wants the response (RFC 9113, 8.1).
            Err(error) if error.reason() == Some(Reason::NO_ERROR) => None,
            frame => frame.map_err(axum::Error::new).transpose(),
        })
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Http1(body) => body.is_end_stream(),
            Self::Http2(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Http1(body) => body.size_hint(),
            Self::Http2(body) if body.is_end_stream() => SizeHint::with_exact(0),
            Self::Http2(_) => SizeHint::default(),
        }
    }
}

impl Body for RequestBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        if let Some(data) = self.unread.take() {
            return Poll::Ready(Some(Ok(Frame::data(data))));
        }
        let frame = ready!(self.body.poll_frame(context));
        if let Some(counter) = &mut self.counter
            && let Some(Ok(frame)) = &frame
            && let Some(data) = frame.data_ref()
        {
            counter.count(data);
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.unread.is_none() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        match self.unread {
            Some(_) => SizeHint::default(),
            None => self.body.size_hint(),
        }
    }
}
