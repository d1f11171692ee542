//! `/log`: the filter of the log, and changing it.

use axum::{
    Router,
    extract::{DefaultBodyLimit, rejection::StringRejection},
    response::{IntoResponse, Response},
    routing::get,
};
use http::{HeaderMap, StatusCode, header};
use telemetry::log;
use tracing::{Level, enabled, warn};

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

async fn change(headers: HeaderMap, filter: Result<String, StringRejection>) -> Response {
    // Browsers send it. A page that someone visits must not reach a forwarded port.
    if headers.contains_key(header::ORIGIN) {
        let detail = "the filter cannot be changed from a browser; use curl";
        return Problem::new(StatusCode::FORBIDDEN, detail).into_response();
    }
    let filter = match filter {
        Ok(filter) => filter,
        Err(rejection) => {
            let detail = "send a filter of at most 4 KiB of UTF-8, for example info,hyper=debug";
            return Problem::new(rejection.status(), detail).into_response();
        }
    };
    if let Err(error) = log::check_filter(&filter) {
        return Problem::bad_request(error).into_response();
    }
    // The line is written under whichever filter lets it pass.
    let old = log::filter();
    let report = || warn!(old, new = filter, "the filter of the log has changed");
    let is_seen = enabled!(Level::WARN);
    if is_seen {
        report();
    }
    if let Err(error) = log::set_filter(&filter) {
        return Problem::bad_request(error).into_response();
    }
    if !is_seen {
        report();
    }
    show().await
}
