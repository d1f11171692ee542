//! The errors of the HTTP API, as problem details.

use std::error::Error;

use axum::{
    extract::rejection::PathRejection,
    http::{Method, StatusCode},
};
use cli_kit::with_causes;
use greeter_proto::code_name;
use service_kit::Problem;
use tonic::{Code, Status};

/// The error of a failed call to the greeter. Maps gRPC codes to HTTP codes as
/// `google/rpc/code.proto` does.
pub(crate) fn greeter_failed(status: &Status) -> Problem {
    let http = match status.code() {
        Code::InvalidArgument | Code::FailedPrecondition | Code::OutOfRange => {
            StatusCode::BAD_REQUEST
        }
        Code::Unauthenticated => StatusCode::UNAUTHORIZED,
        Code::PermissionDenied => StatusCode::FORBIDDEN,
        Code::NotFound => StatusCode::NOT_FOUND,
        Code::AlreadyExists | Code::Aborted => StatusCode::CONFLICT,
        Code::ResourceExhausted => StatusCode::TOO_MANY_REQUESTS,
        Code::Unimplemented => StatusCode::NOT_IMPLEMENTED,
        Code::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        Code::DeadlineExceeded => StatusCode::GATEWAY_TIMEOUT,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    };
    Problem::new(http, failure(status)).with_grpc_status(code_name(status.code()))
}

/// Why a call to the greeter failed.
pub(crate) fn failure(status: &Status) -> String {
    // tonic reports "transport error" alone; the causes have the reason.
    let reason = with_causes(status.message(), status.source());
    format!("the call to the greeter failed: {reason}")
}

/// The error of a path whose parameters cannot be decoded.
pub(crate) fn bad_path(rejection: &PathRejection) -> Problem {
    let reason = rejection.body_text();
    Problem::new(
        rejection.status(),
        format!("{reason}; percent-encode the path as UTF-8"),
    )
}

/// The error of a query with a parameter that comes twice.
pub(crate) fn repeated(parameter: &str) -> Problem {
    Problem::bad_request(format!(
        "Failed to deserialize query string: duplicate field `{parameter}`; \
         send each parameter at most once"
    ))
}

/// The handler of methods that a route does not have; axum adds `allow`.
pub(crate) async fn method_not_allowed(method: Method) -> Problem {
    Problem::new(
        StatusCode::METHOD_NOT_ALLOWED,
        format!("{method} is not allowed here; send GET or HEAD"),
    )
}
