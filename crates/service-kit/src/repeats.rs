//! Counts events that a peer can cause at will, so that they cannot fill the log.

use std::{
    sync::Mutex,
    time::{Duration, Instant},
};

/// An event is logged at most once in this time.
const PERIOD: Duration = Duration::from_secs(60);

/// A counter of one kind of event.
#[derive(Debug, Default)]
pub(crate) struct Repeats(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    logged: Option<Instant>,
    since: u64,
}

impl Repeats {
    /// Counts an event. If it is to be logged, returns how many there were since
    /// the last one that was, this one included.
    pub(crate) fn count(&self) -> Option<u64> {
        self.count_at(Instant::now())
    }

    fn count_at(&self, now: Instant) -> Option<u64> {
        // A panic while the lock is held cannot leave a wrong count.
        let mut state = self.0.lock().unwrap_or_else(|error| error.into_inner());
        state.since += 1;
        if state.logged.is_some_and(|logged| now - logged < PERIOD) {
            return None;
        }
        state.logged = Some(now);
        Some(std::mem::take(&mut state.since))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logs_the_first_event_and_then_one_with_the_count_in_each_period() {
        let (repeats, start) = (Repeats::default(), Instant::now());
        assert_eq!(repeats.count_at(start), Some(1));
        for second in 1..60 {
            let now = start + Duration::from_secs(second);
            assert_eq!(repeats.count_at(now), None);
        }
        assert_eq!(repeats.count_at(start + PERIOD), Some(60));
        assert_eq!(repeats.count_at(start + 3 * PERIOD), Some(1));
    }
}
