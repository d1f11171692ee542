//! What to diagnose, and its timeouts.

use std::time::Duration;

use http::{HeaderMap, uri::PathAndQuery};
use transport::Dialer;

use crate::verdict::Limit;

/// What to diagnose.
#[derive(Debug)]
pub struct DiagnosePlan {
    /// The server.
    pub dialer: Dialer,
    /// The method to call, with an empty message.
    pub path: PathAndQuery,
    /// Request metadata.
    pub headers: HeaderMap,
    /// The deadline of the call.
    pub timeout: Duration,
    /// The deadline of the whole diagnosis.
    pub total: Duration,
    /// How many calls to make, each over a new connection. With more than one, each
    /// address of the name gets at least one.
    pub attempts: usize,
}

/// With a shorter total timeout, a timeout proves nothing about the server: a call
/// needs a few round trips, and half of the time is for probes.
pub(crate) const SHORTEST: Duration = Duration::from_millis(200);

/// A peer that does not respond gets its verdict within this time. It leaves 1.5 s
/// for a dial, so that a lost SYN, which the kernel sends again after 1 s, is not
/// reported as a failure.
const DEFAULT_TOTAL: Duration = Duration::from_millis(2500);

/// The time that is reserved for probes.
const RESERVE: Duration = Duration::from_secs(1);

impl DiagnosePlan {
    /// Whether the total timeout is too short for a verdict.
    pub(crate) fn is_too_short(&self) -> bool {
        self.total < SHORTEST
    }

    /// Whether the limit of a dial with this timeout is the total timeout.
    pub(crate) fn limit_of_dial(&self, timeout: Duration) -> Limit {
        match timeout < self.dialer.timeout || timeout >= first_timeout(self.total) {
            true => Limit::Total,
            false => Limit::Stage,
        }
    }
}

/// The timeout of the dial or the call within `total`: the rest is for probes.
#[must_use]
pub fn first_timeout(total: Duration) -> Duration {
    total.saturating_sub(RESERVE.min(total / 2))
}

/// The total timeout by default: `first` is the sum of the timeouts that the user
/// sets for the dial and the call.
#[must_use]
pub fn default_total(first: Duration) -> Duration {
    DEFAULT_TOTAL.max(first.saturating_add(RESERVE))
}
