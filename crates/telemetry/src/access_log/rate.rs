//! The rate of the lines.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Instant,
};

/// Limits the lines of a second. A tenth is kept for errors, so that a flood of other
/// requests does not hide them.
#[derive(Debug)]
pub(super) struct Rate {
    limit: u32,
    start: Instant,
    /// The current second since the start in the upper half, its lines in the lower.
    /// Without a lock, because most requests under load only read it.
    lines: AtomicU64,
}

impl Rate {
    pub(super) fn new(limit: u32) -> Self {
        Self {
            limit,
            start: Instant::now(),
            lines: AtomicU64::new(0),
        }
    }

    /// Whether a further line may be written; counts it.
    pub(super) fn allows(&self, now: Instant, is_error: bool) -> bool {
        let kept = if is_error { 0 } else { self.limit / 10 };
        let allowed = u64::from(self.limit - kept);
        let second = now.saturating_duration_since(self.start).as_secs() << 32;
        let add = |lines: u64| {
            // A request of the second before counts for this one.
            let lines = lines.max(second);
            (lines & u64::from(u32::MAX) < allowed).then_some(lines + 1)
        };
        self.lines
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, add)
            .is_ok()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const PERIOD: Duration = Duration::from_secs(1);

    #[test]
    fn limits_the_lines_of_a_second() {
        let rate = Rate::new(20);
        let start = rate.start;
        let allowed = |now, is_error| (0..100).filter(|_| rate.allows(now, is_error)).count();
        assert_eq!(allowed(start, false), 18);
        assert_eq!(allowed(start + PERIOD / 2, true), 2);
        assert_eq!(allowed(start + PERIOD / 2, false), 0);
        assert_eq!(allowed(start + PERIOD, true), 20);
        assert_eq!(allowed(start + 3 * PERIOD, false), 18);
    }
}
