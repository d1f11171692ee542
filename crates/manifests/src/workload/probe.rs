//! Probes of the kubelet.

use serde::Deserialize;

/// A probe of the kubelet.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Probe {
    /// An HTTP probe.
    pub http_get: Option<HttpGet>,
    /// A gRPC health probe.
    pub grpc: Option<Grpc>,
    #[serde(default)]
    #[allow(dead_code, reason = "known, but not checked")]
    period_seconds: u32,
    #[serde(default)]
    #[allow(dead_code, reason = "known, but not checked")]
    failure_threshold: u32,
}

/// An HTTP probe.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HttpGet {
    /// The path of the request.
    pub path: String,
    /// The port of the container.
    pub port: PortRef,
}

/// A gRPC health probe.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grpc {
    /// The port of the container.
    pub port: u16,
    /// The service whose health is checked; empty for the whole server.
    #[serde(default)]
    pub service: String,
}

/// A port, by number or by the name that the container declares.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum PortRef {
    /// The number.
    Number(u16),
    /// The name.
    Name(String),
}
