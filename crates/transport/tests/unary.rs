//! Prepared calls mean the same as others, whatever the server sends.

use std::time::Duration;

use futures_util::stream;
use greeter_proto::{
    HOSTNAME,
    helloworld::{HelloReply, HelloRequest},
};
use testkit::{
    frames::{
        CANCEL, DATA, END_HEADERS, END_STREAM, HEADERS, NO_ERROR, OK, block, frame, rst_stream,
    },
    grpc::framed,
    http2_server::serve,
    soon,
};
use tonic::Status;
use transport::{
    Channel, Dialer, UnaryCall,
    call::{Call, Kind, Options},
};

fn options() -> Options {
    Options {
        kind: Kind::Unary,
        headers: vec![("x-test".parse().unwrap(), "yes".parse().unwrap())],
        timeout: Some(Duration::from_secs(10)),
        compression: None,
    }
}

async fn dial(address: &str) -> (Dialer, Channel) {
    let mut dialer = Dialer::new(address.parse().unwrap(), None, Duration::from_secs(10));
    dialer.user_agent = Some("test".parse().unwrap());
    let connection = dialer.dial().await.map_err(|it| it.error).unwrap();
    (dialer, connection.channel)
}

/// The same call without preparation.
async fn call(channel: Channel) -> Result<(), Status> {
    let names = stream::once(std::future::ready("Ann".to_owned()));
    let mut call = Call::start(channel, &options(), names).await?;
    call.next()
        .await?
        .ok_or_else(|| Status::internal("the call ended without a reply"))?;
    call.trailers().await?;
    Ok(())
}

fn headers(flags: u8, stream: u32, fields: &[(&str, &str)]) -> Vec<u8> {
    let ok = [&[OK][..], &block(fields)].concat();
    frame(HEADERS, END_HEADERS | flags, stream, &ok)
}

fn trailers(stream: u32, fields: &[(&str, &str)]) -> Vec<u8> {
    frame(HEADERS, END_HEADERS | END_STREAM, stream, &block(fields))
}

