//! The limits of connections, and the timeouts that close them.

mod support;

use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use axum::{Router, extract::State, http::Uri, routing::get};
use support::start;
use testkit::{
    Service,
    clients::http1,
    http2::{Http2, PING, PREFACE, SETTINGS},
    soon,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
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
    let server = start(hello(), ["--keepalive-timeout", "100ms"]).await;
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
async fn closes_an_http2_connection_that_does_not_acknowledge_pings() {
    let flags = [
        "--keepalive-interval",
        "50ms",
        "--keepalive-timeout",
        "50ms",
    ];
    let server = start(hello(), flags).await;
    let mut stream = TcpStream::connect(server.public).await.unwrap();
    let empty_settings = [0, 0, 0, SETTINGS, 0, 0, 0, 0, 0];
    let start = [PREFACE, &empty_settings].concat();
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

#[tokio::test]
async fn lets_connections_over_the_limit_wait() {
    let log = Arc::new(Mutex::new(Vec::new()));
    let record = async |State(log): State<Arc<Mutex<Vec<String>>>>, uri: Uri| {
        log.lock().unwrap().push(uri.to_string());
    };
    let routes = Router::new().fallback(record).with_state(log.clone());
    let server = start(routes, ["--max-connections", "1"]).await;
    let url = server.url("/first");

    let first = http1();
    first.get(&url).send().await.unwrap();
    let mut second = TcpStream::connect(server.public).await.unwrap();
    let request = "GET /second HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";
    second.write_all(request.as_bytes()).await.unwrap();
    for _ in 0..20 {
        first.get(&url).send().await.unwrap();
    }
    let ready = server.admin_url("/readyz");
    assert_eq!(http1().get(ready).send().await.unwrap().status(), 200);

    drop(first);
    let mut response = String::new();
    soon(second.read_to_string(&mut response)).await.unwrap();
    assert!(response.starts_with("HTTP/1.1 200 "), "{response}");
    let log = log.lock().unwrap();
    let (last, earlier) = log.split_last().unwrap();
    assert_eq!(last, "/second");
    assert_eq!(earlier, ["/first"; 21]);
}
