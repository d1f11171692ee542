//! The response to a request of HTTP/1.1 that is not processed.

use std::time::Duration;

use axum::response::IntoResponse;
use http::{HeaderValue, Response, StatusCode, header::CONNECTION};

use super::body::ResponseBody;
use crate::Problem;

/// The value of `connection` in the last response of a connection.
pub(super) const CLOSE: HeaderValue = HeaderValue::from_static("close");

/// When a client that was refused may try again.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// Closes the connection, so that the client's next request can reach another server.
pub(super) fn response() -> Response<ResponseBody> {
    let problem = Problem::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "too many requests are in flight; send the request again later",
    );
    let mut response = problem.with_retry_after(RETRY_AFTER).into_response();
    response.headers_mut().insert(CONNECTION, CLOSE);
    response.map(ResponseBody::of_refusal)
}
