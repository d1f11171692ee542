//! What all attempts together show.

use std::collections::BTreeSet;

use transport::Cause;

use super::{schedule::Further, summary::places};
use crate::{
    attempt::{Attempt, Evidence},
    examination::Examination,
    stage::{Stage, StageName, StageStatus},
    verdict::{Limit, fix_of_warnings},
};

/// The fix of a failure on some addresses only, after that of its cause.
const OTHER_ADDRESS: &str =
    "Other addresses of the name serve: compare the server of the failing address with theirs.";

/// The fix of a failure on some connections only, after that of its cause.
const OTHER_CONNECTION: &str = "Other calls to the same address succeed: compare the servers behind it (version, certificate, readiness, node).";

/// What to do about an address that accepts no connection while others do.
const DEAD_ADDRESS: &str =
    "Make the server listen on every address of its name, or remove the address from DNS.";

/// The attempts, in order for each address.
pub(crate) struct Results {
    made: Vec<Further>,
    /// The addresses that accept no connection while others do. Clients use the
    /// others, so this is not a failure.
    dead: BTreeSet<String>,
}

impl Results {
    /// Joins the attempts, without those that show nothing.
    pub(crate) fn new(first: Attempt, again: Vec<Further>, others: Vec<Further>) -> Self {
        let first = Further {
            attempt: first,
            evidence: None,
        };
        let mut made: Vec<_> = [first].into_iter().chain(again).chain(others).collect();
        let served = made.iter().filter(|it| it.attempt.cause == Cause::Ok);
        let slowest = served.map(|it| it.attempt.took).max().unwrap_or_default();
        let mut index = 0;
        // The total timeout can end an attempt that had less time than a success takes.
        made.retain(|it| {
            index += 1;
            let is_cut = it.attempt.timed_out == Some(Limit::Total);
            index == 1 || !is_cut || it.attempt.took >= 2 * slowest
        });
        let (reached, failed): (Vec<_>, Vec<_>) = made
            .iter()
            .map(|it| &it.attempt)
            .partition(|it| connects(it));
        let address = |it: &&Attempt| it.address.clone();
        let reached: BTreeSet<_> = reached.iter().filter_map(address).collect();
        let failed: BTreeSet<_> = failed.iter().filter_map(address).collect();
        let dead = match reached.is_empty() {
            true => BTreeSet::new(),
            false => failed.difference(&reached).cloned().collect(),
        };
        Self { made, dead }
    }

    /// The evidence of the first failure, if the first attempt succeeds.
    pub(crate) fn take_unexamined(&mut self) -> Option<(Cause, Evidence)> {
        let Self { made, dead } = self;
        if made[0].attempt.cause != Cause::Ok {
            return None;
        }
        let failing = made.iter_mut().find(|it| is_failing(&it.attempt, dead))?;
        Some((failing.attempt.cause, failing.evidence.take()?))
    }

    /// Replaces the cause that a response alone shows by that of an examination.
    pub(crate) fn correct(&mut self, shown: Cause, examined: Cause) {
        if shown != Cause::Ok {
            let attempts = self.made.iter_mut().map(|it| &mut it.attempt);
            for attempt in attempts.filter(|it| it.cause == shown) {
                attempt.cause = examined;
            }
        }
    }

    /// Adds what the attempts show to the verdict of the one that was examined.
    pub(crate) fn judge(self, examined: &mut Examination, host: &str) -> Vec<Attempt> {
        self.add_dead_addresses(examined, host);
        let dead = self.dead;
        let attempts: Vec<_> = self.made.into_iter().map(|it| it.attempt).collect();
        let is_failed = |it: &&Attempt| is_failing(it, &dead);
        let failing: Vec<_> = attempts.iter().filter(is_failed).collect();
        let serving: Vec<_> = attempts.iter().filter(|it| it.cause == Cause::Ok).collect();
        if failing.is_empty() || serving.is_empty() {
            return attempts;
        }
        let addresses = |of: &[&Attempt]| -> BTreeSet<String> {
            of.iter().filter_map(|it| it.address.clone()).collect()
        };
        let is_by_address = addresses(&failing).is_disjoint(&addresses(&serving));
        let verdict = &mut examined.verdict;
        let (count, total) = (failing.len(), failing.len() + serving.len());
        verdict.message = format!(
            "{count} of {total} attempts fail{}: {}",
            places(&failing),
            verdict.message
        );
        let others = format!("the other attempts succeed{}", places(&serving));
        verdict.evidence.push(others);
        verdict.fix += " ";
        verdict.fix += match is_by_address {
            true => OTHER_ADDRESS,
            false => OTHER_CONNECTION,
        };
        attempts
    }

    /// Names the dead addresses in the connect stage. Most names of a local host
    /// have an IPv6 address that few servers listen on, and a machine without IPv6
    /// reaches none: both are usual, and no warning.
    fn add_dead_addresses(&self, examined: &mut Examination, host: &str) {
        let is_connect = |stage: &&mut Stage| stage.name == StageName::Connect;
        let Some(stage) = examined.stages.iter_mut().find(is_connect) else {
            return;
        };
        for address in &self.dead {
            let attempts = self.made.iter().map(|it| &it.attempt);
            let mut of_address = attempts.filter(|it| it.address.as_ref() == Some(address));
            let Some(attempt) = of_address.next() else {
                continue;
            };
            let (text, is_usual) = match attempt.cause {
                Cause::ConnectRefused => ("refuses connections", host == "localhost"),
                Cause::ConnectTimeout => ("does not respond", false),
                _ => ("is not reachable from this machine", true),
            };
            stage.evidence.push(format!("{address} {text}"));
            if stage.status == StageStatus::Ok && !is_usual {
                stage.status = StageStatus::Warning;
                stage.advice = Some(DEAD_ADDRESS);
            }
        }
        if examined.verdict.cause == Cause::Ok {
            examined.verdict.fix = fix_of_warnings(&examined.stages);
        }
    }
}

fn connects(attempt: &Attempt) -> bool {
    StageName::of(attempt.cause) > StageName::Connect
}

fn is_failing(attempt: &Attempt, dead: &BTreeSet<String>) -> bool {
    let is_dead = attempt.address.as_ref().is_some_and(|it| dead.contains(it));
    attempt.cause != Cause::Ok && !is_dead
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn further(cause: Cause, milliseconds: u64, timed_out: Option<Limit>) -> Further {
        Further {
            attempt: attempt(cause, milliseconds, timed_out),
            evidence: None,
        }
    }

    fn attempt(cause: Cause, milliseconds: u64, timed_out: Option<Limit>) -> Attempt {
        Attempt {
            address: Some("192.0.2.1:443".to_owned()),
            host: None,
            cause,
            took: Duration::from_millis(milliseconds),
            timed_out,
        }
    }

    #[test]
    fn an_attempt_with_less_time_than_a_success_takes_shows_nothing() {
        for (took, limit, is_kept) in [
            (900, Limit::Total, false),
            (2100, Limit::Total, true),
            (900, Limit::Stage, true),
        ] {
            let cut = further(Cause::GrpcDeadline, took, Some(limit));
            let results = Results::new(attempt(Cause::Ok, 1000, None), vec![cut], Vec::new());
            assert_eq!(results.made.len() == 2, is_kept, "{took} ms, {limit:?}");
        }
    }
}
