//! `/echo`: how the request looked when it arrived.

use std::collections::BTreeMap;

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, Method, Uri, Version},
};
use serde::Serialize;

use super::App;

#[derive(Serialize)]
pub(super) struct Echo {
    method: String,
    path: String,
    query: Option<String>,
    version: String,
    host: Option<String>,
    /// Every value of every header, as text.
    headers: BTreeMap<String, Vec<String>>,
    /// The hello server that answers.
    served_by: String,
}

/// Answers method, path, version and headers, and who served it.
pub(super) async fn echo(
    State(app): State<App>,
    method: Method,
    uri: Uri,
    version: Version,
    headers: HeaderMap,
) -> Json<Echo> {
    let mut by_name = BTreeMap::<_, Vec<_>>::new();
    for (name, value) in &headers {
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        by_name.entry(name.to_string()).or_default().push(value);
    }
    // HTTP/2 carries the host as `:authority`.
    let host = uri
        .authority()
        .map(ToString::to_string)
        .or_else(|| by_name.get("host")?.first().cloned());
    Json(Echo {
        method: method.to_string(),
        path: uri.path().to_owned(),
        query: uri.query().map(str::to_owned),
        version: format!("{version:?}"),
        host,
        headers: by_name,
        served_by: app.hostname.to_string(),
    })
}
