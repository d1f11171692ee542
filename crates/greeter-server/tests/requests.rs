//! What bounds a request: its size, its time, and the number of its messages.

mod support;

use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body::Frame;
use http_body_util::StreamBody;
use support::{connect, greeter, health, named, of, start};
use testkit::{grpc::framed, soon};
use tokio::sync::mpsc;
use tokio_stream::wrappers::UnboundedReceiverStream;
use tonic::{Code, Status, body::Body, client::GrpcService, codec::CompressionEncoding};
use transport::Channel;

/// An open request.
struct Open {
    body: mpsc::UnboundedSender<Result<Frame<Bytes>, Status>>,
    response: tokio::task::JoinHandle<Status>,
}

impl Open {
    /// Starts a call of SayHello with these first bytes of its body.
    fn start(channel: &Channel, bytes: &[u8]) -> Self {
        let (body, frames) = mpsc::unbounded_channel();
        let request = http::Request::post("/helloworld.Greeter/SayHello")
            .header("content-type", "application/grpc")
            .header("te", "trailers")
            .body(Body::new(StreamBody::new(UnboundedReceiverStream::new(
                frames,
            ))))
            .unwrap();
        let mut channel = channel.clone();
        let response = tokio::spawn(async move {
            let response = channel.call(request).await.unwrap();
            let status = Status::from_header_map(response.headers());
            status.unwrap_or_else(|| Status::ok(""))
        });
        let open = Self { body, response };
        open.send(bytes);
        open
    }

    fn send(&self, bytes: &[u8]) {
        let frame = Frame::data(Bytes::copy_from_slice(bytes));
        self.body.send(Ok(frame)).unwrap();
    }

    /// The status of the call; the request stays open.
    async fn status(&mut self) -> Status {
        soon(&mut self.response).await.unwrap()
    }

    /// The status of the call after the end of the request.
    async fn finish(self) -> Status {
        drop(self.body);
        soon(self.response).await.unwrap()
    }
}

#[tokio::test]
async fn refuses_a_large_message_before_it_arrives() {
    let server = start([]).await;
    let channel = connect(server.public).await;
    let prefix = [&[0], &1_000_000_u32.to_be_bytes()[..]].concat();
    let status = Open::start(&channel, &prefix).status().await;
    assert_eq!(status.code(), Code::ResourceExhausted, "{status}");
    assert!(
        status
            .message()
            .contains("larger than max (1000000 vs. 8192)")
    );

    let mut client = greeter(&channel);
    let status = client
        .say_hello(named(&"a".repeat(9000)))
        .await
        .unwrap_err();
    assert_eq!(status.code(), Code::ResourceExhausted, "{status}");
    let stream = tokio_stream::once(named(&"a".repeat(9000)));
    let mut replies = client
        .say_hello_bidi_stream(stream)
        .await
        .unwrap()
        .into_inner();
    let status = replies.message().await.unwrap_err();
    assert_eq!(status.code(), Code::OutOfRange, "{status}");
}

#[tokio::test]
async fn refuses_a_message_that_is_large_only_after_decompression() {
    let server = start([]).await;
    let channel = connect(server.public).await;
    for encoding in [CompressionEncoding::Gzip, CompressionEncoding::Zstd] {
        let mut client = greeter(&channel).send_compressed(encoding);
        let bomb = named(&"a".repeat(5_000_000));
        let status = client.say_hello(bomb).await.unwrap_err();
        assert_eq!(
            status.code(),
            Code::ResourceExhausted,
            "{encoding:?}: {status}"
        );
        assert!(status.message().contains("decompressing"), "{status}");
    }
}

#[tokio::test]
async fn ends_a_call_whose_message_does_not_arrive_in_time() {
    let server = start(["--request-timeout", "100ms"]).await;
    let channel = connect(server.public).await;
    for bytes in [&[][..], &[0, 0], &framed(&named("Alice"))[..8]] {
        let called = Instant::now();
        let status = Open::start(&channel, bytes).status().await;
        assert_eq!(status.code(), Code::DeadlineExceeded, "{status}");
        assert!(status.message().contains("within 100ms"), "{status}");
        let waited = called.elapsed();
        assert!(waited >= Duration::from_millis(100), "{waited:?}");
    }
}

#[tokio::test]
async fn takes_exactly_one_message_for_a_unary_call() {
    let server = start([]).await;
    let channel = connect(server.public).await;
    let message = framed(&named("Alice"));
    for (bytes, text) in [
        (Vec::new(), "has no message"),
        (message.repeat(2), "more than one message"),
        ([&message[..], &[0]].concat(), "more than one message"),
        (message[..8].to_vec(), "in the middle of its message"),
    ] {
        let status = Open::start(&channel, &bytes).finish().await;
        assert_eq!(status.code(), Code::Internal, "{status}");
        assert!(status.message().contains(text), "{status}");
    }
    // A message in two parts, and an end in a frame of its own.
    let open = Open::start(&channel, &message[..8]);
    open.send(&message[8..]);
    assert_eq!(open.finish().await.code(), Code::Ok);
}

#[tokio::test]
async fn serves_whole_requests_while_others_use_every_buffer() {
    let limits = ["--max-concurrent-streams", "2000", "--max-requests", "4000"];
    let server = start(limits).await;
    let channel = connect(server.public).await;
    let message = framed(&named("Alice"));
    let mut open: Vec<_> = (0..513)
        .map(|_| Open::start(&channel, &message[..8]))
        .collect();
    let refused = async {
        loop {
            if let Some(at) = open.iter().position(|open| open.response.is_finished()) {
                break open.swap_remove(at).status().await;
            }
            tokio::task::yield_now().await;
        }
    };
    let status = soon(refused).await;
    assert_eq!(status.code(), Code::ResourceExhausted, "{status}");

    let reply = greeter(&channel).say_hello(named("Alice")).await.unwrap();
    assert_eq!(reply.get_ref().message, "Hello Alice");
    for open in open {
        open.send(&message[8..]);
        assert_eq!(open.finish().await.code(), Code::Ok);
    }
}

#[tokio::test]
async fn limits_open_streams_but_not_calls() {
    let server = start(["--max-concurrent-streams", "2000"]).await;
    let channel = connect(server.public).await;
    let mut client = health(&channel);
    let mut open = Vec::new();
    for _ in 0..400 {
        open.push(soon(client.watch(of(""))).await.unwrap());
    }
    let status = soon(client.watch(of(""))).await.unwrap_err();
    assert_eq!(status.code(), Code::ResourceExhausted, "{status}");
    greeter(&channel).say_hello(named("Alice")).await.unwrap();

    open.pop();
    let free = async { while client.watch(of("")).await.is_err() {} };
    soon(free).await;
}
