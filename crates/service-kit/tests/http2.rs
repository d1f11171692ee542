//! What HTTP/2 does with requests and connections that end otherwise than planned.

mod support;

use axum::{
    Router,
    body::{Body, to_bytes},
    http::header::CONNECTION,
    routing::{get, post},
};
use support::start;
use testkit::{
    frames::{CANCEL, DATA, END_HEADERS, HEADERS, RST_STREAM, Request, block, frame, rst_stream},
    http2::{Http2, get as get_on},
    metrics::Scrape,
    soon,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::mpsc,
};

#[tokio::test]
async fn a_reset_is_an_error_of_the_body() {
    let (sender, mut results) = mpsc::channel(1);
    let read = async move |body: Body| {
        let result = to_bytes(body, 1024).await;
        sender.send(result.is_err()).await.unwrap();
    };
    let server = start(Router::new().route("/", post(read)), []).await;
    let head = block(&[
        (":method", "POST"),
        (":scheme", "http"),
        (":path", "/"),
        (":authority", "localhost"),
    ]);
    let mut connection = Http2::connect(server.public, &[]).await;
    connection
        .send(&frame(HEADERS, END_HEADERS, 1, &head))
        .await;
    connection.send(&frame(DATA, 0, 1, b"half")).await;
    connection.send(&rst_stream(1, CANCEL)).await;
    assert_eq!(soon(results.recv()).await, Some(true));
}

#[tokio::test]
async fn a_header_of_connections_resets_only_its_stream() {
    let bad = get(async || ([(CONNECTION, "close")], "bad"));
    let routes = Router::new().route("/", get("good")).route("/bad", bad);
    let server = start(routes, []).await;
    let mut connection = Http2::connect(server.public, &[]).await;
    connection.send(&Request::get("/bad").whole(1)).await;
    assert_eq!(connection.next(RST_STREAM).await.stream, 1);
    connection.send(&get_on(3)).await;
    let good = connection.next(DATA).await;
    assert_eq!((good.stream, &good.payload[..]), (3, &b"good"[..]));
}

#[tokio::test]
async fn a_peer_that_does_not_respond_to_a_ping_is_counted() {
    let flags = [
        "--keepalive-interval",
        "50ms",
        "--keepalive-timeout",
        "50ms",
    ];
    let server = start(Router::new(), flags).await;
    let silent = Http2::connect(server.public, &[]).await;
    let closed = [r#"reason="keepalive_timeout""#];
    let name = "server_closed_connections_total";
    Scrape::until(&server, |it| it.sum(name, &closed) == Some(1.0)).await;
    drop(silent);
}

#[tokio::test]
async fn a_connection_without_a_known_protocol_ends_with_the_server() {
    let server = start(Router::new(), ["--drain-delay", "0s"]).await;
    let mut unknown = TcpStream::connect(server.public).await.unwrap();
    unknown.write_all(b"PRI").await.unwrap();
    // Accepted later, so that the server has the other one, too.
    let mut open = Http2::get(server.public).await;
    open.next(HEADERS).await;
    let stopped = server.stop();
    let mut received = Vec::new();
    soon(unknown.read_to_end(&mut received)).await.unwrap();
    assert!(received.is_empty(), "{received:?}");
    open.closed().await;
    soon(stopped).await.unwrap().unwrap();
}
