//! The rules as a function, for the fuzz targets.

use http::{HeaderMap, Response, StatusCode};

use crate::{response::RawResponse, rules};

/// A response to a call.
#[derive(Debug)]
pub struct FuzzedResponse {
    /// Its HTTP status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// The start of its body.
    pub body: Vec<u8>,
    /// Its trailers, if it has any.
    pub trailers: Option<HeaderMap>,
}

impl From<FuzzedResponse> for RawResponse {
    fn from(fuzzed: FuzzedResponse) -> Self {
        let (mut head, ()) = Response::new(()).into_parts();
        head.status = fuzzed.status;
        head.headers = fuzzed.headers;
        let mut response = Self::new(head);
        response.keep(&fuzzed.body);
        response.trailers = fuzzed.trailers;
        response.ended = true;
        response
    }
}

/// The code and the sentences of the finding of a response; `plain` is the response
/// to a plain GET.
#[must_use]
pub fn classify(
    response: FuzzedResponse,
    plain: Option<FuzzedResponse>,
) -> (&'static str, Vec<String>) {
    let (response, plain) = (response.into(), plain.map(Into::into));
    let _ = rules::needs_plain_request(&response);
    let finding = rules::classify(&response, plain.as_ref());
    let mut sentences = finding.evidence;
    sentences.extend(response.evidence());
    sentences.push(finding.message);
    (finding.cause.code(), sentences)
}
