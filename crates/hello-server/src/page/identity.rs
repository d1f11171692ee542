//! Who answers a request, and how the request came.

use axum::{
    http::{HeaderMap, HeaderValue, Version, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use service_kit::TraceContext;

use super::{
    PageConfig,
    accept::DETAILED,
    peer::{Peer, peer},
    shortened::shortened,
};
use crate::Config;

/// Who serves; the same in every answer.
#[derive(Clone, Debug)]
pub(crate) struct Server {
    pod: String,
    version: Option<String>,
    color: Option<String>,
    node: Option<String>,
    zone: Option<String>,
    config: PageConfig,
}

/// Who answers, and how the request came.
#[derive(Serialize)]
pub(super) struct Identity<'a> {
    pod: &'a str,
    version: Option<&'a str>,
    color: Option<&'a str>,
    node: Option<&'a str>,
    zone: Option<&'a str>,
    commit: &'static str,
    built: &'static str,
    /// The protocol of the connection to this server.
    protocol: &'static str,
    /// The scheme of the request at the gateway.
    scheme: Option<String>,
    request_id: Option<String>,
    trace: Option<Trace>,
    peer: Option<Peer>,
    /// Whether the settings let identities of the mesh be shown.
    shows_peer: bool,
}

#[derive(Serialize)]
struct Trace {
    id: String,
    sampled: bool,
    link: Option<String>,
}

impl Server {
    pub(crate) fn new(config: &Config) -> Self {
        let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Self {
            pod: config.hostname.clone(),
            version: config.label.version().and_then(text),
            color: config.label.color().and_then(text),
            node: text(&config.page.node),
            zone: text(&config.page.zone),
            config: config.page.clone(),
        }
    }

    pub(super) fn identity(
        &self,
        version: Version,
        headers: &HeaderMap,
        context: Option<&TraceContext>,
    ) -> Identity<'_> {
        let header = |name| {
            let value: &HeaderValue = headers.get(name)?;
            Some(shortened(&String::from_utf8_lossy(value.as_bytes())))
        };
        let shows_peer = self.config.show_mesh_identity;
        Identity {
            pod: &self.pod,
            version: self.version.as_deref(),
            color: self.color.as_deref(),
            node: self.node.as_deref(),
            zone: self.zone.as_deref(),
            commit: build_info::COMMIT,
            built: build_info::DATE,
            protocol: match version {
                Version::HTTP_2 => "HTTP/2",
                Version::HTTP_10 => "HTTP/1.0",
                _ => "HTTP/1.1",
            },
            scheme: header("x-forwarded-proto"),
            request_id: header("x-request-id"),
            trace: context.map(|it| {
                let id = it.trace_id.to_string();
                // The tracing UI has only the traces that are sampled.
                let link = it.sampled.then(|| self.config.trace_link(&id));
                Trace {
                    link: link.flatten(),
                    sampled: it.sampled,
                    id,
                }
            }),
            peer: shows_peer.then(|| peer(headers)).flatten(),
            shows_peer,
        }
    }
}

/// An answer for one request only: nobody may store it.
pub(crate) const NO_STORE: (header::HeaderName, HeaderValue) =
    (header::CACHE_CONTROL, HeaderValue::from_static("no-store"));

/// Other clients get something else at this address.
pub(crate) const VARY: (header::HeaderName, HeaderValue) =
    (header::VARY, HeaderValue::from_static("accept"));

impl IntoResponse for Identity<'_> {
    fn into_response(self) -> Response {
        let kind = (header::CONTENT_TYPE, HeaderValue::from_static(DETAILED));
        // Serializing text cannot fail.
        let json = serde_json::to_vec(&self).unwrap_or_default();
        ([kind, VARY, NO_STORE], json).into_response()
    }
}
