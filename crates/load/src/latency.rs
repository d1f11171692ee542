//! The latency of a test's calls.

use serde::Serialize;

use crate::{
    figures::{ms, share},
    histogram::Latencies,
};

/// The percentiles of the curve.
const PERCENTILES: [f64; 14] = [
    0.0, 10.0, 25.0, 50.0, 75.0, 90.0, 95.0, 97.5, 99.0, 99.5, 99.9, 99.95, 99.99, 100.0,
];

/// The latency of successes, in milliseconds. The percentiles are of all sends
/// that did not fail: a send without a response at the end has an unknown
/// latency, and ranks above every success.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs)] // the names are the documentation
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
    /// The percentiles of the curve.
    pub percentiles: Vec<Percentile>,
}

/// A point of the latency curve.
#[derive(Clone, Copy, Debug, Serialize)]
#[allow(missing_docs)] // the names are the documentation
pub struct Percentile {
    pub percentile: f64,
    pub ms: f64,
}

impl Latency {
    /// The latency of these successes, with `no_response` sends that had no
    /// response at the end.
    pub(crate) fn new(latencies: &Latencies, no_response: u64, open_loop: bool) -> Option<Self> {
        let ok = latencies.count();
        let known = share(ok as f64, (ok + no_response) as f64);
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
            lower_bounds_above: (no_response > 0).then_some(known * 100.0),
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
    pub(crate) fn is_bound(&self, percentile: f64) -> bool {
        self.lower_bounds_above
            .is_some_and(|known| percentile > known)
    }

    /// The columns of a table: name, percentile and value. The mean is a lower
    /// bound where the maximum is.
    pub(crate) fn columns(&self) -> [(&'static str, f64, f64); 10] {
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

    /// A value as text, marked if it is a lower bound.
    pub(crate) fn text(&self, percentile: f64, value: f64) -> String {
        let mark = if self.is_bound(percentile) { "≥" } else { "" };
        format!("{mark}{}", ms(value))
    }
}
