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
    body: Incoming,
    /// A part that was put back.
    unread: Option<Bytes>,
    counter: Option<Counter>,
}

#[derive(Debug)]
struct Counter {
    received: Arc<Received>,
    messages: Option<Messages>,
}

impl RequestBody {
    /// A body that is not observed.
    pub(crate) fn unobserved(body: Incoming) -> Self {
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

impl Body for RequestBody {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        if let Some(data) = self.unread.take() {
            return Poll::Ready(Some(Ok(Frame::data(data))));
        }
        let frame = ready!(Pin::new(&mut self.body).poll_frame(context));
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
