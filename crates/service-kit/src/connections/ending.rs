//! How the task of a connection learns that the connection has to end.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    task::{Context, Waker},
};

/// How a connection has to end, from the mildest to the hardest way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Ending {
    /// Not yet.
    #[default]
    No,
    /// Once the requests in flight have their responses.
    Drain,
    /// Its reads end now, and the rest shortly after.
    Close,
    /// Now.
    Cut,
}

/// How one connection has to end, and the task to wake when that changes.
#[derive(Debug, Default)]
pub(crate) struct EndSignal(Mutex<(Ending, Option<Waker>)>);

impl EndSignal {
    pub(crate) fn new(ending: Ending) -> Self {
        Self(Mutex::new((ending, None)))
    }

    fn state(&self) -> MutexGuard<'_, (Ending, Option<Waker>)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks for an ending; does nothing if a harder one has been asked for.
    pub(crate) fn send(&self, ending: Ending) {
        let mut state = self.state();
        if ending <= state.0 {
            return;
        }
        state.0 = ending;
        let waker = state.1.take();
        drop(state);
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// What has been asked for; the task of this context is woken when that changes.
    pub(crate) fn poll(&self, context: &Context<'_>) -> Ending {
        let (ending, waker) = &mut *self.state();
        match waker {
            Some(waker) => waker.clone_from(context.waker()),
            None => *waker = Some(context.waker().clone()),
        }
        *ending
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::{
            Arc,
            atomic::{AtomicUsize, Ordering},
        },
        task::Wake,
    };

    use super::*;

    #[derive(Default)]
    struct Wakes(AtomicUsize);

    impl Wake for Wakes {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    #[test]
    fn wakes_the_task_for_a_harder_ending_only() {
        let wakes = Arc::new(Wakes::default());
        let waker = Arc::clone(&wakes).into();
        let context = Context::from_waker(&waker);
        let signal = EndSignal::default();
        assert_eq!(signal.poll(&context), Ending::No);
        for ending in [Ending::Close, Ending::Drain, Ending::Close, Ending::Cut] {
            signal.send(ending);
            assert!(signal.poll(&context) >= Ending::Close);
        }
        assert_eq!(signal.poll(&context), Ending::Cut);
        assert_eq!(wakes.0.load(Ordering::Relaxed), 2);
    }
}
