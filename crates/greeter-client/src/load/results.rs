//! What calls have shown: the latencies, the hosts, the failures.

use serde::Serialize;

use super::{
    histogram::Latencies,
    stats::{Faults, Stats},
    summary::share,
    words::ms,
};

/// The percentiles of the curve, which the table takes its own from.
const PERCENTILES: [f64; 14] = [
    0.0, 10.0, 25.0, 50.0, 75.0, 90.0, 95.0, 97.5, 99.0, 99.5, 99.9, 99.95, 99.99, 100.0,
];

/// How long successes took, in milliseconds. The percentiles are of all sends
/// that did not fail: one without an answer at the end has an unknown time, and
/// ranks as longer than every success.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs)] // each name says what it is
pub struct Latency {
    /// `intended_start` in an open loop, `send` in a closed one.
    pub counted_from: &'static str,
    /// Percentiles above this are lower bounds, as is the mean; null if every
    /// send ended.
    pub lower_bounds_above: Option<f64>,
    pub min_ms: f64,
    pub mean_ms: f64,
    pub max_ms: f64,
    pub p50_ms: f64,
    pub p75_ms: f64,
    pub p90_ms: f64,
    pub p95_ms: f64,
    pub p99_ms: f64,
    pub p999_ms: f64,
    pub p9999_ms: f64,
    /// The same and more, for a curve.
    pub percentiles: Vec<Percentile>,
}

/// A point of the latency curve.
#[derive(Clone, Copy, Debug, Serialize)]
#[allow(missing_docs)] // each name says what it is
pub struct Percentile {
    pub percentile: f64,
    pub ms: f64,
}

/// A host's part.
#[derive(Clone, Debug, Serialize)]
pub struct Host {
    /// As its metadata `hostname` says; `unknown` without.
    pub name: String,
    #[allow(missing_docs)]
    pub answers: u64,
    /// Of all successes, from 0 to 1.
    pub share: f64,
    #[allow(missing_docs)]
    pub p50_ms: f64,
    #[allow(missing_docs)]
    pub p99_ms: f64,
}

/// The failures of one kind.
#[derive(Clone, Debug, Serialize)]
pub struct Fault {
    /// The status code's name; `CONNECTION_LOST` if the connection ended
    /// meanwhile, `NOT_CONNECTED` if there was none to send on.
    pub kind: &'static str,
    #[allow(missing_docs)]
    pub count: u64,
    /// When the first one ended, since the measured part began.
    pub first_s: f64,
    #[allow(missing_docs)]
    pub last_s: f64,
    /// What the last one said.
    pub message: String,
}

impl Latency {
    /// Of these successes, with so many sends that had no answer at the end.
    pub(super) fn new(latencies: &Latencies, unanswered: u64, open_loop: bool) -> Option<Self> {
        let ok = latencies.count();
        let known = share(ok as f64, (ok + unanswered) as f64);
        let at = |percentile: f64| latencies.quantile((percentile / 100.0 / known).min(1.0));
        let percentiles = PERCENTILES
            .iter()
            .map(|&percentile| {
                Some(Percentile {
                    percentile,
                    ms: at(percentile)?,
                })
            })
            .collect::<Option<Vec<_>>>()?;
        Some(Self {
            counted_from: match open_loop {
                true => "intended_start",
                false => "send",
            },
            lower_bounds_above: (unanswered > 0).then_some(known * 100.0),
            min_ms: latencies.min()?,
            mean_ms: latencies.mean()?,
            max_ms: latencies.max()?,
            p50_ms: at(50.0)?,
            p75_ms: at(75.0)?,
            p90_ms: at(90.0)?,
            p95_ms: at(95.0)?,
            p99_ms: at(99.0)?,
            p999_ms: at(99.9)?,
            p9999_ms: at(99.99)?,
            percentiles,
        })
    }

    /// Whether the value of this percentile is a lower bound.
    pub(super) fn is_bound(&self, percentile: f64) -> bool {
        self.lower_bounds_above
            .is_some_and(|known| percentile > known)
    }

    /// The figures of a table: the name, the percentile, the value. The mean
    /// is as uncertain as the maximum.
    pub(super) fn columns(&self) -> [(&'static str, f64, f64); 10] {
        [
            ("min", 0.0, self.min_ms),
            ("mean", 100.0, self.mean_ms),
            ("p50", 50.0, self.p50_ms),
            ("p75", 75.0, self.p75_ms),
            ("p90", 90.0, self.p90_ms),
            ("p95", 95.0, self.p95_ms),
            ("p99", 99.0, self.p99_ms),
            ("p99.9", 99.9, self.p999_ms),
            ("p99.99", 99.99, self.p9999_ms),
            ("max", 100.0, self.max_ms),
        ]
    }

    /// A value in words, marked if it is a lower bound.
    pub(super) fn words(&self, percentile: f64, value: f64) -> String {
        let mark = if self.is_bound(percentile) { "≥" } else { "" };
        format!("{mark}{}", ms(value))
    }
}

impl Host {
    /// Everyone who answered, most answers first.
    pub(super) fn all(stats: &Stats) -> Vec<Self> {
        let ok = stats.latencies.count();
        let mut hosts: Vec<_> = stats
            .hosts
            .iter()
            .map(|(name, latencies)| Self {
                name: name.clone(),
                answers: latencies.count(),
                share: share(latencies.count() as f64, ok as f64),
                p50_ms: latencies.quantile(0.5).unwrap_or_default(),
                p99_ms: latencies.quantile(0.99).unwrap_or_default(),
            })
            .collect();
        hosts.sort_by_key(|host| std::cmp::Reverse(host.answers));
        hosts
    }
}

impl Fault {
    /// All kinds, most failures first.
    pub(super) fn all(stats: &Stats) -> Vec<Self> {
        let fault = |(kind, faults): (&&'static str, &Faults)| Self {
            kind,
            count: faults.count,
            first_s: faults.first.as_secs_f64(),
            last_s: faults.last.as_secs_f64(),
            message: faults.message.clone(),
        };
        let mut faults: Vec<_> = stats.faults.iter().map(fault).collect();
        faults.sort_by_key(|fault| std::cmp::Reverse(fault.count));
        faults
    }
}
