//! Wake-ups of a connection's task.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    task::{Context, Wake, Waker},
};

/// Passes wake-ups on to the task, except those from its own turns. The task then takes
/// another turn, which costs less than to go through the queue of the runtime.
#[derive(Debug)]
pub(super) struct Wakes {
    signal: Arc<Signal>,
    waker: Waker,
}

#[derive(Debug, Default)]
struct Signal {
    woken: AtomicBool,
    running: AtomicBool,
    task: Mutex<Option<Waker>>,
}

impl Wake for Signal {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.woken.store(true, SeqCst);
        if self.running.load(SeqCst) {
            return;
        }
        let task = self.task.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(task) = &*task {
            task.wake_by_ref();
        }
    }
}

impl Default for Wakes {
    fn default() -> Self {
        let signal = Arc::<Signal>::default();
        let waker = Arc::clone(&signal).into();
        Self { signal, waker }
    }
}

impl Wakes {
    /// Starts the turns of a poll by the task of this context; returns their waker.
    pub(super) fn start(&self, context: &Context<'_>) -> Waker {
        let Signal { running, task, .. } = &*self.signal;
        running.store(true, SeqCst);
        let mut task = task.lock().unwrap_or_else(PoisonError::into_inner);
        match &mut *task {
            Some(task) => task.clone_from(context.waker()),
            None => *task = Some(context.waker().clone()),
        }
        drop(task);
        self.waker.clone()
    }

    /// Starts a turn, which answers all wakes before it.
    pub(super) fn clear(&self) {
        self.signal.woken.store(false, SeqCst);
    }

    /// Whether there was a wake since the turn began.
    pub(super) fn pending(&self) -> bool {
        self.signal.woken.load(SeqCst)
    }

    /// Ends the turns: wakes that no turn has answered go to the task.
    pub(super) fn end(&self, context: &Context<'_>) {
        self.signal.running.store(false, SeqCst);
        if self.pending() {
            context.waker().wake_by_ref();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use super::*;

    #[derive(Default)]
    struct Count(AtomicUsize);

    impl Wake for Count {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, SeqCst);
        }
    }

    #[test]
    fn the_task_is_woken_outside_its_turns_and_for_what_they_leave() {
        let count = Arc::new(Count::default());
        let task = Arc::clone(&count).into();
        let context = Context::from_waker(&task);
        let woken = || count.0.load(SeqCst);
        let wakes = Wakes::default();

        let waker = wakes.start(&context);
        wakes.clear();
        waker.wake_by_ref();
        assert!(wakes.pending());
        wakes.clear();
        assert!(!wakes.pending());
        wakes.end(&context);
        assert_eq!(woken(), 0);

        waker.wake_by_ref();
        assert_eq!(woken(), 1);

        let waker = wakes.start(&context);
        wakes.clear();
        waker.wake();
        wakes.end(&context);
        assert_eq!(woken(), 2);
    }
}
