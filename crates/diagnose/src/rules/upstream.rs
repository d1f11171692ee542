//! The causes in Envoy's messages about its upstream. Only the message distinguishes
//! them: nearly all are UNAVAILABLE to a gRPC client.

use cli_kit::printable;
use tonic::Code;
use transport::Cause;

use crate::finding::Finding;

/// The phrases of a reset, the cause and its message. The first phrase that occurs
/// counts, since Envoy appends the transport's failure reason.
const RESETS: &[(&str, Cause, &str)] = &[
    ("TLS_error", Cause::UpstreamTlsMismatch, TLS),
    ("TLS error", Cause::UpstreamTlsMismatch, TLS),
    ("CERTIFICATE_VERIFY_FAILED", Cause::UpstreamTlsMismatch, TLS),
    ("SSL routines", Cause::UpstreamTlsMismatch, TLS),
    (
        "overflow",
        Cause::UpstreamOverflow,
        "a circuit breaker of the gateway is open: too many requests to this service are in flight",
    ),
    (
        "refused stream",
        Cause::UpstreamOverflow,
        "the service refuses more streams on its connection: it drains, or its limit is reached",
    ),
    (
        "protocol error",
        Cause::UpstreamProtocolError,
        "the gateway and the service speak different versions of HTTP",
    ),
    (
        "connection timeout",
        Cause::UpstreamConnectFailure,
        "the gateway's connection to the service times out",
    ),
    (
        "delayed connect error",
        Cause::UpstreamConnectFailure,
        REFUSED,
    ),
    ("connection failure", Cause::UpstreamConnectFailure, CONNECT),
    ("connection termination", Cause::UpstreamClosed, CLOSED),
    ("remote reset", Cause::UpstreamClosed, CLOSED),
    ("local reset", Cause::UpstreamClosed, CLOSED),
    ("", Cause::UpstreamClosed, CLOSED),
];

/// Since 1.39 Envoy hides from clients why a connection failed: a refused connection
/// and a failed handshake have the same message.
const CONNECT: &str = "the gateway cannot connect to the service, or TLS with it fails";
const REFUSED: &str = "the gateway cannot connect to the service";
const TLS: &str = "TLS between the gateway and the service fails";
const CLOSED: &str = "the service closed its connection to the gateway before it responded";

/// The prefix of every message about a reset.
const RESET: &str = "upstream connect error or disconnect/reset before headers";

/// Complete messages: an application's message can contain the same phrases.
const MESSAGES: &[(&str, Cause, &str)] = &[
    (
        "no healthy upstream",
        Cause::UpstreamNoHealthy,
        "the gateway has no healthy endpoint for this service",
    ),
    (
        "upstream request timeout",
        Cause::UpstreamTimeout,
        "the service did not respond within the route's timeout",
    ),
    (
        "upstream max stream duration reached",
        Cause::UpstreamTimeout,
        "the call exceeded the route's maximum stream duration",
    ),
    (
        "stream timeout",
        Cause::UpstreamTimeout,
        "nothing was sent within the gateway's idle timeout of streams",
    ),
    (
        "envoy overloaded",
        Cause::UpstreamOverflow,
        "the gateway itself is overloaded",
    ),
];

/// The finding of a status and its message, if both come from Envoy and concern its
/// upstream.
pub(crate) fn by_message(status: Code, message: &str) -> Option<Finding> {
    let message = message.trim();
    let found = if message.starts_with(RESET) {
        RESETS.iter().find(|(phrase, ..)| message.contains(phrase))
    } else {
        MESSAGES.iter().find(|(whole, ..)| message == *whole)
    };
    let (_, cause, text) = found?;
    let timed_out = status == Code::DeadlineExceeded && *cause == Cause::UpstreamTimeout;
    if status != Code::Unavailable && !timed_out {
        return None;
    }
    let quoted = printable(message);
    Some(Finding::new(*cause, *text).with_evidence(format!("the gateway's message is {quoted:?}")))
}