/// The name of a response, and its frames.
type Response = (&'static str, fn(u32) -> Vec<Vec<u8>>);

fn hello() -> Vec<u8> {
    framed(&HelloReply {
        message: "Hello".to_owned(),
    })
}

const OK_STATUS: &[(&str, &str)] = &[("grpc-status", "0")];

const RESPONSES: [Response; 14] = [
    ("in full", |id| {
        vec![
            headers(0, id, &[]),
            frame(DATA, 0, id, &hello()),
            trailers(id, OK_STATUS),
        ]
    }),
    ("a message in two frames", |id| {
        let (start, end) = (&hello()[..7], &hello()[7..]);
        let data = [frame(DATA, 0, id, start), frame(DATA, 0, id, end)].concat();
        vec![headers(0, id, &[]), data, trailers(id, OK_STATUS)]
    }),
    ("two messages in one frame", |id| {
        let data = frame(DATA, 0, id, &[hello(), hello()].concat());
        vec![headers(0, id, &[]), data, trailers(id, OK_STATUS)]
    }),
    ("two messages in two frames", |id| {
        let data = frame(DATA, 0, id, &hello());
        vec![
            headers(0, id, &[]),
            data.clone(),
            data,
            trailers(id, OK_STATUS),
        ]
    }),
    ("no message", |id| {
        vec![headers(0, id, &[]), trailers(id, OK_STATUS)]
    }),
    ("an error without a message", |id| {
        vec![headers(
            END_STREAM,
            id,
            &[("grpc-status", "5"), ("grpc-message", "no%20one")],
        )]
    }),
    ("an error after a message", |id| {
        let status = [("grpc-status", "13"), ("grpc-message", "broken")];
        vec![
            headers(0, id, &[]),
            frame(DATA, 0, id, &hello()),
            trailers(id, &status),
        ]
    }),
    ("no status", |id| {
        vec![headers(0, id, &[]), frame(DATA, END_STREAM, id, &hello())]
    }),
    ("a message that is cut off", |id| {
        vec![
            headers(0, id, &[]),
            frame(DATA, END_STREAM, id, &hello()[..7]),
        ]
    }),
    ("a message that is none", |id| {
        let data = [0, 0, 0, 0, 2, 0xff, 0xff];
        vec![
            headers(0, id, &[]),
            frame(DATA, 0, id, &data),
            trailers(id, OK_STATUS),
        ]
    }),
    ("a message with the flag for compression", |id| {
        let data = [&[1], &hello()[1..]].concat();
        vec![
            headers(0, id, &[]),
            frame(DATA, 0, id, &data),
            trailers(id, OK_STATUS),
        ]
    }),
    ("an encoding that was not offered", |id| {
        let encoding = [("grpc-encoding", "gzip")];
        vec![
            headers(0, id, &encoding),
            frame(DATA, 0, id, &hello()),
            trailers(id, OK_STATUS),
        ]
    }),
    ("a reset after the message", |id| {
        vec![
            headers(0, id, &[]),
            frame(DATA, 0, id, &hello()),
            rst_stream(id, CANCEL),
        ]
    }),
    ("an end without an error after the message", |id| {
        vec![
            headers(0, id, &[]),
            frame(DATA, 0, id, &hello()),
            rst_stream(id, NO_ERROR),
        ]
    }),
];

#[tokio::test]
async fn every_response_has_the_status_of_other_calls() {
    for (name, frames) in RESPONSES {
        let address = serve(move |mut server| async move {
            loop {
                let stream = server.request().await?;
                // Each in a write of its own, and all in one.
                for frame in frames(stream) {
                    server.send(&[frame]).await?;
                }
                let stream = server.request().await?;
                server.send(&frames(stream)).await?;
            }
        })
        .await;
        let (dialer, mut channel) = dial(&address).await;
        let prepared = UnaryCall::new(&dialer, &options(), "Ann");
        let text = |result: Result<(), Status>| match result {
            Ok(()) => "OK".to_owned(),
            Err(status) => format!("{:?}: {}", status.code(), status.message()),
        };
        let expected = text(soon(call(channel.clone())).await);
        for _ in 0..3 {
            let result = soon(prepared.send(&mut channel)).await.map(drop);
            assert_eq!(text(result), expected, "{name}");
        }
    }
}

#[tokio::test]
async fn a_proxys_error_has_the_status_of_other_calls() {
    let address = serve(|mut server| async move {
        loop {
            let stream = server.request().await?;
            let unavailable = block(&[(":status", "503"), ("content-type", "text/plain")]);
            let head = frame(HEADERS, END_HEADERS, stream, &unavailable);
            let body = frame(DATA, END_STREAM, stream, b"no healthy upstream");
            server.send(&[head, body]).await?;
        }
    })
    .await;
    let (dialer, mut channel) = dial(&address).await;
    let expected = soon(call(channel.clone())).await.unwrap_err();
    let prepared = UnaryCall::new(&dialer, &options(), "Ann");
    let status = soon(prepared.send(&mut channel)).await.unwrap_err();
    assert_eq!(status.code(), expected.code(), "{status:?} {expected:?}");
    assert_eq!(status.message(), expected.message());
}

#[tokio::test]
async fn the_request_is_that_of_other_calls() {
    let (requests, mut received) = tokio::sync::mpsc::unbounded_channel();
    let address = testkit::servers::serve(move |stream| {
        let requests = requests.clone();
        async move {
            let mut connection = h2::server::handshake(stream).await.unwrap();
            while let Some(Ok((request, mut response))) = connection.accept().await {
                let requests = requests.clone();
                tokio::spawn(async move {
                    let (head, mut body) = request.into_parts();
                    let mut message = Vec::new();
                    while let Some(Ok(data)) = body.data().await {
                        message.extend_from_slice(&data);
                    }
                    let _ = requests.send((head.method, head.uri, head.headers, message));
                    let head = http::Response::builder().header(HOSTNAME, "one");
                    let mut stream = response.send_response(head.body(()).unwrap(), false);
                    let stream = stream.as_mut().unwrap();
                    stream.send_data(hello().into(), false).unwrap();
                    let status = [("grpc-status".parse().unwrap(), "0".parse().unwrap())];
                    stream.send_trailers(status.into_iter().collect()).unwrap();
                });
            }
        }
    })
    .await;
    let (dialer, mut channel) = dial(&address).await;
    soon(call(channel.clone())).await.unwrap();
    let expected = soon(received.recv()).await.unwrap();
    let mut prepared = UnaryCall::new(&dialer, &options(), "Ann");
    let headers = soon(prepared.send(&mut channel)).await.unwrap();
    assert_eq!(headers[HOSTNAME], "one");
    assert_eq!(soon(received.recv()).await.unwrap(), expected);
    assert_eq!(
        expected.3,
        framed(&HelloRequest {
            name: "Ann".to_owned()
        })
    );

    prepared.set_timeout(Duration::from_millis(1500));
    prepared.set_header("traceparent".parse().unwrap(), "00-a".parse().unwrap());
    soon(prepared.send(&mut channel)).await.unwrap();
    let (.., headers, _) = soon(received.recv()).await.unwrap();
    assert_eq!(headers["grpc-timeout"], "1500000u");
    assert_eq!(headers["traceparent"], "00-a");
}
