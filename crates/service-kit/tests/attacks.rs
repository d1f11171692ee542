//! Hostile peers: slow heads, floods, and readers that do not read.

mod support;

use std::{
    convert::Infallible,
    time::{Duration, Instant},
};

use axum::{Router, body::Body, routing::get};
use bytes::Bytes;
use futures_util::stream;
use support::{Held, start};
use testkit::{
    frames::{
        ACK, CONTINUATION, DATA, ENHANCE_YOUR_CALM, GOAWAY, HEADERS, INITIAL_WINDOW_SIZE, PING,
        Request, SETTINGS, WINDOW_UPDATE, frame, opening,
    },
    http2::{Frame, Http2, get as get_on},
    soon,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
    sync::watch,
};

/// Small, so that the limit of bytes alone would allow many.
const CHUNK: &[u8] = &[b'x'; 100];

fn hello() -> Router {
    Router::new().route("/", get("hello"))
}

/// Checks a GOAWAY frame: its last stream, and that it is about this.
fn assert_calm(goaway: Frame, last_stream: u8, debug_data: &str) {
    assert_eq!(goaway.payload[..4], [0, 0, 0, last_stream]);
    assert_eq!(goaway.payload[4..8], ENHANCE_YOUR_CALM.to_be_bytes());
    assert_eq!(goaway.payload[8..], *debug_data.as_bytes());
}

#[tokio::test]
async fn closes_a_connection_whose_second_head_is_slow() {
    let server = start(hello(), ["--header-timeout", "100ms"]).await;
    let mut stream = TcpStream::connect(server.public).await.unwrap();
    let requests = b"GET / HTTP/1.1\r\nhost: a\r\n\r\n";
    stream.write_all(requests).await.unwrap();
    let mut first = [0; 1024];
    assert!(soon(stream.read(&mut first)).await.unwrap() > 0);
    let started = Instant::now();
    stream.write_all(b"GET").await.unwrap();
    let mut second = Vec::new();
    soon(stream.read_to_end(&mut second)).await.unwrap();
    assert!(started.elapsed() >= Duration::from_millis(100));
}

#[tokio::test]
async fn serves_a_head_with_bare_line_feeds_for_longer_than_the_header_timeout() {
    let held = Held::default();
    let server = start(held.routes(), ["--header-timeout", "100ms"]).await;
    let mut stream = TcpStream::connect(server.public).await.unwrap();
    let request = b"GET /held HTTP/1.1\nhost: a\nconnection: close\n\n";
    stream.write_all(request).await.unwrap();
    soon(held.arrived.notified()).await;
    // A connection that opens later reaches the timeout later.
    let mut silent = TcpStream::connect(server.public).await.unwrap();
    soon(silent.read_to_end(&mut Vec::new())).await.unwrap();
    held.release.notify_one();
    let mut response = String::new();
    soon(stream.read_to_string(&mut response)).await.unwrap();
    assert!(response.ends_with("finished"), "{response}");
}

#[tokio::test]
async fn ends_a_header_block_that_never_ends() {
    let server = start(hello(), ["--header-timeout", "100ms"]).await;
    let block = Request::get("/");
    let open_block = frame(HEADERS, 0, 1, &block.block()[..3]);
    for rest in [vec![], frame(CONTINUATION, 0, 1, &[])] {
        let mut connection = Http2::connect(server.public, &[]).await;
        connection.send(&[open_block.clone(), rest].concat()).await;
        assert_calm(connection.next(GOAWAY).await, 1, "header_timeout");
        connection.closed().await;
    }
    // Within a frame: no GOAWAY could follow what h2 has not read.
    let mut connection = Http2::connect(server.public, &[]).await;
    connection.send(&open_block[..10]).await;
    connection.closed().await;
}

#[tokio::test]
async fn floods_of_control_frames_end_with_enhance_your_calm() {
    let server = start(hello(), []).await;
    for flood in [
        frame(PING, 0, 0, &[0; 8]),
        frame(PING, ACK, 0, &[0; 8]),
        frame(SETTINGS, 0, 0, &[]),
        frame(WINDOW_UPDATE, 0, 0, &[0, 0, 0, 1]),
        // An unknown type, which h2 ignores.
        frame(0xbb, 0, 0, &[]),
    ] {
        let mut connection = Http2::get(server.public).await;
        connection.next(DATA).await;
        let goaway = connection.flood(&flood.repeat(20)).await;
        assert_calm(goaway.expect("a GOAWAY"), 1, "too_many_control_frames");
    }
}

#[tokio::test]
async fn calls_with_pings_and_window_updates_are_no_flood() {
    let server = start(hello(), []).await;
    let mut connection = Http2::connect(server.public, &[]).await;
    for stream in (1..6_000).step_by(2) {
        let update = frame(WINDOW_UPDATE, 0, 0, &[0, 0, 0, 5]);
        let ping = frame(PING, 0, 0, &[0; 8]);
        let call = [get_on(stream), ping, update.clone(), update].concat();
        connection.send(&call).await;
        assert_eq!(connection.next(HEADERS).await.stream, stream);
    }
}

/// A route with an endless body. The sender has the number of bytes that were
/// made, and a receiver for each body.
fn endless() -> (Router, watch::Sender<usize>) {
    let made = watch::Sender::new(0);
    let counter = made.clone();
    let body = async move || {
        let open = counter.subscribe();
        let chunks = std::iter::repeat_with(move || {
            let _open = &open;
            counter.send_modify(|made| *made += CHUNK.len());
            Ok::<_, Infallible>(Bytes::from_static(CHUNK))
        });
        Body::from_stream(stream::iter(chunks))
    };
    (Router::new().route("/", get(body)), made)
}

#[tokio::test]
async fn a_peer_that_does_not_read_gets_little_buffered_and_is_closed() {
    const STREAMS: u32 = 50;
    const MAX_WINDOW: u32 = 0x7fff_0000;
    let mut http2 = opening(&[(INITIAL_WINDOW_SIZE, MAX_WINDOW)]);
    http2.extend(frame(WINDOW_UPDATE, 0, 0, &MAX_WINDOW.to_be_bytes()));
    http2.extend((0..STREAMS).flat_map(|it| get_on(2 * it + 1)));
    let http1 = b"GET / HTTP/1.1\r\nhost: a\r\n\r\n".repeat(STREAMS as usize);
    for (attack, limit) in [(http2, 600_000), (http1, 300_000)] {
        let (routes, made) = endless();
        let server = start(routes, ["--send-timeout", "300ms"]).await;
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(16 * 1024).unwrap();
        let mut reader = socket.connect(server.public).await.unwrap();
        reader.write_all(&attack).await.unwrap();
        let started = made.subscribe().wait_for(|made| *made > 0).await.is_ok();
        assert!(started);
        soon(made.closed()).await;
        let made = *made.borrow();
        assert!(made < limit, "{made}");
    }
}
