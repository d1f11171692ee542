//! Shutdown: health changes first, then the streams in flight end.

mod support;

use std::time::{Duration, Instant};

use greeter_proto::health::{
    HealthListRequest,
    health_check_response::ServingStatus::{NotServing, ServiceUnknown, Serving},
};
use support::{connect, greeter, health, named, names, of, start};
use testkit::soon;
use tokio::net::TcpStream;
use tonic::Code;
use tonic_reflection::pb::v1::server_reflection_client::ServerReflectionClient;

#[tokio::test]
async fn notifies_watchers_first_and_does_not_wait_for_them() {
    let server = start(["--drain-delay", "2s", "--drain-timeout", "1h"]).await;
    let address = server.public;
    let channel = connect(address).await;
    let mut watch = health(&channel).watch(of("")).await.unwrap().into_inner();
    let first = soon(watch.message()).await.unwrap().unwrap();
    assert_eq!(first.status(), Serving);
    let mut unknown = health(&channel).watch(of("?")).await.unwrap().into_inner();
    let first = soon(unknown.message()).await.unwrap().unwrap();
    assert_eq!(first.status(), ServiceUnknown);

    let ended = server.stop();
    let second = soon(watch.message()).await.unwrap().unwrap();
    assert_eq!(second.status(), NotServing);
    for channel in [channel, connect(address).await] {
        let reply = greeter(&channel).say_hello(named("Alice")).await.unwrap();
        assert_eq!(reply.get_ref().message, "Hello Alice");
    }

    for mut watch in [watch, unknown] {
        let end = soon(watch.message()).await.unwrap_err();
        assert_eq!(end.code(), Code::Unavailable, "{end}");
    }
    soon(ended).await.unwrap().unwrap();
}

#[tokio::test]
async fn is_not_serving_in_every_health_rpc_during_lame_duck() {
    let server = start(["--drain-delay", "1h", "--drain-timeout", "2h"]).await;
    let mut client = health(&connect(server.public).await);
    let mut watch = client.watch(of("")).await.unwrap().into_inner();
    let _ended = server.stop();
    while soon(watch.message()).await.unwrap().unwrap().status() == Serving {}

    for service in ["", "helloworld.Greeter"] {
        let reply = client.check(of(service)).await.unwrap();
        assert_eq!(reply.get_ref().status(), NotServing);
        let mut watch = client.watch(of(service)).await.unwrap().into_inner();
        let first = soon(watch.message()).await.unwrap().unwrap();
        assert_eq!(first.status(), NotServing);
    }
    let list = client.list(HealthListRequest {}).await.unwrap();
    let statuses = &list.get_ref().statuses;
    assert_eq!(statuses.len(), 2);
    assert!(
        statuses
            .values()
            .all(|health| health.status() == NotServing)
    );
}

#[tokio::test]
async fn finishes_the_streams_in_flight() {
    let server = start(["--drain-delay", "0s", "--drain-timeout", "1h"]).await;
    let address = server.public;
    let mut client = greeter(&connect(address).await);
    let (sender, requests) = names();
    let mut replies = client
        .say_hello_bidi_stream(requests)
        .await
        .unwrap()
        .into_inner();

    let ended = server.stop();
    soon(async { while TcpStream::connect(address).await.is_ok() {} }).await;
    for name in ["Alice", "Bob"] {
        sender.send(named(name)).unwrap();
        let reply = soon(replies.message()).await.unwrap().unwrap();
        assert_eq!(reply.message, format!("Hello {name}"));
    }
    assert!(!ended.is_finished());
    drop(sender);
    assert_eq!(soon(replies.message()).await.unwrap(), None);
    soon(ended).await.unwrap().unwrap();
}

#[tokio::test]
async fn ends_open_streams_with_unavailable_before_the_drain_timeout() {
    let timeout = Duration::from_secs(1);
    let server = start(["--drain-delay", "0s", "--drain-timeout", "1s"]).await;
    let channel = connect(server.public).await;
    let (sender, requests) = names();
    let greetings = greeter(&channel).say_hello_bidi_stream(requests).await;
    let mut replies = greetings.unwrap().into_inner();
    sender.send(named("Alice")).unwrap();
    soon(replies.message()).await.unwrap().unwrap();
    let origin = channel.origin().clone();
    let mut reflection = ServerReflectionClient::with_origin(channel, origin);
    let symbols = reflection.server_reflection_info(tokio_stream::pending());
    let mut symbols = soon(symbols).await.unwrap().into_inner();

    let stopped = Instant::now();
    let ended = server.stop();
    let end = soon(replies.message()).await.unwrap_err();
    assert_eq!(end.code(), Code::Unavailable, "{end}");
    assert!(end.message().contains("shutting down"), "{end}");
    let end = soon(symbols.message()).await.unwrap_err();
    assert_eq!(end.code(), Code::Unavailable, "{end}");
    soon(ended).await.unwrap().unwrap();
    // Not cut: the server did not have to wait until its timeout.
    let waited = stopped.elapsed();
    assert!(waited >= timeout / 2 && waited < timeout, "{waited:?}");
}
