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
        assert_eq!(greedy.next(HEADERS).await.payload[0], OK);
    }
    greedy.send(&get_on(5)).await;
    let refused = greedy.next(RST_STREAM).await;
    assert_eq!(
        (refused.stream, &refused.payload[..]),
        (5, &REFUSED_STREAM.to_be_bytes()[..])
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
    let server = start(Held::default().routes(), ["--max-requests", "8"]).await;
    let mut greedy = Http2::connect(server.public, ZERO_WINDOW).await;
    let streams = [1, 3, 5, 7].map(get_on);
    greedy.send(&streams.concat()).await;
    for _ in &streams {
        assert_eq!(greedy.next(HEADERS).await.payload[0], OK);
    }

    let mut good = Http2::connect(server.public, ZERO_WINDOW).await;
    good.send(&get_on(1)).await;
    good.next(HEADERS).await;
    good.send(&frame(WINDOW_UPDATE, 0, 1, &[0, 0, 1, 0])).await;
    good.next(DATA).await;
    let burst = [3, 5, 7, 9].map(get_on);
    good.send(&burst.concat()).await;
    for _ in &burst {
        assert_eq!(good.next(HEADERS).await.payload[0], OK);
    }
    // The limit and a quarter: 10 are in flight, and one more is refused.
    good.send(&[11, 13, 15].map(get_on).concat()).await;
    assert_eq!(good.next(RST_STREAM).await.stream, 15);
}
