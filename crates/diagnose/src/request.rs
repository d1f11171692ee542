//! Raw requests on the connection: gRPC calls without a client, and plain GETs.

use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, Uri, header, uri::PathAndQuery};
use http_body_util::Full;
use tokio::time::timeout;
use tonic::body::Body;
use transport::{Cause, Channel, ChannelError, CloseReason, tls::find_rustls_error};

use crate::response::RawResponse;

/// How long to wait for the connection's close reason after a request failed.
const CLOSE_TIMEOUT: Duration = Duration::from_millis(200);

/// A raw request.
pub(super) struct RawRequest<'a> {
    pub(super) path: PathAndQuery,
    pub(super) headers: &'a HeaderMap,
    /// The gRPC message; `None` makes a plain GET.
    pub(super) message: Option<Vec<u8>>,
    pub(super) timeout: Duration,
}

/// Why there is no response.
#[derive(Debug)]
pub(super) enum NoResponse {
    /// The timeout passed.
    Deadline(Duration),
    /// The server refused the client by a TLS alert after the handshake.
    Refused(rustls::Error),
    /// The connection or the stream ended.
    Closed(CloseReason),
}

/// Sends a request and reads its response.
pub(super) async fn send(
    channel: &Channel,
    raw: &RawRequest<'_>,
) -> Result<RawResponse, NoResponse> {
    let started = Instant::now();
    let request = request(channel.origin(), raw);
    let exchange = async {
        let response = channel.send(request).await?;
        let (head, body) = response.into_parts();
        let mut response = RawResponse::new(head);
        response.read(body).await?;
        response.took = started.elapsed();
        Ok(response)
    };
    let result: Result<_, ChannelError> = match timeout(raw.timeout, exchange).await {
        // Timers are coarser than short timeouts.
        Ok(result) if started.elapsed() < raw.timeout => result,
        _ => return Err(NoResponse::Deadline(raw.timeout)),
    };
    match result {
        Ok(response) => Ok(response),
        Err(error) => {
            let left = raw.timeout.saturating_sub(started.elapsed());
            Err(closed(channel, &error, CLOSE_TIMEOUT.min(left)).await)
        }
    }
}

async fn closed(channel: &Channel, error: &ChannelError, limit: Duration) -> NoResponse {
    if let Some(error) = find_rustls_error(error) {
        return NoResponse::Refused(error.clone());
    }
    let reason = CloseReason::new(error);
    // The connection's error is more precise than the request's, except for an
    // HTTP/2 error code that names the cause.
    if Cause::of_reset(reason.code) != Cause::GrpcClosed {
        return NoResponse::Closed(reason);
    }
    match timeout(limit, channel.closed()).await {
        Ok(of_connection) if of_connection.code.is_some() || reason.code.is_none() => {
            NoResponse::Closed(of_connection)
        }
        _ => NoResponse::Closed(reason),
    }
}

fn request(origin: &Uri, raw: &RawRequest<'_>) -> Request<Body> {
    let mut parts = origin.clone().into_parts();
    parts.path_and_query = Some(raw.path.clone());
    let mut request = Request::new(Body::empty());
    *request.uri_mut() = Uri::from_parts(parts).unwrap_or_default();
    let headers = request.headers_mut();
    headers.clone_from(raw.headers);
    let Some(message) = &raw.message else {
        return request;
    };
    headers.insert(header::TE, HeaderValue::from_static("trailers"));
    let grpc = HeaderValue::from_static("application/grpc");
    headers.insert(header::CONTENT_TYPE, grpc);
    let milliseconds = format!("{}m", raw.timeout.as_millis().min(99_999_999));
    if let Ok(value) = milliseconds.parse() {
        headers.insert("grpc-timeout", value);
    }
    *request.method_mut() = Method::POST;
    let length = u32::try_from(message.len()).unwrap_or_default();
    let mut frame = vec![0];
    frame.extend(length.to_be_bytes());
    frame.extend(message);
    *request.body_mut() = Body::new(Full::new(Bytes::from(frame)));
    request
}
