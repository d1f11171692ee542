//! `/echo`: the request as it arrived.

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, Method, Uri, Version},
};
use greeter_proto::{MetadataText, metadata_text};
use serde::Serialize;

use super::Shared;

/// Headers that the mesh or a load balancer adds about identities, and the
/// caller's credentials. In a response, scripts and caches could read them.
const HIDDEN: [&str; 9] = [
    "authorization",
    "cookie",
    "proxy-authorization",
    "x-amzn-oidc-accesstoken",
    "x-amzn-oidc-data",
    "x-envoy-peer-metadata",
    "x-envoy-peer-metadata-id",
    "x-forwarded-client-cert",
    "x-goog-iap-jwt-assertion",
];

#[derive(Serialize)]
pub(super) struct Echo {
    method: String,
    path: String,
    query: Option<String>,
    version: String,
    host: Option<String>,
    headers: MetadataText,
    /// The names of the headers that arrived and are left out.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    hidden: Vec<&'static str>,
    /// The host name of this server.
    served_by: String,
}

/// Returns method, target, version and headers of the request, and the host name
/// of this server.
pub(super) async fn echo(
    State(app): State<Shared>,
    method: Method,
    uri: Uri,
    version: Version,
    mut headers: HeaderMap,
) -> Json<Echo> {
    let hidden = if app.echo_credentials {
        Vec::new()
    } else {
        hide(&mut headers)
    };
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
        hidden,
        served_by: app.hostname.to_string(),
    })
}

/// Removes the [`HIDDEN`] headers; returns the names of those that it removed.
fn hide(headers: &mut HeaderMap) -> Vec<&'static str> {
    let mut hidden = HIDDEN.to_vec();
    hidden.retain(|name| headers.remove(*name).is_some());
    hidden
}
