//! The address that Prometheus scrapes.

use std::io;

use axum::{
    Router,
    extract::State,
    http::{StatusCode, header::CONTENT_TYPE},
    response::IntoResponse,
    routing::get,
};
use tokio::net::TcpListener;

use super::MeshMetrics;
use crate::http::Client;

/// The text format that Envoy writes.
const FORMAT: &str = "text/plain; version=0.0.4";

/// Serves Envoy's own metrics and those of the mesh on `/metrics`, as Istio's agent
/// merges them.
///
/// # Errors
/// If the listener fails.
pub(crate) async fn serve(
    listener: TcpListener,
    metrics: MeshMetrics,
    envoy: Client,
) -> io::Result<()> {
    let routes = Router::new()
        .route("/metrics", get(scrape))
        .with_state((metrics, envoy));
    axum::serve(listener, routes).await
}

async fn scrape(State((metrics, envoy)): State<(MeshMetrics, Client)>) -> impl IntoResponse {
    match envoy.get("/stats/prometheus").await {
        Ok(text) => (
            StatusCode::OK,
            [(CONTENT_TYPE, FORMAT)],
            text + &metrics.encode(),
        ),
        Err(error) => (
            StatusCode::BAD_GATEWAY,
            [(CONTENT_TYPE, "text/plain")],
            format!("{error:#}\n"),
        ),
    }
}
