//! The causes of the server's own responses, and of missing responses.

use cli_kit::printable;
use greeter_proto::code_name;
use h2::Reason;
use tonic::{Code, Status};
use transport::{
    Cause,
    tls::{self, ClientAuth},
};

use crate::{finding::Finding, request::NoResponse, response::RawResponse};

/// The default limit of gRPC clients, in bytes. Envoy has none.
const MESSAGE_LIMIT: usize = 4 * 1024 * 1024;

/// Phrases of servers about a message that is too large: tonic, and tonic after
/// decompression; Go, C++ and Python; Java.
const TOO_LARGE: &[&str] = &[
    "message length too large",
    "exceeded while decompressing",
    "larger than max",
    "exceeds maximum",
];

pub(crate) fn is_ok(status: &Status) -> bool {
    status.code() == Code::Ok
}

/// The cause of a status from the server.
pub(crate) fn status(status: &Status, response: &RawResponse) -> Finding {
    let too_large = TOO_LARGE
        .iter()
        .any(|phrase| status.message().contains(phrase));
    match status.code() {
        Code::Ok => success(response),
        Code::Unimplemented => Finding::new(
            Cause::GrpcUnimplementedService,
            "the server does not have this service",
        ),
        Code::DeadlineExceeded => Finding::new(
            Cause::GrpcDeadline,
            "the server reports that the deadline has passed",
        ),
        Code::OutOfRange | Code::ResourceExhausted if too_large => {
            let text = "a message is larger than the server allows";
            Finding::new(Cause::GrpcMessageTooLarge, text).with_evidence(message(status))
        }
        code => {
            let name = code_name(code);
            let text = format!("the server responds with {name}: {}", message(status));
            Finding::new(Cause::GrpcStatus, text)
        }
    }
}

/// The finding of a gRPC response without a status: a stream that continues, or
/// missing trailers.
pub(crate) fn without_status(response: &RawResponse) -> Finding {
    match response.message_length() {
        Some(length) if !response.ended || length > MESSAGE_LIMIT => success(response),
        // A proxy that speaks HTTP/1.1 drops the trailers.
        Some(_) => Finding::new(
            Cause::RouteTrailersMissing,
            "the response ends after a message without a grpc-status: the trailers are missing",
        ),
        None => Finding::new(
            Cause::UpstreamClosed,
            "the server ended the call without a message and without trailers",
        ),
    }
}

fn success(response: &RawResponse) -> Finding {
    match response.message_length() {
        Some(length) if length > MESSAGE_LIMIT => {
            let text = format!(
                "the response has {length} bytes; the default limit of gRPC clients is {MESSAGE_LIMIT}"
            );
            Finding::new(Cause::GrpcMessageTooLarge, text)
        }
        _ => Finding::new(Cause::Ok, "the call succeeds"),
    }
}

/// The cause of a call without a response.
pub(crate) fn no_response(why: &NoResponse, client_auth: ClientAuth) -> Finding {
    match why {
        NoResponse::Deadline(time) => Finding::new(
            Cause::GrpcDeadline,
            format!("no response to the call within {} ms", time.as_millis()),
        ),
        NoResponse::Refused(error) => {
            let error = tls::from_alert(error, client_auth);
            Finding::new(error.cause(), error.to_string())
        }
        NoResponse::Closed(reason) => {
            let (cause, text) = match reason.code {
                Some(Reason::ENHANCE_YOUR_CALM) => (
                    Cause::Http2EnhanceYourCalm,
                    "the server closes the connection with GOAWAY (ENHANCE_YOUR_CALM)",
                ),
                Some(Reason::REFUSED_STREAM) => (
                    Cause::UpstreamOverflow,
                    "the server refuses the call's stream",
                ),
                Some(Reason::HTTP_1_1_REQUIRED) => (
                    Cause::Http2Http1Server,
                    "the server requires HTTP/1.1 for this call",
                ),
                _ => (
                    Cause::UpstreamClosed,
                    "the connection closed before a response came",
                ),
            };
            Finding::new(cause, text).with_evidence(printable(&reason.error))
        }
    }
}

/// The message of a status, or that it has none.
pub(crate) fn message(status: &Status) -> String {
    match status.message() {
        "" => "(no message)".to_owned(),
        message => printable(message),
    }
}
