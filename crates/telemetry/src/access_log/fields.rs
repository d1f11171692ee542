//! What both formats of a line have in common.

use std::borrow::Cow;

use http::Version;

use super::clip;
use crate::{Outcome, RequestRecord, status};

/// The fields of a line whose length a peer chooses, at a limited length. Together
/// with the rate, this limits what a client can write: 1 MB in 10 s.
pub(super) struct Fields<'a> {
    pub(super) method: &'a str,
    pub(super) path: &'a str,
    pub(super) route: Option<&'a str>,
    pub(super) rpc: Option<&'a str>,
    /// The name of the status of a gRPC call.
    pub(super) grpc_status: Option<&'static str>,
    pub(super) user_agent: Option<Cow<'a, str>>,
    pub(super) request_id: Option<Cow<'a, str>>,
}

impl<'a> Fields<'a> {
    pub(super) fn of(request: &'a RequestRecord<'_>) -> Self {
        Self {
            method: clip::text(request.method.as_str(), 20),
            path: clip::text(request.uri.path(), 160),
            route: request.route.map(|it| clip::text(it, 60)),
            rpc: request.rpc.map(|it| clip::text(it, 60)),
            grpc_status: request.rpc.map(|_| status::name(request.rpc_status())),
            user_agent: request.user_agent.map(|it| clip::header(it, 80)),
            request_id: request.request_id.map(|it| clip::header(it, 64)),
        }
    }
}

/// How the request ended, if it did not end with its whole response.
pub(super) fn outcome(request: &RequestRecord<'_>) -> Option<&'static str> {
    match request.outcome {
        Outcome::Complete => None,
        Outcome::Reset => Some("reset"),
        Outcome::Refused => Some("refused"),
    }
}

/// The name of the protocol.
pub(super) fn protocol(version: Version) -> &'static str {
    match version {
        Version::HTTP_10 => "HTTP/1.0",
        Version::HTTP_11 => "HTTP/1.1",
        _ => "HTTP/2",
    }
}
