//! Response bodies that neither outrun their peer nor keep other tasks waiting.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use axum::body::Body;
use http_body::{Frame, SizeHint};

use super::{
    exchange::Exchange,
    requests::InFlight,
    unsent::{Chunk, Unsent},
};

/// Frames in a row before a body that is always ready yields. Tokio's own budget
/// only counts the use of its sockets and timers.
const BURST: u32 = 16;

/// A response body and its request, which is in flight until the peer has
/// accepted the whole response.
#[derive(Debug)]
pub(crate) struct ResponseBody {
    body: Body,
    /// `None` if the request was refused.
    unsent: Option<Arc<Unsent>>,
    /// How many frames were ready in a row.
    burst: u32,
}

impl ResponseBody {
    pub(crate) fn new(body: Body, request: InFlight, exchange: Option<Box<Exchange>>) -> Self {
        Self {
            body,
            unsent: Some(Arc::new(Unsent::new(request, exchange))),
            burst: 0,
        }
    }

    /// The body of a response to a request that was refused.
    pub(crate) fn of_refusal(body: Body) -> Self {
        Self {
            body,
            unsent: None,
            burst: 0,
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
        let burst = std::mem::take(&mut self.burst);
        if burst == BURST {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        if let Some(unsent) = &self.unsent {
            ready!(unsent.poll_room(context));
        }
        let frame = ready!(Pin::new(&mut self.body).poll_frame(context));
        self.burst = burst + 1;
        if let Some(unsent) = &self.unsent {
            let last = self.body.is_end_stream();
            match &frame {
                None => unsent.observe(Exchange::end),
                Some(Ok(frame)) => unsent.observe(|exchange| {
                    if let Some(trailers) = frame.trailers_ref() {
                        exchange.trailers(trailers);
                    }
                    if last || frame.is_trailers() {
                        exchange.end();
                    }
                }),
                Some(Err(_)) => {}
            }
        }
        let chunk = |data| match &self.unsent {
            Some(unsent) => unsent.add(data),
            None => Chunk::from(data),
        };
        Poll::Ready(frame.map(|frame| frame.map(|frame| frame.map_data(chunk))))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use bytes::Bytes;
    use futures_util::stream;
    use http_body::Body as _;

    use super::*;

    #[tokio::test]
    async fn a_body_that_is_always_ready_yields_to_other_tasks() {
        let data = Ok::<_, Infallible>(Bytes::from_static(b"line\n"));
        let body = Body::from_stream(stream::repeat(data));
        let mut body = ResponseBody::of_refusal(body);
        let frames = std::future::poll_fn(|context| {
            let ready = |_: &u32| Pin::new(&mut body).poll_frame(context).is_ready();
            Poll::Ready((0..10_000).take_while(ready).count())
        })
        .await;
        assert!(frames < 100, "{frames}");
    }
}
