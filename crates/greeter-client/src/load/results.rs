//! What calls have shown: the latencies, the hosts, the failures.

use serde::Serialize;

use super::{
    histogram::Latencies,
    stats::{Faults, Stats},
    summary::share,
};

/// The percentiles of the curve, which the table takes its own from.
const PERCENTILES: [f64; 14] = [
    0.0, 10.0, 25.0, 50.0, 75.0, 90.0, 95.0, 97.5, 99.0, 99.5, 99.9, 99.95, 99.99, 100.0,
];

/// How long successes took, in milliseconds.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs)] // each name says what it is
pub struct Latency {
    /// `intended_start` in an open loop, `send` in a closed one.
    pub counted_from: &'static str,
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
    pub(super) fn new(latencies: &Latencies, open_loop: bool) -> Option<Self> {
        let at = |percentile: f64| latencies.quantile(percentile / 100.0);
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
