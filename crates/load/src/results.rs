//! The results of the calls: sends, responses, hosts and errors.

use serde::Serialize;

use crate::{error_counts::ErrorCount, figures::share, recorder::Recorder};

/// The sends of a test.
#[derive(Clone, Debug, Serialize)]
pub struct Sends {
    /// Started and ended.
    pub sent: u64,
    /// Of these, started more than `late_after_ms` after they were due.
    pub late: u64,
    #[allow(missing_docs)]
    pub late_after_ms: f64,
    #[allow(missing_docs)]
    pub worst_late_ms: f64,
    /// Due, but not started before the end of the test.
    pub skipped: u64,
    /// Started, but not ended at the end of the test.
    pub unfinished: u64,
}

impl Sends {
    /// The sends whose latency is unknown.
    pub(crate) fn no_response(&self) -> u64 {
        self.skipped + self.unfinished
    }
}

/// The calls that ended.
#[derive(Clone, Debug, Serialize)]
pub struct Responses {
    #[allow(missing_docs)]
    pub ok: u64,
    #[allow(missing_docs)]
    pub errors: u64,
    /// Errors per call that ended, from 0 to 1.
    pub error_share: f64,
}

/// The responses of one host.
#[derive(Clone, Debug, Serialize)]
pub struct HostResult {
    /// The value of the metadata `hostname`; `unknown` without it.
    pub name: String,
    #[allow(missing_docs)]
    pub responses: u64,
    /// Of all successes, from 0 to 1.
    pub share: f64,
    #[allow(missing_docs)]
    pub p50_ms: f64,
    #[allow(missing_docs)]
    pub p99_ms: f64,
}

/// The errors of one kind.
#[derive(Clone, Debug, Serialize)]
pub struct ErrorResult {
    /// The name of the status code; `CONNECTION_LOST` if the connection ended
    /// during the call, `NOT_CONNECTED` if there was no connection.
    pub kind: &'static str,
    #[allow(missing_docs)]
    pub count: u64,
    /// When the first one occurred, since the start of the measured time.
    pub first_s: f64,
    #[allow(missing_docs)]
    pub last_s: f64,
    /// The message of the last one.
    pub message: String,
}

impl HostResult {
    /// All hosts, most responses first.
    pub(crate) fn all(recorder: &Recorder) -> Vec<Self> {
        let ok = recorder.latencies.count();
        let mut hosts: Vec<_> = recorder
            .hosts
            .iter()
            .map(|(name, latencies)| Self {
                name: name.to_owned(),
                responses: latencies.count(),
                share: share(latencies.count() as f64, ok as f64),
                p50_ms: latencies.quantile(0.5).unwrap_or_default(),
                p99_ms: latencies.quantile(0.99).unwrap_or_default(),
            })
            .collect();
        hosts.sort_by_key(|host| std::cmp::Reverse(host.responses));
        hosts
    }
}

impl ErrorResult {
    /// All kinds, most errors first.
    pub(crate) fn all(recorder: &Recorder) -> Vec<Self> {
        let result = |(kind, errors): (&'static str, &ErrorCount)| Self {
            kind,
            count: errors.count,
            first_s: errors.first.as_secs_f64(),
            last_s: errors.last.as_secs_f64(),
            message: errors.message.clone(),
        };
        let mut results: Vec<_> = recorder.errors_by_kind.iter().map(result).collect();
        results.sort_by_key(|result| std::cmp::Reverse(result.count));
        results
    }
}
