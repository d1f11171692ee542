//! `GET` on every other path.

use std::{borrow::Cow, sync::LazyLock};

use axum::{
    http::{HeaderMap, HeaderName, HeaderValue, Response, Uri, Version, header},
    response::IntoResponse,
};
use service_kit::{Answer, Content};

/// Nothing may be loaded, submitted or framed: the page is one line of text.
const CONTENT_SECURITY_POLICY: &str =
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const HEADERS: [(HeaderName, HeaderValue); 2] = [
    (
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/html; charset=utf-8"),
    ),
    (
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(CONTENT_SECURITY_POLICY),
    ),
];

const NOSNIFF: (HeaderName, HeaderValue) = (
    header::X_CONTENT_TYPE_OPTIONS,
    HeaderValue::from_static("nosniff"),
);

/// The headers of a page that no layer adds to.
static ANSWER_HEADERS: LazyLock<HeaderMap> =
    LazyLock::new(|| HEADERS.into_iter().chain([NOSNIFF]).collect());

/// Returns `Hello World! ` and the request target, unchanged and with its query.
///
/// The page contains the caller's text. It cannot contain markup: the HTTP parser
/// refuses `<` and `>` in a target.
pub(super) async fn hello(version: Version, uri: Uri) -> impl IntoResponse {
    (HEADERS, page(version, &uri))
}

/// The same, without a router around it.
pub(super) fn answer(version: Version, uri: &Uri) -> Answer {
    let mut response = Response::new(Content::Whole {
        data: page(version, uri).into(),
        trailers: None,
    });
    // A copy needs no hashes of the names.
    *response.headers_mut() = ANSWER_HEADERS.clone();
    Answer {
        response,
        route: None,
        rpc: None,
    }
}

fn page(version: Version, uri: &Uri) -> String {
    // HTTP/2 sends scheme, authority and path apart; an HTTP/1.1 target may be
    // absolute.
    let target = match uri.path_and_query() {
        Some(target) if version == Version::HTTP_2 || uri.authority().is_none() => {
            Cow::Borrowed(target.as_str())
        }
        _ => Cow::Owned(uri.to_string()),
    };
    ["Hello World! ", &target].concat()
}
