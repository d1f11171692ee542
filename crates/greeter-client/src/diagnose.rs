//! Walks a call stage by stage, and names the cause and the fix of the first
//! stage that fails.

mod answer;
mod call;
mod code;
mod dialled;
mod grpc;
mod health;
mod marks;
mod neighbours;
mod question;
mod reflection;
mod report;
mod route;
mod stage;
mod upstream;
mod verdict;
mod walk;

use std::time::Duration;

pub use answer::AnswerFacts;
pub use code::Code;
use http::{HeaderMap, uri::PathAndQuery};
pub use report::{Style, print};
use serde::Serialize;
pub use stage::{Mark, Stage, Step};
pub use verdict::Verdict;
pub use walk::diagnose;

use crate::{Dialer, dial::Facts, tls::TlsFacts};

/// What to diagnose.
#[derive(Debug)]
pub struct Plan {
    /// The server.
    pub dialer: Dialer,
    /// The method to call, with an empty message.
    pub path: PathAndQuery,
    /// Request metadata.
    pub headers: HeaderMap,
    /// The longest time to the method's answer.
    pub timeout: Duration,
    /// The longest time of everything.
    pub total: Duration,
}

/// The time that is kept for second looks.
const RESERVE: Duration = Duration::from_secs(1);

/// What the first look may take of `time`: the second ones need some as well.
#[must_use]
pub fn first_look(time: Duration) -> Duration {
    time.saturating_sub(RESERVE.min(time / 2))
}

/// What was found.
#[derive(Debug, Serialize)]
pub struct Diagnosis {
    /// The server as it was named.
    pub target: String,
    /// The `:authority` that was sent, or would have been.
    pub authority: String,
    /// The method that was called, or would have been.
    pub path: String,
    /// What is wrong, and what to do.
    pub verdict: Verdict,
    /// Every stage, in order.
    pub stages: Vec<Stage>,
    /// The addresses, and the chosen one.
    pub connection: Facts,
    /// The TLS session and the certificates.
    pub tls: Option<TlsFacts>,
    /// The answer to the call.
    pub answer: Option<AnswerFacts>,
    /// Milliseconds from the start to the verdict.
    pub elapsed_ms: f64,
}
