//! Compresses replies only to those who compress their requests.

use axum::{extract::Request, http::HeaderValue};

/// Forgets what encodings the caller would accept, unless its request is
/// compressed: most clients accept gzip always, and on greetings it costs more
/// than it saves.
pub(crate) async fn mirror(mut request: Request) -> Request {
    let identity = HeaderValue::from_static("identity");
    if *request.headers().get("grpc-encoding").unwrap_or(&identity) == identity {
        request.headers_mut().remove("grpc-accept-encoding");
    }
    request
}
