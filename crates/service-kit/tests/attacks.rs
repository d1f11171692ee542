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
    http2::{
        ACK, CONTINUATION, DATA, END_HEADERS, END_STREAM, Frame, GET, GOAWAY, HEADERS, Http2, PING,
        RST_STREAM, SETTINGS, WINDOW_UPDATE, ZERO_WINDOW, frame, get as get_on,
    },
    soon,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
    sync::watch,
};

/// Small, so that the limit of bytes alone would allow many.
const CHUNK: &[u8] = &[b'x'; 100];

const REFUSED_STREAM: [u8; 4] = [0, 0, 0, 7];
const ENHANCE_YOUR_CALM: [u8; 4] = [0, 0, 0, 11];

fn hello() -> Router {
    Router::new().route("/", get("hello"))
}

/// Checks a GOAWAY frame: its last stream, and that it is about this.
fn assert_calm(goaway: Frame, last_stream: u8, debug_data: &str) {
    assert_eq!(goaway.payload[..4], [0, 0, 0, last_stream]);
    assert_eq!(goaway.payload[4..8], ENHANCE_YOUR_CALM);
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
    let open_block = frame(HEADERS, 0, 1, &GET[..3]);
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
    let max_window = [0x7f, 0xff, 0, 0];
    let settings = [&[0, 4][..], &max_window].concat();
    let mut http2 = testkit::http2::PREFACE.to_vec();
    http2.extend(frame(SETTINGS, 0, 0, &settings));
    http2.extend(frame(WINDOW_UPDATE, 0, 0, &max_window));
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

#[tokio::test]
async fn closes_a_connection_whose_streams_have_no_window() {
    let server = start(hello(), ["--send-timeout", "100ms"]).await;
    let connected = Instant::now();
    let mut connection = Http2::connect(server.public, ZERO_WINDOW).await;
    connection.send(&get_on(1)).await;
    connection.closed().await;
    assert!(connected.elapsed() >= Duration::from_millis(100));
}

/// One stream without a window is no reason to end another that the server has yet
/// to answer: a gateway shares its connection among many clients.
#[tokio::test]
async fn a_stalled_stream_does_not_end_the_others_of_its_connection() {
    let held = Held::default();
    let server = start(held.routes(), ["--send-timeout", "100ms"]).await;
    let path = [&GET[..1], &[0x86, 0x41, 1, b'a', 4, 5], b"/held"].concat();
    let mut shared = Http2::connect(server.public, ZERO_WINDOW).await;
    shared.send(&get_on(1)).await;
    shared.next(HEADERS).await;
    let request = frame(HEADERS, END_STREAM | END_HEADERS, 3, &path);
    shared.send(&request).await;
    soon(held.arrived.notified()).await;

    // A connection that only stalls is closed after the same time.
    let mut stalled = Http2::connect(server.public, ZERO_WINDOW).await;
    stalled.send(&get_on(1)).await;
    stalled.closed().await;
    held.release.notify_one();
    let answer = shared.next(HEADERS).await;
    assert_eq!(answer.stream, 3);
}

#[tokio::test]
async fn idle_connections_have_no_share_of_the_requests() {
    let held = Held::default();
    let server = start(held.routes(), ["--max-requests", "8"]).await;
    let mut idle = Vec::new();
    for _ in 0..5 {
        idle.push(Http2::connect(server.public, &[]).await);
    }
    let mut busy = Http2::connect(server.public, ZERO_WINDOW).await;
    busy.send(&[get_on(1), get_on(3), get_on(5)].concat()).await;
    for _ in 0..3 {
        busy.next(HEADERS).await;
    }
    let mut other = Http2::connect(server.public, ZERO_WINDOW).await;
    other.send(&[get_on(1), get_on(3)].concat()).await;
    for stream in [1, 3] {
        assert_eq!(other.next(HEADERS).await.stream, stream);
    }
}

#[tokio::test]
async fn at_the_limit_a_connection_without_a_response_makes_room() {
    let held = Held::default();
    let server = start(held.routes(), ["--max-connections", "1"]).await;
    let mut waiting = TcpStream::connect(server.public).await.unwrap();
    let request = b"GET /held HTTP/1.1\r\nhost: a\r\n\r\n";
    waiting.write_all(request).await.unwrap();
    soon(held.arrived.notified()).await;
    let mut good = Http2::get(server.public).await;
    assert_eq!(good.next(DATA).await.payload, b"hello");
}

#[tokio::test]
async fn a_connection_over_its_share_of_requests_is_refused_and_others_are_served() {
    let held = Held::default();
    let server = start(held.routes(), ["--max-requests", "4"]).await;
    // No window: the two requests stay in flight although their handlers ended.
    let mut greedy = Http2::connect(server.public, ZERO_WINDOW).await;
    greedy.send(&[get_on(1), get_on(3)].concat()).await;
    for _ in 0..2 {
        assert_eq!(greedy.next(HEADERS).await.payload[0], testkit::http2::OK);
    }
    greedy.send(&get_on(5)).await;
    let refused = greedy.next(RST_STREAM).await;
    assert_eq!(
        (refused.stream, &refused.payload[..]),
        (5, &REFUSED_STREAM[..])
    );

    let mut good = Http2::get(server.public).await;
    assert_eq!(good.next(DATA).await.payload, b"hello");
    let mut http1 = TcpStream::connect(server.public).await.unwrap();
    let request = "GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";
    http1.write_all(request.as_bytes()).await.unwrap();
    let mut response = String::new();
    soon(http1.read_to_string(&mut response)).await.unwrap();
    assert!(response.starts_with("HTTP/1.1 200 "), "{response}");

    // A window makes room again.
    let update = |stream| frame(WINDOW_UPDATE, 0, stream, &[0, 0, 1, 0]);
    greedy.send(&[update(1), update(3)].concat()).await;
    for _ in 0..2 {
        assert_eq!(greedy.next(DATA).await.payload, b"hello");
    }
}
