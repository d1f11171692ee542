//! The cause of a call's status, by all that the status carries.

use std::error::Error;

use cli_kit::causes;
use h2::Reason;
use http::HeaderMap;
use tonic::{Code, Status};

use super::{
    Cause, ProxyMessage,
    gateway::{is_envoys, shows_gateway},
};

/// Phrases of servers about a message that is too large: tonic, and tonic after
/// decompression; Go, C++ and Python; Java.
const TOO_LARGE: &[&str] = &[
    "message length too large",
    "exceeded while decompressing",
    "larger than max",
    "exceeds maximum",
];

/// The start of tonic's message for a response that is not gRPC.
const NOT_GRPC: &str = "grpc-status header missing, mapped from HTTP status code ";

impl Cause {
    /// The cause of a call's status: by its message, the error that made it, or the
    /// response's headers, if any arrived before the status.
    #[must_use]
    pub fn of_status(status: &Status, headers: &HeaderMap) -> Self {
        let (code, message) = (status.code(), status.message());
        if let Some(known) = ProxyMessage::find(code, message) {
            return known.cause;
        }
        if let Some(error) = status.source().and_then(of_error) {
            return error;
        }
        if let Some(number) = message.strip_prefix(NOT_GRPC) {
            return of_http_status(number, headers);
        }
        of_headers(status).unwrap_or_else(|| Self::of_server(code, message))
    }

    /// The cause of a status that the server itself returns.
    #[must_use]
    pub fn of_server(code: Code, message: &str) -> Self {
        let says = |phrase: &&str| message.contains(*phrase);
        match code {
            Code::Ok => Self::Ok,
            Code::DeadlineExceeded => Self::GrpcDeadline,
            Code::Unimplemented if message.to_lowercase().contains("unknown method") => {
                Self::GrpcUnimplementedMethod
            }
            Code::Unimplemented => Self::GrpcUnimplementedService,
            Code::OutOfRange | Code::ResourceExhausted if TOO_LARGE.iter().any(says) => {
                Self::GrpcMessageTooLarge
            }
            Code::InvalidArgument => Self::GrpcInvalidArgument,
            _ => Self::GrpcStatus,
        }
    }

    /// The cause of a stream or a connection that ended before the response, by the
    /// HTTP/2 error code that the peer sent.
    #[must_use]
    pub fn of_reset(code: Option<Reason>) -> Self {
        match code {
            Some(Reason::ENHANCE_YOUR_CALM) => Self::Http2EnhanceYourCalm,
            Some(Reason::REFUSED_STREAM) => Self::Http2StreamRefused,
            Some(Reason::HTTP_1_1_REQUIRED) => Self::Http2Http1Server,
            _ => Self::GrpcClosed,
        }
    }
}

/// The cause of an error of the connection or the stream; `None` for other errors,
/// such as a message that cannot be decoded.
fn of_error(error: &(dyn Error + 'static)) -> Option<Cause> {
    let error = causes(error).find_map(|cause| cause.downcast_ref::<h2::Error>())?;
    Some(Cause::of_reset(
        error.reason().filter(|_| error.is_remote()),
    ))
}

/// The cause of a response that is not gRPC, without its body.
fn of_http_status(number: &str, headers: &HeaderMap) -> Cause {
    let (is_gateways, via_gateway) = (is_envoys(headers), shows_gateway(headers));
    match number.get(..3).unwrap_or_default() {
        "400" if via_gateway && !headers.contains_key("content-type") => {
            Cause::UpstreamProtocolError
        }
        "401" => Cause::RouteUnauthenticated,
        "403" => Cause::RouteForbidden,
        "404" if is_gateways => Cause::RouteNotFound,
        "301" | "302" | "303" | "307" | "308" if headers.contains_key("location") => {
            Cause::RouteRedirect
        }
        "421" => Cause::RouteMisdirected,
        "429" => Cause::RouteRateLimited,
        "502" if via_gateway => Cause::UpstreamConnectFailure,
        "503" if via_gateway => Cause::UpstreamNoHealthy,
        "504" if via_gateway => Cause::UpstreamTimeout,
        "502" | "503" | "504" => Cause::RouteUnavailable,
        _ => Cause::RouteNotGrpc,
    }
}

/// The cause of a status that a gateway made itself.
fn of_headers(status: &Status) -> Option<Cause> {
    let headers = status.metadata().as_ref();
    if headers.contains_key("x-envoy-ratelimited") {
        return Some(Cause::RouteRateLimited);
    }
    match status.code() {
        _ if !is_envoys(headers) => None,
        Code::Unimplemented if status.message().is_empty() => Some(Cause::RouteNotFound),
        Code::Unavailable if status.message().is_empty() => Some(Cause::UpstreamNoCluster),
        Code::PermissionDenied => Some(Cause::RouteForbidden),
        Code::Unauthenticated => Some(Cause::RouteUnauthenticated),
        Code::Unknown if headers.contains_key("location") => Some(Cause::RouteRedirect),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use tonic::metadata::MetadataMap;

    use super::*;

    fn envoys(code: Code, message: &str) -> Status {
        let mut headers = HeaderMap::new();
        headers.insert("server", "istio-envoy".parse().unwrap());
        Status::with_metadata(code, message, MetadataMap::from_headers(headers))
    }

    #[test]
    fn a_proxys_message_names_the_cause() {
        for (code, message, cause) in [
            (Code::Unavailable, "fault filter abort", Cause::RouteFault),
            (
                Code::PermissionDenied,
                "Audiences in Jwt are not allowed",
                Cause::RouteTokenAudience,
            ),
            (
                Code::PermissionDenied,
                "RBAC: access denied",
                Cause::RouteForbidden,
            ),
            (
                Code::Unauthenticated,
                "Jwt verification fails",
                Cause::RouteUnauthenticated,
            ),
            (
                Code::Unavailable,
                "no healthy upstream",
                Cause::UpstreamNoHealthy,
            ),
        ] {
            assert_eq!(
                Cause::of_status(&envoys(code, message), &HeaderMap::new()),
                cause,
                "{message}"
            );
        }
    }

    #[test]
    fn a_server_without_a_gateway_is_never_an_upstream() {
        let codes = (0..=16).map(Code::from);
        for code in codes.filter(|code| *code != Code::Ok) {
            for message in ["", "database has no healthy upstream replica"] {
                let cause = Cause::of_status(&Status::new(code, message), &HeaderMap::new());
                assert!(cause.code().starts_with("grpc."), "{code:?}: {cause}");
            }
        }
    }

    #[test]
    fn the_headers_tell_a_gateways_status() {
        let cause = |code| Cause::of_status(&envoys(code, ""), &HeaderMap::new());
        assert_eq!(cause(Code::Unimplemented), Cause::RouteNotFound);
        assert_eq!(cause(Code::Unavailable), Cause::UpstreamNoCluster);
    }
}
