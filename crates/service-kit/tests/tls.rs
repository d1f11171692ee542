//! TLS handshakes that never complete.

mod support;

use std::time::{Duration, Instant};

use axum::Router;
use testkit::{Pki, Service, localhost, soon};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// A TLS server with these further flags.
async fn tls_server<const N: usize>(more: [&str; N]) -> Service {
    let pki = Pki::new();
    let (cert, key) = pki.issue("server", &localhost());
    let tls = ["--tls-cert", cert.as_str(), "--tls-key", key.as_str()];
    let server = support::start(Router::new(), tls.into_iter().chain(more)).await;
    // Once it answers, it has read the files.
    let mut stream = TcpStream::connect(server.public).await.unwrap();
    stream.write_all(b"no TLS").await.unwrap();
    soon(stream.read_to_end(&mut Vec::new())).await.unwrap();
    server
}

#[tokio::test]
async fn closes_a_connection_without_a_handshake() {
    let server = tls_server(["--handshake-timeout", "100ms"]).await;
    // No bytes, and the start of a TLS record.
    for start in [&[][..], &[0x16, 3, 1, 2]] {
        let connected = Instant::now();
        let mut stream = TcpStream::connect(server.public).await.unwrap();
        stream.write_all(start).await.unwrap();
        soon(stream.read_to_end(&mut Vec::new())).await.unwrap();
        let waited = connected.elapsed();
        assert!(waited >= Duration::from_millis(100), "{waited:?}");
    }
}

#[tokio::test]
async fn does_not_wait_for_a_handshake_while_draining() {
    let flags = [
        "--handshake-timeout",
        "1h",
        "--drain-delay",
        "0s",
        "--drain-timeout",
        "1h",
    ];
    let server = tls_server(flags).await;
    let silent = TcpStream::connect(server.public).await.unwrap();
    soon(server.stop()).await.unwrap().unwrap();
    drop(silent);
}

/// A busy machine needs time for a handshake, and the peer has done nothing wrong.
#[tokio::test]
async fn a_handshake_makes_room_only_after_some_time() {
    let server = tls_server(["--max-connections", "1", "--handshake-timeout", "1h"]).await;
    let connected = Instant::now();
    let mut first = TcpStream::connect(server.public).await.unwrap();
    let second = TcpStream::connect(server.public).await.unwrap();
    soon(first.read_to_end(&mut Vec::new())).await.unwrap();
    let waited = connected.elapsed();
    assert!(waited >= Duration::from_millis(400), "{waited:?}");
    drop(second);
}
