//! Which further attempts to make, and when.

use std::time::Instant;

use futures_util::future::join_all;
use transport::{Cause, DialReport};

use crate::{
    attempt::{Attempt, Evidence, attempt, dialer_of},
    plan::{DiagnosePlan, SHORTEST},
};

/// An attempt after the first, with its evidence if it failed.
pub(crate) struct Further {
    pub(crate) attempt: Attempt,
    pub(crate) evidence: Option<Evidence>,
}

/// The attempts after the first.
pub(crate) struct Schedule<'a> {
    plan: &'a DiagnosePlan,
    started: Instant,
    /// The address of the first attempt, and how many more it gets.
    same: Option<(String, usize)>,
    /// The other addresses, and how many attempts each gets.
    others: Vec<(String, usize)>,
}

impl<'a> Schedule<'a> {
    /// Spreads the attempts over the addresses, starting with that of the first.
    pub(crate) fn new(
        plan: &'a DiagnosePlan,
        started: Instant,
        first: &Attempt,
        report: &DialReport,
    ) -> Self {
        let mut schedule = Self {
            plan,
            started,
            same: None,
            others: Vec::new(),
        };
        // A dial without a connection has already waited for every address.
        let waited = report.peer.is_none() && first.timed_out.is_some();
        if plan.attempts <= 1 || waited || is_overload(first.cause) {
            return schedule;
        }
        let is_other = |address: &&String| Some(*address) != first.address.as_ref();
        let others = report.addresses.iter().filter(is_other);
        let addresses: Vec<_> = first.address.iter().chain(others).collect();
        let count = addresses.len();
        // Without a connection, the first attempt counts for no address.
        let made = usize::from(first.address.is_none());
        let total = (plan.attempts - made).max(count);
        let shares = (0..count).map(|index| (total - 1 - index) / count + 1);
        for (address, share) in addresses.into_iter().zip(shares) {
            match Some(address) == first.address.as_ref() {
                true => schedule.same = Some((address.clone(), share - 1)),
                false => schedule.others.push((address.clone(), share)),
            }
        }
        schedule
    }

    /// Makes the attempts on the other addresses, which run concurrently.
    pub(crate) async fn other_addresses(&self) -> Vec<Further> {
        let sequences = self.others.iter();
        let sequences = sequences.map(|(address, share)| self.sequence(address, *share, true));
        join_all(sequences).await.into_iter().flatten().collect()
    }

    /// Makes the further attempts on the address of the first.
    pub(crate) async fn same_address(&self) -> Vec<Further> {
        match &self.same {
            Some((address, share)) => self.sequence(address, *share, false).await,
            None => Vec::new(),
        }
    }

    /// Makes the attempts on one address, one after another: concurrent calls could
    /// reach a limit of the server.
    async fn sequence(&self, address: &str, share: usize, is_new: bool) -> Vec<Further> {
        let mut made = Vec::new();
        let deadline = self.started + self.plan.total;
        for index in 0..share {
            // The second half of the total timeout is for attempts that have started.
            let is_late = self.started.elapsed() > self.plan.total / 2;
            let left = deadline.saturating_duration_since(Instant::now());
            if left < SHORTEST || (is_late && !(is_new && index == 0)) {
                break;
            }
            let Some(dialer) = dialer_of(self.plan, address, left) else {
                break;
            };
            let (mut attempt, evidence) = attempt(self.plan, &dialer, deadline).await;
            attempt.address.get_or_insert_with(|| address.to_owned());
            let is_last = attempt.timed_out.is_some() || is_overload(attempt.cause);
            // Without its evidence, the connection of an attempt closes here.
            let evidence = (attempt.cause != Cause::Ok).then_some(evidence);
            made.push(Further { attempt, evidence });
            if is_last {
                break;
            }
        }
        made
    }
}

/// Whether further calls would add to an overload.
fn is_overload(cause: Cause) -> bool {
    matches!(
        cause,
        Cause::RouteRateLimited | Cause::UpstreamOverflow | Cause::Http2EnhanceYourCalm
    )
}
