//! The header that keeps browsers from guessing a content type.

use axum::{
    http::{HeaderValue, header},
    response::Response,
};

/// The response with the header `x-content-type-options: nosniff`.
#[must_use]
pub fn nosniff(mut response: Response) -> Response {
    response.headers_mut().insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    response
}
