//! What the way to the service says: an answer that is no gRPC, or that a
//! gateway made by itself.

use http::StatusCode;
use tonic::{Code as Grpc, Status};

use super::{Code, answer::Answer, upstream, verdict::Finding};
use crate::failure::printable;

/// Signs of a login in the address of a redirect.
const LOGIN: &[&str] = &[
    "accounts.google.com",
    "login.microsoftonline.com",
    "oauth2/",
    "oauth/",
    "/authorize",
    "openid-connect",
    "/saml",
    "/login",
    "/signin",
    "/sign_in",
];

/// Where a login page leads by itself: to an identity provider, or by oauth2-proxy.
const PROVIDERS: &[&str] = &[
    "accounts.google.com",
    "login.microsoftonline.com",
    "okta.com/",
    "auth0.com/",
    "openid-connect",
    "/oauth2/start",
];

/// What Envoy's fault filter says.
const FAULT: &str = "fault filter abort";
const FAULT_FIX: &str = "Remove the abort from http[].fault of the VirtualService (or the fault filter of an EnvoyFilter), or narrow its percentage and match.";
/// How the words of Envoy's JWT filter start.
const JWT: &[&str] = &["Jwt ", "Jwks ", "Audiences in Jwt "];
const OWN_FIX: &str = "The gateway says this by itself: look for http[].directResponse in the VirtualService, for an EnvoyFilter (Lua, Wasm, ext_authz, ext_proc), and in the gateway's log for the response_code_details.";

/// What an answer that is no gRPC means.
pub(super) fn http(answer: &Answer) -> Finding {
    let mut finding = by_http_status(answer);
    finding.evidence.extend(answer.evidence());
    finding
}

fn by_http_status(answer: &Answer) -> Finding {
    let status = answer.http_status;
    let number = status.as_u16();
    if is_login(answer) {
        let cause = "a login page answers instead of the service";
        return Finding::new(Code::RouteLogin, cause);
    }
    if status.is_redirection()
        && let Some(location) = answer.header("location")
    {
        let cause = format!("the server redirects ({number}) to {location}");
        return Finding::new(Code::RouteRedirect, cause);
    }
    let (code, cause) = match status {
        StatusCode::UNAUTHORIZED => (Code::RouteUnauthenticated, "the gateway wants credentials"),
        StatusCode::FORBIDDEN => (Code::RouteForbidden, "the gateway forbids this call"),
        StatusCode::NOT_FOUND if answer.is_envoys() => (
            Code::RouteNotFound,
            "the gateway has no route for this host and path",
        ),
        StatusCode::MISDIRECTED_REQUEST => (
            Code::RouteMisdirected,
            "the server does not serve this host on this connection (421)",
        ),
        StatusCode::TOO_MANY_REQUESTS => (Code::RouteRateLimited, "the gateway limits the rate"),
        StatusCode::INTERNAL_SERVER_ERROR if answer.is_envoys() => return own(answer),
        StatusCode::BAD_GATEWAY | StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT => {
            return unavailable(answer);
        }
        _ => {
            let kind = answer.header("content-type");
            let kind = kind.unwrap_or_else(|| "no content-type".to_owned());
            let cause = format!("what answers is not gRPC: HTTP {number} with {kind}");
            return Finding::new(Code::RouteNotGrpc, cause);
        }
    };
    Finding::new(code, cause)
}

/// A load balancer's 502, 503 and 504 mean the same everywhere, if it has no
/// words of Envoy's.
fn unavailable(answer: &Answer) -> Finding {
    let text = String::from_utf8_lossy(&answer.body);
    let words = upstream::words(Grpc::Unavailable, &text);
    words.unwrap_or_else(|| match answer.http_status {
        _ if answer.is_envoys() && !answer.body.is_empty() => own(answer),
        StatusCode::BAD_GATEWAY => Finding::new(
            Code::UpstreamConnectFailure,
            "the load balancer gets no answer from the service (502)",
        ),
        StatusCode::GATEWAY_TIMEOUT => Finding::new(
            Code::UpstreamTimeout,
            "the service does not answer the load balancer in time (504)",
        ),
        _ if answer.is_envoys() => no_cluster(),
        _ => Finding::new(
            Code::UpstreamNoHealthy,
            "the load balancer has no healthy endpoint for this service (503)",
        ),
    })
}

