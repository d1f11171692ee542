//! `GET /greet/{name}`: one hop further into the mesh, over gRPC.

use axum::{
    Json,
    extract::{Path, State},
    http::HeaderMap,
};
use serde::Serialize;

use super::App;
use crate::problem::Problem;

#[derive(Serialize)]
pub(super) struct Greeting {
    /// The greeter's message.
    message: String,
    /// The greeter that answered.
    from: String,
    /// The hello server that asked it.
    via: String,
}

/// Answers the greeter's greeting, or its status as an HTTP error.
pub(super) async fn greet(
    State(app): State<App>,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Result<Json<Greeting>, Problem> {
    let reply = app.greeter.greet(name, &headers).await?;
    let from = reply
        .metadata()
        .get("hostname")
        .and_then(|value| value.to_str().ok())
        .unwrap_or("unknown")
        .to_owned();
    Ok(Json(Greeting {
        message: reply.into_inner().message,
        from,
        via: app.hostname.to_string(),
    }))
}
