//! Lets pages of other origins call gRPC-Web (the CORS protocol of Fetch).

use std::time::Duration;

use axum::http::{HeaderName, HeaderValue, Method, Uri, header};
use tower_http::cors::{AllowOrigin, CorsLayer};

/// How long a browser may reuse the response to a preflight request. Chromium
/// allows at most two hours.
const MAX_AGE: Duration = Duration::from_secs(2 * 60 * 60);

/// What a page may read from a response: the status, and what the greeter says of itself.
const EXPOSED: [&str; 6] = [
    "grpc-status",
    "grpc-message",
    "grpc-status-details-bin",
    greeter_proto::HOSTNAME,
    greeter_proto::VERSION,
    greeter_proto::COLOR,
];

/// What a page may send, besides its content type.
const ALLOWED: [&str; 5] = [
    "authorization",
    "x-grpc-web",
    "x-user-agent",
    "grpc-timeout",
    "x-request-id",
];

/// Responds to preflight requests from these origins, and marks their responses.
pub(crate) fn layer(origins: &[HeaderValue]) -> CorsLayer {
    let origins = if origins.iter().any(|origin| origin == "*") {
        AllowOrigin::any()
    } else {
        AllowOrigin::list(origins.iter().cloned())
    };
    let allowed = ALLOWED.map(HeaderName::from_static);
    CorsLayer::new()
        .allow_origin(origins)
        .allow_methods([Method::POST])
        .allow_headers(
            allowed
                .into_iter()
                .chain([header::CONTENT_TYPE])
                .collect::<Vec<_>>(),
        )
        .expose_headers(EXPOSED.map(HeaderName::from_static))
        .max_age(MAX_AGE)
}

/// Parses an origin as browsers send it.
///
/// # Errors
/// If the text is not an origin.
pub(crate) fn parse_origin(text: &str) -> Result<HeaderValue, String> {
    let bad = || "write it as https://app.example.com, without a path, or as *".to_owned();
    if text != "*" {
        let (scheme, authority) = text.split_once("://").ok_or_else(bad)?;
        let uri: Uri = text.parse().map_err(|_| bad())?;
        // Browsers send lower case, and compare byte by byte.
        let is_origin = uri.scheme_str() == Some(scheme)
            && uri.authority().is_some_and(|it| it.as_str() == authority)
            && !authority.contains('@')
            && text == text.to_ascii_lowercase();
        if !is_origin {
            return Err(bad());
        }
    }
    HeaderValue::from_str(text).map_err(|_| bad())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_origins_as_browsers_send_them() {
        for text in ["*", "https://app.example.com", "http://localhost:5173"] {
            assert_eq!(parse_origin(text).unwrap(), text);
        }
        for text in [
            "",
            "app.example.com",
            "https://",
            "https://a.example/",
            "https://A.example",
            "https://user@a.example",
            "https://a.example, https://b.example",
        ] {
            assert!(parse_origin(text).is_err(), "{text}");
        }
    }
}
