//! The common call: a name that arrives in one piece, uncompressed and over gRPC.
//!
//! It is answered as soon as it is read, without the layers for what it does not need:
//! gRPC-Web, compression, a deadline, and a limit of the time and of the memory for the
//! rest of the request. All other calls, and those that fail, pass through the layers.
//!
//! A call whose message has not begun to arrive waits outside the layers, whose futures
//! take several times the memory.

mod message;

use std::{
    future::poll_fn,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, Version, header};
use bytes::{BufMut, BytesMut};
use greeter_proto::helloworld::HelloReply;
use prost::Message;
use service_kit::{Answer, Call, Content, Reply, Route, RouterRoutes, Routes};
use tokio::time::timeout;

use self::message::PREFIX;
use crate::{
    about::About,
    call::{Calls, Received, deadline},
};

const METHOD: &str = "helloworld.Greeter/SayHello";
const PATH: &str = "/helloworld.Greeter/SayHello";

/// The route under which the layers report the call.
const ROUTE: &str = "/helloworld.Greeter/{*rest}";

const GRPC: HeaderValue = HeaderValue::from_static("application/grpc");
const STATUS: HeaderName = HeaderName::from_static("grpc-status");

/// The routes of the greeter, with a short way for the common call.
pub(crate) struct GreeterRoutes(Arc<Parts>);

struct Parts {
    layers: RouterRoutes,
    calls: Calls,
    /// Of each common call. A copy needs no hashes of the names.
    headers: HeaderMap,
    trailers: HeaderMap,
}

impl Routes for GreeterRoutes {
    fn call(&self, mut call: Call, context: &mut Context<'_>) -> Reply {
        if !is_common(&call.request) {
            return self.0.layers.call(call, context);
        }
        match message::poll(call.request.body_mut(), context) {
            Poll::Ready(Some(reply)) => Reply::Ready(self.0.answer(&reply)),
            Poll::Ready(None) => self.0.layers.call(call, context),
            Poll::Pending => Reply::Later(Arc::clone(&self.0).wait(call)),
        }
    }
}

impl GreeterRoutes {
    pub(crate) fn new(layers: RouterRoutes, calls: Calls, about: &About) -> Self {
        let mut headers = HeaderMap::with_capacity(8);
        headers.insert(header::CONTENT_TYPE, GRPC);
        about.insert_into(&mut headers);
        // Each response has its own. With a place for it, and room, a copy does not grow.
        headers.insert(header::DATE, HeaderValue::from_static(""));
        Self(Arc::new(Parts {
            layers,
            calls,
            headers,
            trailers: HeaderMap::from_iter([(STATUS, HeaderValue::from_static("0"))]),
        }))
    }
}

impl Parts {
    /// Waits for the first bytes of the message. After the time for them, the layers
    /// end the call.
    fn wait(self: Arc<Self>, mut call: Call) -> Pin<Box<dyn Future<Output = Answer> + Send>> {
        let received = Received::now();
        let time = self.calls.time_of_message(call.request.headers());
        Box::pin(async move {
            let first = poll_fn(|context| message::poll(call.request.body_mut(), context));
            if let Ok(Some(reply)) = timeout(time, first).await {
                return self.answer(&reply);
            }
            call.request.extensions_mut().insert(received);
            let mut call = Some(call);
            let reply = poll_fn(|context| {
                let call = call.take().expect("this is polled once");
                Poll::Ready(self.layers.call(call, context))
            });
            match reply.await {
                Reply::Ready(answer) => answer,
                Reply::Later(answer) => answer.await,
            }
        })
    }

    fn answer(&self, reply: &HelloReply) -> Answer {
        let length = reply.encoded_len();
        let mut data = BytesMut::with_capacity(PREFIX + length);
        data.put_u8(0);
        data.put_u32(length as u32);
        reply.encode_raw(&mut data);
        let mut response = Response::new(Content::Whole {
            data: data.freeze(),
            trailers: Some(self.trailers.clone()),
        });
        *response.headers_mut() = self.headers.clone();
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
