//! The timeout of idle HTTP/1.1 connections.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use tokio::time::{Instant, Sleep, sleep};

use super::state::ConnectionState;

/// Waits until a connection has been idle for some time. The timer runs on through the
/// requests, and at its end for the rest of the time: hyper's would be set for each
/// request, which costs as much as reading its head.
#[derive(Debug)]
pub(crate) struct IdleTimeout {
    timeout: Duration,
    timer: Option<Pin<Box<Sleep>>>,
}

impl IdleTimeout {
    pub(crate) fn new(timeout: Duration) -> Self {
        Self {
            timeout,
            timer: None,
        }
    }

    /// Waits for the timeout. Poll it at each read that waits, also during a request:
    /// hyper does not read again after the response, until something wakes the task.
    pub(crate) fn poll(
        &mut self,
        connection: &ConnectionState,
        context: &mut Context<'_>,
    ) -> Poll<()> {
        let timeout = self.timeout;
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep(timeout)));
        loop {
            ready!(timer.as_mut().poll(context));
            let idle = connection.idle_since().map(|since| since.elapsed());
            let left = timeout.saturating_sub(idle.unwrap_or_default());
            if left.is_zero() {
                return Poll::Ready(());
            }
            timer.as_mut().reset(Instant::now() + left);
        }
    }
}
