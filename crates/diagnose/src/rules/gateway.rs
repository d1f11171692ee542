//! Evidence of a gateway or a load balancer in front of the server. Without any, a
//! cause is never attributed to one.

use transport::shows_gateway;

use crate::response::RawResponse;

/// Parts of the pages that proxies send without a header, in lower case: HAProxy,
/// Traefik, Google Cloud.
const PAGES: &[&str] = &[
    "no server is available to handle this request",
    "no available server",
    "the server encountered a temporary error and could not complete your request",
];

/// Parts of the pages of default backends and of gateways without a route, in lower
/// case: ingress controllers, Google Cloud (two pages), nginx, Kong.
const DEFAULT_BACKENDS: &[&str] = &[
    "default backend - 404",
    "<title>error 404 (not found)!!1</title>",
    "response 404 (backend notfound)",
    "<hr><center>nginx",
    "no route matched with those values",
];

/// Whether the response passed a gateway, or a gateway made it.
pub(super) fn is_evident(response: &RawResponse) -> bool {
    shows_gateway(&response.headers) || contains(response, PAGES)
}

/// Whether the response is the 404 of a default backend.
pub(super) fn is_default_backend(response: &RawResponse) -> bool {
    contains(response, DEFAULT_BACKENDS)
}

fn contains(response: &RawResponse, pages: &[&str]) -> bool {
    let text = response.text();
    pages.iter().any(|page| text.contains(page))
}
