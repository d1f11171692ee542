//! `/status/{code}`: any status code, for tests of retries and alerts.

use axum::{extract::Path, http::StatusCode, response::IntoResponse};

use crate::api_error::ApiError;

/// Responds with the requested status code, 200 to 599.
pub(super) async fn status(Path(code): Path<String>) -> Result<impl IntoResponse, ApiError> {
    let status = code
        .parse()
        .ok()
        .filter(|code| (200..600).contains(code))
        .and_then(|code| StatusCode::from_u16(code).ok())
        .ok_or_else(|| ApiError::bad_request("the status code must be from 200 to 599"))?;
    // HTTP forbids a body with these two.
    let body = match status {
        StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED => String::new(),
        _ => format!("{status}\n"),
    };
    Ok((status, body))
}
