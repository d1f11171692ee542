//! The trace context in the headers of a request, in any of the known formats.

use http::HeaderMap;

use super::{
    b3,
    remote::Remote,
    traceparent::{self, TRACEPARENT},
};

/// The context in these headers: W3C, or else B3. An invalid one counts as absent.
pub(super) fn remote(headers: &HeaderMap) -> Option<Remote> {
    // Most requests without a mesh have none. One pass over the few names costs less
    // than to look for each name.
    let is_known = |name: &str| name == TRACEPARENT || b3::has(name);
    if !headers.keys().any(|name| is_known(name.as_str())) {
        return None;
    }
    traceparent::of(headers).or_else(|| b3::of(headers))
}
