//! Response data that waits for the peer, and its limit for one request.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
};

use bytes::{Buf, Bytes};

use super::requests::InFlight;

/// Chunks of one response that wait for the peer. hyper limits their bytes; small
/// chunks cost many times their bytes in h2's queues.
const MAX_CHUNKS: usize = 16;

/// The unsent chunks of one response.
#[derive(Debug)]
pub(crate) struct Unsent {
    request: InFlight,
    queue: Mutex<Queue>,
}

#[derive(Debug, Default)]
struct Queue {
    chunks: usize,
    /// The task that waits for room.
    waiting: Option<Waker>,
}

impl Unsent {
    pub(crate) fn new(request: InFlight) -> Self {
        Self {
            request,
            queue: Mutex::default(),
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

    /// Queues a chunk.
    pub(crate) fn add(self: &Arc<Self>, data: Bytes) -> Chunk {
        let mut queue = self.queue();
        queue.chunks += 1;
        if queue.chunks == 1 {
            self.request.connection.add_unsent();
        }
        drop(queue);
        Chunk {
            data,
            queued: Some(Queued(Arc::clone(self))),
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
    queued: Option<Queued>,
}

#[derive(Debug)]
struct Queued(Arc<Unsent>);

impl Drop for Queued {
    fn drop(&mut self) {
        let mut queue = self.0.queue();
        queue.chunks -= 1;
        if queue.chunks == 0 {
            self.0.request.connection.remove_unsent();
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
        if let Some(Queued(unsent)) = &self.queued
            && count > 0
        {
            unsent.request.connection.progress();
        }
    }
}
