//! The figures over time, in windows of equal length.

use std::time::Duration;

use serde::Serialize;

use crate::window::{Counts, Window};

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

/// The windows that have passed, and the current one.
pub(crate) struct Timeline {
    length: Duration,
    last: usize,
    passed: Vec<Counts>,
    current: Window,
}

impl Timeline {
    pub(crate) fn new(duration: Duration) -> Self {
        let length = (duration / WINDOWS).max(SHORTEST);
        let windows = duration.as_nanos().div_ceil(length.as_nanos()).max(1);
        Self {
            length,
            last: usize::try_from(windows - 1).unwrap_or(WINDOWS as usize),
            passed: Vec::new(),
            current: Window::new(),
        }
    }

    /// Records a response at this time since the start of the measured time. The
    /// last window counts those after the end too.
    pub(crate) fn record(&mut self, at: Duration, latency: Option<Duration>) {
        let index = (at.as_nanos() / self.length.as_nanos()) as usize;
        self.pass(index.min(self.last));
        self.current.record(latency);
    }

    /// Passes the windows before this one.
    fn pass(&mut self, index: usize) {
        while self.passed.len() < index {
            self.passed.push(self.current.counts());
            self.current.clear();
        }
    }

    /// Adds the windows of another thread.
    pub(crate) fn add(&mut self, other: &Self) {
        let current = other.passed.len();
        self.pass(current);
        for (mine, theirs) in self.passed.iter_mut().zip(&other.passed) {
            mine.add(theirs);
        }
        match self.passed.get_mut(current) {
            Some(passed) => passed.add(&other.current.counts()),
            None => self.current.add(&other.current),
        }
    }

    /// All windows until `elapsed`.
    pub(crate) fn points(&self, elapsed: Duration) -> Vec<Point> {
        let passed = self.passed.iter().map(Window::from);
        let passed = passed.enumerate();
        let mut points: Vec<_> = passed
            .map(|(index, window)| self.point(index, &window, self.length))
            .collect();
        let begun = self.length * u32::try_from(points.len()).unwrap_or(u32::MAX);
        let length = elapsed.saturating_sub(begun).min(self.length);
        // The rate over a very short window is noise.
        if length >= self.length / 10 {
            points.push(self.point(points.len(), &self.current, length));
        }
        points
    }

    fn point(&self, index: usize, window: &Window, length: Duration) -> Point {
        let Window { latencies, errors } = window;
        Point {
            at_s: self.length.as_secs_f64() * index as f64,
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

    #[test]
    fn adds_the_windows_of_threads_that_have_come_less_far() {
        let all = [10, 300, 350, 900].map(Duration::from_millis);
        for split in 0..=all.len() {
            let mut timelines = [(); 3].map(|()| Timeline::new(Duration::from_secs(1)));
            for (index, at) in all.into_iter().enumerate() {
                let latency = Some(at / 3);
                timelines[usize::from(index >= split)].record(at, latency);
                timelines[2].record(at, latency);
            }
            let [mut one, other, both] = timelines;
            one.add(&other);
            let points = |it: &Timeline| format!("{:?}", it.points(Duration::from_secs(1)));
            assert_eq!(points(&one), points(&both), "{split}");
        }
    }
}
