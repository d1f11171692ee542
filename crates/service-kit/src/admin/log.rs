//! `/log`: the filter of the log, and changing it.

use axum::{
    Router,
    extract::{DefaultBodyLimit, rejection::StringRejection},
    response::{IntoResponse, Response},
    routing::get,
};
use http::StatusCode;
use telemetry::log;
use tracing::warn;

use crate::Problem;

/// The longest filter.
const MAX_FILTER: usize = 4096;

pub(super) fn routes() -> Router {
    Router::new()
        .route("/log", get(show).put(change))
        .layer(DefaultBodyLimit::max(MAX_FILTER))
}

async fn show() -> Response {
    match log::filter() {
        Some(filter) => format!("{filter}\n").into_response(),
        None => Problem::new(StatusCode::NOT_FOUND, "the process has no log").into_response(),
    }
}

async fn change(filter: Result<String, StringRejection>) -> Response {
    let filter = match filter {
        Ok(filter) => filter,
        Err(rejection) => {
            let detail = "send a filter of at most 4 KiB of UTF-8, for example info,hyper=debug";
            return Problem::new(rejection.status(), detail).into_response();
        }
    };
    match log::set_filter(&filter) {
        Ok(()) => {
            // So that it is seen at most levels.
            warn!(filter = log::filter(), "the filter of the log has changed");
            show().await
        }
        Err(error) => Problem::bad_request(error).into_response(),
    }
}
