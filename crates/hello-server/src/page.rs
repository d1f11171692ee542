//! The page that browsers get on `/`: who answers, how the request came, and a live
//! view of the mesh. One document: its styles and scripts are in it.

mod accept;
mod config;
mod identity;
mod peer;

use std::sync::LazyLock;

use aws_lc_rs::digest::{SHA256, digest};
use axum::{
    http::{HeaderMap, HeaderValue, Version, header},
    response::{IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use service_kit::TraceContext;

pub use self::config::PageConfig;
pub(crate) use self::{
    accept::{DETAILED, Representation, preferred},
    identity::{NO_STORE, Server},
};

const DOCUMENT: &str = include_str!("page/index.html");
const STYLE: &str = include_str!("page/style.css");
const SCRIPT: &str = concat!(
    include_str!("page/dom.js"),
    include_str!("page/grpc_web.js"),
    include_str!("page/calls.js"),
    include_str!("page/identity.js"),
    include_str!("page/greeting.js"),
    include_str!("page/samples.js"),
    include_str!("page/chart.js"),
    include_str!("page/live.js"),
);

/// Where the identity goes in the document.
const SLOT: &str = "{{identity}}";

/// The document around the identity, and its policy.
struct Page {
    before: String,
    after: String,
    policy: HeaderValue,
}

static PAGE: LazyLock<Page> = LazyLock::new(|| {
    let document = DOCUMENT
        .replace("{{style}}", STYLE)
        .replace("{{script}}", SCRIPT);
    let (before, after) = document.split_once(SLOT).unwrap_or((&document, ""));
    Page {
        before: before.to_owned(),
        after: after.to_owned(),
        policy: policy(),
    }
});

/// Only the page's own style and script apply, and it calls only its own origin. The
/// browser compares the hashes, so that no text of a request can become script.
fn policy() -> HeaderValue {
    let hash = |text: &str| STANDARD.encode(digest(&SHA256, text.as_bytes()));
    let policy = format!(
        "default-src 'none'; script-src 'sha256-{}'; style-src 'sha256-{}'; \
         connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; \
         frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
        hash(SCRIPT),
        hash(STYLE),
    );
    HeaderValue::try_from(policy).unwrap_or(HeaderValue::from_static("default-src 'none'"))
}

/// The page, as the answer to a request with these headers.
pub(crate) fn page(
    server: &Server,
    version: Version,
    headers: &HeaderMap,
    context: Option<&TraceContext>,
) -> Response {
    let identity = server.identity(version, headers, context);
    // Serializing text cannot fail.
    let identity = serde_json::to_string(&identity).unwrap_or_default();
    // Within a script element, "<" could end it, or start a comment.
    let identity = identity.replace('<', "\\u003c");
    let body = [&PAGE.before, identity.as_str(), &PAGE.after].concat();
    let html = HeaderValue::from_static("text/html; charset=utf-8");
    let headers = [
        (header::CONTENT_TYPE, html),
        (header::CONTENT_SECURITY_POLICY, PAGE.policy.clone()),
        (
            header::REFERRER_POLICY,
            HeaderValue::from_static("no-referrer"),
        ),
        // The line that other clients get stays without `vary`, byte by byte as it was.
        // So the page must not be stored: a shared cache could give it to them.
        (header::VARY, HeaderValue::from_static("accept")),
        NO_STORE,
    ];
    (headers, body).into_response()
}

/// What the page shows of this server, as JSON.
pub(crate) fn identity(
    server: &Server,
    version: Version,
    headers: &HeaderMap,
    context: Option<&TraceContext>,
) -> Response {
    server.identity(version, headers, context).into_response()
}
