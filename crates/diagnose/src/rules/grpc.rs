//! The causes of the server's own responses, and of missing responses.

use cli_kit::printable;
use greeter_proto::code_name;
use tonic::{Code, Status};
use transport::{
    Cause,
    tls::{self, ClientAuth},
};

use super::gateway;
use crate::{finding::Finding, request::NoResponse, response::RawResponse};

/// The default limit of gRPC clients, in bytes. Envoy has none.
const MESSAGE_LIMIT: usize = 4 * 1024 * 1024;

pub(crate) fn is_ok(status: &Status) -> bool {
    status.code() == Code::Ok
}

/// The cause of a status from the server.
pub(crate) fn status(status: &Status, response: &RawResponse) -> Finding {
    let cause = Cause::of_server(status.code(), status.message());
    match cause {
        Cause::Ok => success(response),
        Cause::GrpcUnimplementedService | Cause::GrpcUnimplementedMethod => Finding::new(
            Cause::GrpcUnimplementedService,
            "the server does not have this service",
        ),
        Cause::GrpcDeadline => {
            Finding::new(cause, "the server reports that the deadline has passed")
        }
        Cause::GrpcMessageTooLarge => {
            let text = "a message is larger than the server allows";
            Finding::new(cause, text).with_evidence(message(status))
        }
        _ => {
            let name = code_name(status.code());
            let text = format!("the server responds with {name}: {}", message(status));
            Finding::new(cause, text)
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
            match gateway::is_evident(response) {
                true => Cause::UpstreamClosed,
                false => Cause::GrpcClosed,
            },
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
            let cause = Cause::of_reset(reason.code);
            let text = match cause {
                Cause::Http2EnhanceYourCalm => {
                    "the server ends the connection or the stream with ENHANCE_YOUR_CALM"
                }
                Cause::Http2StreamRefused => {
                    "the server refuses the call's stream (REFUSED_STREAM)"
                }
                Cause::Http2Http1Server => "the server requires HTTP/1.1 for this call",
                _ => "the server closed the connection or the stream before it responded",
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
