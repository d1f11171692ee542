//! Peers that take a server's requests or connections, and leave none to others.

mod support;

use std::time::{Duration, Instant};

use support::{Held, start};
use testkit::{
    frames::{
        DATA, HEADERS, OK, REFUSED_STREAM, RST_STREAM, Request, WINDOW_UPDATE, ZERO_WINDOW, frame,
    },
    http2::{Http2, get as get_on},
    soon,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// So many requests, on streams from this one on.
fn requests(first: u32, count: u32) -> Vec<u8> {
    (0..count).flat_map(|it| get_on(first + 2 * it)).collect()
}

#[tokio::test]
async fn closes_a_connection_whose_streams_have_no_window() {
    let server = start(Held::default().routes(), ["--send-timeout", "100ms"]).await;
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
    let mut shared = Http2::connect(server.public, ZERO_WINDOW).await;
    shared.send(&get_on(1)).await;
    shared.next(HEADERS).await;
    shared.send(&Request::get("/held").whole(3)).await;
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
    let server = start(held.routes(), ["--max-requests", "32"]).await;
    let mut idle = Vec::new();
    for _ in 0..5 {
        idle.push(Http2::connect(server.public, &[]).await);
    }
    let mut busy = Http2::connect(server.public, ZERO_WINDOW).await;
    busy.send(&requests(1, 16)).await;
    for _ in 0..16 {
        busy.next(HEADERS).await;
    }
    let mut other = Http2::connect(server.public, ZERO_WINDOW).await;
    other.send(&requests(1, 8)).await;
    for _ in 0..8 {
        assert_eq!(other.next(HEADERS).await.payload[0], OK);
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
    // No window: the four requests stay in flight although their handlers ended.
    let mut greedy = Http2::connect(server.public, ZERO_WINDOW).await;
    greedy.send(&requests(1, 4)).await;
    for _ in 0..4 {
        assert_eq!(greedy.next(HEADERS).await.payload[0], OK);
    }
    greedy.send(&get_on(9)).await;
    let refused = greedy.next(RST_STREAM).await;
    assert_eq!(
        (refused.stream, &refused.payload[..]),
        (9, &REFUSED_STREAM.to_be_bytes()[..])
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

/// After a pause of the machine, the requests of a good client arrive together.
#[tokio::test]
async fn a_connection_whose_requests_end_may_exceed_its_share() {
    let server = start(Held::default().routes(), ["--max-requests", "16"]).await;
    let mut greedy = Http2::connect(server.public, ZERO_WINDOW).await;
    greedy.send(&requests(1, 8)).await;
    for _ in 0..8 {
        assert_eq!(greedy.next(HEADERS).await.payload[0], OK);
    }

    let mut good = Http2::connect(server.public, ZERO_WINDOW).await;
    good.send(&get_on(1)).await;
    good.next(HEADERS).await;
    good.send(&frame(WINDOW_UPDATE, 0, 1, &[0, 0, 1, 0])).await;
    good.next(DATA).await;
    // Four in any case, and four above the share: a quarter of the limit.
    good.send(&requests(3, 8)).await;
    for _ in 0..8 {
        assert_eq!(good.next(HEADERS).await.payload[0], OK);
    }
    good.send(&get_on(19)).await;
    assert_eq!(good.next(RST_STREAM).await.stream, 19);
}
