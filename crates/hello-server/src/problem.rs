//! Errors as JSON: `{"error": …, "status": …}`.

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use greeter_proto::code_name;
use serde::Serialize;
use tonic::{Code, Status};

/// An error that the caller gets to read.
#[derive(Debug)]
pub(crate) struct Problem {
    http: StatusCode,
    body: Body,
}

#[derive(Debug, Serialize)]
struct Body {
    /// What went wrong, and what to do about it.
    error: String,
    /// The gRPC status, where a gRPC call failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<&'static str>,
}

impl Problem {
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

/// HTTP codes as `google/rpc/code.proto` maps them.
impl From<Status> for Problem {
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
        Self {
            http,
            body: Body {
                error: format!("the call to the greeter failed: {}", describe(&status)),
                status: Some(code_name(status.code())),
            },
        }
    }
}

/// A status's message with its causes: tonic's own transport errors say only
/// "transport error".
fn describe(status: &Status) -> String {
    let mut text = status.message().to_owned();
    let mut cause = std::error::Error::source(status);
    while let Some(error) = cause {
        let error_text = error.to_string();
        if !text.contains(&error_text) {
            text = format!("{text}: {error_text}");
        }
        cause = error.source();
    }
    text
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        (self.http, Json(self.body)).into_response()
    }
}
