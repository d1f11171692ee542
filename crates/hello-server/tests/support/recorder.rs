//! A greeter that records the metadata of its calls.

use futures_util::stream::BoxStream;
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
        Err(Status::unimplemented("only SayHello is recorded"))
    }

    async fn say_hello_bidi_stream(
        &self,
        _: Request<Streaming<HelloRequest>>,
    ) -> Result<Response<Replies>, Status> {
        Err(Status::unimplemented("only SayHello is recorded"))
    }
}
