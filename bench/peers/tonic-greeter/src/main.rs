//! The greeter as tonic's own examples serve it: the multi-thread runtime and the
//! server's defaults.

use std::{env, fs, net::SocketAddr};

use anyhow::Context;
use tokio_stream::Iter;
use tonic::{
    Request, Response, Status, Streaming,
    transport::{Identity, Server, ServerTlsConfig},
};

mod helloworld {
    tonic::include_proto!("helloworld");
}

use helloworld::{
    HelloReply, HelloRequest,
    greeter_server::{Greeter, GreeterServer},
};

type Replies = Iter<std::vec::IntoIter<Result<HelloReply, Status>>>;

struct Greetings;

fn reply(request: Request<HelloRequest>) -> HelloReply {
    let message = format!("Hello {}", request.into_inner().name);
    HelloReply { message }
}

#[tonic::async_trait]
impl Greeter for Greetings {
    type SayHelloStreamReplyStream = Replies;
    type SayHelloBidiStreamStream = Replies;

    async fn say_hello(
        &self,
        request: Request<HelloRequest>,
    ) -> Result<Response<HelloReply>, Status> {
        Ok(Response::new(reply(request)))
    }

    async fn say_hello_stream_reply(
        &self,
        request: Request<HelloRequest>,
    ) -> Result<Response<Replies>, Status> {
        let replies = vec![Ok(reply(request)); 5];
        Ok(Response::new(tokio_stream::iter(replies)))
    }

    async fn say_hello_bidi_stream(
        &self,
        _: Request<Streaming<HelloRequest>>,
    ) -> Result<Response<Replies>, Status> {
        Err(Status::unimplemented("not measured"))
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let args: Vec<_> = env::args().skip(1).collect();
    let port = args
        .first()
        .context("usage: tonic-greeter PORT [CERT KEY]")?;
    let mut server = Server::builder();
    if let [_, cert, key] = &args[..] {
        let identity = Identity::from_pem(fs::read(cert)?, fs::read(key)?);
        server = server.tls_config(ServerTlsConfig::new().identity(identity))?;
    }
    server
        .add_service(GreeterServer::new(Greetings))
        .serve(SocketAddr::from(([127, 0, 0, 1], port.parse()?)))
        .await?;
    Ok(())
}
