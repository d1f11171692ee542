//! The causes of responses that are not gRPC, or that a gateway made itself.

use http::StatusCode;
use tonic::{Code, Status};
use transport::Cause;

use super::{gateway, login::is_login, message};
use crate::{finding::Finding, response::RawResponse};

const NO_ROUTE: &str = "the gateway has no route for this host and path";

/// The finding of a response that is not gRPC.
pub(crate) fn http(response: &RawResponse) -> Finding {
    let mut finding = match rejects_http1(response) {
        true => Finding::new(
            Cause::UpstreamProtocolError,
            "the service rejects the gateway's HTTP/1.1 with 400: it expects HTTP/2",
        ),
        false => by_http_status(response),
    };
    finding.evidence.extend(response.evidence());
    finding
}

fn by_http_status(response: &RawResponse) -> Finding {
    let status = response.http_status;
    let number = status.as_u16();
    if is_login(response) {
        let text = "a login page responds instead of the service";
        return Finding::new(Cause::RouteLogin, text);
    }
    if status.is_redirection()
        && let Some(location) = response.header("location")
    {
        let text = format!("the server redirects ({number}) to {location}");
        return Finding::new(Cause::RouteRedirect, text);
    }
    if let Some(found) = message::of_body(response) {
        return found;
    }
    let by_gateway = gateway::is_evident(response);
    let (cause, text) = match status {
        StatusCode::UNAUTHORIZED => (
            Cause::RouteUnauthenticated,
            match by_gateway {
                true => "the gateway requires credentials",
                false => "the server requires credentials (401)",
            },
        ),
        StatusCode::FORBIDDEN => (
            Cause::RouteForbidden,
            match by_gateway {
                true => "the gateway forbids this call",
                false => "the server forbids this call (403)",
            },
        ),
        StatusCode::NOT_FOUND if response.is_envoys() => (Cause::RouteNotFound, NO_ROUTE),
        StatusCode::NOT_FOUND if gateway::is_default_backend(response) => (
            Cause::RouteNotFound,
            "a default backend responds with 404: the load balancer has no route for this host and path",
        ),
        StatusCode::MISDIRECTED_REQUEST => (
            Cause::RouteMisdirected,
            "the server does not serve this host on this connection (421)",
        ),
        StatusCode::TOO_MANY_REQUESTS => (
            Cause::RouteRateLimited,
            match by_gateway {
                true => "the gateway limits the rate",
                false => "the server limits the rate (429)",
            },
        ),
        StatusCode::INTERNAL_SERVER_ERROR if response.is_envoys() => {
            return direct_response(response);
        }
        StatusCode::BAD_GATEWAY | StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT => {
            return unavailable(response);
        }
        _ => return not_grpc(Cause::RouteNotGrpc, response),
    };
    Finding::new(cause, text)
}

fn not_grpc(cause: Cause, response: &RawResponse) -> Finding {
    let number = response.http_status.as_u16();
    let kind = response.header("content-type");
    let kind = kind.unwrap_or_else(|| "no content-type".to_owned());
    let text = format!("the response is not gRPC: HTTP {number} with {kind}");
    Finding::new(cause, text)
}

/// Whether the response to a gRPC call is the 400 of an HTTP parser behind the
/// gateway, which sets no content type as an application does. Envoy's own response
/// to a call is gRPC.
fn rejects_http1(response: &RawResponse) -> bool {
    response.http_status == StatusCode::BAD_REQUEST
        && response.header("content-type").is_none()
        && gateway::is_evident(response)
}

/// The finding of a 502, 503 or 504: their meaning is the same for every load
/// balancer, but a server can send them too.
fn unavailable(response: &RawResponse) -> Finding {
    if response.is_envoys() && !response.body.is_empty() {
        return direct_response(response);
    }
    if !gateway::is_evident(response) {
        return not_grpc(Cause::RouteUnavailable, response);
    }
    match response.http_status {
        StatusCode::BAD_GATEWAY => Finding::new(
            Cause::UpstreamConnectFailure,
            "the load balancer gets no response from the service (502)",
        ),
        StatusCode::GATEWAY_TIMEOUT => Finding::new(
            Cause::UpstreamTimeout,
            "the service does not respond to the load balancer in time (504)",
        ),
        _ if response.is_envoys() => no_cluster(),
        _ => Finding::new(
            Cause::UpstreamNoHealthy,
            "the load balancer has no healthy endpoint for this service (503)",
        ),
    }
}

/// The finding of a response by one of Envoy's filters or a direct response.
fn direct_response(response: &RawResponse) -> Finding {
    let body = response.first_line().unwrap_or_default();
    let number = response.http_status.as_u16();
    let text = match body.as_str() {
        "" => format!("the gateway itself responds with {number}"),
        body => format!("the gateway itself responds with {number}: {body:?}"),
    };
    Finding::new(Cause::RouteDirectResponse, text)
}

fn no_cluster() -> Finding {
    let text = "the route names a service that the gateway does not know";
    Finding::new(Cause::UpstreamNoCluster, text)
}

/// The finding of a status that Envoy made itself.
pub(crate) fn by_envoy(
    status: &Status,
    response: &RawResponse,
    plain: Option<&RawResponse>,
) -> Option<Finding> {
    // A plain response from an upstream took another route.
    let plain = plain.filter(|plain| !plain.is_grpc() && plain.is_envoys());
    let mut finding = match plain {
        Some(plain) if !plain.http_status.is_success() => by_http_status(plain),
        _ => by_grpc_status(status, response)?,
    };
    finding.inferred = true;
    finding.evidence.extend(response.evidence());
    Some(finding)
}

fn by_grpc_status(status: &Status, response: &RawResponse) -> Option<Finding> {
    let no_message = status.message().is_empty();
    let (cause, text) = match status.code() {
        Code::Unimplemented if no_message => (Cause::RouteNotFound, NO_ROUTE),
        Code::PermissionDenied => (Cause::RouteForbidden, "the gateway forbids this call"),
        Code::Unauthenticated => (
            Cause::RouteUnauthenticated,
            "the gateway requires credentials",
        ),
        Code::Unavailable if no_message => return Some(no_cluster()),
        Code::Unknown if let Some(location) = response.header("location") => {
            let text = format!("the gateway redirects to {location}");
            return Some(Finding::new(Cause::RouteRedirect, text));
        }
        _ => return None,
    };
    Some(Finding::new(cause, text))
}
