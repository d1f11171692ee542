//! `/config` and `/debug/pprof/profile`: what only developers need.

use axum::{Json, Router, routing::get};

#[cfg(feature = "profiling")]
use super::profile;
use crate::Settings;

pub(super) fn routes(settings: Settings) -> Router {
    Router::new()
        .route("/config", get(async move || Json(settings)))
        .route("/debug/pprof/profile", get(profile::get))
}

#[cfg(not(feature = "profiling"))]
mod profile {
    use crate::Problem;
    use http::StatusCode;

    pub(super) async fn get() -> Problem {
        let detail = "this build has no profiler; build the program with --features profiling";
        Problem::new(StatusCode::NOT_IMPLEMENTED, detail)
    }
}
