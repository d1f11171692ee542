//! What is counted while calls run; its size does not grow with their number.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use super::{
    LATE,
    fault::Fault,
    histogram::Latencies,
    pace::Turn,
    timeline::{Timeline, Window},
};
use crate::failure::printable;

/// The most hosts that are told apart; the answers of more count as one.
const MOST_HOSTS: usize = 32;
const OTHER_HOSTS: &str = "(others)";

/// The longest text of a server's that is kept, in characters.
const LONGEST_TEXT: usize = 200;

/// The failures of one kind.
pub(super) struct Faults {
    pub(super) count: u64,
    /// When the first call failed so, since the measured part began.
    pub(super) first: Duration,
    pub(super) last: Duration,
    /// What the last one said: of a server that stays away, that tells more.
    pub(super) message: String,
}

/// Everything that is counted.
pub(super) struct Stats {
    measured: Instant,
    pub(super) sent: u64,
    pub(super) late: u64,
    pub(super) worst_late: Duration,
    pub(super) latencies: Latencies,
    pub(super) errors: u64,
    pub(super) faults: BTreeMap<&'static str, Faults>,
    pub(super) hosts: BTreeMap<String, Latencies>,
    pub(super) timeline: Timeline,
    live: Window,
}

impl Stats {
    /// Counts calls that are due at `measured` or later.
    pub(super) fn new(measured: Instant, duration: Duration) -> Self {
        Self {
            measured,
            sent: 0,
            late: 0,
            worst_late: Duration::ZERO,
            latencies: Latencies::new(3),
            errors: 0,
            faults: BTreeMap::new(),
            hosts: BTreeMap::new(),
            timeline: Timeline::new(duration),
            live: Window::new(),
        }
    }

    /// A call ended: it was answered by a host, or failed.
    pub(super) fn record(&mut self, turn: Turn, finished: Instant, outcome: Result<&str, &Fault>) {
        let latency = finished.saturating_duration_since(turn.due);
        let success = outcome.is_ok().then_some(latency);
        self.live.record(success);
        if turn.due < self.measured {
            return;
        }
        let lateness = turn.sent.saturating_duration_since(turn.due);
        self.sent += 1;
        self.late += u64::from(lateness > LATE);
        self.worst_late = self.worst_late.max(lateness);
        let at = finished.saturating_duration_since(self.measured);
        self.timeline.record(at, success);
        match outcome {
            Ok(host) => {
                self.latencies.record(latency);
                self.host(host).record(latency);
            }
            Err(fault) => self.fault(at, fault),
        }
    }

    /// What came since this was last asked for.
    pub(super) fn take_live(&mut self) -> Window {
        let window = self.live.clone();
        self.live.clear();
        window
    }

    /// The shares of the three hosts that answered most.
    pub(super) fn top_hosts(&self) -> Vec<(String, f64)> {
        let all = self.latencies.count() as f64;
        let share = |latencies: &Latencies| latencies.count() as f64 / all;
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
            MOST_HOSTS.. if !self.hosts.contains_key(name) => OTHER_HOSTS,
            _ => name,
        };
        // The first call of a host's is the only one that copies its name.
        if !self.hosts.contains_key(name) {
            let name = short(name);
            return self.hosts.entry(name).or_insert_with(|| Latencies::new(2));
        }
        self.hosts.get_mut(name).expect("it is there")
    }

    fn fault(&mut self, at: Duration, fault: &Fault) {
        self.errors += 1;
        let faults = self.faults.entry(fault.kind).or_insert_with(|| Faults {
            count: 0,
            first: at,
            last: at,
            message: String::new(),
        });
        faults.count += 1;
        faults.first = faults.first.min(at);
        faults.last = faults.last.max(at);
        faults.message = short(&fault.message);
    }
}

fn short(text: &str) -> String {
    printable(&text.chars().take(LONGEST_TEXT).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_errors_apart_and_hosts_few() {
        let now = Instant::now();
        let mut stats = Stats::new(now, Duration::from_secs(1));
        let turn = Turn {
            due: now,
            sent: now + LATE * 2,
        };
        for host in 0..100 {
            let finished = now + Duration::from_millis(20);
            stats.record(turn, finished, Ok(&format!("host-{host}")));
        }
        let fault = Fault {
            kind: "UNAVAILABLE",
            message: "no\nway".to_owned(),
        };
        stats.record(turn, now + Duration::from_millis(500), Err(&fault));
        let warmup = Turn {
            due: now - Duration::from_millis(1),
            sent: now,
        };
        stats.record(warmup, now, Err(&fault));

        assert_eq!((stats.sent, stats.late, stats.errors), (101, 101, 1));
        assert_eq!(stats.hosts.len(), MOST_HOSTS + 1);
        assert_eq!(stats.hosts[OTHER_HOSTS].count(), 100 - MOST_HOSTS as u64);
        let max = stats.latencies.max().unwrap();
        assert!((max - 20.0).abs() < 0.1, "{max}");
        let faults = &stats.faults["UNAVAILABLE"];
        assert_eq!(faults.count, 1);
        assert_eq!(faults.first, Duration::from_millis(500));
        assert_eq!(faults.message, "no\u{fffd}way");
    }
}
