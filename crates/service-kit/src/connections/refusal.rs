//! The response to a request that is not processed.

use std::{error::Error, time::Duration};

use axum::response::IntoResponse;
use http::{HeaderValue, Response, StatusCode, header::CONNECTION};

use super::body::ResponseBody;
use crate::Problem;

/// When a client that was refused may try again.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// `REFUSED_STREAM` tells an HTTP/2 client that the request was not processed, and that
/// it may send the request again.
pub(super) fn response(
    http1: bool,
) -> Result<Response<ResponseBody>, Box<dyn Error + Send + Sync>> {
    if !http1 {
        return Err(h2::Error::from(h2::Reason::REFUSED_STREAM).into());
    }
    let problem = Problem::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "too many requests are in flight; send the request again later",
    );
    let mut response = problem.with_retry_after(RETRY_AFTER).into_response();
    let close = HeaderValue::from_static("close");
    response.headers_mut().insert(CONNECTION, close);
    Ok(response.map(ResponseBody::of_refusal))
}
