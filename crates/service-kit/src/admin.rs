//! The admin listener's routes, for probes and operators.

use axum::{
    Json, Router,
    extract::State,
    http::StatusCode,
    middleware::{from_fn, map_response},
    routing::get,
};
use serde::Serialize;

use crate::{Lifecycle, host::require_host, nosniff};

/// A program's name, version and build, as `/version` returns them.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Version {
    /// The program's name.
    pub name: &'static str,
    /// Its semantic version.
    pub version: &'static str,
    /// The hash of the commit that it was built from.
    pub commit: &'static str,
    /// The day of the build, `YYYY-MM-DD`.
    pub built: &'static str,
}

pub(crate) fn routes(version: Version, lifecycle: Lifecycle) -> Router {
    Router::new()
        .route("/livez", get(async || "alive\n"))
        .route("/readyz", get(readyz))
        .route("/version", get(async move || Json(version)))
        .with_state(lifecycle)
        .layer(from_fn(require_host))
        .layer(map_response(async |response| nosniff(response)))
}

async fn readyz(State(lifecycle): State<Lifecycle>) -> (StatusCode, &'static str) {
    if lifecycle.is_ready() {
        (StatusCode::OK, "ready\n")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "not ready\n")
    }
}
