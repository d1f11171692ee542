//! What an Envoy says of the service behind it. Its words are the only sign:
//! all of these are UNAVAILABLE to a gRPC client.

use tonic::Code as Grpc;

use super::{Code, verdict::Finding};
use crate::failure::printable;

/// What an Envoy's words mean; the first that fits counts, since it appends the
/// cause of a transport's failure to that of the stream.
const RESETS: &[(&str, Code, &str)] = &[
    ("TLS_error", Code::UpstreamTlsMismatch, TLS),
    ("TLS error", Code::UpstreamTlsMismatch, TLS),
    ("CERTIFICATE_VERIFY_FAILED", Code::UpstreamTlsMismatch, TLS),
    ("SSL routines", Code::UpstreamTlsMismatch, TLS),
    (
        "overflow",
        Code::UpstreamOverflow,
        "a circuit breaker of the gateway is open: too many requests to this service are under way",
    ),
    (
        "refused stream",
        Code::UpstreamOverflow,
        "the service refuses more streams on its connection: it drains, or its limit is reached",
    ),
    (
        "protocol error",
        Code::UpstreamProtocolError,
        "the gateway speaks HTTP/2 to the service, which does not, or the reverse",
    ),
    (
        "connection timeout",
        Code::UpstreamConnectFailure,
        "the gateway's connection to the service times out",
    ),
    (
        "delayed connect error",
        Code::UpstreamConnectFailure,
        REFUSED,
    ),
    ("connection failure", Code::UpstreamConnectFailure, CONNECT),
    ("connection termination", Code::UpstreamClosed, CLOSED),
    ("remote reset", Code::UpstreamClosed, CLOSED),
    ("local reset", Code::UpstreamClosed, CLOSED),
    ("", Code::UpstreamClosed, CLOSED),
];

/// Since 1.39 Envoys do not tell clients why a connection failed: a refused one looks
/// like a failed handshake.
const CONNECT: &str = "the gateway cannot connect to the service, or TLS with it fails";
const REFUSED: &str = "the gateway cannot connect to the service";
const TLS: &str = "TLS between the gateway and the service fails";
const CLOSED: &str = "the service closed its connection to the gateway before it answered";

/// What all of [`RESETS`] start with.
const RESET: &str = "upstream connect error or disconnect/reset before headers";

/// Words that are the whole of a message: an application may say them in passing.
const WORDS: &[(&str, Code, &str)] = &[
    (
        "no healthy upstream",
        Code::UpstreamNoHealthy,
        "the gateway has no healthy endpoint for this service",
    ),
    (
        "upstream request timeout",
        Code::UpstreamTimeout,
        "the service did not answer within the route's timeout",
    ),
    (
        "upstream max stream duration reached",
        Code::UpstreamTimeout,
        "the call lasted longer than the route's longest stream",
    ),
    (
        "stream timeout",
        Code::UpstreamTimeout,
        "nothing was sent within the gateway's idle timeout of streams",
    ),
    (
        "envoy overloaded",
        Code::UpstreamOverflow,
        "the gateway itself is overloaded",
    ),
];

/// What the message of a status means, if both are Envoy's on the service behind
/// it.
pub(super) fn words(status: Grpc, message: &str) -> Option<Finding> {
    let message = message.trim();
    let found = if message.starts_with(RESET) {
        RESETS.iter().find(|(words, ..)| message.contains(words))
    } else {
        WORDS.iter().find(|(words, ..)| message == *words)
    };
    let (_, code, cause) = found?;
    let timed_out = status == Grpc::DeadlineExceeded && *code == Code::UpstreamTimeout;
    if status != Grpc::Unavailable && !timed_out {
        return None;
    }
    let mut finding = Finding::new(*code, *cause);
    let said = printable(message);
    finding.evidence.push(format!("the gateway says {said:?}"));
    Some(finding)
}
