//! `grpc-timeout`, enforced by the server: these clients only send it.

mod support;

use std::time::{Duration, Instant};

use greeter_proto::{health::health_check_response::ServingStatus, helloworld::HelloReply};
use support::{connect, greeter, health, named, names, of, start};
use testkit::{Service, soon};
use tonic::{Code, Request, Response, Status};
use transport::call::{Call, Kind, Options};

fn assert_exceeded(status: &Status, called: Instant) {
    assert_eq!(status.code(), Code::DeadlineExceeded, "{status}");
    assert!(status.message().contains("deadline passed"), "{status}");
    let waited = called.elapsed();
    assert!(waited >= Duration::from_millis(100), "{waited:?}");
}

#[tokio::test]
async fn ends_an_open_stream() {
    let server = start([]).await;
    let mut client = greeter(&connect(server.public).await);
    let (sender, requests) = names();
    let mut request = Request::new(requests);
    let timeout = "100m".parse().unwrap();
    request.metadata_mut().insert("grpc-timeout", timeout);
    sender.send(named("Alice")).unwrap();

    let called = Instant::now();
    let replies = soon(client.say_hello_bidi_stream(request)).await;
    let mut replies = replies.unwrap().into_inner();
    let reply = soon(replies.message()).await.unwrap().unwrap();
    assert_eq!(reply.message, "Hello Alice");
    assert_exceeded(&soon(replies.message()).await.unwrap_err(), called);
    assert!(sender.is_closed());
}

#[tokio::test]
async fn ends_a_call_without_a_request_message() {
    let server = start([]).await;
    let options = Options {
        kind: Kind::Unary,
        headers: vec![("grpc-timeout".parse().unwrap(), "100000u".parse().unwrap())],
        timeout: None,
        compression: None,
    };
    let called = Instant::now();
    let channel = connect(server.public).await;
    let call = soon(Call::start(channel, &options, tokio_stream::pending())).await;
    assert_exceeded(&call.err().expect("no reply"), called);
}

async fn with_timeout(server: &Service, timeout: &str) -> Result<Response<HelloReply>, Status> {
    let mut request = Request::new(named("Alice"));
    let value = timeout.parse().unwrap();
    request.metadata_mut().insert("grpc-timeout", value);
    let mut client = greeter(&connect(server.public).await);
    soon(client.say_hello(request)).await
}

#[tokio::test]
async fn replies_before_the_deadline() {
    let server = start([]).await;
    for timeout in ["20S", "99999999H"] {
        let reply = with_timeout(&server, timeout).await.unwrap();
        assert_eq!(reply.get_ref().message, "Hello Alice", "{timeout}");
    }
}

#[tokio::test]
async fn a_timeout_of_zero_has_passed() {
    let server = start([]).await;
    for timeout in ["0n", "0H", "00000000m"] {
        let status = with_timeout(&server, timeout).await.unwrap_err();
        assert_eq!(status.code(), Code::DeadlineExceeded, "{timeout}: {status}");
    }
}

#[tokio::test]
async fn refuses_a_malformed_timeout() {
    let server = start([]).await;
    for timeout in ["soon", "1", "-1S", "123456789S", "1.5S"] {
        let status = with_timeout(&server, timeout).await.unwrap_err();
        assert_eq!(status.code(), Code::InvalidArgument, "{timeout}: {status}");
        assert!(
            status.message().contains("malformed grpc-timeout"),
            "{status}"
        );
    }
}

#[tokio::test]
async fn bounds_calls_without_a_deadline_and_with_a_long_one() {
    let flags = ["--call-timeout", "100ms", "--request-timeout", "1h"];
    let server = start(flags).await;
    let channel = connect(server.public).await;
    let watch = health(&channel).watch(of("")).await;
    let mut watch = watch.unwrap().into_inner();
    soon(watch.message()).await.unwrap().unwrap();
    let headers = ("grpc-timeout".parse().unwrap(), "20S".parse().unwrap());
    for headers in [vec![], vec![headers]] {
        let options = Options {
            kind: Kind::Unary,
            headers,
            timeout: None,
            compression: None,
        };
        let called = Instant::now();
        let call = Call::start(channel.clone(), &options, tokio_stream::pending());
        assert_exceeded(&soon(call).await.err().expect("no reply"), called);
    }
    // A Watch stays open.
    let _ended = server.stop();
    let status = soon(watch.message()).await.unwrap().unwrap();
    assert_eq!(status.status(), ServingStatus::NotServing);
}
