//! Servers that answer, well or with a status of their own.

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
    arranged::Arranged,
    servers::{greeter, routes, stopped_greeter, tls_greeter},
};

pub(crate) async fn ok() -> Arranged {
    let pki = Pki::new();
    let addr = tls_greeter(&pki, &[]).await;
    Arranged::new(["--tls", "--cacert", &pki.ca(), "--addr", &addr]).keep(pki)
}

pub(crate) async fn grpc_unimplemented_service() -> Arranged {
    let addr = greeter(&[]).await;
    Arranged::new(["--path", "/other.Service/Call", "--addr", &addr])
}

pub(crate) async fn grpc_unimplemented_method() -> Arranged {
    let addr = greeter(&[]).await;
    Arranged::new(["--path", "/helloworld.Greeter/SayBye", "--addr", &addr])
}

/// A greeter that has its SIGTERM, and waits for load balancers to see it.
pub(crate) async fn grpc_not_serving() -> Arranged {
    let addr = stopped_greeter(&["--drain-delay", "60s", "--drain-timeout", "90s"]).await;
    Arranged::new(["--addr", &addr])
}

pub(crate) async fn grpc_deadline() -> Arranged {
    Arranged::new(["--timeout", "300ms", "--addr", &never_answering().await])
}

pub(crate) async fn grpc_message_too_large() -> Arranged {
    let greeter = GreeterServer::new(Test::Greeting).max_encoding_message_size(4);
    Arranged::new([
        "--addr",
        &routes(Routes::new(greeter).into_axum_router()).await,
    ])
}

pub(crate) async fn grpc_status() -> Arranged {
    Arranged::new(["--addr", &refusing().await])
}

/// A greeter that greets nobody.
pub(crate) async fn refusing() -> String {
    refusing_with(Status::permission_denied("not today")).await
}

/// A greeter that answers this to everybody.
pub(crate) async fn refusing_with(status: Status) -> String {
    let greeter = GreeterServer::new(Test::Refusing(status));
    let services = Routes::new(greeter).add_service(HealthServer::new(Healthy));
    routes(services.into_axum_router()).await
}

enum Test {
    Greeting,
    Refusing(Status),
    Talkative,
}

/// A health service that is content.
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
            Self::Talkative => "Hello ".repeat(1024 * 1024),
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
async fn an_answer_that_clients_refuse_is_too_large() {
    let greeter = GreeterServer::new(Test::Talkative);
    let addr = routes(Routes::new(greeter).into_axum_router()).await;
    let run = Arranged::new(["--addr", &addr])
        .gives("grpc_message_too_large")
        .await;
    run.shows("6291461 bytes");
}

/// A server that answers calls with a message of this length, and ends them with
/// these trailers or with none.
async fn answering(
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
async fn an_answer_without_trailers_is_not_grpc() {
    let addr = answering(2, None).await;
    let run = Arranged::new(["--addr", &addr])
        .gives("route_not_grpc")
        .await;
    run.shows("the trailers are missing");
    run.shows("grpc_pass");
}

#[tokio::test]
async fn trailers_behind_a_large_message_count() {
    let status = &[
        ("grpc-status", "14"),
        ("grpc-message", "half of it is lost"),
    ];
    let addr = answering(48 * 1024, Some(status)).await;
    let run = Arranged::new(["--addr", &addr]).gives("grpc_status").await;
    run.shows("UNAVAILABLE: half of it is lost");
}

#[tokio::test]
async fn everything_of_a_good_connection_is_shown() {
    let run = ok().await.gives("ok").await;
    for stage in [
        "resolve", "connect", "tls", "alpn", "http2", "route", "rpc", "health",
    ] {
        assert_eq!(run.status(stage), "ok", "{stage}: {run:?}");
    }
    let stages = run.json["stages"].to_string();
    for words in [
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
        assert!(stages.contains(words), "no {words:?} in {:#}", run.json);
    }
}

#[tokio::test]
async fn reflection_shows_what_the_server_has() {
    let run = grpc_unimplemented_service()
        .await
        .gives("grpc_unimplemented_service")
        .await;
    run.shows("helloworld.Greeter");
}

#[tokio::test]
async fn the_whole_run_is_bounded() {
    let addr = never_answering().await;
    let run = Arranged::new(["--total-timeout", "600ms", "--addr", &addr])
        .gives("grpc_deadline")
        .await;
    run.shows("Allow more time with --total-timeout");
    assert!(run.json["elapsed_ms"].as_f64().unwrap() < 700.0, "{run:?}");
}

#[tokio::test]
async fn a_stream_without_end_is_an_answer() {
    let addr = greeter(&[]).await;
    let path = "/grpc.health.v1.Health/Watch";
    Arranged::new(["--path", path, "--addr", &addr])
        .gives("ok")
        .await;
}
