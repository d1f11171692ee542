//! The common call: a name that has arrived whole, uncompressed and over gRPC.
//!
//! It is answered as soon as it is read, without the layers for what it does not need:
//! gRPC-Web, compression, a deadline, and a limit of the time and of the memory for the
//! rest of the request. All other calls, and those that fail, pass through the layers.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, Version, header};
use bytes::{BufMut, Bytes, BytesMut};
use greeter_proto::helloworld::{HelloReply, HelloRequest};
use http_body::Body;
use prost::Message;
use service_kit::{Answer, Call, Content, Reply, RequestBody, Route, RouterRoutes, Routes};

use crate::{
    call::{MAX_MESSAGE_BYTES, append, deadline},
    service::greet,
};

const METHOD: &str = "helloworld.Greeter/SayHello";
const PATH: &str = "/helloworld.Greeter/SayHello";

/// The route under which the layers report the call.
const ROUTE: &str = "/helloworld.Greeter/{*rest}";

const GRPC: HeaderValue = HeaderValue::from_static("application/grpc");
const STATUS: HeaderName = HeaderName::from_static("grpc-status");
const HOSTNAME: HeaderName = HeaderName::from_static(greeter_proto::HOSTNAME);

/// The length of a message's prefix: flags and length.
const PREFIX: usize = 5;

/// The routes of the greeter, with a short way for the common call.
pub(crate) struct GreeterRoutes {
    pub(crate) layers: RouterRoutes,
    pub(crate) hostname: HeaderValue,
}

impl Routes for GreeterRoutes {
    fn call(&self, mut call: Call, context: &mut Context<'_>) -> Reply {
        if is_common(&call.request)
            && let Some(reply) = reply(call.request.body_mut(), context)
        {
            return Reply::Ready(self.answer(&reply));
        }
        self.layers.call(call, context)
    }
}

impl GreeterRoutes {
    fn answer(&self, reply: &HelloReply) -> Answer {
        let length = reply.encoded_len();
        let mut data = BytesMut::with_capacity(PREFIX + length);
        data.put_u8(0);
        data.put_u32(length as u32);
        reply.encode_raw(&mut data);
        let mut trailers = HeaderMap::with_capacity(1);
        trailers.insert(STATUS, HeaderValue::from_static("0"));
        let mut response = Response::new(Content::Whole {
            data: data.freeze(),
            trailers: Some(trailers),
        });
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, GRPC);
        headers.insert(HOSTNAME, self.hostname.clone());
        Answer {
            response,
            route: Some(Route::Fixed(ROUTE)),
            rpc: Some(METHOD),
        }
    }
}

/// Whether it is a call of `SayHello` that needs none of the layers.
fn is_common<B>(request: &Request<B>) -> bool {
    if request.uri().path() != PATH
        || request.method() != Method::POST
        || request.version() != Version::HTTP_2
    {
        return false;
    }
    let mut is_grpc = false;
    for (name, value) in request.headers() {
        match name.as_str() {
            "content-type" => is_grpc = value == GRPC,
            "grpc-encoding" | "origin" => return false,
            "grpc-timeout" if !deadline::is_positive(value) => return false,
            _ => {}
        }
    }
    is_grpc
}

/// The reply to the message of this request. Without one, the request is as before.
fn reply(body: &mut RequestBody, context: &mut Context<'_>) -> Option<HelloReply> {
    let mut received = Bytes::new();
    while !body.is_end_stream() {
        let polled = Pin::new(&mut *body).poll_frame(context);
        let Poll::Ready(Some(Ok(frame))) = polled else {
            break;
        };
        if let Ok(data) = frame.into_data() {
            received = append(received, data);
        }
    }
    let reply = message(&received)
        .filter(|_| body.is_end_stream())
        .and_then(|message| HelloRequest::decode(message).ok())
        .and_then(|request| greet(&request).ok());
    if reply.is_none() && !received.is_empty() {
        body.put_back(received);
    }
    reply
}

/// The message, if this is exactly one, and not compressed.
fn message(received: &[u8]) -> Option<&[u8]> {
    let ([0, length @ ..], message) = received.split_first_chunk::<PREFIX>()? else {
        return None;
    };
    let is_whole = u32::from_be_bytes(*length) as usize == message.len();
    (is_whole && message.len() <= MAX_MESSAGE_BYTES).then_some(message)
}
