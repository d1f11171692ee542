//! Refuses requests that are not gRPC, before anything reads them.

use axum::{
    extract::Request,
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::Response,
};
use tonic::Status;

/// The content types of gRPC-Web that tonic-web serves.
const GRPC_WEB: [&[u8]; 4] = [
    b"application/grpc-web",
    b"application/grpc-web+proto",
    b"application/grpc-web-text",
    b"application/grpc-web-text+proto",
];

/// Middleware that responds, as grpc-go does, with both an HTTP status and a gRPC
/// status: 415 to another content type, and 405 to a method other than POST.
pub(crate) async fn check(request: Request, next: Next) -> Response {
    if request.method() != Method::POST {
        let text = format!("{} is not POST, the method of gRPC", request.method());
        let mut response = refused(StatusCode::METHOD_NOT_ALLOWED, Status::internal(text));
        let post = HeaderValue::from_static("POST");
        response.headers_mut().insert(header::ALLOW, post);
        return response;
    }
    if !is_grpc(request.headers()) {
        let text = "the content-type is not application/grpc, nor one of gRPC-Web";
        let status = Status::invalid_argument(text);
        return refused(StatusCode::UNSUPPORTED_MEDIA_TYPE, status);
    }
    next.run(request).await
}

fn refused(code: StatusCode, status: Status) -> Response {
    let mut response: Response = status.into_http();
    *response.status_mut() = code;
    response
}

/// Whether the content type is `application/grpc`, alone or with a subtype or
/// parameters, or one of gRPC-Web.
fn is_grpc(headers: &HeaderMap) -> bool {
    let Some(value) = headers.get(header::CONTENT_TYPE) else {
        return false;
    };
    let value = value.as_bytes().to_ascii_lowercase();
    match value.strip_prefix(b"application/grpc") {
        Some([] | [b'+' | b';' | b' ', ..]) => true,
        Some(_) => GRPC_WEB.contains(&&value[..]),
        None => false,
    }
}
