//! When a peer last sent something.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// The time of the last read; at first, when the connection opened.
#[derive(Debug)]
pub(crate) struct LastRead(Mutex<Instant>);

impl Default for LastRead {
    fn default() -> Self {
        Self(Mutex::new(Instant::now()))
    }
}

impl LastRead {
    /// Records a read.
    pub(crate) fn record(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    /// The time since then.
    pub(crate) fn elapsed(&self) -> Duration {
        let at = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        at.elapsed()
    }
}