/// An Envoy's answer in words that are none of its router's: of a filter, or of a
/// fixed response.
fn own(answer: &Answer) -> Finding {
    let said = answer.first_line().unwrap_or_default();
    if said == FAULT {
        return fault();
    }
    let number = answer.http_status.as_u16();
    let cause = match said.as_str() {
        "" => format!("the gateway itself answers {number}"),
        said => format!("the gateway itself answers {number}: {said:?}"),
    };
    Finding {
        fix: Some(OWN_FIX),
        ..Finding::new(Code::GrpcStatus, cause)
    }
}

fn fault() -> Finding {
    let cause = "the gateway aborts this call on purpose: fault injection is on";
    Finding {
        fix: Some(FAULT_FIX),
        ..Finding::new(Code::GrpcStatus, cause)
    }
}

fn no_cluster() -> Finding {
    let cause = "the route names a service that the gateway does not know";
    Finding::new(Code::UpstreamNoCluster, cause)
}

fn is_login(answer: &Answer) -> bool {
    let iap = "x-goog-iap-generated-response";
    let location = answer.header("location").unwrap_or_default().to_lowercase();
    let html = answer
        .header("content-type")
        .is_some_and(|kind| kind.starts_with("text/html"));
    answer.headers.contains_key(iap)
        || LOGIN.iter().any(|sign| location.contains(sign))
        || html && answer.http_status != StatusCode::NOT_FOUND && asks_for_login(&answer.text())
}

/// Whether a page, in lower case, is there to log in: many another has a link to
/// such a page.
fn asks_for_login(page: &str) -> bool {
    let page = page.replace(['"', '\''], "");
    let leads = |tag: &str| {
        (tag.starts_with("form") || tag.starts_with("meta"))
            && PROVIDERS.iter().any(|provider| tag.contains(provider))
    };
    let mut tags = page
        .split('<')
        .map(|tag| tag.split('>').next().unwrap_or_default());
    tags.any(|tag| tag.contains("type=password") || leads(tag))
}

/// What words of the known filters mean, whichever proxy on the way says them.
pub(super) fn words(status: &Status, answer: &Answer) -> Option<Finding> {
    let message = status.message();
    let (code, cause) = match status.code() {
        _ if message == FAULT && answer.is_envoys() => return Some(fault()),
        Grpc::PermissionDenied if message.starts_with("RBAC: access denied") => (
            Code::RouteForbidden,
            "an AuthorizationPolicy denies this call",
        ),
        Grpc::Unauthenticated | Grpc::PermissionDenied
            if JWT.iter().any(|words| message.starts_with(words)) =>
        {
            (
                Code::RouteUnauthenticated,
                "the gateway does not accept the call's token, or it has none",
            )
        }
        _ if message == "local_rate_limited"
            || answer.headers.contains_key("x-envoy-ratelimited") =>
        {
            (Code::RouteRateLimited, "a proxy's rate limit is reached")
        }
        _ => return None,
    };
    let mut finding = Finding::new(code, cause);
    let said = printable(message);
    finding.evidence.push(format!("the gateway says {said:?}"));
    Some(finding)
}

/// What a status means that an Envoy made by itself.
pub(super) fn envoys(status: &Status, answer: &Answer, plain: Option<&Answer>) -> Option<Finding> {
    // A plain answer from behind the gateway went another way.
    let plain = plain.filter(|plain| !plain.is_grpc() && plain.is_envoys());
    let mut finding = match plain {
        Some(plain) if !plain.http_status.is_success() => by_http_status(plain),
        _ => by_grpc_status(status, answer)?,
    };
    finding.inferred = true;
    finding.evidence.extend(answer.evidence());
    Some(finding)
}

fn by_grpc_status(status: &Status, answer: &Answer) -> Option<Finding> {
    let silent = status.message().is_empty();
    let (code, cause) = match status.code() {
        Grpc::Unimplemented if silent => (
            Code::RouteNotFound,
            "the gateway has no route for this host and path",
        ),
        Grpc::PermissionDenied => (Code::RouteForbidden, "the gateway forbids this call"),
        Grpc::Unauthenticated => (Code::RouteUnauthenticated, "the gateway wants credentials"),
        Grpc::Unavailable if silent => return Some(no_cluster()),
        Grpc::Unknown if let Some(location) = answer.header("location") => {
            let cause = format!("the gateway redirects to {location}");
            return Some(Finding::new(Code::RouteRedirect, cause));
        }
        _ => return None,
    };
    Some(Finding::new(code, cause))
}
