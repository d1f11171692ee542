//! Broken servers. Each returns its address as `localhost:PORT`, and runs until
//! the test ends.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use rustls::ServerConfig;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpSocket, TcpStream},
    time::timeout,
};
use tokio_rustls::TlsAcceptor;

use crate::any_port;

/// An HTTP/1.1 response that refuses a request and closes the connection.
pub const BAD_REQUEST: &str =
    "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

/// A server that handles each connection with `handle`.
pub async fn serve<F: Future<Output = ()> + Send + 'static>(
    handle: impl Fn(TcpStream) -> F + Send + 'static,
) -> String {
    let listener = TcpListener::bind(any_port()).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(handle(stream));
        }
    });
    format!("localhost:{port}")
}

/// A server that accepts connections and sends nothing.
pub async fn silent() -> String {
    serve(|stream| async move {
        let _stream = stream;
        std::future::pending().await
    })
    .await
}

/// A listener with a full backlog: the kernel drops the SYN of further
/// connections, until this is dropped.
#[derive(Debug)]
pub struct FullBacklog {
    _listener: TcpListener,
    _queued: Vec<TcpStream>,
}

/// An address that does not respond to a SYN.
pub async fn full_backlog() -> (FullBacklog, SocketAddr) {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(any_port()).unwrap();
    let listener = socket.listen(0).unwrap();
    let address = listener.local_addr().unwrap();
    let mut queued = Vec::new();
    while let Ok(stream) = timeout(Duration::from_millis(200), TcpStream::connect(address)).await {
        queued.push(stream.unwrap());
    }
    let kept = FullBacklog {
        _listener: listener,
        _queued: queued,
    };
    (kept, address)
}

/// A server that closes every connection at once.
pub async fn closing() -> String {
    serve(async |stream| drop(stream)).await
}

/// A server that waits for bytes of the client, sends this text, and closes.
pub async fn saying(text: &'static str) -> String {
    serve(move |mut stream| async move {
        let _ = stream.read(&mut [0; 1024]).await;
        let _ = stream.write_all(text.as_bytes()).await;
        let _ = stream.shutdown().await;
        // Closing with unread bytes would reset the connection.
        let _ = tokio::io::copy(&mut stream, &mut tokio::io::sink()).await;
    })
    .await
}

/// A server that answers anything with [`BAD_REQUEST`], as HTTP/1.1 servers
/// answer an HTTP/2 preface.
pub async fn http1_only() -> String {
    saying(BAD_REQUEST).await
}

/// A server that completes TLS handshakes and then sends nothing.
pub async fn silent_tls(config: ServerConfig) -> String {
    let acceptor = TlsAcceptor::from(Arc::new(config));
    serve(move |stream| {
        let acceptor = acceptor.clone();
        async move {
            let _stream = acceptor.accept(stream).await;
            std::future::pending().await
        }
    })
    .await
}

/// An HTTP/2 server that accepts requests and never responds.
pub async fn never_answering() -> String {
    serve(|mut stream| async move {
        if let Ok(mut connection) = h2::server::handshake(&mut stream).await {
            let mut requests = Vec::new();
            while let Some(Ok(request)) = connection.accept().await {
                requests.push(request);
            }
        }
        let _ = stream.shutdown().await;
        // Closing with unread bytes would reset the connection, and the peer could lose
        // the SETTINGS.
        let _ = tokio::io::copy(&mut stream, &mut tokio::io::sink()).await;
    })
    .await
}
