//! `/echo`: the request as it arrived.

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, Method, Uri, Version},
};
use greeter_proto::{MetadataText, metadata_text};
use serde::Serialize;

use super::App;

#[derive(Serialize)]
pub(super) struct Echo {
    method: String,
    path: String,
    query: Option<String>,
    version: String,
    host: Option<String>,
    headers: MetadataText,
    /// The host name of this server.
    served_by: String,
}

/// Returns method, target, version and headers of the request, and the host name
/// of this server.
pub(super) async fn echo(
    State(app): State<App>,
    method: Method,
    uri: Uri,
    version: Version,
    headers: HeaderMap,
) -> Json<Echo> {
    let headers = metadata_text(&headers);
    // HTTP/2 has the host in `:authority`.
    let host = uri
        .authority()
        .map(ToString::to_string)
        .or_else(|| headers.get("host")?.first().cloned());
    Json(Echo {
        method: method.to_string(),
        path: uri.path().to_owned(),
        query: uri.query().map(str::to_owned),
        version: format!("{version:?}"),
        host,
        headers,
        served_by: app.hostname.to_string(),
    })
}
