//! `GET` on any path of no other meaning.

use axum::{
    http::{HeaderName, Uri, Version, header},
    response::IntoResponse,
};

/// Answers `Hello World! <request target as sent, query included>`.
///
/// The target is text of the caller's in a page, which is safe because the
/// HTTP parser refuses a target with `<` or `>` in it.
pub(super) async fn hello(version: Version, uri: Uri) -> impl IntoResponse {
    // HTTP/2 splits the target; HTTP/1.1 has it as sent, absolute or not.
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
