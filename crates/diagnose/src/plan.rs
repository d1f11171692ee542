//! What to diagnose, and its timeouts.

use std::time::Duration;

use http::{HeaderMap, uri::PathAndQuery};
use transport::Dialer;

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
}

/// With a shorter total timeout, a timeout proves nothing about the server: a call
/// needs a few round trips, and half of the time is for probes.
const SHORTEST: Duration = Duration::from_millis(200);

/// The time that is reserved for probes.
const RESERVE: Duration = Duration::from_secs(1);

impl DiagnosePlan {
    /// Whether the total timeout is too short for a verdict.
    pub(crate) fn is_too_short(&self) -> bool {
        self.total < SHORTEST
    }
}

/// The timeout of the dial or the call within `total`: the rest is for probes.
#[must_use]
pub fn first_timeout(total: Duration) -> Duration {
    total.saturating_sub(RESERVE.min(total / 2))
}
