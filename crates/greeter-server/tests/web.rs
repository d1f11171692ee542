//! gRPC-Web as browsers use it: over HTTP/1.1, with the trailers in the body.

mod support;

use greeter_proto::helloworld::HelloReply;
use prost::Message;
use reqwest::{Response, Version};
use support::{named, start};
use testkit::{Service, clients::http1, grpc::framed};

const MESSAGE: u8 = 0;
const TRAILERS: u8 = 0x80;

async fn call(server: &Service, method: &str, name: &str) -> Response {
    let request = http1()
        .post(server.url(&format!("/helloworld.Greeter/{method}")))
        .header("content-type", "application/grpc-web+proto")
        .header("x-grpc-web", "1")
        .body(framed(&named(name)))
        .send();
    let response = request.await.unwrap();
    assert_eq!(response.version(), Version::HTTP_11);
    assert_eq!(response.status(), 200);
    let content_type = &response.headers()["content-type"];
    assert_eq!(content_type, "application/grpc-web+proto");
    response
}

/// The frames of a body: flags and content.
async fn frames(response: Response) -> Vec<(u8, Vec<u8>)> {
    let body = response.bytes().await.unwrap();
    let mut frames = Vec::new();
    let mut rest = &body[..];
    while let Some((head, tail)) = rest.split_first_chunk::<5>() {
        let [kind, length @ ..] = *head;
        let (content, next) = tail.split_at(u32::from_be_bytes(length) as usize);
        frames.push((kind, content.to_vec()));
        rest = next;
    }
    assert!(rest.is_empty(), "{body:?}");
    frames
}

#[tokio::test]
async fn answers_with_messages_and_then_trailers() {
    let server = start([]).await;
    for (method, replies) in [("SayHello", 1), ("SayHelloStreamReply", 5)] {
        let response = call(&server, method, "Alice").await;
        assert_eq!(response.headers()["hostname"], "greeter-1");
        let frames = frames(response).await;
        let ((last, trailers), messages) = frames.split_last().unwrap();
        assert_eq!(messages.len(), replies);
        for (kind, message) in messages {
            assert_eq!(*kind, MESSAGE);
            let reply = HelloReply::decode(&message[..]).unwrap();
            assert_eq!(reply.message, "Hello Alice");
        }
        assert_eq!(*last, TRAILERS);
        assert_eq!(trailers, b"grpc-status:0\r\n");
    }
}

#[tokio::test]
async fn answers_an_error_without_a_message() {
    let server = start([]).await;
    let response = call(&server, "SayHello", "a\nb").await;
    assert_eq!(response.headers()["grpc-status"], "3");
    assert!(frames(response).await.is_empty());
}
