//! `GET` on every other path.

use axum::{
    http::{Uri, Version, header},
    response::IntoResponse,
};

/// Nothing may be loaded, submitted or framed: the page is one line of text.
const CONTENT_SECURITY_POLICY: &str =
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Returns `Hello World! ` and the request target, unchanged and with its query.
///
/// The page contains the caller's text. It cannot contain markup: the HTTP parser
/// refuses `<` and `>` in a target.
pub(super) async fn hello(version: Version, uri: Uri) -> impl IntoResponse {
    // HTTP/2 sends scheme, authority and path apart; an HTTP/1.1 target may be
    // absolute.
    let target = match (version, uri.path_and_query()) {
        (Version::HTTP_2, Some(path_and_query)) => path_and_query.to_string(),
        _ => uri.to_string(),
    };
    (
        [
            (header::CONTENT_TYPE, "text/html; charset=utf-8"),
            (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
        ],
        format!("Hello World! {target}"),
    )
}
