//! Servers that respond, with OK or with another status.

use greeter_proto::{
    health::{
        HealthCheckRequest, HealthCheckResponse, HealthListRequest, HealthListResponse,
        health_check_response::ServingStatus,
        health_server::{Health, HealthServer},
    },
    helloworld::{
        HelloReply, HelloRequest,
        greeter_server::{Greeter, GreeterServer},
    },
};
use testkit::{
    Pki,
    servers::{never_answering, serve},
};
use tokio_stream::Empty;
use tonic::{Request, Response, Status, Streaming, service::Routes};

use crate::{
    scenario::Scenario,
    servers::{greeter, routes, stopped_greeter, tls_greeter},
};

pub(crate) async fn ok() -> Scenario {
    let pki = Pki::new();
    let addr = tls_greeter(&pki, &[]).await;
    Scenario::new(["--tls", "--cacert", &pki.ca(), "--addr", &addr]).keep(pki)
}

pub(crate) async fn grpc_unimplemented_service() -> Scenario {
    let addr = greeter(&[]).await;
    Scenario::new(["--path", "/other.Service/Call", "--addr", &addr])
}

pub(crate) async fn grpc_unimplemented_method() -> Scenario {
    let addr = greeter(&[]).await;
    Scenario::new(["--path", "/helloworld.Greeter/SayBye", "--addr", &addr])
}

/// A greeter in lame-duck mode: SIGTERM has arrived, and the drain delay runs.
pub(crate) async fn grpc_not_serving() -> Scenario {
    let addr = stopped_greeter(&["--drain-delay", "60s", "--drain-timeout", "90s"]).await;
    Scenario::new(["--addr", &addr])
}

pub(crate) async fn grpc_deadline() -> Scenario {
    Scenario::new(["--timeout", "300ms", "--addr", &never_answering().await])
}

pub(crate) async fn grpc_message_too_large() -> Scenario {
    let greeter = GreeterServer::new(Test::Greeting).max_encoding_message_size(4);
    Scenario::new([
        "--addr",
        &routes(Routes::new(greeter).into_axum_router()).await,
    ])
}

pub(crate) async fn grpc_status() -> Scenario {
    Scenario::new(["--addr", &refusing().await])
}

/// A greeter that responds PERMISSION_DENIED.
pub(crate) async fn refusing() -> String {
    refusing_with(Status::permission_denied("not today")).await
}

/// A greeter that responds with this status.
pub(crate) async fn refusing_with(status: Status) -> String {
    let greeter = GreeterServer::new(Test::Refusing(status));
    let services = Routes::new(greeter).add_service(HealthServer::new(Healthy));
    routes(services.into_axum_router()).await
}

enum Test {
    Greeting,
    Refusing(Status),
    Large,
}

/// A health service that responds SERVING.
struct Healthy;

#[tonic::async_trait]
impl Health for Healthy {
    type WatchStream = Empty<Result<HealthCheckResponse, Status>>;

    async fn check(
        &self,
        _: Request<HealthCheckRequest>,
    ) -> Result<Response<HealthCheckResponse>, Status> {
        let status = ServingStatus::Serving.into();
        Ok(Response::new(HealthCheckResponse { status }))
    }

    async fn list(
        &self,
        _: Request<HealthListRequest>,
    ) -> Result<Response<HealthListResponse>, Status> {
        Err(Status::unimplemented(""))
    }

    async fn watch(
        &self,
        _: Request<HealthCheckRequest>,
    ) -> Result<Response<Self::WatchStream>, Status> {
        Err(Status::unimplemented(""))
    }
}

#[tonic::async_trait]
impl Greeter for Test {
    type SayHelloStreamReplyStream = Empty<Result<HelloReply, Status>>;
    type SayHelloBidiStreamStream = Empty<Result<HelloReply, Status>>;

    async fn say_hello(&self, _: Request<HelloRequest>) -> Result<Response<HelloReply>, Status> {
        let message = match self {
            Self::Greeting => "Hello".to_owned(),
            Self::Refusing(status) => return Err(status.clone()),
            Self::Large => "Hello ".repeat(1024 * 1024),
        };
        Ok(Response::new(HelloReply { message }))
    }

    async fn say_hello_stream_reply(
        &self,
        _: Request<HelloRequest>,
    ) -> Result<Response<Self::SayHelloStreamReplyStream>, Status> {
        Err(Status::unimplemented(""))
    }

