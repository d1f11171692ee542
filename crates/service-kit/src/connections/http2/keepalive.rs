//! PINGs on a connection that is silent.

use std::{
    mem,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use h2::{Ping, PingPong};
use tokio::time::{Instant, Sleep, sleep};

use crate::connections::last_read::LastRead;

/// Sends a PING when the peer has sent nothing for an interval, and waits for the
/// response.
pub(super) struct Keepalive {
    interval: Duration,
    timeout: Duration,
    pings: PingPong,
    timer: Pin<Box<Sleep>>,
    /// A PING has no response yet.
    waits: bool,
}

impl Keepalive {
    pub(super) fn new(pings: PingPong, interval: Duration, timeout: Duration) -> Self {
        Self {
            interval,
            timeout,
            pings,
            timer: Box::pin(sleep(interval)),
            waits: false,
        }
    }

    /// Waits until the peer has sent nothing in time after a PING.
    pub(super) fn poll(&mut self, last_read: &LastRead, context: &mut Context<'_>) -> Poll<()> {
        loop {
            if self.waits && self.pings.poll_pong(context).is_ready() {
                self.waits = false;
                self.wait(self.interval);
            }
            ready!(self.timer.as_mut().poll(context));
            let limit = match self.waits {
                true => self.timeout,
                false => self.interval,
            };
            let left = limit.saturating_sub(last_read.elapsed());
            if !left.is_zero() {
                self.wait(left);
            } else if mem::take(&mut self.waits) {
                self.wait(self.interval);
                return Poll::Ready(());
            } else {
                // This fails while the connection ends, and while h2 has a PING of its own.
                self.waits = self.pings.send_ping(Ping::opaque()).is_ok();
                self.wait(if self.waits {
                    self.timeout
                } else {
                    self.interval
                });
            }
        }
    }

    fn wait(&mut self, time: Duration) {
        self.timer.as_mut().reset(Instant::now() + time);
    }
}
