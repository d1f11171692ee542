//! Ports that do not start HTTP/2, or end it.

use testkit::{
    Pki,
    servers::{http1_only, saying, serve, silent},
};
use tokio::net::TcpStream;

use crate::{arranged::Arranged, servers::tls_greeter};

pub(crate) async fn http2_tls_server() -> Arranged {
    let pki = Pki::new();
    Arranged::new(["--addr", &tls_greeter(&pki, &[]).await]).keep(pki)
}

pub(crate) async fn http2_http1_server() -> Arranged {
    Arranged::new(["--addr", &http1_only().await])
}

pub(crate) async fn http2_not_http() -> Arranged {
    Arranged::new(["--addr", &saying("SSH-2.0-OpenSSH_10.0\r\n").await])
}

pub(crate) async fn http2_no_answer() -> Arranged {
    Arranged::new(["--connect-timeout", "300ms", "--addr", &silent().await])
}

/// What gRPC servers do to clients that ping too often.
pub(crate) async fn http2_calm() -> Arranged {
    Arranged::new(["--addr", &calming(1).await])
}

/// A server that sends clients away after this many requests.
async fn calming(requests: usize) -> String {
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
        // Closing with bytes unread would reset the connection, and the GOAWAY
        // could be lost.
        let mut kept = TcpStream::from_std(kept).unwrap();
        let _ = tokio::io::copy(&mut kept, &mut tokio::io::sink()).await;
    })
    .await
}

#[tokio::test]
async fn what_a_port_says_instead_is_shown() {
    let run = http2_not_http().await.gives("http2_not_http").await;
    run.shows("SSH-2.0-OpenSSH_10.0");
}

#[tokio::test]
async fn a_server_may_lose_its_patience_at_once() {
    let arranged = Arranged::new(["--addr", &calming(0).await]);
    arranged.gives("http2_calm").await;
}
