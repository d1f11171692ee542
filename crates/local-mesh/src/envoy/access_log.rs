//! Envoy's access log: one JSON object for each request.

use std::fmt;

use serde::Deserialize;

/// A request, as Envoy logs it. Fields without a value are null.
#[derive(Clone, Debug, Deserialize)]
pub struct AccessLogEntry {
    /// `gateway` or `sidecar`.
    pub proxy: String,
    /// The request's method.
    pub method: Option<String>,
    /// `http` or `https`.
    pub scheme: Option<String>,
    /// The host that the client called.
    pub authority: Option<String>,
    /// The path without the query, which may hold credentials.
    pub path: Option<String>,
    /// `HTTP/1.1` or `HTTP/2`.
    pub protocol: Option<String>,
    /// The status; 0 if the client left before there was one.
    pub response_code: u16,
    /// What Envoy did to the request, for example `UH`: no healthy upstream.
    pub response_flags: Option<String>,
    /// The name of the gRPC status.
    pub grpc_status: Option<String>,
    /// The number of the gRPC status.
    pub grpc_status_number: Option<u32>,
    /// In milliseconds.
    pub duration: u64,
    /// The cluster of the route.
    pub upstream_cluster: Option<String>,
    /// The address of the server; none if the request did not reach one.
    pub upstream_host: Option<String>,
    /// From the first byte sent to the server until the last one received, in
    /// milliseconds.
    pub upstream_duration: Option<u64>,
    /// Set if the connection to the server uses TLS.
    pub upstream_tls_version: Option<String>,
    /// The `x-request-id` of the request.
    pub request_id: Option<String>,
    /// The trace, if there is a collector.
    pub trace_id: Option<String>,
}

impl AccessLogEntry {
    /// Reads a line of Envoy's output; `None` for what is no request.
    pub(crate) fn parse(line: &str) -> Option<Self> {
        line.starts_with('{')
            .then(|| serde_json::from_str(line).ok())
            .flatten()
    }
}

/// A line for people.
impl fmt::Display for AccessLogEntry {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fn text(field: &Option<String>) -> &str {
            field.as_deref().unwrap_or("-")
        }
        write!(
            formatter,
            "{} {}://{}{} {} -> {} grpc={} flags={} from {} {} in {} ms",
            text(&self.method),
            text(&self.scheme),
            text(&self.authority),
            text(&self.path),
            text(&self.protocol),
            self.response_code,
            text(&self.grpc_status),
            text(&self.response_flags),
            text(&self.upstream_cluster),
            text(&self.upstream_host),
            self.duration,
        )?;
        match &self.trace_id {
            Some(trace) => write!(formatter, " trace={trace}"),
            None => Ok(()),
        }
    }
}
