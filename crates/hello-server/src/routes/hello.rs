//! `GET` on every other path.

use axum::{
    http::{HeaderName, Uri, Version, header},
    response::IntoResponse,
};

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
            (HeaderName::from_static("x-content-type-options"), "nosniff"),
        ],
        format!("Hello World! {target}"),
    )
}
