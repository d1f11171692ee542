//! The messages of Envoy and its filters. Only the message distinguishes their
//! causes: nearly all are UNAVAILABLE to a gRPC client.

use tonic::Code;

use super::Cause;

/// What a proxy's message means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProxyMessage {
    /// The row of the table of causes.
    pub cause: Cause,
    /// The cause in one sentence.
    pub meaning: &'static str,
}

impl ProxyMessage {
    /// The meaning of a status and its message, if a proxy made them. An HTTP
    /// status counts as the gRPC status that it maps to.
    #[must_use]
    pub fn find(code: Code, message: &str) -> Option<Self> {
        let message = message.trim();
        let (_, cause, meaning) = match code {
            _ if message.starts_with(RESET) => {
                RESETS.iter().find(|(phrase, ..)| message.contains(phrase))
            }
            Code::Unauthenticated | Code::PermissionDenied if is_token(message) => {
                TOKENS.iter().find(|(start, ..)| message.starts_with(start))
            }
            Code::PermissionDenied if message.starts_with(DENIED.0) => Some(&DENIED),
            _ => MESSAGES.iter().find(|(whole, ..)| message == *whole),
        }?;
        let is_upstream = cause.code().starts_with("upstream.");
        let timed_out = code == Code::DeadlineExceeded && *cause == Cause::UpstreamTimeout;
        let possible = !is_upstream || code == Code::Unavailable || timed_out;
        possible.then_some(Self {
            cause: *cause,
            meaning,
        })
    }
}

type Row = (&'static str, Cause, &'static str);

/// The prefix of every message about a reset.
const RESET: &str = "upstream connect error or disconnect/reset before headers";

/// The phrases of a reset. The first phrase that occurs counts, since Envoy appends
/// the transport's failure reason.
const RESETS: &[Row] = &[
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
        "the gateway cannot connect to the service",
    ),
    ("connection failure", Cause::UpstreamConnectFailure, CONNECT),
    ("", Cause::UpstreamClosed, CLOSED),
];

/// Since 1.39 Envoy hides from clients why a connection failed: a refused connection
/// and a failed handshake have the same message.
const CONNECT: &str = "the gateway cannot connect to the service, or TLS with it fails";
const TLS: &str = "TLS between the gateway and the service fails";
const CLOSED: &str = "the service closed its connection to the gateway before it responded";

/// The start of a message of Envoy's RBAC filter.
const DENIED: Row = (
    "RBAC: access denied",
    Cause::RouteForbidden,
    "an AuthorizationPolicy denies this call",
);

/// The starts of the messages of Envoy's JWT filter. The first that fits counts.
const TOKENS: &[Row] = &[
    (
        "Jwt is missing",
        Cause::RouteTokenMissing,
        "the call carries no token, and a RequestAuthentication requires one",
    ),
    (
        "Jwt is expired",
        Cause::RouteTokenExpired,
        "the call's token has expired",
    ),
    (
        "Audiences in Jwt",
        Cause::RouteTokenAudience,
        "the call's token is for another audience",
    ),
    (
        "Jwks remote fetch",
        Cause::RouteTokenKeys,
        "the proxy cannot fetch the keys of the token's issuer",
    ),
    (
        "",
        Cause::RouteUnauthenticated,
        "the call's token is not accepted",
    ),
];

fn is_token(message: &str) -> bool {
    let starts = ["Jwt ", "Jwks ", "Audiences in Jwt "];
    starts.iter().any(|start| message.starts_with(start))
}

/// Complete messages: an application's message can contain the same phrases.
const MESSAGES: &[Row] = &[
    (
        "fault filter abort",
        Cause::RouteFault,
        "the gateway aborts this call by fault injection",
    ),
    (
        "local_rate_limited",
        Cause::RouteRateLimited,
        "the rate limit of a proxy is reached",
    ),
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
