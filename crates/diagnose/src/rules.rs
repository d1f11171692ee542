//! The rules that infer the cause from a response.

mod gateway;
pub(crate) mod grpc;
mod login;
mod message;
pub(crate) mod route;

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
    let found = message::of_proxy(&status, response).or_else(|| {
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
            && message::of_proxy(&status, response).is_none()
    })
}
