//! The deadline of a call.

use std::time::Duration;

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use greeter_proto::parse_timeout;
use tonic::Status;

/// The longest deadline of a stream. With the defaults, an HTTP/2 connection reaches
/// its maximum age before that.
pub(crate) const MAX_OF_STREAMS: Duration = Duration::from_secs(60 * 60);

static TIMEOUT: HeaderName = HeaderName::from_static("grpc-timeout");

/// The caller's `grpc-timeout`, if there is one.
///
/// # Errors
/// `INVALID_ARGUMENT` if it is malformed.
pub(crate) fn of(headers: &HeaderMap) -> Result<Option<Duration>, Status> {
    let Some(value) = headers.get(&TIMEOUT) else {
        return Ok(None);
    };
    match value.to_str().ok().and_then(parse_timeout) {
        Some(timeout) => Ok(Some(timeout)),
        None => Err(Status::invalid_argument(format!(
            "malformed grpc-timeout {value:?}: write up to eight digits and one of H M S m u n"
        ))),
    }
}

/// Whether a `grpc-timeout` is valid and has not passed.
pub(crate) fn is_positive(value: &HeaderValue) -> bool {
    let timeout = value.to_str().ok().and_then(parse_timeout);
    timeout.is_some_and(|timeout| !timeout.is_zero())
}

/// The status of a call whose deadline has passed.
pub(crate) fn exceeded() -> Status {
    Status::deadline_exceeded("the deadline passed before the call was complete")
}
