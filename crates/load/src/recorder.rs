//! Counts calls while they run; its size does not grow with their number.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use cli_kit::printable;

use crate::{
    call_error::CallError,
    exchange::Outcome,
    histogram::Latencies,
    pacer::Slot,
    timeline::{Timeline, Window},
};

/// A send counts as late if it starts this much after it was due.
pub(crate) const LATE: Duration = Duration::from_millis(5);

/// The maximum number of hosts; further hosts count as one.
const MAX_HOSTS: usize = 32;
const OTHER_HOSTS: &str = "(others)";

/// The maximum length of a server's text, in characters.
const MAX_TEXT: usize = 200;

/// The errors of one kind.
pub(crate) struct ErrorCount {
    pub(crate) count: u64,
    /// When the first of them occurred, since the start of the measured time.
    pub(crate) first: Duration,
    pub(crate) last: Duration,
    /// The message of the last one: while a server stays down, the first is the
    /// least specific.
    pub(crate) message: String,
}

/// The counts of a load test.
pub(crate) struct Recorder {
    measured: Instant,
    pub(crate) sent: u64,
    pub(crate) retried: u64,
    pub(crate) traced: u64,
    pub(crate) late: u64,
    pub(crate) worst_late: Duration,
    pub(crate) latencies: Latencies,
    pub(crate) errors: u64,
    pub(crate) errors_by_kind: BTreeMap<&'static str, ErrorCount>,
    pub(crate) hosts: BTreeMap<String, Latencies>,
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
            errors_by_kind: BTreeMap::new(),
            hosts: BTreeMap::new(),
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
                self.host(host).record(latency);
            }
            Err(error) => self.error(at, error),
        }
    }

    /// The calls since the last time this was called.
    pub(crate) fn take_live(&mut self) -> Window {
        let window = self.live.clone();
        self.live.clear();
        window
    }

    /// The three hosts with the most responses, and their shares.
    pub(crate) fn top_hosts(&self) -> Vec<(String, f64)> {
        let share = |it: &Latencies| it.count() as f64 / self.latencies.count() as f64;
        let mut hosts: Vec<_> = self
            .hosts
            .iter()
            .map(|(name, latencies)| (name.clone(), share(latencies)))
            .collect();
        hosts.sort_by(|one, other| other.1.total_cmp(&one.1));
        hosts.truncate(3);
        hosts
    }

    fn host(&mut self, name: &str) -> &mut Latencies {
        let name = match self.hosts.len() {
            MAX_HOSTS.. if !self.hosts.contains_key(name) => OTHER_HOSTS,
            _ => name,
        };
        // Only the first response of a host copies its name.
        if !self.hosts.contains_key(name) {
            let name = short(name);
            return self.hosts.entry(name).or_insert_with(|| Latencies::new(2));
        }
        self.hosts.get_mut(name).expect("it is there")
    }

    fn error(&mut self, at: Duration, error: &CallError) {
        self.errors += 1;
        let count = self
            .errors_by_kind
            .entry(error.kind)
            .or_insert_with(|| ErrorCount {
                count: 0,
                first: at,
                last: at,
                message: String::new(),
            });
        count.count += 1;
        count.first = count.first.min(at);
        count.last = count.last.max(at);
        count.message = short(&error.message);
    }
}

fn short(text: &str) -> String {
    printable(&text.chars().take(MAX_TEXT).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome<'a>(result: Result<&'a str, &'a CallError>) -> Outcome<'a> {
        Outcome {
            result,
            retried: true,
            traced: true,
        }
    }

    #[test]
    fn keeps_errors_apart_and_hosts_few() {
        let now = Instant::now();
        let mut recorder = Recorder::new(now, Duration::from_secs(1));
        let slot = Slot {
            due: now,
            sent: now + LATE * 2,
        };
        for host in 0..100 {
            let finished = now + Duration::from_millis(20);
            recorder.record(slot, finished, outcome(Ok(&format!("host-{host}"))));
        }
        let error = CallError {
            kind: "UNAVAILABLE",
            message: "no\nway".to_owned(),
        };
        recorder.record(slot, now + Duration::from_millis(500), outcome(Err(&error)));
        let warmup = Slot {
            due: now - Duration::from_millis(1),
            sent: now,
        };
        recorder.record(warmup, now, outcome(Err(&error)));

        assert_eq!((recorder.sent, recorder.late), (101, 101));
        assert_eq!((recorder.retried, recorder.traced), (101, 101));
        assert_eq!(recorder.errors, 1);
        assert_eq!(recorder.hosts.len(), MAX_HOSTS + 1);
        assert_eq!(recorder.hosts[OTHER_HOSTS].count(), 100 - MAX_HOSTS as u64);
        assert!((recorder.latencies.max().unwrap() - 20.0).abs() < 0.1);
        let errors = &recorder.errors_by_kind["UNAVAILABLE"];
        assert_eq!((errors.count, &*errors.message), (1, "no\u{fffd}way"));
        assert_eq!(errors.first, Duration::from_millis(500));
    }
}
