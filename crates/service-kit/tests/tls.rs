//! TLS handshakes that do not come to an end.

mod support;

use std::{
    fs,
    time::{Duration, Instant},
};

use axum::Router;
use support::{Server, soon};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// A server with a certificate of its own, and these further flags.
async fn tls_server<const N: usize>(more: [&str; N]) -> Server {
    let directory = tempfile::tempdir().unwrap();
    let path = |name| directory.path().join(name);
    let own = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    fs::write(path("cert.pem"), own.cert.pem()).unwrap();
    fs::write(path("key.pem"), own.signing_key.serialize_pem()).unwrap();
    let (cert, key) = (path("cert.pem"), path("key.pem"));
    let files = [
        "--tls-cert",
        cert.to_str().unwrap(),
        "--tls-key",
        key.to_str().unwrap(),
    ];
    let flags: Vec<_> = files.into_iter().chain(more).collect();
    let server = Server::start(Router::new(), flags).await;
    // Its files have been read once it answers.
    let mut stream = TcpStream::connect(server.public).await.unwrap();
    stream.write_all(b"no TLS").await.unwrap();
    soon(stream.read_to_end(&mut Vec::new())).await.unwrap();
    server
}

#[tokio::test]
async fn closes_a_connection_whose_handshake_never_comes() {
    let server = tls_server(["--keepalive-timeout", "100ms"]).await;
    // Nothing, and the start of a TLS record.
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
async fn does_not_wait_for_a_handshake_when_it_drains() {
    let patient = [
        "--keepalive-timeout",
        "1h",
        "--drain-delay",
        "0s",
        "--drain-timeout",
        "1h",
    ];
    let server = tls_server(patient).await;
    let silent = TcpStream::connect(server.public).await.unwrap();
    soon(server.stop()).await.unwrap().unwrap();
    drop(silent);
}
