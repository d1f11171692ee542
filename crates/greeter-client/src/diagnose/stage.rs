//! The stages of a walk, and the marks that they get.

use std::time::Duration;

use serde::Serialize;

/// What a call passes, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Step {
    /// Name to addresses.
    Resolve,
    /// TCP, or a Unix socket.
    Connect,
    /// The TLS handshake.
    Tls,
    /// The agreement on HTTP/2 in that handshake.
    Alpn,
    /// The start of HTTP/2.
    Http2,
    /// The way from the gateway to a gRPC service.
    Route,
    /// The call itself.
    Rpc,
    /// The server's own word on its health.
    Health,
}

impl Step {
    /// Every step, in order.
    pub const ALL: [Self; 8] = [
        Self::Resolve,
        Self::Connect,
        Self::Tls,
        Self::Alpn,
        Self::Http2,
        Self::Route,
        Self::Rpc,
        Self::Health,
    ];

    /// The step's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Resolve => "resolve",
            Self::Connect => "connect",
            Self::Tls => "tls",
            Self::Alpn => "alpn",
            Self::Http2 => "http2",
            Self::Route => "route",
            Self::Rpc => "rpc",
            Self::Health => "health",
        }
    }
}

/// How a stage went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Mark {
    /// As it should.
    Ok,
    /// Well for now.
    Warning,
    /// This is where it ends.
    Failed,
    /// Not reached, or not asked for.
    Skipped,
}

/// One stage: how it went, how long it took, and what it showed.
#[derive(Clone, Debug, Serialize)]
pub struct Stage {
    /// Which one.
    pub name: Step,
    /// How it went.
    pub mark: Mark,
    /// Milliseconds; `None` where it is a part of another or was skipped.
    pub ms: Option<f64>,
    /// What it showed.
    pub evidence: Vec<String>,
}

impl Stage {
    /// A stage that took `time`.
    #[must_use]
    pub fn new(name: Step, mark: Mark, time: Option<Duration>, evidence: Vec<String>) -> Self {
        // Microseconds are as fine as these clocks are worth reading.
        let ms = time.map(|time| time.as_micros() as f64 / 1000.0);
        Self {
            name,
            mark,
            ms,
            evidence,
        }
    }

    /// A stage that was not walked.
    #[must_use]
    pub fn skipped(name: Step, why: &str) -> Self {
        Self::new(name, Mark::Skipped, None, vec![why.to_owned()])
    }
}
