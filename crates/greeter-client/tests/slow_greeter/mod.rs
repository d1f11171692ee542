//! A greeter whose responses are delayed by the test.
#![allow(dead_code, missing_docs, reason = "each test file uses a part of it")]

use std::{sync::Arc, time::Duration};

use axum::Router;
use futures_util::stream::BoxStream;
use greeter_proto::helloworld::{HelloReply, HelloRequest, greeter_server};
use service_kit::{Lifecycle, Listeners, RouterRoutes, Telemetry, Version};
use testkit::Service;
use tokio::time::sleep;
use tonic::{Request, Response, Status, Streaming};

/// Serves `helloworld.Greeter`, unary only; each response is delayed
/// by what `delay` returns when its call arrives.
pub(crate) async fn serve(delay: impl Fn() -> Duration + Send + Sync + 'static) -> String {
    let service = greeter_server::GreeterServer::new(Slow {
        delay: Arc::new(delay),
    });
    let routes = Router::new().route_service("/helloworld.Greeter/{method}", service);
    // More streams than callers: what waits, waits for the delay alone.
    let args = ["slow", "--max-concurrent-streams", "10000"];
    let config = <::greeter_server::Config as clap::Parser>::parse_from(args).service;
    let version = Version {
        name: "slow",
        version: "0",
        commit: "unknown",
        built: "unknown",
    };
    let telemetry = Telemetry::start(&config.telemetry, version).unwrap();
    let run = |public, admin, shutdown| {
        let listeners = Listeners { public, admin };
        let lifecycle = Lifecycle::default();
        let routes = move || RouterRoutes::from(routes.clone());
        service_kit::serve(listeners, routes, telemetry, lifecycle, config, shutdown)
    };
    Service::start(run).await.keep()
}

struct Slow {
    delay: Arc<dyn Fn() -> Duration + Send + Sync>,
}

#[tonic::async_trait]
impl greeter_server::Greeter for Slow {
    type SayHelloStreamReplyStream = BoxStream<'static, Result<HelloReply, Status>>;
    type SayHelloBidiStreamStream = BoxStream<'static, Result<HelloReply, Status>>;

    async fn say_hello(
        &self,
        request: Request<HelloRequest>,
    ) -> Result<Response<HelloReply>, Status> {
        let delay = (self.delay)();
        if !delay.is_zero() {
            sleep(delay).await;
        }
        let message = format!("Hello {}", request.get_ref().name);
        Ok(Response::new(HelloReply { message }))
    }

    async fn say_hello_stream_reply(
        &self,
        _: Request<HelloRequest>,
    ) -> Result<Response<Self::SayHelloStreamReplyStream>, Status> {
        Err(Status::unimplemented("unary only"))
    }

    async fn say_hello_bidi_stream(
        &self,
        _: Request<Streaming<HelloRequest>>,
    ) -> Result<Response<Self::SayHelloBidiStreamStream>, Status> {
        Err(Status::unimplemented("unary only"))
    }
}
