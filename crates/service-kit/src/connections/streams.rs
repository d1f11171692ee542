//! The requests of one HTTP/2 connection. They run in the task of that connection.
//!
//! hyper spawns a task for each request. Most requests are ready at their first poll, so
//! that making a task, and its turn in the runtime's queue, cost more than they gain.

use std::{
    mem,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    sync::{Arc, Mutex, PoisonError, Weak},
    task::{Context, Poll},
};

use futures_util::{StreamExt, stream::FuturesUnordered};
use hyper::rt::Executor;

/// Takes the requests that hyper spawns. A request has a copy, so that it must not keep
/// them alive.
#[derive(Clone)]
pub(crate) struct NewStreams(Weak<Mutex<Vec<Request>>>);

impl<F> Executor<F> for NewStreams
where
    F: Future<Output = ()> + Send + 'static,
{
    fn execute(&self, request: F) {
        if let Some(new) = self.0.upgrade() {
            let mut new = new.lock().unwrap_or_else(PoisonError::into_inner);
            new.push(Request(Box::pin(request)));
        }
    }
}

/// The requests of a connection. Those that have not ended are dropped with it.
#[derive(Default)]
pub(crate) struct Streams {
    new: Arc<Mutex<Vec<Request>>>,
    /// Empty between polls; keeps its memory.
    started: Vec<Request>,
    /// `None` until a request is not ready at its first poll: most connections need none.
    waiting: Option<FuturesUnordered<Request>>,
}

impl Streams {
    /// The executor for hyper.
    pub(crate) fn executor(&self) -> NewStreams {
        NewStreams(Arc::downgrade(&self.new))
    }

    /// Polls the requests that are new or have been woken. What they send wakes the task
    /// of the connection.
    pub(crate) fn poll(&mut self, context: &mut Context<'_>) {
        mem::swap(
            &mut *self.new.lock().unwrap_or_else(PoisonError::into_inner),
            &mut self.started,
        );
        for mut request in self.started.drain(..) {
            // A request that is ready now needs no waker of its own.
            if Pin::new(&mut request).poll(context).is_pending() {
                self.waiting.get_or_insert_default().push(request);
            }
        }
        if let Some(waiting) = &mut self.waiting {
            while let Poll::Ready(Some(())) = waiting.poll_next_unpin(context) {}
        }
    }
}

/// A request whose panic ends no other.
struct Request(Pin<Box<dyn Future<Output = ()> + Send>>);

impl Future for Request {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        // Nobody sees the state that a panic leaves: the request is dropped.
        let polled = catch_unwind(AssertUnwindSafe(|| self.0.as_mut().poll(context)));
        polled.unwrap_or(Poll::Ready(()))
    }
}

#[cfg(test)]
mod tests {
    use std::{
        future::{pending, poll_fn},
        sync::atomic::{AtomicUsize, Ordering},
    };

    use tokio::sync::oneshot;

    use super::*;

    /// Polls once.
    async fn poll(streams: &mut Streams) {
        poll_fn(|context| {
            streams.poll(context);
            Poll::Ready(())
        })
        .await;
    }

    #[tokio::test]
    async fn a_request_runs_again_only_when_it_is_woken() {
        let mut streams = Streams::default();
        let (first, second) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let (send, mut receive) = oneshot::channel::<()>();
        let polls = Arc::clone(&first);
        streams.executor().execute(poll_fn(move |context| {
            polls.fetch_add(1, Ordering::Relaxed);
            Pin::new(&mut receive).poll(context).map(drop)
        }));
        let polls = Arc::clone(&second);
        streams.executor().execute(poll_fn(move |_| {
            polls.fetch_add(1, Ordering::Relaxed);
            Poll::Pending
        }));
        poll(&mut streams).await;
        let counts = || [&first, &second].map(|it| it.load(Ordering::Relaxed));
        let before = counts();
        send.send(()).unwrap();
        poll(&mut streams).await;
        assert_eq!(counts(), [before[0] + 1, before[1]]);
        poll(&mut streams).await;
        assert_eq!(counts(), [before[0] + 1, before[1]]);
    }

    #[tokio::test]
    async fn a_request_wakes_the_task_of_the_connection() {
        let mut streams = Streams::default();
        let (send, receive) = oneshot::channel::<()>();
        let mut send = Some(send);
        streams.executor().execute(async { drop(receive.await) });
        // Without the wake, this never ends.
        poll_fn(|context| {
            streams.poll(context);
            match send.take() {
                Some(send) => {
                    send.send(()).unwrap();
                    Poll::Pending
                }
                None => Poll::Ready(()),
            }
        })
        .await;
    }

    #[tokio::test]
    async fn requests_that_have_not_ended_are_dropped_with_the_connection() {
        let mut streams = Streams::default();
        let held = Arc::new(());
        let start = |streams: &Streams| {
            // As hyper's, a request has an executor of its own.
            let (copy, executor) = (Arc::clone(&held), streams.executor());
            streams.executor().execute(async move {
                pending::<()>().await;
                drop((copy, executor));
            });
        };
        start(&streams);
        poll(&mut streams).await;
        // This one has not been polled.
        start(&streams);
        assert_eq!(Arc::strong_count(&held), 3);
        drop(streams);
        assert_eq!(Arc::strong_count(&held), 1);
    }
}
