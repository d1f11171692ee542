//! Error responses as problem details (RFC 9457).

use std::time::Duration;

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;

use crate::nosniff;

/// An error response with a body of `application/problem+json`:
/// `{"type", "title", "status", "detail", "grpc_status"}`.
#[derive(Debug)]
pub struct Problem {
    status: StatusCode,
    detail: String,
    grpc_status: Option<&'static str>,
    retry_after: Option<Duration>,
}

#[derive(Serialize)]
struct Body<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    title: &'static str,
    status: u16,
    detail: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    grpc_status: Option<&'static str>,
}

impl Problem {
    /// An error; `detail` says what is wrong, then what to do.
    #[must_use]
    pub fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self {
            status,
            detail: detail.into(),
            grpc_status: None,
            retry_after: None,
        }
    }

    /// A `400 Bad Request`.
    #[must_use]
    pub fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, detail)
    }

    /// Adds the name of the status of the gRPC call that failed.
    #[must_use]
    pub fn with_grpc_status(self, name: &'static str) -> Self {
        Self {
            grpc_status: Some(name),
            ..self
        }
    }

    /// Adds the header `retry-after`, in whole seconds.
    #[must_use]
    pub fn with_retry_after(self, time: Duration) -> Self {
        Self {
            retry_after: Some(time),
            ..self
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = Body {
            // Without a type of its own, the title is the status code's phrase.
            kind: "about:blank",
            title: self.status.canonical_reason().unwrap_or("Error"),
            status: self.status.as_u16(),
            detail: &self.detail,
            grpc_status: self.grpc_status,
        };
        let content_type = [(header::CONTENT_TYPE, "application/problem+json")];
        let mut response = (self.status, content_type, Json(body)).into_response();
        if let Some(time) = self.retry_after {
            let seconds = HeaderValue::from(time.as_secs());
            response.headers_mut().insert(header::RETRY_AFTER, seconds);
        }
        nosniff(response)
    }
}
