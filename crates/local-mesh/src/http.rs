//! An HTTP client of programs on this machine: HTTP/1.1, one connection per request.

use std::time::Duration;

use anyhow::{Context, ensure};
use http_body_util::{BodyExt, Empty};
use hyper::{Method, Request, body::Bytes, client::conn::http1::handshake, header::HOST};
use hyper_util::rt::TokioIo;
use tokio::{
    net::TcpStream,
    time::{Interval, MissedTickBehavior, interval, timeout},
};

/// These programs respond from memory. A slower reply means that one hangs.
const TIMEOUT: Duration = Duration::from_secs(2);

const POLL_INTERVAL: Duration = Duration::from_millis(50);

/// A client of one program.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    name: &'static str,
    address: String,
}

impl Client {
    /// `address` is `HOST:PORT`. Errors name the program.
    pub(crate) fn new(name: &'static str, address: String) -> Self {
        Self { name, address }
    }

    /// Reads `path`, for example `/listeners`.
    pub(crate) async fn get(&self, path: &str) -> anyhow::Result<String> {
        self.request(Method::GET, path).await
    }

    /// Waits until `path` has a successful response.
    pub(crate) async fn until(&self, path: &str) {
        let mut poll = poll();
        loop {
            poll.tick().await;
            if self.get(path).await.is_ok() {
                return;
            }
        }
    }

    /// Triggers the action at `path`, for example `/drain_listeners`.
    pub(crate) async fn post(&self, path: &str) -> anyhow::Result<()> {
        self.request(Method::POST, path).await?;
        Ok(())
    }

    async fn request(&self, method: Method, path: &str) -> anyhow::Result<String> {
        timeout(TIMEOUT, self.exchange(method, path))
            .await
            .map_err(anyhow::Error::from)
            .flatten()
            .with_context(|| format!("{} failed on {path}", self.name))
    }

    async fn exchange(&self, method: Method, path: &str) -> anyhow::Result<String> {
        let stream = TcpStream::connect(&self.address).await?;
        let (mut sender, connection) = handshake(TokioIo::new(stream)).await?;
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(HOST, &self.address)
            .body(Empty::<Bytes>::new())?;
        let response = async move {
            let response = sender.send_request(request).await?;
            let status = response.status();
            ensure!(status.is_success(), "status {status}");
            let body = response.into_body().collect().await?.to_bytes();
            Ok(String::from_utf8(body.into())?)
        };
        // The connection ends once the sender is dropped with the response's future.
        let (response, _) = tokio::join!(response, connection);
        response
    }
}

/// An interval of polls.
pub(crate) fn poll() -> Interval {
    let mut poll = interval(POLL_INTERVAL);
    poll.set_missed_tick_behavior(MissedTickBehavior::Delay);
    poll
}

#[cfg(test)]
mod tests {
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpListener,
    };

    use super::*;

    /// Serves one response, and returns the result of a GET of `/ready`.
    async fn get(response: &str) -> anyhow::Result<String> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let admin = Client::new("Envoy's admin interface", address);
        let server = async {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = Vec::new();
            while !request.ends_with(b"\r\n\r\n") {
                request.push(stream.read_u8().await.unwrap());
            }
            stream.write_all(response.as_bytes()).await.unwrap();
            String::from_utf8(request).unwrap()
        };
        let (request, result) = tokio::join!(server, admin.get("/ready"));
        assert!(request.starts_with("GET /ready HTTP/1.1\r\n"), "{request}");
        result
    }

    #[tokio::test]
    async fn reads_a_body_that_ends_with_the_connection() {
        let body = get("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nLIVE\n").await;
        assert_eq!(body.unwrap(), "LIVE\n");
    }

    #[tokio::test]
    async fn names_the_path_and_the_status_of_a_failure() {
        let error = get("HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n")
            .await
            .unwrap_err();
        assert_eq!(
            format!("{error:#}"),
            "Envoy's admin interface failed on /ready: status 404 Not Found"
        );
    }
}
