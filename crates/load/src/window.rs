//! The calls of a window of time.

use std::time::Duration;

use crate::histogram::Latencies;

/// The calls of a window that may grow.
pub(crate) struct Window {
    pub(crate) latencies: Latencies,
    pub(crate) errors: u64,
}

/// The calls of a window that has passed: its histogram without the empty buckets, so
/// that the windows of several threads can be added at the end.
pub(crate) struct Counts {
    /// Latencies in microseconds, and their numbers.
    latencies: Vec<(u64, u64)>,
    errors: u64,
}

impl Window {
    pub(crate) fn new() -> Self {
        Self {
            latencies: Latencies::new(3),
            errors: 0,
        }
    }

    pub(crate) fn record(&mut self, latency: Option<Duration>) {
        match latency {
            Some(latency) => self.latencies.record(latency),
            None => self.errors += 1,
        }
    }

    pub(crate) fn clear(&mut self) {
        self.latencies.clear();
        self.errors = 0;
    }

    /// Adds the calls of another thread.
    pub(crate) fn add(&mut self, other: &Self) {
        self.latencies.add(&other.latencies);
        self.errors += other.errors;
    }

    pub(crate) fn counts(&self) -> Counts {
        Counts {
            latencies: self.latencies.buckets().collect(),
            errors: self.errors,
        }
    }
}

impl Counts {
    /// Adds the calls of another thread.
    pub(crate) fn add(&mut self, other: &Self) {
        self.latencies.extend(&other.latencies);
        self.errors += other.errors;
    }
}

impl From<&Counts> for Window {
    fn from(counts: &Counts) -> Self {
        let mut window = Self::new();
        for (micros, count) in &counts.latencies {
            window.latencies.record_bucket(*micros, *count);
        }
        window.errors = counts.errors;
        window
    }
}
