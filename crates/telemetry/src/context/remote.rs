//! The trace context that a caller has sent.

use http::HeaderMap;

use super::id::{SpanId, TraceId};

/// A caller's trace context.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Remote {
    /// The trace and the caller's span; a B3 caller may send a decision alone.
    pub(super) parent: Option<(TraceId, SpanId)>,
    /// Whether the trace is sampled; a B3 caller may leave it open.
    pub(super) sampled: Option<bool>,
}

/// The value of a header that must not be repeated.
pub(super) fn single<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a [u8]> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?;
    values.next().is_none().then_some(value.as_bytes())
}
