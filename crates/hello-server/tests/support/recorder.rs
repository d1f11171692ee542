//! A greeter that records the metadata of its calls.

use std::future::ready;

use futures_util::{
    StreamExt,
    stream::{self, BoxStream},
};
use greeter_proto::helloworld::{
    HelloReply, HelloRequest,
    greeter_server::{Greeter, GreeterServer},
};
use tokio::{net::TcpListener, sync::mpsc};
use tonic::{
    Request, Response, Status, Streaming,
    metadata::MetadataMap,
    transport::{Server, server::TcpIncoming},
};

/// The name whose stream fails after the first reply. Others have no second one.
pub(crate) const FAILS: &str = "Fails";

/// A running greeter that records.
pub(crate) struct Recorder {
    pub(crate) url: String,
    calls: mpsc::UnboundedReceiver<MetadataMap>,
}

impl Recorder {
    /// Starts it.
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind(testkit::any_port()).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (record, calls) = mpsc::unbounded_channel();
        let server = Server::builder().add_service(GreeterServer::new(Recording(record)));
        tokio::spawn(server.serve_with_incoming(TcpIncoming::from(listener)));
        Self { url, calls }
    }

    /// The metadata of the next call to it.
    pub(crate) async fn call(&mut self) -> MetadataMap {
        self.calls.recv().await.expect("a call")
    }
}

struct Recording(mpsc::UnboundedSender<MetadataMap>);

type Replies = BoxStream<'static, Result<HelloReply, Status>>;

#[tonic::async_trait]
impl Greeter for Recording {
    type SayHelloStreamReplyStream = Replies;
    type SayHelloBidiStreamStream = Replies;

    async fn say_hello(
        &self,
        request: Request<HelloRequest>,
    ) -> Result<Response<HelloReply>, Status> {
        self.0.send(request.metadata().clone()).unwrap();
        Ok(Response::new(HelloReply::default()))
    }

    async fn say_hello_stream_reply(
        &self,
        _: Request<HelloRequest>,
    ) -> Result<Response<Replies>, Status> {
        Err(Status::unimplemented("no test needs it"))
    }

    async fn say_hello_bidi_stream(
        &self,
        request: Request<Streaming<HelloRequest>>,
    ) -> Result<Response<Replies>, Status> {
        let mut requests = request.into_inner();
        let name = requests.message().await?.unwrap_or_default().name;
        let first = stream::once(ready(Ok(HelloReply::default())));
        let rest: Replies = match name.as_str() {
            FAILS => stream::once(ready(Err(Status::aborted("on purpose")))).boxed(),
            _ => stream::pending().boxed(),
        };
        Ok(Response::new(first.chain(rest).boxed()))
    }
}
