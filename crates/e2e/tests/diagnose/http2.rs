//! Ports that do not speak HTTP/2, or close the connection.

use testkit::{
    Pki,
    servers::{http1_only, saying, serve, silent},
};
use tokio::net::TcpStream;

use crate::{scenario::Scenario, servers::tls_greeter};

pub(crate) async fn http2_tls_server() -> Scenario {
    let pki = Pki::new();
    Scenario::new(["--addr", &tls_greeter(&pki, &[]).await]).keep(pki)
}

pub(crate) async fn http2_http1_server() -> Scenario {
    Scenario::new(["--addr", &http1_only().await])
}

pub(crate) async fn http2_not_http() -> Scenario {
    Scenario::new(["--addr", &saying("SSH-2.0-OpenSSH_10.0\r\n").await])
}

pub(crate) async fn http2_no_answer() -> Scenario {
    Scenario::new(["--connect-timeout", "300ms", "--addr", &silent().await])
}

/// gRPC servers close the connection of a client that pings too often.
pub(crate) async fn http2_calm() -> Scenario {
    Scenario::new(["--addr", &enhance_your_calm(1).await])
}

/// A server that sends GOAWAY with ENHANCE_YOUR_CALM after this many requests.
async fn enhance_your_calm(requests: usize) -> String {
    serve(move |stream| async move {
        let stream = stream.into_std().unwrap();
        let kept = stream.try_clone().unwrap();
        let stream = TcpStream::from_std(stream).unwrap();
        let Ok(mut connection) = h2::server::handshake(stream).await else {
            return;
        };
        for _ in 0..requests {
            connection.accept().await;
        }
        connection.abrupt_shutdown(h2::Reason::ENHANCE_YOUR_CALM);
        let _ = std::future::poll_fn(|context| connection.poll_closed(context)).await;
        drop(connection);
        // Closing a socket with unread bytes sends RST, which can overtake the GOAWAY.
        let mut kept = TcpStream::from_std(kept).unwrap();
        let _ = tokio::io::copy(&mut kept, &mut tokio::io::sink()).await;
    })
    .await
}

#[tokio::test]
async fn the_first_bytes_are_shown() {
    let run = http2_not_http().await.diagnosed_as("http2_not_http").await;
    run.shows("SSH-2.0-OpenSSH_10.0");
}

#[tokio::test]
async fn a_goaway_before_the_first_request_is_reported() {
    let scenario = Scenario::new(["--addr", &enhance_your_calm(0).await]);
    scenario.diagnosed_as("http2_calm").await;
}
