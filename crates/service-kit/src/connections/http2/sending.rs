//! The body of a response, on its way to h2.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use bytes::{Buf, Bytes};
use h2::{Reason, SendStream};
use http_body::Body;
use tracing::debug;

use crate::connections::{
    body::ResponseBody,
    routes::Content,
    unsent::{Chunk, Unsent},
};

/// A body that is not complete yet.
pub(super) struct Sending {
    stream: SendStream<Chunk>,
    body: ResponseBody,
    /// The chunk that waits for the peer, and whether it is the last.
    waiting: Option<(Chunk, bool)>,
}

impl Sending {
    /// Sends content that is complete: h2 keeps what the peer does not accept yet.
    /// Otherwise returns what sends it in parts.
    ///
    /// # Errors
    /// If the stream has been reset.
    pub(super) fn start(
        mut stream: SendStream<Chunk>,
        content: Content,
        unsent: Arc<Unsent>,
    ) -> Result<Option<Self>, h2::Error> {
        let Content::Whole { data, trailers } = content else {
            return Ok(Some(Self {
                stream,
                body: ResponseBody::new(content, unsent),
                waiting: None,
            }));
        };
        if let Some(chunk) = unsent.add_whole(data, trailers.as_ref()) {
            stream.send_data(chunk, trailers.is_none())?;
        }
        if let Some(trailers) = trailers {
            stream.send_trailers(trailers)?;
        }
        Ok(None)
    }

    /// Sends the body, as fast as the peer accepts it.
    pub(super) fn poll(&mut self, context: &mut Context<'_>) -> Poll<Result<(), h2::Error>> {
        loop {
            if let Poll::Ready(reason) = self.stream.poll_reset(context)? {
                debug!(%reason, "the client has reset a stream");
                return Poll::Ready(Ok(()));
            }
            if self.waiting.is_some() {
                ready!(self.poll_capacity(context))?;
            }
            if let Some((chunk, last)) = self.waiting.take() {
                self.stream.send_data(chunk, last)?;
                if last {
                    return Poll::Ready(Ok(()));
                }
            }
            match ready!(Pin::new(&mut self.body).poll_frame(context)) {
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(chunk) => self.wait(chunk),
                    Err(frame) => {
                        let Ok(trailers) = frame.into_trailers() else {
                            continue;
                        };
                        // No other data: others may have the capacity.
                        self.stream.reserve_capacity(0);
                        return Poll::Ready(self.stream.send_trailers(trailers));
                    }
                },
                Some(Err(error)) => {
                    debug!(%error, "the body of a response failed");
                    self.stream.send_reset(Reason::INTERNAL_ERROR);
                    return Poll::Ready(Ok(()));
                }
                None => return Poll::Ready(self.stream.send_data(Bytes::new().into(), true)),
            }
        }
    }

    fn wait(&mut self, chunk: Chunk) {
        // The least that h2 can be asked for. The whole length would keep other streams
        // waiting, and an empty chunk needs nothing.
        self.stream.reserve_capacity(chunk.remaining().min(1));
        self.waiting = Some((chunk, self.body.is_end_stream()));
    }

    /// Waits until the peer accepts a part of the chunk that waits.
    fn poll_capacity(&mut self, context: &mut Context<'_>) -> Poll<Result<(), h2::Error>> {
        let is_empty = |(chunk, _): &(Chunk, bool)| !chunk.has_remaining();
        if self.waiting.as_ref().is_some_and(is_empty) {
            return Poll::Ready(Ok(()));
        }
        while self.stream.capacity() == 0 {
            match ready!(self.stream.poll_capacity(context)) {
                Some(capacity) => drop(capacity?),
                // The stream has ended, which the next frame reports.
                None => break,
            }
        }
        Poll::Ready(Ok(()))
    }
}
