//! Errors as JSON: `{"error": …, "status": …}`.

use std::error::Error;

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use cli_kit::with_causes;
use greeter_proto::code_name;
use serde::Serialize;
use tonic::{Code, Status};

/// An error response of the HTTP API.
#[derive(Debug)]
pub(crate) struct ApiError {
    http: StatusCode,
    body: Body,
}

#[derive(Debug, Serialize)]
struct Body {
    /// What went wrong, and what to do about it.
    error: String,
    /// The name of the gRPC status, if a gRPC call failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<&'static str>,
}

impl ApiError {
    pub(crate) fn bad_request(error: impl Into<String>) -> Self {
        Self {
            http: StatusCode::BAD_REQUEST,
            body: Body {
                error: error.into(),
                status: None,
            },
        }
    }
}

/// Maps gRPC codes to HTTP codes as `google/rpc/code.proto` does.
impl From<Status> for ApiError {
    fn from(status: Status) -> Self {
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
        // tonic reports "transport error" alone; the causes have the reason.
        let reason = with_causes(status.message(), status.source());
        Self {
            http,
            body: Body {
                error: format!("the call to the greeter failed: {reason}"),
                status: Some(code_name(status.code())),
            },
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        (self.http, Json(self.body)).into_response()
    }
}
