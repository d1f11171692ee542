//! One call to the greeter: its span and its time.

use std::time::Duration;

use cli_kit::causes;
use greeter_proto::helloworld::HelloReply;
use service_kit::ClientSpan;
use tokio::time::{Instant, timeout};
use tonic::{Code, Status, Streaming, metadata::MetadataMap};

/// A call that has started. If it is dropped before its end, it is cancelled.
#[derive(Debug)]
pub(super) struct Call {
    /// `None` after the end.
    span: Option<ClientSpan<'static>>,
    timeout: Duration,
    /// What is left of the timeout. Only waiting for the greeter takes of it, so that
    /// the greeter is not blamed for a client that reads slowly.
    left: Duration,
}

impl Call {
    pub(super) fn new(span: ClientSpan<'static>, timeout: Duration) -> Self {
        Self {
            span: Some(span),
            timeout,
            left: timeout,
        }
    }

    /// Waits for a response. A failure ends the call.
    ///
    /// # Errors
    /// The greeter's status, or `DEADLINE_EXCEEDED` after the timeout.
    pub(super) async fn response<T>(
        &mut self,
        response: impl Future<Output = Result<T, Status>>,
    ) -> Result<T, Status> {
        let started = Instant::now();
        let result = timeout(self.left, response).await;
        self.left = self.left.saturating_sub(started.elapsed());
        let status = match result {
            Ok(Ok(response)) => return Ok(response),
            Ok(Err(status)) => Some(status),
            Err(_) => None,
        };
        Err(self.failed(status))
    }

    /// Ends the call without its response, because of this status or of the timeout.
    fn failed(&mut self, status: Option<Status>) -> Status {
        let status = status.filter(|it| !timed_out(it)).unwrap_or_else(|| {
            Status::deadline_exceeded(format!(
                "no response from the greeter within {:?}",
                self.timeout
            ))
        });
        self.end(status.code());
        status
    }

    pub(super) fn end(&mut self, code: Code) {
        if let Some(span) = self.span.take() {
            span.end(code.into());
        }
    }
}

/// Whether tonic's channel enforced the timeout. It has the same timeout, may be
/// first, and then reports `CANCELLED`.
fn timed_out(status: &Status) -> bool {
    causes(status).any(|cause| cause.is::<tonic::TimeoutExpired>())
}

/// The replies of a streaming call.
#[derive(Debug)]
pub(crate) struct Replies {
    pub(super) call: Call,
    pub(super) metadata: MetadataMap,
    pub(super) replies: Streaming<HelloReply>,
}

impl Replies {
    /// The metadata of the call.
    pub(crate) fn metadata(&self) -> &MetadataMap {
        &self.metadata
    }

    /// The next reply; `None` after the last.
    ///
    /// # Errors
    /// The greeter's status, or `DEADLINE_EXCEEDED` after the timeout.
    pub(crate) async fn next(&mut self) -> Result<Option<HelloReply>, Status> {
        let reply = self.call.response(self.replies.message()).await?;
        if reply.is_none() {
            self.call.end(Code::Ok);
        }
        Ok(reply)
    }
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};

    use axum::http::HeaderMap;
    use clap::Parser;
    use tokio::time::sleep;

    use super::*;
    use crate::Config;

    #[tokio::test]
    async fn only_waiting_for_the_greeter_takes_time() {
        let telemetry = crate::telemetry(&Config::parse_from(["hello-server"])).unwrap();
        let context = telemetry.context(&HeaderMap::new());
        let span = ClientSpan::start(&telemetry, context, "a.B/C", None);
        let limit = Duration::from_millis(100);
        let mut call = Call::new(span, limit);
        sleep(2 * limit).await;
        assert_eq!(call.response(ready(Ok(1))).await.unwrap(), 1);
        let started = Instant::now();
        let status = call.response(pending::<Result<(), _>>()).await.unwrap_err();
        assert!(started.elapsed() >= limit / 2);
        assert_eq!(status.code(), Code::DeadlineExceeded);
        assert_eq!(
            status.message(),
            "no response from the greeter within 100ms"
        );
    }
}
