//! Response bodies that neither outrun their peer nor keep other tasks waiting.

use std::{
    mem,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use axum::body::Body;
use bytes::Bytes;
use http_body::{Body as _, Frame, SizeHint};

use super::{
    exchange::Exchange,
    routes::Content,
    unsent::{Chunk, Unsent},
};

/// Frames in a row before a body that is always ready yields. Tokio's own budget
/// only counts the use of its sockets and timers.
const BURST: u32 = 16;

/// A response body and its request, which is in flight until the peer has
/// accepted the whole response.
#[derive(Debug)]
pub(crate) struct ResponseBody {
    content: Content,
    /// `None` if the request was refused.
    unsent: Option<Arc<Unsent>>,
    /// How many frames were ready in a row.
    burst: u32,
}

impl ResponseBody {
    pub(crate) fn new(content: Content, unsent: Arc<Unsent>) -> Self {
        Self {
            content,
            unsent: Some(unsent),
            burst: 0,
        }
    }

    /// The body of a response to a request that was refused.
    pub(crate) fn of_refusal(body: Body) -> Self {
        Self {
            content: Content::Body(body),
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
        let burst = mem::take(&mut self.burst);
        if burst == BURST {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        if let (Some(unsent), Content::Body(_)) = (&self.unsent, &self.content) {
            ready!(unsent.poll_room(context));
        }
        let frame = ready!(self.content.poll_frame(context));
        self.burst = burst + 1;
        let Some(unsent) = &self.unsent else {
            return Poll::Ready(frame.map(|it| it.map(|it| it.map_data(Chunk::from))));
        };
        let last = self.content.is_end_stream();
        let queued = frame.map(|frame| frame.map(|frame| unsent.add(frame, last)));
        if queued.is_none() {
            unsent.observe(Exchange::end);
        }
        Poll::Ready(queued)
    }

    fn is_end_stream(&self) -> bool {
        self.content.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.content.size_hint()
    }
}

impl Content {
    fn poll_frame(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Poll::Ready(match self {
            Self::Body(body) => return Pin::new(body).poll_frame(context),
            Self::Whole { data, .. } if !data.is_empty() => Some(Ok(Frame::data(mem::take(data)))),
            Self::Whole { trailers, .. } => trailers.take().map(Frame::trailers).map(Ok),
        })
    }

    pub(crate) fn is_end_stream(&self) -> bool {
        match self {
            Self::Body(body) => body.is_end_stream(),
            Self::Whole { data, trailers } => data.is_empty() && trailers.is_none(),
        }
    }

    pub(crate) fn size_hint(&self) -> SizeHint {
        match self {
            Self::Body(body) => body.size_hint(),
            Self::Whole {
                data,
                trailers: None,
            } => SizeHint::with_exact(data.len() as u64),
            Self::Whole { .. } => SizeHint::default(),
        }
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
