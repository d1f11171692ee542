//! Checks by `grpc.health.v1`: once, until the server serves, or for every
//! change.

mod check;
mod reporter;
mod result;

use std::time::{Duration, Instant};

use http::{HeaderName, HeaderValue};
pub(crate) use reporter::HealthReporter;
use tokio::time::{sleep, sleep_until};
use transport::{Backoff, DialPacer, Dialer, Exit};

use self::result::CheckResult;
use crate::stop::stopped;

/// The delays between attempts.
const FIRST_DELAY: Duration = Duration::from_millis(100);
const LONGEST_DELAY: Duration = Duration::from_secs(1);

/// The timeout of an attempt at the very end of a wait.
const SHORTEST_ATTEMPT: Duration = Duration::from_millis(100);

/// What to check.
#[derive(Debug)]
pub(crate) struct HealthPlan {
    /// The server.
    pub(crate) dialer: Dialer,
    /// A full service name; empty for the server as a whole.
    pub(crate) service: String,
    /// Request metadata.
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    /// The deadline of a check.
    pub(crate) timeout: Duration,
    /// How often to check.
    pub(crate) mode: Mode,
}

/// How often to check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Once.
    Once,
    /// Until the state is SERVING, or this time is over.
    Wait(Duration),
    /// For every change, until stopped.
    Watch,
}

/// Runs the plan, and reports. The exit code is that of the last check.
pub(crate) async fn run(plan: HealthPlan, reporter: &mut HealthReporter) -> Exit {
    match plan.mode {
        Mode::Once => {
            let health = check::check(&plan).await;
            reporter.checked(&health, 1);
            health.exit()
        }
        Mode::Wait(limit) => wait(plan, limit, reporter).await,
        Mode::Watch => {
            let mut exit = Exit::NOT_SERVING;
            tokio::select! {
                ended = watch(&plan, reporter, &mut exit) => ended,
                _ = stopped() => exit,
            }
        }
    }
}

async fn wait(mut plan: HealthPlan, limit: Duration, reporter: &mut HealthReporter) -> Exit {
    let mut attempts = Attempts::new(Instant::now() + limit);
    let (dial_timeout, timeout) = (plan.dialer.timeout, plan.timeout);
    for attempt in 1_u64.. {
        let limit = attempts.limit(Instant::now());
        plan.dialer.timeout = dial_timeout.min(limit);
        plan.timeout = timeout.min(limit);
        let health = check::check(&plan).await;
        match attempts.next(Instant::now()) {
            Some(next) if health.exit() != Exit::SUCCESS => sleep_until(next.into()).await,
            _ => {
                reporter.checked(&health, attempt);
                return health.exit();
            }
        }
    }
    unreachable!("the loop ends only by return")
}

/// When to try again. The last attempt begins at the very end, so that the wait
/// uses all of its time.
struct Attempts {
    end: Instant,
    backoff: Backoff,
    is_last: bool,
}

impl Attempts {
    fn new(end: Instant) -> Self {
        Self {
            end,
            backoff: Backoff::new(FIRST_DELAY, LONGEST_DELAY),
            is_last: false,
        }
    }

    /// The timeout of an attempt that begins now: until the end, but at least
    /// [`SHORTEST_ATTEMPT`].
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
        let next = (now + self.backoff.delay()).min(self.end);
        self.is_last = next == self.end;
        Some(next)
    }
}

/// Reports every change. Reconnects after a loss; a first dial that fails, or a
/// server without Watch, ends the watch.
async fn watch(plan: &HealthPlan, reporter: &mut HealthReporter, exit: &mut Exit) -> Exit {
    let mut last: Option<CheckResult> = None;
    let mut dials = DialPacer::new(FIRST_DELAY, LONGEST_DELAY);
    for attempt in 1_u64.. {
        dials.dialling();
        let ended = check::watch(plan, |health| {
            *exit = health.exit();
            let is_change = last.as_ref().is_none_or(|last| last.state != health.state);
            if is_change {
                reporter.changed(&health, attempt);
            }
            last = Some(health);
            !reporter.is_closed()
        })
        .await;
        let Some(failure) = ended else {
            return Exit::SUCCESS;
        };
        if last.is_none() || failure.is_final() {
            reporter.checked(&failure, attempt);
            return failure.exit();
        }
        *exit = failure.exit();
        if last.as_ref().is_some_and(|last| last.state.is_some()) {
            reporter.changed(&failure, attempt);
        }
        last = Some(failure);
        sleep(dials.delay()).await;
    }
    unreachable!("the loop ends only by return")
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
        // The last attempt begins at the very end.
        assert_eq!(begun, [0, 100, 300, 700, 1_500, 2_000]);
    }

    #[test]
    fn attempts_end_with_the_wait_but_have_a_minimum() {
        let start = Instant::now();
        let attempts = Attempts::new(start + Duration::from_secs(2));
        for (at, limit) in [(0, 2_000), (1_500, 500), (2_000, 100), (3_000, 100)] {
            let now = start + Duration::from_millis(at);
            assert_eq!(attempts.limit(now), Duration::from_millis(limit));
        }
    }
}
