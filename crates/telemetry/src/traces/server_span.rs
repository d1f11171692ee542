//! The span of a request, by OpenTelemetry's semantic conventions of HTTP and RPC.

use std::borrow::Cow;

use http::{Method, Version};
use opentelemetry::{KeyValue, trace::SpanKind};

use super::span::{Span, label, number, server, text};
use crate::{Outcome, RequestRecord, status};

/// The methods that the conventions know; the names of others are not bounded.
const METHODS: [Method; 9] = [
    Method::GET,
    Method::HEAD,
    Method::POST,
    Method::PUT,
    Method::DELETE,
    Method::CONNECT,
    Method::OPTIONS,
    Method::TRACE,
    Method::PATCH,
];

/// The codes of gRPC that mean a fault of the server.
const SERVER_ERRORS: [i32; 6] = [2, 4, 12, 13, 14, 15];

pub(super) fn of<'a>(request: &RequestRecord<'a>) -> Span<'a> {
    let mut attributes = Vec::with_capacity(12);
    let (name, error) = match request.rpc {
        Some(method) => rpc(request, method, &mut attributes),
        None => http(request, &mut attributes),
    };
    peers(request, &mut attributes);
    Span {
        context: request.context,
        kind: SpanKind::Server,
        name,
        started: request.started_at(),
        duration: request.duration,
        attributes,
        error,
    }
}

type Summary = (Cow<'static, str>, Option<Cow<'static, str>>);

fn rpc(request: &RequestRecord<'_>, method: &str, attributes: &mut Vec<KeyValue>) -> Summary {
    let code = request.rpc_status();
    let status = status::name(code);
    attributes.extend([
        label("rpc.system.name", "grpc"),
        text("rpc.method", method),
        label("rpc.response.status_code", status),
    ]);
    let failed = SERVER_ERRORS.contains(&code);
    (method.to_owned().into(), failed.then_some(status.into()))
}

fn http(request: &RequestRecord<'_>, attributes: &mut Vec<KeyValue>) -> Summary {
    let known = METHODS.iter().find(|it| *it == request.method);
    let method = known.map_or("_OTHER", Method::as_str);
    attributes.push(text("http.request.method", method));
    if known.is_none() {
        attributes.push(text(
            "http.request.method_original",
            request.method.as_str(),
        ));
    }
    attributes.push(text("url.path", request.uri.path()));
    if let Some(status) = request.status {
        attributes.push(number("http.response.status_code", status.as_u16()));
    }
    let error = match request.status {
        Some(status) if status.is_server_error() => Some(status.as_str().to_owned().into()),
        _ if request.outcome == Outcome::Reset => Some("reset".into()),
        _ => None,
    };
    let method = known.map_or("HTTP", Method::as_str);
    let name = match request.route {
        Some(route) => {
            attributes.push(text("http.route", route));
            format!("{method} {route}")
        }
        None => method.to_owned(),
    };
    (name.into(), error)
}

fn peers(request: &RequestRecord<'_>, attributes: &mut Vec<KeyValue>) {
    attributes.extend([
        label("url.scheme", if request.tls { "https" } else { "http" }),
        label("network.protocol.name", "http"),
        label("network.protocol.version", version(request.version)),
        text("network.peer.address", &request.peer.ip().to_string()),
        number("network.peer.port", request.peer.port()),
    ]);
    if let Some(host) = request.host {
        server(attributes, host);
    }
    if let Some(agent) = request.user_agent.and_then(|it| it.to_str().ok()) {
        attributes.push(text("user_agent.original", agent));
    }
}

fn version(version: Version) -> &'static str {
    match version {
        Version::HTTP_2 => "2",
        Version::HTTP_10 => "1.0",
        _ => "1.1",
    }
}
