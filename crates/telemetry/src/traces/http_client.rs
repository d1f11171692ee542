//! OTLP over HTTP/1.1: one connection for each export, because exports are seconds
//! apart.

use std::time::Duration;

use anyhow::Context;
use http::{HeaderValue, Request, Response, Uri, header::HOST};
use http_body_util::{BodyExt, Full, Limited};
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use opentelemetry_http::{Bytes, HttpClient, HttpError};
use tokio::{net::TcpStream, runtime::Handle, time::timeout};

/// The largest response that is read. It only counts the spans that were refused.
const MAX_RESPONSE: usize = 64 * 1024;

/// A client that works on the runtime, whichever thread calls it: the SDK exports
/// from a thread of its own.
#[derive(Debug)]
pub(super) struct Client {
    pub(super) runtime: Handle,
    pub(super) timeout: Duration,
}

#[async_trait::async_trait]
impl HttpClient for Client {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let limit = self.timeout;
        let exchange = async move { timeout(limit, exchange(request)).await };
        Ok(self.runtime.spawn(exchange).await???)
    }
}

async fn exchange(request: Request<Bytes>) -> anyhow::Result<Response<Bytes>> {
    let (mut head, body) = request.into_parts();
    let authority = head.uri.authority().context("the URL has no host")?;
    let host = authority.host().trim_matches(['[', ']']);
    let address = (host, authority.port_u16().unwrap_or(80));
    let stream = TcpStream::connect(address).await?;
    head.headers
        .insert(HOST, HeaderValue::from_str(authority.as_str())?);
    let path = head.uri.path_and_query().context("the URL has no path")?;
    head.uri = Uri::from(path.clone());
    let request = Request::from_parts(head, Full::new(body));
    let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let (response, _) = tokio::join!(send(sender, request), connection);
    response
}

/// Drops `sender` at the end, which closes the connection.
async fn send(
    mut sender: SendRequest<Full<Bytes>>,
    request: Request<Full<Bytes>>,
) -> anyhow::Result<Response<Bytes>> {
    let (head, body) = sender.send_request(request).await?.into_parts();
    let body = Limited::new(body, MAX_RESPONSE).collect().await;
    let body = body.map_err(anyhow::Error::from_boxed)?.to_bytes();
    Ok(Response::from_parts(head, body))
}
