//! The causes of responses that are not gRPC, or that a gateway made itself.

use cli_kit::printable;
use http::StatusCode;
use tonic::{Code, Status};
use transport::Cause;

use super::{login::is_login, upstream};
use crate::{finding::Finding, response::RawResponse};

/// The message of Envoy's fault filter.
const FAULT: &str = "fault filter abort";

/// The prefixes of the messages of Envoy's JWT filter.
const JWT: &[&str] = &["Jwt ", "Jwks ", "Audiences in Jwt "];

/// The finding of a response that is not gRPC.
pub(crate) fn http(response: &RawResponse) -> Finding {
    let mut finding = by_http_status(response);
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
    let (cause, text) = match status {
        StatusCode::UNAUTHORIZED => (
            Cause::RouteUnauthenticated,
            "the gateway requires credentials",
        ),
        StatusCode::FORBIDDEN => (Cause::RouteForbidden, "the gateway forbids this call"),
        StatusCode::NOT_FOUND if response.is_envoys() => (
            Cause::RouteNotFound,
            "the gateway has no route for this host and path",
        ),
        StatusCode::MISDIRECTED_REQUEST => (
            Cause::RouteMisdirected,
            "the server does not serve this host on this connection (421)",
        ),
        StatusCode::TOO_MANY_REQUESTS => (Cause::RouteRateLimited, "the gateway limits the rate"),
        StatusCode::INTERNAL_SERVER_ERROR if response.is_envoys() => {
            return direct_response(response);
        }
        StatusCode::BAD_GATEWAY | StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT => {
            return unavailable(response);
        }
        _ => {
            let kind = response.header("content-type");
            let kind = kind.unwrap_or_else(|| "no content-type".to_owned());
            let text = format!("the response is not gRPC: HTTP {number} with {kind}");
            return Finding::new(Cause::RouteNotGrpc, text);
        }
    };
    Finding::new(cause, text)
}

/// The finding of a 502, 503 or 504: by Envoy's message, else by the status, whose
/// meaning is the same for every load balancer.
fn unavailable(response: &RawResponse) -> Finding {
    let body = String::from_utf8_lossy(&response.body);
    let by_message = upstream::by_message(Code::Unavailable, &body);
    by_message.unwrap_or_else(|| match response.http_status {
        _ if response.is_envoys() && !response.body.is_empty() => direct_response(response),
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
    })
}

/// The finding of a response by one of Envoy's filters or a direct response.
fn direct_response(response: &RawResponse) -> Finding {
    let body = response.first_line().unwrap_or_default();
    if body == FAULT {
        return fault();
    }
    let number = response.http_status.as_u16();
    let text = match body.as_str() {
        "" => format!("the gateway itself responds with {number}"),
        body => format!("the gateway itself responds with {number}: {body:?}"),
    };
    Finding::new(Cause::RouteDirectResponse, text)
}

fn fault() -> Finding {
    let text = "the gateway aborts this call by fault injection";
    Finding::new(Cause::RouteFault, text)
}

fn no_cluster() -> Finding {
    let text = "the route names a service that the gateway does not know";
    Finding::new(Cause::UpstreamNoCluster, text)
}

/// The finding of a known filter's message, from any proxy in the path.
pub(crate) fn by_message(status: &Status, response: &RawResponse) -> Option<Finding> {
    let message = status.message();
    let (cause, text) = match status.code() {
        _ if message == FAULT && response.is_envoys() => return Some(fault()),
        Code::PermissionDenied if message.starts_with("RBAC: access denied") => (
            Cause::RouteForbidden,
            "an AuthorizationPolicy denies this call",
        ),
        Code::Unauthenticated | Code::PermissionDenied
            if JWT.iter().any(|prefix| message.starts_with(prefix)) =>
        {
            (
                Cause::RouteUnauthenticated,
                "the call's token is missing, or the gateway does not accept it",
            )
        }
        _ if message == "local_rate_limited"
            || response.headers.contains_key("x-envoy-ratelimited") =>
        {
            (
                Cause::RouteRateLimited,
                "the rate limit of a proxy is reached",
            )
        }
        _ => return None,
    };
    let quoted = printable(message);
    let evidence = format!("the gateway's message is {quoted:?}");
    Some(Finding::new(cause, text).with_evidence(evidence))
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
        Code::Unimplemented if no_message => (
            Cause::RouteNotFound,
            "the gateway has no route for this host and path",
        ),
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
