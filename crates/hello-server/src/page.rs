//! The page that browsers get on `/`: who answers, how the request came, and a live
//! view of the mesh. One document: its styles and scripts are in it.

mod accept;
mod config;
mod document;
mod identity;
mod parts;
mod peer;
mod policy;
mod shortened;

use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, Version, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use service_kit::TraceContext;

pub use self::config::PageConfig;
pub(crate) use self::{
    accept::{DETAILED, Representation, preferred},
    identity::{NO_STORE, Server, VARY},
};
use self::{document::DOCUMENT, parts::Parts, policy::POLICY};

/// The page, as the answer to a request with these headers.
pub(crate) fn page(
    server: &Server,
    version: Version,
    headers: &HeaderMap,
    context: Option<&TraceContext>,
) -> Response {
    let identity = server.identity(version, headers, context);
    // Serializing text cannot fail.
    let identity = serde_json::to_string(&identity).unwrap_or_default();
    // Within a script element, "<" could end it, or start a comment.
    let identity = identity.replace('<', "\\u003c");
    let [before, after] = DOCUMENT.clone();
    let body = Parts::new([before, Bytes::from(identity), after]);
    let html = HeaderValue::from_static("text/html; charset=utf-8");
    let headers = [
        (header::CONTENT_TYPE, html),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (
            header::REFERRER_POLICY,
            HeaderValue::from_static("no-referrer"),
        ),
        // The line that other clients get stays without `vary`, byte by byte as it was.
        // So the page must not be stored: a shared cache could give it to them.
        VARY,
        NO_STORE,
    ];
    (headers, Body::new(body)).into_response()
}

/// What the page shows of this server, as JSON.
pub(crate) fn identity(
    server: &Server,
    version: Version,
    headers: &HeaderMap,
    context: Option<&TraceContext>,
) -> Response {
    server.identity(version, headers, context).into_response()
}
