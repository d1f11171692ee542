//! The requests of one connection, which run in its task.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    task::{Context, Poll},
};

use futures_util::{StreamExt, stream::FuturesUnordered};

/// Requests, each a future. Those that have not ended are dropped with the connection.
///
/// Most requests end when they start: they need no future and no waker of their own.
#[derive(Debug)]
pub(super) struct Requests<F> {
    /// `None` until a request does not end at once: most connections need none.
    waiting: Option<FuturesUnordered<Request<F>>>,
}

/// A request whose panic ends no other.
#[derive(Debug)]
struct Request<F>(F);

impl<F> Default for Requests<F> {
    fn default() -> Self {
        Self { waiting: None }
    }
}

impl<F: Future<Output = ()> + Unpin> Requests<F> {
    /// Starts a request, and keeps what is left of it.
    pub(super) fn start(&mut self, start: impl FnOnce() -> Option<F>) {
        if let Ok(Some(request)) = catch_unwind(AssertUnwindSafe(start)) {
            self.waiting.get_or_insert_default().push(Request(request));
        }
    }

    /// Polls the requests that have been woken.
    pub(super) fn poll(&mut self, context: &mut Context<'_>) {
        if let Some(waiting) = &mut self.waiting {
            while let Poll::Ready(Some(())) = waiting.poll_next_unpin(context) {}
        }
    }
}

impl<F: Future<Output = ()> + Unpin> Future for Request<F> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        // Nobody sees the state that a panic leaves: the request is dropped.
        let polled = catch_unwind(AssertUnwindSafe(|| Pin::new(&mut self.0).poll(context)));
        polled.unwrap_or(Poll::Ready(()))
    }
}

#[cfg(test)]
mod tests {
    use std::{
        future::{pending, poll_fn},
        sync::{
            Arc,
            atomic::{AtomicUsize, Ordering},
        },
    };

    use tokio::sync::oneshot;

    use super::*;

    type Requests = super::Requests<Pin<Box<dyn Future<Output = ()>>>>;

    fn start(requests: &mut Requests, request: impl Future<Output = ()> + 'static) {
        requests.start(|| Some(Box::pin(request)));
    }

    /// Polls once.
    async fn poll(requests: &mut Requests) {
        poll_fn(|context| {
            requests.poll(context);
            Poll::Ready(())
        })
        .await;
    }

    #[tokio::test]
    async fn a_request_runs_again_only_when_it_is_woken() {
        let mut requests = Requests::default();
        let (first, second) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let (send, mut receive) = oneshot::channel::<()>();
        let polls = Arc::clone(&first);
        let request = poll_fn(move |context| {
            polls.fetch_add(1, Ordering::Relaxed);
            Pin::new(&mut receive).poll(context).map(drop)
        });
        start(&mut requests, request);
        let polls = Arc::clone(&second);
        let request = poll_fn(move |_| {
            polls.fetch_add(1, Ordering::Relaxed);
            Poll::Pending
        });
        start(&mut requests, request);
        poll(&mut requests).await;
        let counts = || [&first, &second].map(|it| it.load(Ordering::Relaxed));
        let before = counts();
        send.send(()).unwrap();
        poll(&mut requests).await;
        assert_eq!(counts(), [before[0] + 1, before[1]]);
        poll(&mut requests).await;
        assert_eq!(counts(), [before[0] + 1, before[1]]);
    }

    #[tokio::test]
    async fn a_request_wakes_the_task_of_the_connection() {
        let mut requests = Requests::default();
        let (send, receive) = oneshot::channel::<()>();
        let mut send = Some(send);
        start(&mut requests, async { drop(receive.await) });
        // Without the wake, this never ends.
        poll_fn(|context| {
            requests.poll(context);
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
    async fn a_panic_ends_one_request() {
        let mut requests = Requests::default();
        let (send, receive) = oneshot::channel::<()>();
        let held = Arc::new(());
        let copy = Arc::clone(&held);
        let other = async move {
            drop(receive.await);
            drop(copy);
        };
        start(&mut requests, other);
        requests.start(|| panic!("on purpose"));
        start(&mut requests, async { panic!("on purpose") });
        send.send(()).unwrap();
        poll(&mut requests).await;
        assert_eq!(Arc::strong_count(&held), 1);
    }

    #[tokio::test]
    async fn requests_that_have_not_ended_are_dropped_with_the_connection() {
        let mut requests = Requests::default();
        let held = Arc::new(());
        let copy = Arc::clone(&held);
        let request = async move {
            pending::<()>().await;
            drop(copy);
        };
        start(&mut requests, request);
        poll(&mut requests).await;
        assert_eq!(Arc::strong_count(&held), 2);
        drop(requests);
        assert_eq!(Arc::strong_count(&held), 1);
    }
}
