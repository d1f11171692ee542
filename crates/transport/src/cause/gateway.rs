//! Evidence of a gateway or a load balancer, in the headers of a response.

use http::{HeaderMap, HeaderName};

/// Parts of the `server` headers of proxies.
const SERVERS: &[&str] = &[
    "envoy",
    "nginx",
    "openresty",
    "haproxy",
    "traefik",
    "kong",
    "awselb",
    "cloudfront",
    "cloudflare",
    "akamai",
    "google frontend",
    "microsoft-azure",
];

/// Headers that only proxies add, and the starts of such headers.
const HEADERS: &[&str] = &["via", "cf-ray", "x-amz-cf-id", "x-envoy-", "x-kong-"];

/// Whether a response passed a gateway, or a gateway made it, by its headers.
#[must_use]
pub fn shows_gateway(headers: &HeaderMap) -> bool {
    let server = server(headers).unwrap_or_default().to_lowercase();
    let mut names = headers.keys().map(HeaderName::as_str);
    SERVERS.iter().any(|part| server.contains(part))
        || names.any(|name| HEADERS.iter().any(|header| name.starts_with(header)))
}

/// Whether Envoy made a response itself, by its headers: Envoy adds the upstream's
/// response time to responses from an upstream.
#[must_use]
pub fn is_envoys(headers: &HeaderMap) -> bool {
    server(headers).is_some_and(|server| server.contains("envoy"))
        && !headers.contains_key("x-envoy-upstream-service-time")
}

fn server(headers: &HeaderMap) -> Option<&str> {
    headers.get("server")?.to_str().ok()
}
