//! The host that a response names.

use greeter_proto::HOSTNAME;
use http::{HeaderMap, HeaderValue};

/// The metadata `hostname` of a response.
pub(crate) type Host = Option<HeaderValue>;

/// The host that sent these headers.
pub(crate) fn host(headers: &HeaderMap) -> Host {
    headers.get(HOSTNAME).cloned()
}
