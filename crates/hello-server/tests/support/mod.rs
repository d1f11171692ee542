//! A hello server on ports of the system's choice, and clients for it.

#![allow(dead_code, reason = "each test file uses a part of it")]

pub(crate) mod recorder;

use std::{future::pending, net::SocketAddr};

use clap::Parser;
use hello_server::Config;
use service_kit::Listeners;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::oneshot,
};

/// A hello server that stops when it is dropped.
pub(crate) struct Hello {
    pub(crate) public: SocketAddr,
    pub(crate) admin: SocketAddr,
    _stop: oneshot::Sender<()>,
}

impl Hello {
    /// Starts a server called `hello-1` with these flags.
    pub(crate) async fn start<const N: usize>(flags: [&str; N]) -> Self {
        let own = ["hello-server", "--hostname", "hello-1"];
        let config = Config::parse_from(own.into_iter().chain(flags));
        let listeners = bind().await;
        let (public, admin) = (
            listeners.public.local_addr().unwrap(),
            listeners.admin.local_addr().unwrap(),
        );
        let (_stop, stopped) = oneshot::channel();
        tokio::spawn(async move {
            let shutdown = async { drop(stopped.await) };
            hello_server::run(listeners, config, shutdown)
                .await
                .unwrap();
        });
        Self {
            public,
            admin,
            _stop,
        }
    }

    /// The URL of `target` on the public listener.
    pub(crate) fn url(&self, target: &str) -> String {
        format!("http://{}{target}", self.public)
    }
}

async fn bind() -> Listeners {
    let any = SocketAddr::from(([127, 0, 0, 1], 0));
    Listeners::bind(any, any).await.unwrap()
}

/// Starts a greeter called `greeter-1`; answers its URL.
pub(crate) async fn start_greeter() -> String {
    let public = bind().await.public;
    let url = format!("http://{}", public.local_addr().unwrap());
    serve_greeter(public).await;
    url
}

/// Serves a greeter called `greeter-1`.
pub(crate) async fn serve_greeter(public: TcpListener) {
    let admin = bind().await.admin;
    let config = greeter_server::Config::parse_from(["greeter", "--hostname", "greeter-1"]);
    let listeners = Listeners { public, admin };
    tokio::spawn(greeter_server::run(listeners, config, pending()));
}

/// A client that speaks only HTTP/1.1.
pub(crate) fn http1() -> reqwest::Client {
    let client = reqwest::Client::builder().no_proxy().http1_only();
    client.build().unwrap()
}

/// A client that speaks only HTTP/2, without asking first.
pub(crate) fn h2c() -> reqwest::Client {
    let client = reqwest::Client::builder().no_proxy();
    client.http2_prior_knowledge().build().unwrap()
}

/// The `error` and the gRPC `status` of a JSON error.
pub(crate) async fn api_error(answer: reqwest::Response) -> (String, Option<String>) {
    assert_eq!(answer.headers()["content-type"], "application/json");
    let body: serde_json::Value = answer.json().await.unwrap();
    let field = |name: &str| Some(body.get(name)?.as_str().unwrap().to_owned());
    (field("error").expect("an error"), field("status"))
}

/// Sends `head` as it is, and reads until the server closes.
pub(crate) async fn raw(address: SocketAddr, head: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!("{head}\r\nhost: example.com\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}
