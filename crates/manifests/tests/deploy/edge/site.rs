//! What answers at the public name, on this machine.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use tokio_rustls::TlsAcceptor;

const SIGN_IN: &str = "https://accounts.google.com/o/oauth2/v2/auth?client_id=1";

/// What answers at the public name.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Site {
    /// Identity-Aware Proxy, which knows one token.
    Guarded,
    /// The same, after some answers of a load balancer without a backend.
    Starting,
    /// The site without Identity-Aware Proxy.
    Open,
    /// Identity-Aware Proxy, which not every front end has yet.
    Opening,
    /// A load balancer without a backend.
    Down,
    /// A redirect, but not to sign in.
    Elsewhere,
}

fn answer(site: Site, count: usize, request: &str) -> (&'static str, &'static str) {
    let greeting = ("200 OK", "Hello smoke from greeter-1");
    let request = request.to_ascii_lowercase();
    match site {
        Site::Open => greeting,
        Site::Opening if count < 2 => greeting,
        Site::Elsewhere => ("302 Found", "https://example.net/"),
        Site::Down => ("502 Bad Gateway", ""),
        Site::Starting if count < 2 => ("502 Bad Gateway", ""),
        _ if request.contains("proxy-authorization: bearer a.b.c") => greeting,
        _ if request.contains("proxy-authorization") => ("401 Unauthorized", ""),
        _ => ("302 Found", SIGN_IN),
    }
}

pub(crate) async fn serve(listener: TcpListener, acceptor: TlsAcceptor, site: Site) {
    let count = Arc::new(AtomicUsize::new(0));
    while let Ok((stream, _)) = listener.accept().await {
        let (acceptor, count) = (acceptor.clone(), count.clone());
        tokio::spawn(async move {
            // curl closes the connection if it does not trust the certificate.
            let _ = respond(stream, acceptor, site, &count).await;
        });
    }
}

async fn respond(
    stream: TcpStream,
    acceptor: TlsAcceptor,
    site: Site,
    count: &AtomicUsize,
) -> std::io::Result<()> {
    let mut stream = acceptor.accept(stream).await?;
    let mut request = Vec::new();
    while !request.windows(4).any(|it| it == b"\r\n\r\n") {
        if stream.read_buf(&mut request).await? == 0 {
            return Ok(());
        }
    }
    let request = String::from_utf8_lossy(&request);
    let (status, text) = answer(site, count.fetch_add(1, Ordering::Relaxed), &request);
    let location = match status.starts_with('3') {
        true => format!("Location: {text}\r\n"),
        false => String::new(),
    };
    let head = format!(
        "HTTP/1.1 {status}\r\n{location}Content-Length: {}\r\nConnection: close\r\n\r\n{text}",
        text.len()
    );
    stream.write_all(head.as_bytes()).await?;
    stream.shutdown().await
}
