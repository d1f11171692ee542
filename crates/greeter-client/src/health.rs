//! Asks `grpc.health.v1` whether a server serves: once, until it does, or for
//! every change.

mod ask;
mod report;

use std::time::{Duration, Instant};

use http::{HeaderName, HeaderValue};
pub use report::Reporter;
use tokio::time::{sleep, sleep_until};

use crate::{Dialer, Exit, greet::stopped, health::ask::Answer};

/// The first wait between two attempts; each is twice the one before.
const FIRST_DELAY: Duration = Duration::from_millis(100);
const LONGEST_DELAY: Duration = Duration::from_secs(1);

/// What an attempt at the very end of a wait may take.
const SHORTEST_ATTEMPT: Duration = Duration::from_millis(100);

/// What to ask.
#[derive(Debug)]
pub struct Plan {
    /// The server.
    pub dialer: Dialer,
    /// A full service name; empty asks for the server as a whole.
    pub service: String,
    /// Request metadata.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// The deadline of a check.
    pub timeout: Duration,
    /// How often to ask.
    pub mode: Mode,
}

/// How often to ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Once.
    Once,
    /// Until the answer is SERVING, or this time is over.
    Wait(Duration),
    /// For every change, until stopped.
    Watch,
}

/// Asks as planned, and reports. The exit is that of the last answer.
pub async fn run(plan: Plan, reporter: &mut Reporter) -> Exit {
    match plan.mode {
        Mode::Once => {
            let answer = ask::check(&plan).await;
            reporter.answered(&answer, 1);
            answer.exit()
        }
        Mode::Wait(patience) => wait(plan, patience, reporter).await,
        Mode::Watch => {
            let mut exit = Exit::NotServing;
            tokio::select! {
                ended = watch(&plan, reporter, &mut exit) => ended,
                _ = stopped() => exit,
            }
        }
    }
}

async fn wait(mut plan: Plan, patience: Duration, reporter: &mut Reporter) -> Exit {
    let mut attempts = Attempts::new(Instant::now() + patience);
    let (dial_timeout, timeout) = (plan.dialer.timeout, plan.timeout);
    for attempt in 1_u64.. {
        let limit = attempts.limit(Instant::now());
        plan.dialer.timeout = dial_timeout.min(limit);
        plan.timeout = timeout.min(limit);
        let answer = ask::check(&plan).await;
        match attempts.next(Instant::now()) {
            Some(next) if answer.exit() != Exit::Success => sleep_until(next.into()).await,
            _ => {
                reporter.answered(&answer, attempt);
                return answer.exit();
            }
        }
    }
    unreachable!("the loop has no end but its returns")
}

/// When to try again; the last attempt begins at the very end, so that no part
/// of the wait is given away.
struct Attempts {
    end: Instant,
    delay: Duration,
    is_last: bool,
}

impl Attempts {
    fn new(end: Instant) -> Self {
        Self {
            end,
            delay: FIRST_DELAY,
            is_last: false,
        }
    }

    /// How long an attempt that begins now may take: not beyond the end, but
    /// long enough to be one.
    fn limit(&self, now: Instant) -> Duration {
        self.end
            .saturating_duration_since(now)
            .max(SHORTEST_ATTEMPT)
    }

    /// When the next attempt begins after one that ended now; `None` if that
    /// was the last.
    fn next(&mut self, now: Instant) -> Option<Instant> {
        if self.is_last {
            return None;
        }
        let next = (now + self.delay).min(self.end);
        self.delay = (self.delay * 2).min(LONGEST_DELAY);
        self.is_last = next == self.end;
        Some(next)
    }
}

/// Reports every change. A connection that is lost is made again; one that
/// cannot be made at first, or a server without Watch, ends it.
async fn watch(plan: &Plan, reporter: &mut Reporter, exit: &mut Exit) -> Exit {
    let mut last: Option<Answer> = None;
    let mut delay = FIRST_DELAY;
    for attempt in 1_u64.. {
        let ended = ask::watch(plan, |answer| {
            delay = FIRST_DELAY;
            *exit = answer.exit();
            let news = last.as_ref().is_none_or(|last| last.state != answer.state);
            if news {
                reporter.changed(&answer, attempt);
            }
            last = Some(answer);
            !reporter.is_closed()
        })
        .await;
        let Some(failure) = ended else {
            return Exit::Success;
        };
        if last.is_none() || failure.is_final() {
            reporter.answered(&failure, attempt);
            return failure.exit();
        }
        *exit = failure.exit();
        if last.as_ref().is_some_and(|last| last.state.is_some()) {
            reporter.changed(&failure, attempt);
        }
        last = Some(failure);
        sleep(delay).await;
        delay = (delay * 2).min(LONGEST_DELAY);
    }
    unreachable!("the loop has no end but its returns")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_lasts_until_its_end() {
        let start = Instant::now();
        let mut attempts = Attempts::new(start + Duration::from_secs(2));
        let begun: Vec<_> = std::iter::successors(Some(start), |begun| attempts.next(*begun))
            .map(|begun| begun.duration_since(start).as_millis())
            .collect();
        // A server that gets ready at any time within the two seconds is found.
        assert_eq!(begun, [0, 100, 300, 700, 1_500, 2_000]);
    }

    #[test]
    fn attempts_end_with_the_wait_but_have_time_to_be_one() {
        let start = Instant::now();
        let attempts = Attempts::new(start + Duration::from_secs(2));
        for (at, limit) in [(0, 2_000), (1_500, 500), (2_000, 100), (3_000, 100)] {
            let now = start + Duration::from_millis(at);
            assert_eq!(attempts.limit(now), Duration::from_millis(limit));
        }
    }
}
