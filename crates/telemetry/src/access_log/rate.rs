//! The rate of the lines.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

const PERIOD: Duration = Duration::from_secs(1);

/// Limits the lines of a second. A tenth is kept for errors, so that a flood of other
/// requests does not hide them.
#[derive(Debug)]
pub(super) struct Rate {
    limit: u32,
    period: Mutex<Option<Period>>,
}

#[derive(Clone, Copy, Debug)]
struct Period {
    start: Instant,
    lines: u32,
}

impl Rate {
    pub(super) fn new(limit: u32) -> Self {
        Self {
            limit,
            period: Mutex::new(None),
        }
    }

    /// Whether a further line may be written; counts it.
    pub(super) fn allows(&self, now: Instant, is_error: bool) -> bool {
        let kept = if is_error { 0 } else { self.limit / 10 };
        // A panic while the lock is held cannot leave a wrong count.
        let mut period = self.period.lock().unwrap_or_else(PoisonError::into_inner);
        let start = Period {
            start: now,
            lines: 0,
        };
        let period = period.get_or_insert(start);
        if now.saturating_duration_since(period.start) >= PERIOD {
            *period = start;
        }
        let allows = period.lines < self.limit - kept;
        period.lines += u32::from(allows);
        allows
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_the_lines_of_a_second() {
        let (rate, start) = (Rate::new(20), Instant::now());
        let allowed = |now, is_error| (0..100).filter(|_| rate.allows(now, is_error)).count();
        assert_eq!(allowed(start, false), 18);
        assert_eq!(allowed(start + PERIOD / 2, true), 2);
        assert_eq!(allowed(start + PERIOD / 2, false), 0);
        assert_eq!(allowed(start + PERIOD, true), 20);
        assert_eq!(allowed(start + 3 * PERIOD, false), 18);
    }
}
