//! `helloworld.Greeter`.

use axum::http::HeaderMap;
use futures_util::{
    StreamExt,
    stream::{self, BoxStream},
};
use greeter_proto::helloworld::{HelloReply, HelloRequest, greeter_server};
use tonic::{Extensions, Request, Response, Status, Streaming, metadata::MetadataMap};

use super::name;
use crate::about::About;

/// The number of greetings in a streaming reply.
const STREAM_REPLIES: usize = 5;

/// Greets, and sends its host name and version in the initial metadata.
pub(crate) struct Greeter {
    about: About,
}

impl Greeter {
    pub(crate) fn new(about: About) -> Self {
        Self { about }
    }

    fn respond<T>(&self, message: T) -> Response<T> {
        let mut headers = HeaderMap::with_capacity(1);
        self.about.insert_into(&mut headers);
        let metadata = MetadataMap::from_headers(headers);
        Response::from_parts(metadata, message, Extensions::default())
    }
}

/// The reply to a request.
///
/// # Errors
/// If the name is refused.
pub(crate) fn greet(request: &HelloRequest) -> Result<HelloReply, Status> {
    Ok(HelloReply {
        message: format!("Hello {}", name::check(&request.name)?),
    })
}

#[tonic::async_trait]
impl greeter_server::Greeter for Greeter {
    type SayHelloStreamReplyStream = BoxStream<'static, Result<HelloReply, Status>>;
    type SayHelloBidiStreamStream = BoxStream<'static, Result<HelloReply, Status>>;

    async fn say_hello(
        &self,
        request: Request<HelloRequest>,
    ) -> Result<Response<HelloReply>, Status> {
        Ok(self.respond(greet(request.get_ref())?))
    }

    async fn say_hello_stream_reply(
        &self,
        request: Request<HelloRequest>,
    ) -> Result<Response<Self::SayHelloStreamReplyStream>, Status> {
        let reply = greet(request.get_ref())?;
        Ok(self.respond(stream::iter(vec![Ok(reply); STREAM_REPLIES]).boxed()))
    }

    async fn say_hello_bidi_stream(
        &self,
        request: Request<Streaming<HelloRequest>>,
    ) -> Result<Response<Self::SayHelloBidiStreamStream>, Status> {
        let replies = request.into_inner().map(|request| greet(&request?));
        // A name that is refused ends the call, as in a unary call.
        let replies = replies.scan(false, |failed, reply| {
            let ended = std::mem::replace(failed, reply.is_err());
            std::future::ready((!ended).then_some(reply))
        });
        Ok(self.respond(replies.boxed()))
    }
}
