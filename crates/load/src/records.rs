//! What a thread of the test shares with the one that controls it.

use std::sync::{
    Mutex, MutexGuard, PoisonError,
    atomic::{AtomicU64, Ordering},
};

use crate::recorder::Recorder;

/// The records of one thread.
pub(crate) struct Records {
    /// Locked by another thread only for the progress, and at the end.
    recorder: Mutex<Recorder>,
    started: AtomicU64,
}

impl Records {
    pub(crate) fn new(recorder: Recorder) -> Self {
        Self {
            recorder: Mutex::new(recorder),
            started: AtomicU64::new(0),
        }
    }

    pub(crate) fn recorder(&self) -> MutexGuard<'_, Recorder> {
        self.recorder.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A measured send starts.
    pub(crate) fn start(&self) {
        self.started.fetch_add(1, Ordering::Relaxed);
    }

    /// The number of measured sends that started.
    pub(crate) fn started(&self) -> u64 {
        self.started.load(Ordering::Relaxed)
    }
}
