//! Response bodies that count as in flight until the peer has accepted them.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use axum::body::Body;
use bytes::{Buf, Bytes};
use http_body::{Frame, SizeHint};
use tokio::task::coop;

use super::requests::InFlight;

/// A response body and its request.
#[derive(Debug)]
pub(crate) struct ResponseBody {
    body: Body,
    /// `None` if the request was refused.
    request: Option<Arc<InFlight>>,
}

impl ResponseBody {
    pub(crate) fn new(body: Body, request: Option<InFlight>) -> Self {
        Self {
            body,
            request: request.map(Arc::new),
        }
    }
}

impl http_body::Body for ResponseBody {
    type Data = Chunk;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Chunk>, axum::Error>>> {
        // A body that is always ready would otherwise keep its worker thread
        // until the send buffer is full.
        let budget = ready!(coop::poll_proceed(context));
        let frame = ready!(Pin::new(&mut self.body).poll_frame(context));
        budget.made_progress();
        let chunk = |data| Chunk::new(data, self.request.as_ref());
        Poll::Ready(frame.map(|frame| frame.map(|frame| frame.map_data(chunk))))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// Data that hyper holds until the peer has accepted it. Flow control of the peer
/// can delay that as long as it wants, even after the body has ended.
#[derive(Debug)]
pub(crate) struct Chunk {
    data: Bytes,
    unsent: Option<Unsent>,
}

#[derive(Debug)]
struct Unsent(Arc<InFlight>);

impl Drop for Unsent {
    fn drop(&mut self) {
        self.0.connection.remove_unsent();
    }
}

impl Chunk {
    fn new(data: Bytes, request: Option<&Arc<InFlight>>) -> Self {
        let unsent = request.map(|request| {
            request.connection.add_unsent();
            Unsent(Arc::clone(request))
        });
        Self { data, unsent }
    }
}

impl Buf for Chunk {
    fn remaining(&self) -> usize {
        self.data.remaining()
    }

    fn chunk(&self) -> &[u8] {
        self.data.chunk()
    }

    fn advance(&mut self, count: usize) {
        self.data.advance(count);
        if let Some(Unsent(request)) = &self.unsent
            && count > 0
        {
            request.connection.progress();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use futures_util::stream;
    use http_body::Body as _;

    use super::*;

    #[tokio::test]
    async fn a_body_that_is_always_ready_yields_to_other_tasks() {
        let data = Ok::<_, Infallible>(Bytes::from_static(b"line\n"));
        let body = Body::from_stream(stream::repeat(data));
        let mut body = ResponseBody::new(body, None);
        let frames = std::future::poll_fn(|context| {
            let ready = |_: &u32| Pin::new(&mut body).poll_frame(context).is_ready();
            Poll::Ready((0..10_000).take_while(ready).count())
        })
        .await;
        assert!(frames < 1_000, "{frames}");
    }
}
