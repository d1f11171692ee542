//! `/status/{code}`: any status code, for tests of retries and alerts.

use std::{
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll},
};

use axum::{
    body::Body,
    extract::{Path, rejection::PathRejection},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use http_body::Frame;
use service_kit::Problem;

use crate::problems::bad_path;

/// Responds with the requested status code, 200 to 599.
pub(super) async fn status(path: Result<Path<String>, PathRejection>) -> Result<Response, Problem> {
    let Path(code) = path.map_err(|rejection| bad_path(&rejection))?;
    let status = code
        .parse()
        .ok()
        .filter(|code| (200..600).contains(code))
        .and_then(|code| StatusCode::from_u16(code).ok())
        .ok_or_else(|| Problem::bad_request("the status code must be from 200 to 599"))?;
    Ok(match status {
        StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED => {
            (status, Body::new(NoContent)).into_response()
        }
        // RFC 9110, section 15.3.6: no content, and `content-length: 0`.
        StatusCode::RESET_CONTENT => status.into_response(),
        _ => (status, format!("{status}\n")).into_response(),
    })
}

/// The body of 204 and 304, whose responses have no `content-length`: axum adds
/// one to a body whose size is known (RFC 9110, section 8.6).
struct NoContent;

impl http_body::Body for NoContent {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(None)
    }

    fn is_end_stream(&self) -> bool {
        true
    }
}
