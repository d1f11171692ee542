//! Histograms of latencies in microseconds, up to an hour.

use std::time::Duration;

use hdrhistogram::Histogram;
use serde::Serialize;

/// The longest latency, in microseconds: an hour.
const LONGEST: u64 = 3_600_000_000;

/// A histogram of constant size.
pub(crate) struct Latencies(Histogram<u64>);

/// A bar of the histogram.
#[derive(Clone, Debug, Serialize)]
pub struct Bar {
    /// The lower end, in milliseconds.
    pub from_ms: f64,
    /// The upper end, which is not included.
    pub to_ms: f64,
    /// The number of responses.
    pub count: u64,
}

impl Latencies {
    /// A histogram with this many significant digits: 3 take about 190 kB, 2 about
    /// 25 kB.
    pub(crate) fn new(digits: u8) -> Self {
        Self(Histogram::new_with_bounds(1, LONGEST, digits).expect("the bounds are valid"))
    }

    pub(crate) fn record(&mut self, latency: Duration) {
        let micros = u64::try_from(latency.as_micros()).unwrap_or(LONGEST);
        self.0.saturating_record(micros.max(1));
    }

    /// Adds the latencies of a histogram with as many digits.
    pub(crate) fn add(&mut self, other: &Self) {
        self.0.add(&other.0).expect("the bounds are the same");
    }

    /// The latencies in microseconds that were recorded, and their numbers.
    pub(crate) fn buckets(&self) -> impl Iterator<Item = (u64, u64)> {
        let recorded = self.0.iter_recorded();
        recorded.map(|it| (it.value_iterated_to(), it.count_at_value()))
    }

    /// Records as many latencies of a bucket.
    pub(crate) fn record_bucket(&mut self, micros: u64, count: u64) {
        self.0.saturating_record_n(micros, count);
    }

    pub(crate) fn clear(&mut self) {
        self.0.reset();
    }

    pub(crate) fn count(&self) -> u64 {
        self.0.len()
    }

    /// The latency in milliseconds that this share of responses did not exceed.
    pub(crate) fn quantile(&self, quantile: f64) -> Option<f64> {
        // A bucket's upper end may lie past the greatest value recorded.
        (!self.0.is_empty()).then(|| ms(self.0.value_at_quantile(quantile).min(self.0.max())))
    }

    pub(crate) fn min(&self) -> Option<f64> {
        (!self.0.is_empty()).then(|| ms(self.0.min()))
    }

    pub(crate) fn max(&self) -> Option<f64> {
        (!self.0.is_empty()).then(|| ms(self.0.max()))
    }

    pub(crate) fn mean(&self) -> Option<f64> {
        (!self.0.is_empty()).then(|| ms(self.0.mean().round() as u64))
    }

    /// Bars at 1, 2 and 5 of each power of ten, from the first to the last with a
    /// response.
    pub(crate) fn bars(&self) -> Vec<Bar> {
        let edges = (0..10_u32).flat_map(|power| [1, 2, 5].map(|n| n * 10_u64.pow(power)));
        let edges: Vec<u64> = std::iter::once(0).chain(edges).collect();
        let mut bars = vec![0; edges.len()];
        for value in self.0.iter_recorded() {
            let value_at = self.0.median_equivalent(value.value_iterated_to());
            let bar = edges.partition_point(|edge| *edge <= value_at) - 1;
            bars[bar] += value.count_at_value();
        }
        let first = bars.iter().position(|count| *count > 0).unwrap_or(0);
        let last = bars.iter().rposition(|count| *count > 0);
        let Some(last) = last else { return Vec::new() };
        (first..=last)
            .map(|bar| Bar {
                from_ms: ms(edges[bar]),
                to_ms: ms(edges.get(bar + 1).copied().unwrap_or(LONGEST)),
                count: bars[bar],
            })
            .collect()
    }
}

/// Microseconds as milliseconds.
fn ms(micros: u64) -> f64 {
    micros as f64 / 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_quantiles_and_bars() {
        let mut latencies = Latencies::new(3);
        assert_eq!(latencies.quantile(0.5), None);
        assert!(latencies.bars().is_empty());
        for millis in 1..=100 {
            latencies.record(Duration::from_millis(millis));
        }
        let p99 = latencies.quantile(0.99).unwrap();
        assert!((p99 - 99.0).abs() < 0.1, "{p99}");
        assert!((latencies.mean().unwrap() - 50.5).abs() < 0.1);
        let bars = latencies.bars();
        assert_eq!(bars.iter().map(|bar| bar.count).sum::<u64>(), 100);
        let counts: Vec<_> = bars.iter().map(|bar| bar.count).collect();
        assert_eq!(counts, [1, 3, 5, 10, 30, 50, 1], "{bars:?}");
    }

    #[test]
    fn counts_longer_latencies_as_the_longest() {
        let mut latencies = Latencies::new(3);
        latencies.record(Duration::from_secs(100_000));
        assert!(latencies.max().unwrap() >= 3_600_000.0);
        assert_eq!(latencies.bars().len(), 1);
    }
}
