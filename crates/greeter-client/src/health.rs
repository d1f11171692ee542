//! Asks `grpc.health.v1` whether a server serves: once, until it does, or for
//! every change.

mod ask;
mod report;

use std::time::{Duration, Instant};

pub use report::Reporter;
use tokio::time::sleep;

use crate::{Dialer, Exit, greet::stopped, health::ask::Answer};

/// The first wait between two attempts; each is twice the one before.
const FIRST_DELAY: Duration = Duration::from_millis(100);
const LONGEST_DELAY: Duration = Duration::from_secs(1);

/// What to ask.
#[derive(Debug)]
pub struct Plan {
    /// The server.
    pub dialer: Dialer,
    /// A full service name; empty asks for the server as a whole.
    pub service: String,
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
    let started = Instant::now();
    let mut delay = FIRST_DELAY;
    for attempt in 1_u64.. {
        let left = patience.saturating_sub(started.elapsed());
        plan.dialer.timeout = plan.dialer.timeout.min(left);
        plan.timeout = plan.timeout.min(left);
        let answer = ask::check(&plan).await;
        let over = started.elapsed() + delay >= patience;
        if over || answer.exit() == Exit::Success {
            reporter.answered(&answer, attempt);
            return answer.exit();
        }
        sleep(delay).await;
        delay = (delay * 2).min(LONGEST_DELAY);
    }
    unreachable!("the loop has no end but its returns")
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
