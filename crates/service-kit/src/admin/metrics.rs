//! `/metrics`, for Prometheus and for people.

use axum::{
    Router,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use telemetry::{CLASSIC, OPENMETRICS, Telemetry};

use crate::Problem;

pub(super) fn routes<S: Clone + Send + Sync + 'static>(telemetry: &Telemetry) -> Router<S> {
    let metrics = get(metrics).with_state(telemetry.clone());
    Router::new().route("/metrics", metrics)
}

/// OpenMetrics, which has exemplars, if the caller accepts it, or else the classic
/// text format.
async fn metrics(State(telemetry): State<Telemetry>, headers: HeaderMap) -> Response {
    let mut accepted = headers.get_all(header::ACCEPT).iter();
    let openmetrics = accepted.any(|value| {
        let value = value.to_str().unwrap_or_default();
        value.contains("application/openmetrics-text")
    });
    let Some(text) = telemetry.metrics(openmetrics) else {
        let detail = "metrics are off; start the server with --metrics on";
        return Problem::new(StatusCode::NOT_FOUND, detail).into_response();
    };
    let content_type = if openmetrics { OPENMETRICS } else { CLASSIC };
    ([(header::CONTENT_TYPE, content_type)], text).into_response()
}
