//! The progress line on a terminal.

use std::{
    collections::BTreeMap,
    io::{self, IsTerminal, Write},
    time::Instant,
};

use crate::{figures::share, window::Window};

/// The hosts in the line.
const HOSTS: usize = 3;

/// What the line shows.
pub(crate) struct Progress {
    /// The calls since the last line.
    pub(crate) window: Window,
    /// All successes, by host.
    pub(crate) hosts: BTreeMap<String, u64>,
}

impl Progress {
    pub(crate) fn new() -> Self {
        Self {
            window: Window::new(),
            hosts: BTreeMap::new(),
        }
    }

    /// The hosts with the most responses, and their shares.
    fn top_hosts(&self) -> Vec<(&str, f64)> {
        let all: u64 = self.hosts.values().sum();
        let hosts = self.hosts.iter();
        let mut hosts: Vec<_> = hosts
            .map(|(host, count)| (&**host, share(*count as f64, all as f64)))
            .collect();
        hosts.sort_by(|one, other| other.1.total_cmp(&one.1));
        hosts.truncate(HOSTS);
        hosts
    }
}

/// The line, if there is a terminal for it.
pub(crate) struct Live {
    shown: bool,
    last: Instant,
}

impl Live {
    /// A line on standard error, if that is a terminal and it is `wanted`.
    pub(crate) fn new(wanted: bool) -> Self {
        Self {
            shown: wanted && io::stderr().is_terminal(),
            last: Instant::now(),
        }
    }

    /// Whether there is a line.
    pub(crate) fn is_shown(&self) -> bool {
        self.shown
    }

    /// Shows the calls since the last time.
    pub(crate) fn show(&mut self, measured: Instant, progress: &Progress) {
        let window = &progress.window;
        let now = Instant::now();
        let seconds = now.duration_since(self.last).as_secs_f64();
        self.last = now;
        let time = match now.checked_duration_since(measured) {
            Some(time) => format!("{:.1} s", time.as_secs_f64()),
            None => "warming up".to_owned(),
        };
        let rate = (window.latencies.count() + window.errors) as f64 / seconds;
        let mut line = format!("{time}  {rate:.0}/s");
        if let (Some(p50), Some(p99)) = (
            window.latencies.quantile(0.5),
            window.latencies.quantile(0.99),
        ) {
            line += &format!("  p50 {p50:.2} ms  p99 {p99:.2} ms");
        }
        line += &format!("  errors {}", window.errors);
        for (host, share) in progress.top_hosts() {
            line += &format!("  {host} {:.0} %", share * 100.0);
        }
        // Wrapping is off, because a wrapped line cannot be cleared. A closed
        // terminal does not stop the test.
        let _ = write!(io::stderr(), "\r\x1b[K\x1b[?7l{line}\x1b[?7h");
    }

    /// Clears the line.
    pub(crate) fn clear(&self) {
        if self.shown {
            let _ = write!(io::stderr(), "\r\x1b[K");
        }
    }
}
