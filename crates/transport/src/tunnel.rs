//! Tunnels through an HTTP proxy: the CONNECT method (RFC 9110, section 9.3.6).

use std::pin::pin;

use http::{
    HeaderValue, Request, StatusCode,
    header::{HOST, PROXY_AUTHORIZATION},
    uri::Authority,
};
use hyper::{client::conn::http1, upgrade};
use hyper_util::rt::TokioIo;

use crate::{TunnelError, stream::BoxedIo};

/// A tunnel through a proxy.
#[derive(Clone, Debug)]
pub struct Tunnel {
    /// The host and port of the proxy, for messages.
    pub(crate) proxy: String,
    /// The value of `proxy-authorization`.
    pub(crate) credentials: Option<HeaderValue>,
    /// The host and port that the proxy resolves and connects to.
    pub(crate) target: Authority,
}

impl Tunnel {
    /// Opens the tunnel on a connection to the proxy. The first bytes of the server
    /// may arrive with the response: hyper keeps them.
    ///
    /// # Errors
    /// If the proxy does not answer with a success.
    pub(crate) async fn open(&self, stream: BoxedIo) -> Result<BoxedIo, TunnelError> {
        let handshake = http1::handshake(TokioIo::new(stream)).await;
        let (mut sender, connection) = handshake.map_err(|error| self.failed(&error))?;
        let exchange = async {
            let response = sender.send_request(self.request()).await?;
            match response.status() {
                status if status.is_success() => Ok(Ok(upgrade::on(response).await?)),
                status => Ok(Err(self.refused(status))),
            }
        };
        let mut connection = pin!(connection.with_upgrades());
        let mut exchange = pin!(exchange);
        let result: hyper::Result<_> = tokio::select! {
            result = &mut exchange => result,
            // The exchange has the upgraded connection, or the error.
            _ = &mut connection => exchange.await,
        };
        match result {
            Ok(upgraded) => Ok(Box::new(TokioIo::new(upgraded?))),
            Err(error) => Err(self.failed(&error)),
        }
    }

    fn request(&self) -> Request<String> {
        let mut request = Request::new(String::new());
        *request.method_mut() = http::Method::CONNECT;
        *request.uri_mut() = self.target.clone().into();
        let host = HeaderValue::from_str(self.target.as_str());
        let host = host.expect("an authority has only visible ASCII characters");
        request.headers_mut().insert(HOST, host);
        if let Some(credentials) = &self.credentials {
            let headers = request.headers_mut();
            headers.insert(PROXY_AUTHORIZATION, credentials.clone());
        }
        request
    }

    /// The error of a response that is not a success.
    fn refused(&self, status: StatusCode) -> TunnelError {
        let (proxy, target) = (self.proxy.clone(), self.target.clone());
        match status {
            StatusCode::PROXY_AUTHENTICATION_REQUIRED => match self.credentials {
                None => TunnelError::CredentialsRequired { proxy },
                Some(_) => TunnelError::CredentialsRejected { proxy },
            },
            StatusCode::BAD_REQUEST
            | StatusCode::NOT_FOUND
            | StatusCode::METHOD_NOT_ALLOWED
            | StatusCode::NOT_IMPLEMENTED => TunnelError::NoConnect {
                proxy,
                reason: format!("it responds with {status}"),
            },
            status if status.is_server_error() => TunnelError::ConnectFailure {
                proxy,
                target,
                status,
            },
            status => TunnelError::Forbidden {
                proxy,
                target,
                status,
            },
        }
    }

    fn failed(&self, error: &hyper::Error) -> TunnelError {
        let reason = match error.is_parse() {
            true => "it does not respond with HTTP/1.1",
            false => "it closes the connection",
        };
        TunnelError::NoConnect {
            proxy: self.proxy.clone(),
            reason: reason.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    use super::*;

    /// Opens a tunnel through a proxy that answers with these bytes. Returns the
    /// stream and what the proxy received.
    async fn open(response: &str) -> (Result<BoxedIo, TunnelError>, String) {
        let (near, mut far) = duplex(1024);
        let tunnel = Tunnel {
            proxy: "proxy:3128".to_owned(),
            credentials: None,
            target: Authority::from_static("a.example:443"),
        };
        let proxy = async {
            let mut request = Vec::new();
            while !request.ends_with(b"\r\n\r\n") {
                assert_ne!(far.read_buf(&mut request).await.unwrap(), 0);
            }
            far.write_all(response.as_bytes()).await.unwrap();
            far.shutdown().await.unwrap();
            String::from_utf8(request).unwrap()
        };
        tokio::join!(tunnel.open(Box::new(near)), proxy)
    }

    #[tokio::test]
    async fn the_request_names_the_target_twice() {
        let (_, request) = open("HTTP/1.1 200 OK\r\n\r\n").await;
        let lines: Vec<_> = request.lines().collect();
        assert_eq!(lines[0], "CONNECT a.example:443 HTTP/1.1", "{request}");
        assert_eq!(lines[1], "host: a.example:443", "{request}");
    }

    #[tokio::test]
    async fn the_first_bytes_of_the_server_are_kept() {
        for head in [
            "HTTP/1.1 200 Connection established\r\nVia: 1.1 p\r\n\r\n",
            "HTTP/1.0 200 OK\r\n\r\n",
        ] {
            let (stream, _) = open(&format!("{head}hello")).await;
            let mut bytes = String::new();
            stream.unwrap().read_to_string(&mut bytes).await.unwrap();
            assert_eq!(bytes, "hello", "{head:?}");
        }
    }

    #[tokio::test]
    async fn a_refusal_says_why() {
        for (response, message) in [
            ("HTTP/1.1 407 A\r\n\r\n", "requires credentials (407"),
            (
                "HTTP/1.1 403 A\r\n\r\n",
                "refuses to connect to a.example:443 (403",
            ),
            (
                "HTTP/1.1 503 A\r\n\r\n",
                "cannot connect to a.example:443 (503",
            ),
            ("HTTP/1.1 405 A\r\n\r\n", "it responds with 405"),
            ("SSH-2.0-OpenSSH\r\n", "it does not respond with HTTP/1.1"),
            ("", "it closes the connection"),
        ] {
            let error = open(response).await.0.map(drop).unwrap_err().to_string();
            assert!(error.contains(message), "{response:?}: {error}");
        }
    }
}
