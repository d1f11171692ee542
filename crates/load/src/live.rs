//! The progress line on a terminal.

use std::{
    io::{self, IsTerminal, Write},
    time::Instant,
};

use crate::timeline::Window;

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

    /// Shows the calls since the last time.
    pub(crate) fn show(&mut self, measured: Instant, hosts: &[(String, f64)], window: &Window) {
        if !self.shown {
            return;
        }
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
        for (host, share) in hosts {
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
