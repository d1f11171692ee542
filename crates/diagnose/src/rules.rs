//! The rules that infer the cause from a response.

pub(crate) mod grpc;
mod login;
pub(crate) mod route;
pub(crate) mod upstream;

use crate::{finding::Finding, response::RawResponse};

/// The finding of a response to a gRPC call; `plain` is the response to a plain
/// GET of the same path, if one was sent.
pub(crate) fn classify(response: &RawResponse, plain: Option<&RawResponse>) -> Finding {
    let Some(status) = response.status().filter(|_| response.is_grpc()) else {
        return match response.is_grpc() {
            true => grpc::without_status(response),
            false => route::http(response),
        };
    };
    let found = upstream::by_message(status.code(), status.message())
        .or_else(|| route::by_message(&status, response))
        .or_else(|| {
            let is_gateways = response.is_envoys() && !grpc::is_ok(&status);
            is_gateways
                .then(|| route::by_envoy(&status, response, plain))
                .flatten()
        });
    found.unwrap_or_else(|| grpc::status(&status, response))
}

/// Whether a plain GET can add evidence: Envoy responds to gRPC calls with a gRPC
/// status, which hides the HTTP status.
pub(crate) fn needs_plain_request(response: &RawResponse) -> bool {
    let status = response.status().filter(|_| response.is_grpc());
    status.is_some_and(|status| {
        response.is_envoys()
            && !grpc::is_ok(&status)
            && upstream::by_message(status.code(), status.message()).is_none()
            && route::by_message(&status, response).is_none()
    })
}
