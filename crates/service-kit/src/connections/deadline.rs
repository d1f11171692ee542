//! A timeout that is set often and waited for seldom.

use std::{
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use tokio::time::{Instant, Sleep, sleep_until};

/// A point in time, or none. The timer exists only while something waits for it,
/// so that a head that arrives whole costs no timer.
#[derive(Debug, Default)]
pub(crate) struct Deadline {
    at: Option<Instant>,
    timer: Option<Pin<Box<Sleep>>>,
}

impl Deadline {
    /// Sets the deadline, if none is set.
    pub(crate) fn set(&mut self, timeout: Duration) {
        if self.at.is_none() {
            self.at = Some(Instant::now() + timeout);
        }
    }

    pub(crate) fn clear(&mut self) {
        self.at = None;
        self.timer = None;
    }

    pub(crate) fn is_set(&self) -> bool {
        self.at.is_some()
    }

    /// Waits for the deadline; without one, forever.
    pub(crate) fn poll(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let Some(at) = self.at else {
            return Poll::Pending;
        };
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep_until(at)));
        timer.as_mut().poll(context)
    }
}
