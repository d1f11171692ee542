//! Raw responses: status, headers, first bytes and trailers. Of a response that is
//! not gRPC, a gRPC client would keep only a status.

use std::time::Duration;

use cli_kit::printable;
use http::{HeaderMap, StatusCode, response::Parts};
use http_body_util::BodyExt;
use tokio::time::{Instant, timeout_at};
use tonic::Status;
use transport::{ChannelError, ResponseBody, is_envoys};

/// The bytes of a body that are kept: enough for the start of a page, or for a list
/// of services.
const KEPT: usize = 16 * 1024;

/// The characters of one line or header that are shown.
const SHOWN: usize = 160;

/// How long to wait for the end of a body: a stream or a page may be endless.
const BODY_TIMEOUT: Duration = Duration::from_millis(300);

/// The headers that identify the server, besides Envoy's own.
const IDENTIFYING: &[&str] = &[
    "content-type",
    "location",
    "server",
    "via",
    "www-authenticate",
];

/// A gRPC message's prefix: a flag and four bytes of length.
const PREFIX: usize = 5;

/// A raw response.
#[derive(Debug)]
pub(super) struct RawResponse {
    pub(super) http_status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) trailers: Option<HeaderMap>,
    /// The first [`KEPT`] bytes.
    pub(super) body: Vec<u8>,
    /// The length of the body that was read, including bytes that are not kept.
    received: usize,
    /// Whether the end of the body was read.
    pub(super) ended: bool,
    pub(super) took: Duration,
}

impl RawResponse {
    pub(super) fn new(head: Parts) -> Self {
        Self {
            http_status: head.status,
            headers: head.headers,
            trailers: None,
            body: Vec::new(),
            received: 0,
            ended: false,
            took: Duration::ZERO,
        }
    }

    /// Reads the body up to its first message or [`KEPT`] bytes, then its rest and
    /// the trailers for at most [`BODY_TIMEOUT`].
    pub(super) async fn read(&mut self, mut body: ResponseBody) -> Result<(), ChannelError> {
        let mut end = None;
        loop {
            let frame = if self.is_grpc() && !self.has_message() && self.body.len() < KEPT {
                body.frame().await
            } else {
                let end = *end.get_or_insert_with(|| Instant::now() + BODY_TIMEOUT);
                match timeout_at(end, body.frame()).await {
                    Ok(frame) => frame,
                    Err(_) => return Ok(()),
                }
            };
            match frame.transpose()?.map(http_body::Frame::into_data) {
                None => {
                    self.ended = true;
                    return Ok(());
                }
                Some(Ok(data)) => self.keep(&data),
                Some(Err(frame)) => self.trailers = frame.into_trailers().ok(),
            }
        }
    }

    pub(super) fn keep(&mut self, data: &[u8]) {
        self.received += data.len();
        let wanted = data.len().min(KEPT - self.body.len());
        self.body.extend_from_slice(&data[..wanted]);
    }

    /// Whether it is a gRPC response.
    pub(super) fn is_grpc(&self) -> bool {
        self.http_status == StatusCode::OK
            && self
                .header("content-type")
                .is_some_and(|it| it.starts_with("application/grpc"))
    }

    /// The length in the first message's prefix.
    pub(super) fn message_length(&self) -> Option<usize> {
        let length = self.body.get(1..PREFIX)?.try_into().ok()?;
        usize::try_from(u32::from_be_bytes(length)).ok()
    }

    /// The first message, if it is complete and not compressed.
    pub(super) fn message(&self) -> Option<&[u8]> {
        let length = self.message_length().filter(|_| self.body[0] == 0)?;
        self.body.get(PREFIX..PREFIX + length)
    }

    fn has_message(&self) -> bool {
        let length = self.message_length();
        length.is_some_and(|length| self.received >= PREFIX + length)
    }

    /// The call's status, from the trailers, or from the headers without trailers.
    pub(super) fn status(&self) -> Option<Status> {
        let trailers = self.trailers.as_ref().and_then(Status::from_header_map);
        trailers.or_else(|| Status::from_header_map(&self.headers))
    }

    /// The printable text of a header.
    pub(super) fn header(&self, name: &str) -> Option<String> {
        let value = self.headers.get(name)?;
        Some(printable(&String::from_utf8_lossy(value.as_bytes())))
    }

    /// Whether Envoy made this response itself.
    pub(super) fn is_envoys(&self) -> bool {
        is_envoys(&self.headers)
    }

    /// The kept part of the body as text, in lower case.
    pub(super) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).to_lowercase()
    }

    /// The first line of a body that is not gRPC.
    pub(super) fn first_line(&self) -> Option<String> {
        let text = String::from_utf8_lossy(&self.body);
        let line = text.lines().find(|line| !line.trim().is_empty())?;
        let shown: String = line.trim().chars().take(SHOWN).collect();
        Some(printable(&shown))
    }

    /// The status and the headers that identify the server.
    pub(super) fn evidence(&self) -> Vec<String> {
        let mut evidence = vec![format!(":status {}", self.http_status.as_u16())];
        for (name, _) in &self.headers {
            let name = name.as_str();
            if (IDENTIFYING.contains(&name) || name.starts_with("x-envoy-"))
                && let Some(value) = self.header(name)
            {
                let shown: String = value.chars().take(SHOWN).collect();
                evidence.push(format!("{name} {shown}"));
            }
        }
        if !self.is_grpc()
            && let Some(line) = self.first_line()
        {
            evidence.push(format!("the body starts with {line:?}"));
        }
        evidence
    }
}
