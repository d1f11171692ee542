//! The result of a check as text or JSON.

use std::time::Instant;

use serde::Serialize;

use transport::{Exit, Timings, milliseconds};

use super::result::CheckResult;
use crate::{
    failure::FailureReport,
    output::{Format, Stdout, stderr},
};

/// Prints the results of checks.
#[derive(Debug)]
pub(crate) struct HealthReporter {
    format: Format,
    service: String,
    started: Instant,
    stdout: Stdout,
}

/// One line of JSON output.
#[derive(Serialize)]
struct HealthLine<'a> {
    /// The service that was checked; empty is the whole server.
    service: &'a str,
    /// The state's name; null if the server reported none.
    state: Option<&'static str>,
    serving: bool,
    error: Option<FailureReport<'a>>,
    /// The number of connections tried.
    attempts: u64,
    /// Since the start of the program.
    elapsed_ms: f64,
    /// The phases of the last attempt.
    timings_ms: Timings,
    /// The address of the connection.
    peer: Option<&'a str>,
}

impl HealthReporter {
    /// A reporter on this process's standard streams, for checks of `service`.
    #[must_use]
    pub(crate) fn new(format: Format, service: &str) -> Self {
        Self {
            format,
            service: service.to_owned(),
            started: Instant::now(),
            stdout: Stdout::default(),
        }
    }

    /// Whether standard output is closed, or failed.
    pub(super) fn is_closed(&self) -> bool {
        !self.stdout.is_open()
    }

    /// The exit code of checks that end with `exit`.
    pub(crate) fn exit(&self, exit: Exit) -> Exit {
        self.stdout.exit(exit)
    }

    /// Reports the last check: prints SERVING; anything else is a failure.
    pub(super) fn checked(&mut self, health: &CheckResult, attempts: u64) {
        if let Some(failure) = &health.failure {
            stderr::error(failure);
        }
        match self.format {
            Format::Text if health.failure.is_some() => {}
            Format::Text => self.state(health),
            Format::Json => self.json(health, attempts),
        }
    }

    /// Reports a change: prints the state; a missing state is a failure.
    pub(super) fn changed(&mut self, health: &CheckResult, attempts: u64) {
        match self.format {
            Format::Json => self.json(health, attempts),
            Format::Text if health.state.is_some() => self.state(health),
            Format::Text => {
                if let Some(failure) = &health.failure {
                    stderr::error(failure);
                }
            }
        }
    }

    fn state(&mut self, health: &CheckResult) {
        if let Some(state) = health.state {
            self.stdout.line(state.as_str_name());
        }
    }

    fn json(&mut self, health: &CheckResult, attempts: u64) {
        let line = HealthLine {
            service: &self.service,
            state: health.state.map(|state| state.as_str_name()),
            serving: health.failure.is_none(),
            error: health.failure.as_ref().map(Into::into),
            attempts,
            elapsed_ms: milliseconds(self.started.elapsed()),
            timings_ms: health.report.timings,
            peer: health.report.peer.as_deref(),
        };
        let line = serde_json::to_string(&line).expect("every field has a JSON form");
        self.stdout.line(&line);
    }
}
