//! `/status/{code}`: the answer that a test of retries or alerts needs.

use axum::{extract::Path, http::StatusCode, response::IntoResponse};

use crate::api_error::ApiError;

/// Answers with the status asked for, 200 to 599.
pub(super) async fn status(Path(code): Path<String>) -> Result<impl IntoResponse, ApiError> {
    let status = code
        .parse()
        .ok()
        .filter(|code| (200..600).contains(code))
        .and_then(|code| StatusCode::from_u16(code).ok())
        .ok_or_else(|| ApiError::bad_request("the status is a number from 200 to 599"))?;
    // These two may not carry a body.
    let body = match status {
        StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED => String::new(),
        _ => format!("{status}\n"),
    };
    Ok((status, body))
}