    async fn say_hello_bidi_stream(
        &self,
        _: Request<Streaming<HelloRequest>>,
    ) -> Result<Response<Self::SayHelloBidiStreamStream>, Status> {
        Err(Status::unimplemented(""))
    }
}

#[tokio::test]
async fn a_message_over_the_clients_limit_is_too_large() {
    let greeter = GreeterServer::new(Test::Large);
    let addr = routes(Routes::new(greeter).into_axum_router()).await;
    let run = Scenario::new(["--addr", &addr])
        .diagnosed_as("grpc_message_too_large")
        .await;
    run.shows("6291461 bytes");
}

/// A server that responds with a message of this length, and with these trailers or
/// without trailers.
async fn responding(
    length: usize,
    trailers: Option<&'static [(&'static str, &'static str)]>,
) -> String {
    serve(move |stream| async move {
        let mut connection = h2::server::handshake(stream).await.unwrap();
        while let Some(Ok((_, mut respond))) = connection.accept().await {
            let head = http::Response::builder().header("content-type", "application/grpc");
            let mut stream = respond
                .send_response(head.body(()).unwrap(), false)
                .unwrap();
            let mut message = vec![0];
            message.extend(u32::try_from(length).unwrap().to_be_bytes());
            message.resize(message.len() + length, 0);
            stream
                .send_data(message.into(), trailers.is_none())
                .unwrap();
            if let Some(trailers) = trailers {
                let trailers = trailers.iter().map(|(name, value)| {
                    (
                        name.parse::<http::HeaderName>().unwrap(),
                        value.parse().unwrap(),
                    )
                });
                stream.send_trailers(trailers.collect()).unwrap();
            }
        }
    })
    .await
}

#[tokio::test]
async fn a_response_without_trailers_is_not_grpc() {
    let addr = responding(2, None).await;
    let run = Scenario::new(["--addr", &addr])
        .diagnosed_as("route_not_grpc")
        .await;
    run.shows("the trailers are missing");
    run.shows("grpc_pass");
}

#[tokio::test]
async fn trailers_after_a_large_message_are_read() {
    let status = &[
        ("grpc-status", "14"),
        ("grpc-message", "the rest is missing"),
    ];
    let addr = responding(48 * 1024, Some(status)).await;
    let run = Scenario::new(["--addr", &addr])
        .diagnosed_as("grpc_status")
        .await;
    run.shows("UNAVAILABLE: the rest is missing");
}

#[tokio::test]
async fn every_stage_of_a_working_connection_is_shown() {
    let run = ok().await.diagnosed_as("ok").await;
    for stage in [
        "resolve", "connect", "tls", "alpn", "http2", "route", "rpc", "health",
    ] {
        assert_eq!(run.status(stage), "ok", "{stage}: {run:?}");
    }
    let stages = run.json["stages"].to_string();
    for text in [
        "IPv4 127.0.0.1",
        "TLSv1.3",
        "X25519MLKEM768 (post-quantum)",
        "verified as localhost",
        "OCSP response not stapled",
        "issued by CN=Test CA",
        "days left",
        "grpc-status 0 (OK)",
        "SERVING (helloworld.Greeter)",
    ] {
        assert!(stages.contains(text), "no {text:?} in {:#}", run.json);
    }
}

#[tokio::test]
async fn reflection_lists_the_services() {
    let run = grpc_unimplemented_service()
        .await
        .diagnosed_as("grpc_unimplemented_service")
        .await;
    run.shows("helloworld.Greeter");
}

#[tokio::test]
async fn the_total_timeout_bounds_the_run() {
    let addr = never_answering().await;
    let run = Scenario::new(["--total-timeout", "600ms", "--addr", &addr])
        .diagnosed_as("grpc_deadline")
        .await;
    run.shows("Allow more time with --total-timeout");
    assert!(run.json["elapsed_ms"].as_f64().unwrap() < 700.0, "{run:?}");
}

#[tokio::test]
async fn an_endless_stream_is_a_response() {
    let addr = greeter(&[]).await;
    let path = "/grpc.health.v1.Health/Watch";
    Scenario::new(["--path", path, "--addr", &addr])
        .diagnosed_as("ok")
        .await;
}
