//! What all attempts together show.

use std::collections::BTreeSet;

use transport::Cause;

use super::schedule::Further;
use crate::{
    attempt::{Attempt, Evidence},
    stage::StageName,
    verdict::Limit,
};

/// The attempts, in order for each address.
pub(crate) struct Results {
    pub(super) made: Vec<Further>,
    /// The addresses that accept no connection while others do. Clients use the
    /// others, so this is not a failure.
    pub(super) dead: BTreeSet<String>,
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
}

fn connects(attempt: &Attempt) -> bool {
    StageName::of(attempt.cause) > StageName::Connect
}

pub(super) fn is_failing(attempt: &Attempt, dead: &BTreeSet<String>) -> bool {
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
