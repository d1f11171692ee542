//! Servers, whole and broken.

use std::sync::Arc;

use axum::Router;
use clap::Parser;
use rustls::ServerConfig;
use service_kit::{Lifecycle, Listeners, Version};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use tokio_rustls::TlsAcceptor;

use crate::pki::{Pki, localhost};

/// A server that treats each connection as `handle` says.
pub(crate) async fn serve<F: Future<Output = ()> + Send + 'static>(
    handle: impl Fn(TcpStream) -> F + Send + 'static,
) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(handle(stream));
        }
    });
    format!("localhost:{port}")
}

/// A server that takes connections and says nothing.
pub(crate) async fn silent() -> String {
    serve(|stream| async move {
        let _stream = stream;
        std::future::pending().await
    })
    .await
}

/// A server that says this to whatever it is told, and closes.
pub(crate) async fn saying(text: &'static str) -> String {
    serve(move |mut stream| async move {
        let _ = stream.read(&mut [0; 1024]).await;
        let _ = stream.write_all(text.as_bytes()).await;
        let _ = stream.shutdown().await;
        // Closing with bytes unread would reset the connection.
        let _ = tokio::io::copy(&mut stream, &mut tokio::io::sink()).await;
    })
    .await
}

/// A server that completes TLS handshakes and then says nothing.
pub(crate) async fn silent_tls(config: ServerConfig) -> String {
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

/// The real greeter, with these further flags.
pub(crate) async fn greeter(flags: &[&str]) -> String {
    greeter_until(flags, std::future::pending()).await
}

/// The real greeter until `shutdown`.
pub(crate) async fn greeter_until(
    flags: &[&str],
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> String {
    let listeners = listeners().await;
    let port = listeners.public.local_addr().unwrap().port();
    let args = ["greeter-server", "--hostname", "greeter-under-test"];
    let config = greeter_server::Config::parse_from(args.iter().chain(flags));
    tokio::spawn(greeter_server::run(listeners, config, shutdown));
    format!("localhost:{port}")
}

/// The real greeter with a certificate of this CA.
pub(crate) async fn tls_greeter(pki: &Pki, flags: &[&str]) -> String {
    let (cert, key) = pki.issue("greeter", &localhost());
    let tls = ["--tls-cert", &cert, "--tls-key", &key];
    greeter(&[&tls[..], flags].concat()).await
}

/// Routes of the test's own, over HTTP/1.1 and HTTP/2.
pub(crate) async fn routes(router: Router) -> String {
    let listeners = listeners().await;
    let port = listeners.public.local_addr().unwrap().port();
    let config = greeter_server::Config::parse_from(["greeter-server"]).service;
    let version = Version {
        name: "routes",
        version: "0",
    };
    let never = std::future::pending();
    let lifecycle = Lifecycle::default();
    tokio::spawn(service_kit::serve(
        listeners, router, version, lifecycle, config, never,
    ));
    format!("localhost:{port}")
}

async fn listeners() -> Listeners {
    let any = "127.0.0.1:0".parse().unwrap();
    Listeners::bind(any, any).await.unwrap()
}
