//! The schedule of an open loop.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    thread,
    time::{Duration, Instant},
};

use tokio::sync::Semaphore;

/// The pacer's shortest sleep: sends that are due within it start together.
const TICK: Duration = Duration::from_micros(200);

/// The pacer's longest sleep, so that it notices the end of the test.
const LONGEST_SLEEP: Duration = Duration::from_millis(100);

/// Send `n` is due `n / rate` after the start.
pub(crate) struct Schedule {
    start: Instant,
    rate: f64,
    total: u64,
    /// A permit for each send that is due and not yet taken.
    permits: Semaphore,
    taken: AtomicU64,
}

impl Schedule {
    pub(crate) fn new(start: Instant, rate: f64, length: Duration) -> Self {
        Self {
            start,
            rate,
            total: (rate * length.as_secs_f64()).ceil() as u64,
            permits: Semaphore::new(0),
            taken: AtomicU64::new(0),
        }
    }

    fn due(&self, n: u64) -> Instant {
        self.start + Duration::from_secs_f64(n as f64 / self.rate)
    }

    /// The number of sends due before `when`.
    pub(crate) fn due_before(&self, when: Instant) -> u64 {
        let time = when.saturating_duration_since(self.start);
        let due = (time.as_secs_f64() * self.rate).ceil() as u64;
        due.min(self.total)
    }

    /// Waits until a send is due; `None` at the end.
    pub(crate) async fn next(&self) -> Option<Instant> {
        self.permits.acquire().await.ok()?.forget();
        Some(self.due(self.taken.fetch_add(1, Ordering::Relaxed)))
    }

    /// Releases each permit when its send is due, until the end.
    pub(crate) fn release(&self) {
        let mut released = 0;
        while released < self.total && !self.permits.is_closed() {
            let due = self.due_before(Instant::now());
            self.permits.add_permits((due - released) as usize);
            released = due;
            let next = self.due(released).saturating_duration_since(Instant::now());
            thread::sleep(next.clamp(TICK, LONGEST_SLEEP));
        }
    }

    /// Releases no more permits.
    pub(crate) fn stop(&self) {
        self.permits.close();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schedules_exactly_the_given_number() {
        let start = Instant::now();
        for (rate, seconds, total) in [(1000.0, 3, 3000), (10_000.0, 60, 600_000), (0.5, 4, 2)] {
            let schedule = Schedule::new(start, rate, Duration::from_secs(seconds));
            assert_eq!(schedule.total, total);
            assert_eq!(schedule.due(0), start);
            let end = start + Duration::from_secs(seconds);
            assert_eq!(schedule.due_before(end), total);
            assert!(schedule.due(total - 1) < end);
        }
    }
}
