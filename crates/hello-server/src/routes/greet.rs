//! `GET /greet/{name}`: a second hop in the mesh, over gRPC.

use axum::{
    Extension, Json,
    extract::{Path, State, rejection::PathRejection},
    http::HeaderMap,
};
use serde::Serialize;
use service_kit::{Problem, TraceContext};

use super::Shared;
use crate::problems::{bad_path, greeter_failed};

#[derive(Serialize)]
pub(super) struct Greeting {
    /// The greeting.
    message: String,
    /// The host name of the greeter.
    from: String,
    /// The host name of this server.
    via: String,
}

/// Returns the greeting, or the greeter's status as an HTTP error.
pub(super) async fn greet(
    State(app): State<Shared>,
    path: Result<Path<String>, PathRejection>,
    context: Option<Extension<TraceContext>>,
    headers: HeaderMap,
) -> Result<Json<Greeting>, Problem> {
    let Path(name) = path.map_err(|rejection| bad_path(&rejection))?;
    let reply = app.greeter.greet(name, &headers, context.as_deref()).await;
    let reply = reply.map_err(|status| greeter_failed(&status))?;
    let from = reply
        .metadata()
        .get(greeter_proto::HOSTNAME)
        .and_then(|value| value.to_str().ok())
        .unwrap_or("unknown")
        .to_owned();
    Ok(Json(Greeting {
        message: reply.into_inner().message,
        from,
        via: app.hostname.to_string(),
    }))
}
