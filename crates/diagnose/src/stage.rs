//! The stages of a call, and their status.

use std::time::Duration;

use serde::Serialize;
use transport::{Cause, milliseconds};

/// The stages of a call, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum StageName {
    /// Name to addresses.
    Resolve,
    /// TCP, or a Unix socket.
    Connect,
    /// The TLS handshake.
    Tls,
    /// The selection of HTTP/2 in the handshake.
    Alpn,
    /// The start of HTTP/2.
    Http2,
    /// The route from the gateway to a gRPC service.
    Route,
    /// The call itself.
    Rpc,
    /// The health check of the server.
    Health,
}

impl StageName {
    /// The name.
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

    /// The stage that fails with this cause; the last one for [`Cause::Ok`].
    pub(crate) fn of(cause: Cause) -> Self {
        let group = cause.code().split('.').next().unwrap_or_default();
        match group {
            "name" => Self::Resolve,
            "connect" | "proxy" => Self::Connect,
            "tls" => Self::Tls,
            "alpn" => Self::Alpn,
            "http2" => Self::Http2,
            "route" => Self::Route,
            "upstream" | "grpc" if cause != Cause::GrpcNotServing => Self::Rpc,
            _ => Self::Health,
        }
    }
}

/// The status of a stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum StageStatus {
    /// It works.
    Ok,
    /// It works, but something needs attention.
    Warning,
    /// The call ends here.
    Failed,
    /// Not reached, or not requested.
    Skipped,
}

/// One stage: its status, its duration and its evidence.
#[derive(Clone, Debug, Serialize)]
pub struct Stage {
    /// Which stage.
    pub name: StageName,
    /// Its status.
    pub status: StageStatus,
    /// Milliseconds; `None` if it is part of another stage or was skipped.
    pub ms: Option<f64>,
    /// Its evidence.
    pub evidence: Vec<String>,
    /// What to do about a warning.
    #[serde(skip)]
    pub(crate) advice: Option<&'static str>,
}

impl Stage {
    /// A stage that took `time`.
    pub(crate) fn new(
        name: StageName,
        status: StageStatus,
        time: Option<Duration>,
        evidence: Vec<String>,
    ) -> Self {
        let ms = time.map(milliseconds);
        Self {
            name,
            status,
            ms,
            evidence,
            advice: None,
        }
    }

    /// A stage that was not reached or not requested.
    pub(crate) fn skipped(name: StageName, why: &str) -> Self {
        Self::new(name, StageStatus::Skipped, None, vec![why.to_owned()])
    }
}
