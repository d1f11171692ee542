//! The admin listener's routes, for probes and operators.

mod debug;
mod log;
mod metrics;
#[cfg(feature = "profiling")]
mod profile;

use axum::{
    Json, Router, extract::State, http::StatusCode, middleware::map_response, routing::get,
};
use telemetry::Telemetry;

use crate::{Lifecycle, Settings, nosniff};

pub(crate) fn routes(
    telemetry: &Telemetry,
    lifecycle: Lifecycle,
    debug: Option<Settings>,
) -> Router {
    let version = telemetry.version();
    Router::new()
        .route("/livez", get(async || "alive\n"))
        .route("/readyz", get(readyz))
        .route("/version", get(async move || Json(version)))
        .merge(metrics::routes(telemetry))
        .with_state(lifecycle)
        .merge(log::routes())
        .merge(debug.map(debug::routes).unwrap_or_default())
        .layer(map_response(async |response| nosniff(response)))
}

async fn readyz(State(lifecycle): State<Lifecycle>) -> (StatusCode, &'static str) {
    if lifecycle.is_ready() {
        (StatusCode::OK, "ready\n")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "not ready\n")
    }
}
