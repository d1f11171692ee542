//! `GET` on every other path.

use std::{borrow::Cow, sync::LazyLock};

use axum::{
    extract::{self, State},
    http::{self, HeaderMap, HeaderName, HeaderValue, Request, Uri, Version, header},
    response::{IntoResponse, Response},
};
use service_kit::{Answer, Content, TraceContext};

use super::Shared;
use crate::page::{self, Representation};

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
///
/// On `/`, browsers get the page instead: their `accept` prefers HTML.
pub(super) async fn hello(State(app): State<Shared>, request: extract::Request) -> Response {
    let (version, headers) = (request.version(), request.headers());
    let context = request.extensions().get::<TraceContext>();
    match representation(request.uri(), headers) {
        Representation::Text => (HEADERS, line(version, request.uri())).into_response(),
        Representation::Page => page::page(&app.server, version, headers, context),
        Representation::Detailed => page::identity(&app.server, version, headers, context),
    }
}

fn representation(uri: &Uri, headers: &HeaderMap) -> Representation {
    match uri.path() {
        "/" => page::preferred(headers),
        _ => Representation::Text,
    }
}

/// The line without a router around it; `None` if the request prefers something else.
pub(super) fn answer<B>(request: &Request<B>) -> Option<Answer> {
    let (version, uri) = (request.version(), request.uri());
    if representation(uri, request.headers()) != Representation::Text {
        return None;
    }
    let mut response = http::Response::new(Content::Whole {
        data: line(version, uri).into(),
        trailers: None,
    });
    // A copy needs no hashes of the names.
    *response.headers_mut() = ANSWER_HEADERS.clone();
    Some(Answer {
        response,
        route: None,
        rpc: None,
    })
}

fn line(version: Version, uri: &Uri) -> String {
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
