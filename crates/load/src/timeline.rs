//! The figures over time, in windows of equal length.

use std::time::Duration;

use serde::Serialize;

use crate::histogram::Latencies;

/// The maximum number of windows.
const WINDOWS: u32 = 60;
const SHORTEST: Duration = Duration::from_millis(250);

/// The figures of one window.
#[derive(Clone, Debug, Serialize)]
pub struct Point {
    /// The start, in seconds since the start of the measured time.
    pub at_s: f64,
    /// Responses per second, errors included.
    pub rate: f64,
    /// How many calls failed.
    pub errors: u64,
    /// Of successes, in milliseconds; null if there were none.
    pub p50_ms: Option<f64>,
    #[allow(missing_docs)]
    pub p90_ms: Option<f64>,
    #[allow(missing_docs)]
    pub p99_ms: Option<f64>,
    #[allow(missing_docs)]
    pub max_ms: Option<f64>,
}

/// The calls of one window.
#[derive(Clone)]
pub(crate) struct Window {
    pub(crate) latencies: Latencies,
    pub(crate) errors: u64,
}

/// The windows that have passed, and the current one.
pub(crate) struct Timeline {
    length: Duration,
    last: u32,
    current: Window,
    points: Vec<Point>,
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
}

impl Timeline {
    pub(crate) fn new(duration: Duration) -> Self {
        let length = (duration / WINDOWS).max(SHORTEST);
        let windows = duration.as_nanos().div_ceil(length.as_nanos()).max(1);
        Self {
            length,
            last: u32::try_from(windows - 1).unwrap_or(WINDOWS),
            current: Window::new(),
            points: Vec::new(),
        }
    }

    /// Records a response at this time since the start of the measured time. The
    /// last window counts those after the end too.
    pub(crate) fn record(&mut self, at: Duration, latency: Option<Duration>) {
        let index = (at.as_nanos() / self.length.as_nanos()) as usize;
        while self.points.len() < index.min(self.last as usize) {
            let point = self.point(self.length);
            self.points.push(point);
            self.current.clear();
        }
        self.current.record(latency);
    }

    /// All windows until `elapsed`.
    pub(crate) fn points(&self, elapsed: Duration) -> Vec<Point> {
        let mut points = self.points.clone();
        let begun = self.length * u32::try_from(points.len()).unwrap_or(u32::MAX);
        let length = elapsed.saturating_sub(begun).min(self.length);
        // The rate over a very short window is noise.
        if length >= self.length / 10 {
            points.push(self.point(length));
        }
        points
    }

    fn point(&self, length: Duration) -> Point {
        let Window { latencies, errors } = &self.current;
        Point {
            at_s: self.length.as_secs_f64() * self.points.len() as f64,
            rate: (latencies.count() + errors) as f64 / length.as_secs_f64(),
            errors: *errors,
            p50_ms: latencies.quantile(0.5),
            p90_ms: latencies.quantile(0.9),
            p99_ms: latencies.quantile(0.99),
            max_ms: latencies.max(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leaves_no_gap_where_nothing_was_recorded() {
        let mut timeline = Timeline::new(Duration::from_secs(1));
        let latency = Some(Duration::from_millis(1));
        timeline.record(Duration::from_millis(10), latency);
        timeline.record(Duration::from_millis(600), latency);
        timeline.record(Duration::from_millis(700), None);
        timeline.record(Duration::from_secs(9), latency);
        let points = timeline.points(Duration::from_secs(1));
        let rates: Vec<_> = points.iter().map(|point| point.rate).collect();
        assert_eq!(rates, [4.0, 0.0, 8.0, 4.0]);
        assert_eq!(points[1].p50_ms, None);
        assert_eq!(points[2].errors, 1);
    }

    #[test]
    fn stays_short_however_long_the_run() {
        for seconds in [1, 29, 30, 3600, 1_000_000] {
            let duration = Duration::from_secs(seconds);
            let mut timeline = Timeline::new(duration);
            timeline.record(duration, None);
            assert!(timeline.points(duration).len() <= WINDOWS as usize + 1);
        }
    }
}
