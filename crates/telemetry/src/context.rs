//! The trace context of a request: taken from its headers, passed on in others.

mod b3;
mod headers;
mod id;
mod passed_on;
mod remote;
mod sampler;
mod traceparent;

use http::{HeaderMap, HeaderValue};

use self::traceparent::{TRACEPARENT, TRACESTATE};
pub use self::{
    id::{SpanId, TraceId},
    passed_on::passed_on,
    sampler::Sampler,
};

/// A span's place in its trace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraceContext {
    /// The trace.
    pub trace_id: TraceId,
    /// The span of this process.
    pub span_id: SpanId,
    /// The span that caused it; `None` at the root of a trace.
    pub parent_span_id: Option<SpanId>,
    /// Whether the trace is recorded.
    pub sampled: bool,
    /// What tracing systems have added, of sampled requests only.
    pub tracestate: Option<HeaderValue>,
}

impl TraceContext {
    /// The context of a request with these headers. Without a valid one in them, a
    /// new trace starts. It allocates nothing.
    #[must_use]
    pub fn extract(headers: &HeaderMap, sampler: &Sampler) -> Self {
        let remote = self::headers::remote(headers);
        let parent = remote.and_then(|remote| remote.parent);
        let trace_id = parent.map_or_else(TraceId::random, |(trace, _)| trace);
        let sampled = sampler.decide(remote.as_ref(), trace_id);
        let tracestate = match parent {
            Some(_) if sampled => headers.get(TRACESTATE).cloned(),
            _ => None,
        };
        Self {
            trace_id,
            span_id: SpanId::random(),
            parent_span_id: parent.map(|(_, span)| span),
            sampled,
            tracestate,
        }
    }

    /// The root of a new trace.
    #[must_use]
    pub fn root(sampled: bool) -> Self {
        Self {
            trace_id: TraceId::random(),
            span_id: SpanId::random(),
            parent_span_id: None,
            sampled,
            tracestate: None,
        }
    }

    /// The child of the span in this `traceparent`; `None` if it is invalid.
    #[must_use]
    pub fn continued(traceparent: &str) -> Option<Self> {
        let remote = traceparent::parse(traceparent.as_bytes())?;
        let (trace_id, parent) = remote.parent?;
        Some(Self {
            trace_id,
            parent_span_id: Some(parent),
            ..Self::root(remote.sampled?)
        })
    }

    /// A child of this span.
    #[must_use]
    pub fn child(&self) -> Self {
        Self {
            span_id: SpanId::random(),
            parent_span_id: Some(self.span_id),
            ..self.clone()
        }
    }

    /// The value of `traceparent` for calls of this span.
    #[must_use]
    pub fn traceparent(&self) -> HeaderValue {
        traceparent::format(self.trace_id, self.span_id, self.sampled)
            .try_into()
            .expect("digits and dashes are valid in headers")
    }

    /// Replaces the trace context in these headers by this span, in the formats that
    /// they have; `traceparent` if they have none. Those of tracing systems that are
    /// not known here stay.
    pub fn inject(&self, headers: &mut HeaderMap) {
        let known = self::headers::remote(headers).and_then(|remote| remote.parent);
        if known.is_none_or(|(trace, _)| trace != self.trace_id) {
            // It belongs to no trace, or to one that does not continue.
            headers.remove(TRACESTATE);
        }
        let has_b3 = b3::replace(headers, self);
        if !has_b3 || headers.contains_key(TRACEPARENT) {
            headers.insert(TRACEPARENT, self.traceparent());
        }
    }
}

#[cfg(test)]
mod tests;
