//! When a connection ends: at its maximum age, or because it has to.

use std::{
    hash::{BuildHasher, RandomState},
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use tokio::time::{Instant, Sleep, sleep};

use super::{ending::Ending, state::ConnectionState};
use crate::Limits;

/// The time that a connection has to end after its reads have ended.
const CLOSE: Duration = Duration::from_secs(1);

/// What a connection does next.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// Ends once the requests in flight have their responses.
    ShutDown,
    /// Ends.
    End,
}

/// How far a connection is on its way to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Until its maximum age.
    Young,
    /// Over HTTP/1.1 and of any age: without GOAWAY, closing the connection could drop
    /// a request in transit.
    Ageless,
    /// Until its requests have ended, at the latest after the period of grace.
    Old,
    /// Until its requests have ended.
    Draining,
    /// Until [`CLOSE`] is over.
    Closing,
}

/// The end of one connection. One timer serves all stages.
#[derive(Debug)]
pub(crate) struct Lifetime {
    stage: Stage,
    timer: Pin<Box<Sleep>>,
    grace: Duration,
}

impl Lifetime {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            stage: Stage::Young,
            timer: Box::pin(sleep(jittered(limits.max_connection_age))),
            grace: limits.max_connection_age_grace,
        }
    }

    /// Waits for the next step of this connection.
    pub(crate) fn poll(
        &mut self,
        connection: &ConnectionState,
        context: &mut Context<'_>,
    ) -> Poll<Step> {
        match connection.ending.poll(context) {
            Ending::Cut => return Poll::Ready(Step::End),
            Ending::Close if self.stage != Stage::Closing => self.time(Stage::Closing, CLOSE),
            Ending::Drain if matches!(self.stage, Stage::Young | Stage::Ageless) => {
                self.stage = Stage::Draining;
                return Poll::Ready(Step::ShutDown);
            }
            _ => {}
        }
        let timed = !matches!(self.stage, Stage::Ageless | Stage::Draining);
        if !timed || self.timer.as_mut().poll(context).is_pending() {
            return Poll::Pending;
        }
        if self.stage != Stage::Young {
            return Poll::Ready(Step::End);
        }
        if connection.protocol() != Some(true) {
            self.stage = Stage::Ageless;
            return Poll::Pending;
        }
        connection.end("max_connection_age");
        self.time(Stage::Old, self.grace);
        Poll::Ready(Step::ShutDown)
    }

    fn time(&mut self, stage: Stage, time: Duration) {
        self.stage = stage;
        self.timer.as_mut().reset(Instant::now() + time);
    }
}

/// `age` ± 10 %, so that connections opened together do not reconnect together.
fn jittered(age: Duration) -> Duration {
    let random = RandomState::new().hash_one(()) as f64 / u64::MAX as f64;
    age.mul_f64(0.9 + 0.2 * random)
}
