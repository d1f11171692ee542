//! The limits of connections, and the timeouts that close them.

mod support;

use std::time::{Duration, Instant};

use axum::{Router, routing::get};
use support::{Held, start};
use testkit::{
    Service,
    clients::http1,
    frames::{DATA, GOAWAY, PING, SETTINGS, opening},
    http2::Http2,
    soon,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::sleep,
};

fn hello() -> Router {
    Router::new().route("/", get("hello"))
}

/// How long the server keeps a connection open that sends only these bytes.
async fn time_open(server: &Service, first_bytes: &str) -> Duration {
    let connected = Instant::now();
    let mut stream = TcpStream::connect(server.public).await.unwrap();
    stream.write_all(first_bytes.as_bytes()).await.unwrap();
    let mut response = Vec::new();
    soon(stream.read_to_end(&mut response)).await.unwrap();
    assert!(!response.starts_with(b"HTTP/1.1 200"), "{first_bytes:?}");
    connected.elapsed()
}

#[tokio::test]
async fn closes_a_connection_without_a_first_request() {
    let server = start(hello(), ["--header-timeout", "100ms"]).await;
    for start in [
        "",
        "P",
        "PRI * HTTP/2.0\r\n",
        "G",
        "GET / HTTP/1.1\r\nHost: x\r\n",
    ] {
        let time = time_open(&server, start).await;
        assert!(time >= Duration::from_millis(100), "{start:?}: {time:?}");
    }
}

#[tokio::test]
async fn closes_an_idle_http1_connection() {
    let server = start(hello(), ["--idle-timeout", "100ms"]).await;
    for start in ["G", "GET / HTTP/1.1\r\nhost: a\r\n"] {
        let time = time_open(&server, start).await;
        assert!(time >= Duration::from_millis(100), "{start:?}: {time:?}");
    }
}

#[tokio::test]
async fn closes_an_http1_connection_that_is_idle_after_its_responses() {
    let idle = Duration::from_millis(100);
    let slow = async move || {
        sleep(idle + idle / 2).await;
        "hello"
    };
    let routes = hello().route("/slow", get(slow));
    let server = start(routes, ["--idle-timeout", "100ms"]).await;
    for paths in [&["/"][..], &["/slow"], &["/", "/slow", "/"]] {
        let mut stream = TcpStream::connect(server.public).await.unwrap();
        for path in paths {
            let request = format!("GET {path} HTTP/1.1\r\nhost: a\r\n\r\n");
            stream.write_all(request.as_bytes()).await.unwrap();
            let mut response = Vec::new();
            while !response.ends_with(b"hello") {
                let count = soon(stream.read_buf(&mut response)).await.unwrap();
                assert_ne!(count, 0, "{path} of {paths:?}: closed too early");
            }
        }
        let responded = Instant::now();
        let rest = soon(stream.read_to_end(&mut Vec::new())).await.unwrap();
        assert_eq!(rest, 0, "{paths:?}");
        // The response was sent a little earlier than it was read.
        assert!(responded.elapsed() >= idle / 2, "{paths:?}");
    }
}

#[tokio::test]
async fn closes_an_http2_connection_that_does_not_acknowledge_pings() {
    let flags = [
        "--keepalive-interval",
        "50ms",
        "--keepalive-timeout",
        "50ms",
    ];
    let server = start(hello(), flags).await;
    let mut stream = TcpStream::connect(server.public).await.unwrap();
    let start = opening(&[]);
    stream.write_all(&start).await.unwrap();
    soon(stream.read_to_end(&mut Vec::new())).await.unwrap();
}

#[tokio::test]
async fn keeps_an_http2_connection_that_acknowledges_pings() {
    let flags = ["--keepalive-interval", "50ms", "--keepalive-timeout", "10s"];
    let server = start(hello(), flags).await;
    let mut connection = Http2::get(server.public).await;
    for _ in 0..3 {
        connection.next(PING).await;
    }
}

#[tokio::test]
async fn announces_the_limit_of_concurrent_streams() {
    let server = start(hello(), ["--max-concurrent-streams", "7"]).await;
    let settings = Http2::get(server.public).await.next(SETTINGS).await.payload;
    let max_concurrent_streams = [0, 3, 0, 0, 0, 7];
    assert!(
        settings
            .chunks(6)
            .any(|setting| setting == max_concurrent_streams)
    );
}

/// Sends a request over HTTP/1.1; returns the response, up to the connection's
/// end.
async fn send(server: &Service, request: &str) -> String {
    let mut stream = TcpStream::connect(server.public).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut response = String::new();
    soon(stream.read_to_string(&mut response)).await.unwrap();
    response
}

const CLOSING: &str = "GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";

#[tokio::test]
async fn lets_connections_over_the_limit_wait_while_all_are_in_use() {
    let held = Held::default();
    let server = start(held.routes(), ["--max-connections", "1"]).await;
    let first = tokio::spawn(http1().get(server.url("/held")).send());
    soon(held.arrived.notified()).await;

    let second = async {
        let response = send(&server, CLOSING).await;
        assert!(response.starts_with("HTTP/1.1 200 "), "{response}");
    };
    let first = async {
        // The second connection is open, and the admin listener has its own limit.
        let ready = http1().get(server.admin_url("/readyz")).send().await;
        assert_eq!(ready.unwrap().status(), 200);
        held.release.notify_one();
        let response = soon(first).await.unwrap().unwrap();
        assert_eq!(response.text().await.unwrap(), "finished");
    };
    tokio::join!(first, second);
}

#[tokio::test]
async fn a_new_connection_replaces_the_one_that_is_idle_longest() {
    let server = start(hello(), ["--max-connections", "2"]).await;
    let mut http1 = TcpStream::connect(server.public).await.unwrap();
    let request = b"GET / HTTP/1.1\r\nhost: a\r\n\r\n";
    http1.write_all(request).await.unwrap();
    let mut response = [0; 1024];
    assert!(soon(http1.read(&mut response)).await.unwrap() > 0);
    let mut http2 = Http2::get(server.public).await;
    http2.next(DATA).await;

    let mut silent = Vec::new();
    for _ in 0..2 {
        silent.push(TcpStream::connect(server.public).await.unwrap());
        if silent.len() == 1 {
            assert_eq!(soon(http1.read(&mut response)).await.unwrap(), 0);
        }
    }
    let goaway = http2.next(GOAWAY).await.payload;
    assert_eq!(goaway[..8], [0, 0, 0, 1, 0, 0, 0, 0]);
    http2.closed().await;
    let third = send(&server, CLOSING).await;
    assert!(third.starts_with("HTTP/1.1 200 "), "{third}");
}
