//! Compresses the reply only if the request is compressed.

use axum::{
    extract::Request,
    http::{HeaderName, HeaderValue},
};

static ENCODING: HeaderName = HeaderName::from_static("grpc-encoding");
static ACCEPTED: HeaderName = HeaderName::from_static("grpc-accept-encoding");

/// Removes `grpc-accept-encoding` from a request that is not compressed. Most
/// clients always accept gzip, and compressing a greeting costs more than it
/// saves.
pub(crate) async fn mirror(mut request: Request) -> Request {
    let identity = HeaderValue::from_static("identity");
    if *request.headers().get(&ENCODING).unwrap_or(&identity) == identity {
        request.headers_mut().remove(&ACCEPTED);
    }
    request
}
