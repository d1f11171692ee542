//! `grpc-timeout`, enforced by the server: these clients only send it.

mod support;

use std::time::{Duration, Instant};

use support::{connect, greeter, named, names, start};
use testkit::soon;
use tonic::{Code, Request, Status};
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

#[tokio::test]
async fn replies_before_the_deadline_and_to_invalid_timeouts() {
    let server = start([]).await;
    let mut client = greeter(&connect(server.public).await);
    for timeout in ["20S", "99999999H", "soon", "1", "-1S"] {
        let mut request = Request::new(named("Alice"));
        let value = timeout.parse().unwrap();
        request.metadata_mut().insert("grpc-timeout", value);
        let reply = client.say_hello(request).await.unwrap();
        assert_eq!(reply.get_ref().message, "Hello Alice", "{timeout}");
    }
}
