//! What the server's own answer says.

use greeter_proto::code_name;
use h2::Reason;
use tonic::{Code as Grpc, Status};

use super::{Code, answer::Answer, question::Unanswered, verdict::Finding};
use crate::{
    failure::printable,
    tls::{self, ClientAuth},
};

/// What gRPC's clients take by default; Envoy has no limit.
const MESSAGE_LIMIT: usize = 4 * 1024 * 1024;

/// How servers say that a message is too large: tonic, Go, C++ and Python, Java.
const TOO_LARGE: &[&str] = &[
    "message length too large",
    "larger than max",
    "exceeds maximum",
];

/// A hop by HTTP/1.1 loses what a server sends after the body.
const TRAILERS_FIX: &str = "Let every proxy on the way speak HTTP/2 on both sides, so that it passes trailers on: name the Service's port grpc or set its appProtocol to grpc; in nginx use grpc_pass. If there is none, the server does not end its calls as gRPC wants it.";

pub(super) fn is_ok(status: &Status) -> bool {
    status.code() == Grpc::Ok
}

/// What a status of the server's means, as far as one can tell by it alone.
pub(super) fn status(status: &Status, answer: &Answer) -> Finding {
    let too_large = TOO_LARGE
        .iter()
        .any(|words| status.message().contains(words));
    match status.code() {
        Grpc::Ok => answered(answer),
        Grpc::Unimplemented => Finding::new(
            Code::GrpcUnimplementedService,
            "the server does not have this service",
        ),
        Grpc::DeadlineExceeded => Finding::new(
            Code::GrpcDeadline,
            "the server says that the call's time is over",
        ),
        Grpc::OutOfRange | Grpc::ResourceExhausted if too_large => {
            let cause = "a message is larger than the server lets pass";
            let mut finding = Finding::new(Code::GrpcMessageTooLarge, cause);
            finding.evidence.push(words(status));
            finding
        }
        code => {
            let name = code_name(code);
            let cause = format!("the server answers {name}: {}", words(status));
            Finding::new(Code::GrpcStatus, cause)
        }
    }
}

/// A gRPC answer without a status: a stream that goes on, or a broken server.
pub(super) fn without_status(answer: &Answer) -> Finding {
    match answer.message_length() {
        Some(length) if !answer.ended || length > MESSAGE_LIMIT => answered(answer),
        Some(_) => Finding {
            fix: Some(TRAILERS_FIX),
            ..Finding::new(
                Code::RouteNotGrpc,
                "the answer ends with a message but without a grpc-status: the trailers are missing",
            )
        },
        None => Finding::new(
            Code::UpstreamClosed,
            "the server ended the call without a message and without the trailers with its grpc-status",
        ),
    }
}

fn answered(answer: &Answer) -> Finding {
    match answer.message_length() {
        Some(length) if length > MESSAGE_LIMIT => {
            let cause = format!(
                "the answer has {length} bytes; gRPC clients take {MESSAGE_LIMIT} by default"
            );
            Finding::new(Code::GrpcMessageTooLarge, cause)
        }
        _ => Finding::new(Code::Ok, "the server answers the call"),
    }
}

/// What it means that there is no answer, to a client with a certificate or
/// without.
pub(super) fn unanswered(why: &Unanswered, client_auth: ClientAuth) -> Finding {
    match why {
        Unanswered::Deadline(time) => Finding::new(
            Code::GrpcDeadline,
            format!("no answer to the call within {} ms", time.as_millis()),
        ),
        Unanswered::Refused(error) => {
            let error = tls::error::from_alert(error, client_auth);
            Finding::new(Code::from(&error), error.to_string())
        }
        Unanswered::Broken(lost) => {
            let code = match lost.reason {
                Some(Reason::ENHANCE_YOUR_CALM) => Code::Http2Calm,
                Some(Reason::REFUSED_STREAM) => Code::UpstreamOverflow,
                Some(Reason::HTTP_1_1_REQUIRED) => Code::Http2Http1Server,
                _ => Code::UpstreamClosed,
            };
            let cause = match code {
                Code::Http2Calm => "the server sends this client away as too busy",
                Code::UpstreamOverflow => "the server refuses the call's stream",
                Code::Http2Http1Server => "the server wants HTTP/1.1 for this call",
                _ => "the connection broke before an answer came",
            };
            let mut finding = Finding::new(code, cause);
            finding.evidence.push(printable(&lost.cause));
            finding
        }
    }
}

/// A status's message, or that it has none.
pub(super) fn words(status: &Status) -> String {
    match status.message() {
        "" => "(no message)".to_owned(),
        message => printable(message),
    }
}
