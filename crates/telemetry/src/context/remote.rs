//! The trace context that a caller has sent.

use http::HeaderMap;

use super::{
    b3,
    id::{SpanId, TraceId},
    traceparent::{self, TRACEPARENT},
};

/// A caller's trace context.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Remote {
    /// The trace and the caller's span; a B3 caller may send a decision alone.
    pub(super) parent: Option<(TraceId, SpanId)>,
    /// Whether the trace is sampled; a B3 caller may leave it open.
    pub(super) sampled: Option<bool>,
}

impl Remote {
    /// The context in these headers: W3C, or else B3. An invalid one counts as
    /// absent.
    pub(super) fn of(headers: &HeaderMap) -> Option<Self> {
        // Most requests without a mesh have none. One pass over the few names costs
        // less than to look for each name.
        if !headers.keys().any(|name| is_context(name.as_str())) {
            return None;
        }
        traceparent::of(headers).or_else(|| b3::of(headers))
    }
}

fn is_context(name: &str) -> bool {
    name == TRACEPARENT || name == "b3" || name.starts_with("x-b3-")
}

/// The value of a header that must not be repeated.
pub(super) fn single<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a [u8]> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?;
    values.next().is_none().then_some(value.as_bytes())
}
