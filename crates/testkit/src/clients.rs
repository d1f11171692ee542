//! HTTP clients that ignore proxies. The functions panic on errors.

use std::net::SocketAddr;

use reqwest::Client;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// A client that speaks only HTTP/1.1.
#[must_use]
pub fn http1() -> Client {
    let client = Client::builder().no_proxy().http1_only();
    client.build().unwrap()
}

/// A client that speaks only HTTP/2, with prior knowledge.
#[must_use]
pub fn h2c() -> Client {
    let client = Client::builder().no_proxy().http2_prior_knowledge();
    client.build().unwrap()
}

/// Sends this request line unchanged over HTTP/1.1; returns the whole response,
/// up to the end of the connection.
pub async fn raw(address: SocketAddr, request_line: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!("{request_line}\r\nhost: example.com\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).await.unwrap();
    response
}
