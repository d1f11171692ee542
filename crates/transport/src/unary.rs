//! Unary calls of the greeter that are prepared once and sent often.
//!
//! A response as servers send it is read here: one message in one frame, then the status
//! OK. tonic reads every other one, so that it means the same as in any other call.

use std::{convert::Infallible, future::ready, time::Duration};

use bytes::{BufMut, Bytes, BytesMut};
use futures_util::{StreamExt, stream};
use greeter_proto::helloworld::{HelloReply, HelloRequest};
use http::{
    HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, Uri, Version,
    header::{CONTENT_TYPE, TE},
    response,
};
use http_body::{Body, Frame};
use http_body_util::{BodyExt, BodyStream, StreamBody};
use prost::Message;
use tonic::{Status, body, client::Grpc};
use tonic_prost::ProstCodec;
use tower::service_fn;

use crate::{
    Channel, Dialer,
    call::{Kind, Options},
};

const GRPC_ENCODING: HeaderName = HeaderName::from_static("grpc-encoding");
const GRPC_STATUS: HeaderName = HeaderName::from_static("grpc-status");
const GRPC_TIMEOUT: HeaderName = HeaderName::from_static("grpc-timeout");

/// The flag for compression and the length, before each message.
const PREFIX: usize = 5;

/// A request that can be sent any number of times.
#[derive(Clone, Debug)]
pub struct UnaryCall {
    head: Request<()>,
    message: Bytes,
}

impl UnaryCall {
    /// The request of a unary call, for the server of this dialler.
    #[must_use]
    pub fn new(dialer: &Dialer, options: &Options, name: &str) -> Self {
        let origin = dialer.origin();
        let mut uri = origin.uri.clone().into_parts();
        uri.path_and_query = Some(Kind::Unary.path());
        let mut head = Request::new(());
        *head.method_mut() = Method::POST;
        *head.uri_mut() = Uri::from_parts(uri).expect("an origin and a path");
        *head.version_mut() = Version::HTTP_2;
        let headers = head.headers_mut();
        *headers = options.headers.iter().cloned().collect();
        headers.insert(TE, HeaderValue::from_static("trailers"));
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/grpc"));
        origin.add_user_agent(headers);
        let mut call = Self {
            head,
            message: message(name),
        };
        if let Some(timeout) = options.timeout {
            call.set_timeout(timeout);
        }
        call
    }

    /// Sets a header of the request.
    pub fn set_header(&mut self, name: HeaderName, value: HeaderValue) {
        self.head.headers_mut().insert(name, value);
    }

    /// Sets the timeout that the server gets.
    pub fn set_timeout(&mut self, timeout: Duration) {
        let mut request = tonic::Request::new(());
        request.set_timeout(timeout);
        let mut metadata = request.into_parts().0.into_headers();
        if let Some(timeout) = metadata.remove(GRPC_TIMEOUT) {
            self.set_header(GRPC_TIMEOUT, timeout);
        }
    }

    /// Sends the request, and waits for the end of the call. Returns the response's
    /// headers.
    ///
    /// # Errors
    /// The call's status if it is not OK.
    pub async fn send(&self, channel: &mut Channel) -> Result<HeaderMap, Status> {
        let response = channel.send_whole(self.head.clone(), self.message.clone());
        let (head, mut body) = response.await?.into_parts();
        if !is_ordinary(&head) {
            return Box::pin(read(head, [None, None], Some(body))).await;
        }
        let first = body.frame().await.transpose()?;
        if !first.as_ref().is_some_and(is_reply) {
            let rest = first.is_some().then_some(body);
            return Box::pin(read(head, [first, None], rest)).await;
        }
        let second = body.frame().await.transpose()?;
        if second.as_ref().is_some_and(is_ok) {
            return Ok(head.headers);
        }
        let rest = second.as_ref().is_some_and(Frame::is_data).then_some(body);
        Box::pin(read(head, [first, second], rest)).await
    }
}

/// The request's message, with its prefix.
fn message(name: &str) -> Bytes {
    let request = HelloRequest {
        name: name.to_owned(),
    };
    let length = request.encoded_len();
    let mut message = BytesMut::with_capacity(PREFIX + length);
    message.put_u8(0);
    message.put_u32(u32::try_from(length).expect("a name is shorter than 4 GiB"));
    message.put(&*request.encode_to_vec());
    message.freeze()
}

/// Whether a message and a status follow the head, and not only one of them.
fn is_ordinary(head: &response::Parts) -> bool {
    let headers = &head.headers;
    head.status == StatusCode::OK
        && !headers.contains_key(GRPC_STATUS)
        && !headers.contains_key(GRPC_ENCODING)
}

/// Whether the frame is one reply, not compressed.
fn is_reply(frame: &Frame<Bytes>) -> bool {
    let message = frame
        .data_ref()
        .and_then(|data| data.split_at_checked(PREFIX));
    message.is_some_and(|(prefix, message)| {
        let length = u32::try_from(message.len()).unwrap_or_default();
        prefix[0] == 0 && prefix[1..] == length.to_be_bytes() && HelloReply::decode(message).is_ok()
    })
}

/// Whether the frame is the trailers of a call that succeeded.
fn is_ok(frame: &Frame<Bytes>) -> bool {
    let status = frame.trailers_ref().and_then(|it| it.get(GRPC_STATUS));
    status.is_some_and(|status| status == "0")
}

/// Lets tonic read a response: what has been received, and the rest of the body.
async fn read(
    head: response::Parts,
    received: [Option<Frame<Bytes>>; 2],
    rest: Option<impl Body<Data = Bytes, Error: Into<Status>> + Send + 'static>,
) -> Result<HeaderMap, Status> {
    let received = stream::iter(received.into_iter().flatten().map(Ok));
    let rest = stream::iter(rest).flat_map(|rest| {
        let rest = rest.map_err(Into::into);
        BodyStream::new(Box::pin(rest))
    });
    let mut response = Some(Response::from_parts(
        head,
        StreamBody::new(received.chain(rest)),
    ));
    let mut grpc = Grpc::new(service_fn(|_: Request<body::Body>| {
        ready(Ok::<_, Infallible>(response.take().expect("one request")))
    }));
    let request = tonic::Request::new(stream::empty());
    let codec = ProstCodec::<HelloRequest, HelloReply>::default();
    let response = grpc.streaming(request, Kind::Unary.path(), codec).await?;
    let (metadata, mut replies, _) = response.into_parts();
    if replies.message().await?.is_none() {
        return Err(Status::internal("the call ended without a reply"));
    }
    replies.trailers().await?;
    Ok(metadata.into_headers())
}
