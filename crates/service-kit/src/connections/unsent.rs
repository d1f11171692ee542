//! Response data that waits for the peer, and its limit for one request.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
};

use bytes::{Buf, Bytes};
use http::HeaderMap;
use http_body::Frame;

use super::{exchange::Exchange, requests::InFlight};

/// Chunks of one response that wait for the peer. hyper and h2 limit their bytes; small
/// chunks cost many times their bytes in h2's queues.
const MAX_CHUNKS: usize = 16;

/// The unsent chunks of one response.
#[derive(Debug)]
pub(crate) struct Unsent {
    request: InFlight,
    queue: Mutex<Queue>,
}

#[derive(Debug)]
struct Queue {
    chunks: usize,
    /// `None` if the request is not observed.
    exchange: Option<Exchange>,
    /// The task that waits for room.
    waiting: Option<Waker>,
}

impl Unsent {
    pub(crate) fn new(request: InFlight, exchange: Option<Exchange>) -> Self {
        Self {
            request,
            queue: Mutex::new(Queue {
                chunks: 0,
                exchange,
                waiting: None,
            }),
        }
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until one more chunk may be queued.
    pub(crate) fn poll_room(&self, context: &mut Context<'_>) -> Poll<()> {
        let mut queue = self.queue();
        if queue.chunks < MAX_CHUNKS {
            return Poll::Ready(());
        }
        queue.waiting = Some(context.waker().clone());
        Poll::Pending
    }

    /// Tells the exchange about the response, if it is observed.
    pub(crate) fn observe(&self, with: impl FnOnce(&mut Exchange)) {
        if let Some(exchange) = &mut self.queue().exchange {
            with(exchange);
        }
    }

    /// Queues a frame, which may be the last one.
    pub(crate) fn add(self: &Arc<Self>, frame: Frame<Bytes>, last: bool) -> Frame<Chunk> {
        let mut queue = self.queue();
        let ended = last || frame.is_trailers();
        let data = frame.data_ref().map(Bytes::as_ref);
        queue.observe(data, frame.trailers_ref(), ended);
        frame.map_data(|data| self.chunk(&mut queue, data))
    }

    /// Queues all of a response; `None` if it has no data.
    pub(crate) fn add_whole(
        self: &Arc<Self>,
        data: Bytes,
        trailers: Option<&HeaderMap>,
    ) -> Option<Chunk> {
        let mut queue = self.queue();
        queue.observe(Some(&data), trailers, true);
        (!data.is_empty()).then(|| self.chunk(&mut queue, data))
    }

    fn chunk(self: &Arc<Self>, queue: &mut Queue, data: Bytes) -> Chunk {
        queue.chunks += 1;
        if queue.chunks == 1 {
            self.request.connection.add_unsent();
        }
        Chunk {
            data,
            queued: Some(Arc::clone(self)),
        }
    }
}

impl Queue {
    /// Tells the exchange what is sent, if it is observed.
    fn observe(&mut self, data: Option<&[u8]>, trailers: Option<&HeaderMap>, ended: bool) {
        let Some(exchange) = &mut self.exchange else {
            return;
        };
        if let Some(data) = data {
            exchange.send(data);
        }
        if let Some(trailers) = trailers {
            exchange.trailers(trailers);
        }
        if ended {
            exchange.end();
        }
    }
}

/// A part of a response. hyper and h2 drop it once it has been written, which flow
/// control of the peer can delay for as long as it wants, even after the body has
/// ended.
#[derive(Debug)]
pub(crate) struct Chunk {
    data: Bytes,
    /// `None` in the response to a request that was refused.
    queued: Option<Arc<Unsent>>,
}

impl Drop for Chunk {
    fn drop(&mut self) {
        let Some(unsent) = &self.queued else {
            return;
        };
        let connection = &unsent.request.connection;
        let is_accepted = !self.data.has_remaining();
        let mut queue = unsent.queue();
        queue.chunks -= 1;
        if queue.chunks == 0 {
            connection.remove_unsent(is_accepted);
        } else if is_accepted {
            connection.progress();
        }
        if !is_accepted && let Some(exchange) = &mut queue.exchange {
            exchange.cut();
        }
        let waiting = queue.waiting.take();
        drop(queue);
        if let Some(waker) = waiting {
            waker.wake();
        }
    }
}

impl From<Bytes> for Chunk {
    fn from(data: Bytes) -> Self {
        Self { data, queued: None }
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
        // A chunk is dropped once the peer has accepted all of it.
        if let Some(unsent) = &self.queued
            && count > 0
            && self.data.has_remaining()
        {
            unsent.request.connection.progress();
        }
    }
}
