//! One request on the connection.

use std::time::{Duration, Instant};

use http::{HeaderMap, HeaderValue, Method, Request, Uri, header};
use http_body_util::Full;
use hyper::body::Bytes;
use tokio::time::timeout;
use tonic::body::Body;
use tower::{Service, ServiceExt};

use super::answer::Answer;
use crate::{
    dial::{Channel, ChannelError, Lost},
    tls,
};

/// How long a connection's end may come after that of its request.
const END: Duration = Duration::from_millis(200);

/// A request.
pub(super) struct Question<'a> {
    pub(super) path: &'a str,
    pub(super) headers: &'a HeaderMap,
    /// The gRPC message; `None` asks by a plain GET.
    pub(super) message: Option<Vec<u8>>,
    pub(super) timeout: Duration,
}

/// Why nothing came back.
#[derive(Debug)]
pub(super) enum Unanswered {
    /// The time is over.
    Deadline(Duration),
    /// The server refuses this client in TLS, after the handshake.
    Refused(rustls::Error),
    /// The connection or the stream ended.
    Broken(Lost),
}

/// Sends a request, and takes the answer as far as it is worth.
pub(super) async fn ask(channel: &Channel, question: &Question<'_>) -> Result<Answer, Unanswered> {
    let started = Instant::now();
    let mut channel = channel.clone();
    let request = request(&channel.origin, question);
    let exchange = async {
        let response = channel.ready().await?.call(request).await?;
        let (head, body) = response.into_parts();
        let mut answer = Answer::new(head);
        answer.read(body).await?;
        answer.took = started.elapsed();
        Ok(answer)
    };
    let result: Result<_, ChannelError> = match timeout(question.timeout, exchange).await {
        Ok(result) => result,
        Err(_) => return Err(Unanswered::Deadline(question.timeout)),
    };
    match result {
        Ok(answer) => Ok(answer),
        Err(error) => {
            let left = question.timeout.saturating_sub(started.elapsed());
            Err(broken(&channel, &error, END.min(left)).await)
        }
    }
}

async fn broken(channel: &Channel, error: &ChannelError, patience: Duration) -> Unanswered {
    if let Some(error) = tls::error::find(error) {
        return Unanswered::Refused(error.clone());
    }
    let lost = Lost::new(error);
    // A request that fails with its connection knows less than that does.
    match lost.reason {
        Some(_) => Unanswered::Broken(lost),
        None => Unanswered::Broken(timeout(patience, channel.lost()).await.unwrap_or(lost)),
    }
}

fn request(origin: &Uri, question: &Question<'_>) -> Request<Body> {
    let mut parts = origin.clone().into_parts();
    parts.path_and_query = question.path.parse().ok();
    let mut request = Request::new(Body::empty());
    *request.uri_mut() = Uri::from_parts(parts).unwrap_or_default();
    let headers = request.headers_mut();
    headers.clone_from(question.headers);
    headers
        .entry(header::USER_AGENT)
        .or_insert(HeaderValue::from_static(concat!(
            "greeter-client/",
            env!("CARGO_PKG_VERSION")
        )));
    let Some(message) = &question.message else {
        return request;
    };
    headers.insert(header::TE, HeaderValue::from_static("trailers"));
    let grpc = HeaderValue::from_static("application/grpc");
    headers.insert(header::CONTENT_TYPE, grpc);
    let milliseconds = format!("{}m", question.timeout.as_millis().min(99_999_999));
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
