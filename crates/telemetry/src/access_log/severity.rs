//! How severe the end of a request is.

use http::StatusCode;
use tracing::Level;

use crate::{Outcome, RequestRecord};

/// `ERROR` for failures of the server itself: 500, and the gRPC codes UNKNOWN,
/// INTERNAL and DATA_LOSS. `WARN` for its other errors, such as 503, UNAVAILABLE and
/// DEADLINE_EXCEEDED, and for requests that it refused. Else `INFO`.
pub(super) fn of(request: &RequestRecord<'_>) -> Level {
    let status = request.status.unwrap_or_default();
    match request.rpc.map(|_| request.rpc_status()) {
        Some(2 | 13 | 15) => Level::ERROR,
        _ if status == StatusCode::INTERNAL_SERVER_ERROR => Level::ERROR,
        Some(4 | 12 | 14) => Level::WARN,
        _ if status.is_server_error() || request.outcome == Outcome::Refused => Level::WARN,
        _ => Level::INFO,
    }
}
