//! Counts the calls of one thread; its size does not grow with their number.

use std::time::{Duration, Instant};

use crate::{
    error_counts::ErrorCounts, exchange::Outcome, histogram::Latencies, hosts::Hosts,
    live::Progress, pacer::Slot, timeline::Timeline, window::Window,
};

/// A send counts as late if it starts this much after it was due.
pub(crate) const LATE: Duration = Duration::from_millis(5);

/// The counts of a thread, or of all.
pub(crate) struct Recorder {
    measured: Instant,
    pub(crate) sent: u64,
    pub(crate) retried: u64,
    pub(crate) traced: u64,
    pub(crate) late: u64,
    pub(crate) worst_late: Duration,
    pub(crate) latencies: Latencies,
    pub(crate) errors: u64,
    pub(crate) errors_by_kind: ErrorCounts,
    pub(crate) hosts: Hosts,
    pub(crate) timeline: Timeline,
    live: Window,
}

impl Recorder {
    /// Counts calls that are due at `measured` or later.
    pub(crate) fn new(measured: Instant, duration: Duration) -> Self {
        Self {
            measured,
            sent: 0,
            retried: 0,
            traced: 0,
            late: 0,
            worst_late: Duration::ZERO,
            latencies: Latencies::new(3),
            errors: 0,
            errors_by_kind: ErrorCounts::default(),
            hosts: Hosts::default(),
            timeline: Timeline::new(duration),
            live: Window::new(),
        }
    }

    /// Records the end of a call.
    pub(crate) fn record(&mut self, slot: Slot, finished: Instant, outcome: Outcome<'_>) {
        let latency = finished.saturating_duration_since(slot.due);
        let success = outcome.result.is_ok().then_some(latency);
        self.live.record(success);
        if slot.due < self.measured {
            return;
        }
        let lateness = slot.sent.saturating_duration_since(slot.due);
        self.sent += 1;
        self.retried += u64::from(outcome.retried);
        self.traced += u64::from(outcome.traced);
        self.late += u64::from(lateness > LATE);
        self.worst_late = self.worst_late.max(lateness);
        let at = finished.saturating_duration_since(self.measured);
        self.timeline.record(at, success);
        match outcome.result {
            Ok(host) => {
                self.latencies.record(latency);
                self.hosts.record(host, latency);
            }
            Err(error) => {
                self.errors += 1;
                self.errors_by_kind.record(at, error);
            }
        }
    }

    /// Adds the counts of another thread.
    pub(crate) fn add(&mut self, other: &Self) {
        self.sent += other.sent;
        self.retried += other.retried;
        self.traced += other.traced;
        self.late += other.late;
        self.worst_late = self.worst_late.max(other.worst_late);
        self.latencies.add(&other.latencies);
        self.errors += other.errors;
        self.errors_by_kind.add(&other.errors_by_kind);
        self.hosts.add(&other.hosts);
        self.timeline.add(&other.timeline);
    }

    /// Moves the calls since the last time this was called to `progress`.
    pub(crate) fn take_live(&mut self, progress: &mut Progress) {
        progress.window.add(&self.live);
        self.live.clear();
        for (host, latencies) in self.hosts.iter() {
            *progress.hosts.entry(host.to_owned()).or_default() += latencies.count();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call_error::CallError;

    fn outcome<'a>(result: Result<&'a str, &'a CallError>) -> Outcome<'a> {
        Outcome {
            result,
            retried: true,
            traced: true,
        }
    }

    /// A success, an error, and a call of the warm-up.
    fn calls(recorder: &mut Recorder, due: Instant) {
        let slot = Slot {
            due,
            sent: due + LATE * 2,
        };
        recorder.record(slot, due + Duration::from_millis(20), outcome(Ok("host")));
        let error = CallError {
            kind: "UNAVAILABLE",
            message: "no way".to_owned(),
        };
        let finished = due + Duration::from_millis(500);
        recorder.record(slot, finished, outcome(Err(&error)));
        let warmup = Slot {
            due: recorder.measured - Duration::from_millis(1),
            sent: due,
        };
        recorder.record(warmup, due, outcome(Err(&error)));
    }

    #[test]
    fn counts_what_is_due_in_the_measured_time() {
        let now = Instant::now();
        let mut recorder = Recorder::new(now, Duration::from_secs(1));
        calls(&mut recorder, now);
        assert_eq!((recorder.sent, recorder.late, recorder.errors), (2, 2, 1));
        assert_eq!((recorder.retried, recorder.traced), (2, 2));
        assert!((recorder.latencies.max().unwrap() - 20.0).abs() < 0.1);
        let (_, errors) = recorder.errors_by_kind.iter().next().unwrap();
        assert_eq!(errors.first, Duration::from_millis(500));
    }

    #[test]
    fn adds_the_counts_of_all_threads() {
        let now = Instant::now();
        let later = now + Duration::from_millis(600);
        let recorder = || Recorder::new(now, Duration::from_secs(1));
        let (mut one, mut other, mut both) = (recorder(), recorder(), recorder());
        calls(&mut one, later);
        calls(&mut other, now);
        calls(&mut both, now);
        calls(&mut both, later);
        one.add(&other);
        assert_eq!((one.sent, one.late, one.errors), (4, 4, 2));
        assert_eq!((one.retried, one.traced), (4, 4));
        assert_eq!(one.latencies.quantile(0.5), both.latencies.quantile(0.5));
        let points = |it: &Recorder| format!("{:?}", it.timeline.points(Duration::from_secs(1)));
        assert_eq!(points(&one), points(&both));
    }
}
