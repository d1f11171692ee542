//! The causes in the messages of proxies, in a gRPC status or in a body.

use cli_kit::printable;
use tonic::{Code, Status};
use transport::{Cause, ProxyMessage};

use crate::{finding::Finding, response::RawResponse};

/// The finding of a status that a proxy in the path made.
pub(super) fn of_proxy(status: &Status, response: &RawResponse) -> Option<Finding> {
    let message = status.message();
    if let Some(found) = of_text(status.code(), message) {
        return Some(found);
    }
    response
        .headers
        .contains_key("x-envoy-ratelimited")
        .then(|| {
            let text = "the rate limit of a proxy is reached";
            with_message(Finding::new(Cause::RouteRateLimited, text), message)
        })
}

/// The finding of a response that is not gRPC, by a proxy's message in its body.
pub(super) fn of_body(response: &RawResponse) -> Option<Finding> {
    let code = match response.http_status.as_u16() {
        401 => Code::Unauthenticated,
        403 => Code::PermissionDenied,
        429 | 502..=504 => Code::Unavailable,
        _ => Code::Unknown,
    };
    of_text(code, &String::from_utf8_lossy(&response.body))
}

fn of_text(code: Code, message: &str) -> Option<Finding> {
    let ProxyMessage { cause, meaning } = ProxyMessage::find(code, message)?;
    Some(with_message(Finding::new(cause, meaning), message))
}

/// The finding with the message as evidence. Without words there is none.
fn with_message(finding: Finding, message: &str) -> Finding {
    match message.trim() {
        "" => finding,
        message => {
            finding.with_evidence(format!("the gateway's message is {:?}", printable(message)))
        }
    }
}
