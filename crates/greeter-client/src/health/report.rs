//! The answer in words or JSON.

use std::time::Instant;

use serde::Serialize;

use super::ask::Answer;
use crate::{
    dial::Timings,
    report::{self, ErrorFacts, Format},
};

/// Prints answers.
#[derive(Debug)]
pub struct Reporter {
    format: Format,
    service: String,
    started: Instant,
    closed: bool,
}

/// One line of JSON output.
#[derive(Serialize)]
struct Line<'a> {
    /// The service that was asked for; empty is the whole server.
    service: &'a str,
    /// The state's name; null if the server told none.
    state: Option<&'static str>,
    serving: bool,
    error: Option<ErrorFacts<'a>>,
    /// How many connections were tried.
    attempts: u64,
    /// Since the program started to ask.
    elapsed_ms: f64,
    /// The phases of the last attempt.
    timings_ms: Timings,
    /// The address that the connection went to.
    peer: Option<&'a str>,
}

impl Reporter {
    /// A reporter on this process's standard streams, for answers about
    /// `service`.
    #[must_use]
    pub fn new(format: Format, service: &str) -> Self {
        Self {
            format,
            service: service.to_owned(),
            started: Instant::now(),
            closed: false,
        }
    }

    /// Whether nobody reads standard output any more.
    pub(super) fn is_closed(&self) -> bool {
        self.closed
    }

    /// The last answer came: SERVING is printed, anything else is a failure.
    pub(super) fn answered(&mut self, answer: &Answer, attempts: u64) {
        if let Some(failure) = &answer.failure {
            eprintln!("greeter-client: {failure}");
        }
        match self.format {
            Format::Text if answer.failure.is_some() => {}
            Format::Text => self.state(answer),
            Format::Json => self.json(answer, attempts),
        }
    }

    /// The state changed: states are printed, and that there is none is a
    /// failure.
    pub(super) fn changed(&mut self, answer: &Answer, attempts: u64) {
        match self.format {
            Format::Json => self.json(answer, attempts),
            Format::Text if answer.state.is_some() => self.state(answer),
            Format::Text => {
                if let Some(failure) = &answer.failure {
                    eprintln!("greeter-client: {failure}");
                }
            }
        }
    }

    fn state(&mut self, answer: &Answer) {
        if let Some(state) = answer.state {
            self.closed |= !report::print(state.as_str_name());
        }
    }

    fn json(&mut self, answer: &Answer, attempts: u64) {
        let line = Line {
            service: &self.service,
            state: answer.state.map(|state| state.as_str_name()),
            serving: answer.failure.is_none(),
            error: answer.failure.as_ref().map(Into::into),
            attempts,
            elapsed_ms: self.started.elapsed().as_micros() as f64 / 1000.0,
            timings_ms: answer.facts.timings,
            peer: answer.facts.peer.as_deref(),
        };
        let line = serde_json::to_string(&line).expect("the line holds nothing that JSON cannot");
        self.closed |= !report::print(&line);
    }
}
