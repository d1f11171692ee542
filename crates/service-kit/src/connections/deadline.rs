//! A timeout that is set often and waited for seldom.

use std::{
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use tokio::time::{Sleep, sleep};

/// A timeout, or none. Its timer starts when something waits for it, so that a head
/// that arrives whole costs neither a timer nor a look at the clock.
#[derive(Debug, Default)]
pub(crate) struct Deadline {
    timeout: Option<Duration>,
    timer: Option<Pin<Box<Sleep>>>,
}

impl Deadline {
    /// Sets the deadline, if none is set. Poll it next.
    pub(crate) fn set(&mut self, timeout: Duration) {
        self.timeout.get_or_insert(timeout);
    }

    pub(crate) fn clear(&mut self) {
        self.timeout = None;
        self.timer = None;
    }

    pub(crate) fn is_set(&self) -> bool {
        self.timeout.is_some()
    }

    /// Waits for the deadline; without one, forever.
    pub(crate) fn poll(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let Some(timeout) = self.timeout else {
            return Poll::Pending;
        };
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep(timeout)));
        timer.as_mut().poll(context)
    }
}
