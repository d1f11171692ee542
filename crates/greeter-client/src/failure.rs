//! A failure as one line: the cause, then what to try next.

use std::{error::Error, fmt, time::Duration};

use cli_kit::{printable, with_causes};
use greeter_proto::code_name;
use http::HeaderMap;
use serde::Serialize;
use tokio::time::timeout;
use tonic::Status;
use transport::{Cause, Channel, ChannelError, CloseReason, DialError, Exit, call::Call};

/// How long to wait for the connection's close reason after a call failed.
const CLOSE_TIMEOUT: Duration = Duration::from_millis(200);

/// Why there is no reply.
#[derive(Debug)]
pub(crate) struct Failure {
    /// The program's exit code.
    pub(crate) exit: Exit,
    pub(crate) cause: String,
    pub(crate) hint: String,
    pub(crate) status: Option<Status>,
    pub(crate) headers: HeaderMap,
    pub(crate) rpc: Duration,
}

/// A failure, as the JSON of every subcommand has it.
#[derive(Serialize)]
pub(crate) struct FailureReport<'a> {
    exit_code: u8,
    cause: &'a str,
    hint: &'a str,
}

impl<'a> From<&'a Failure> for FailureReport<'a> {
    fn from(failure: &'a Failure) -> Self {
        Self {
            exit_code: failure.exit.0,
            cause: &failure.cause,
            hint: &failure.hint,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; {}", printable(&self.cause), self.hint)
    }
}

impl From<&DialError> for Failure {
    fn from(error: &DialError) -> Self {
        Self::new(error.cause(), error.to_string())
    }
}

impl Failure {
    /// A failure with the exit code and the hint of a cause.
    pub(crate) fn new(cause: Cause, message: String) -> Self {
        let skip_verify = match cause.is_verification() {
            true => ", or skip verification with --insecure-skip-verify",
            false => "",
        };
        Self {
            exit: cause.exit(),
            cause: message,
            hint: format!("{}{skip_verify}", cause.hint()),
            status: None,
            headers: HeaderMap::new(),
            rpc: Duration::ZERO,
        }
    }

    /// A call on this connection that ended with `status`. The error of a stream does
    /// not say why its connection ended: the connection records that, perhaps later.
    pub(crate) async fn of_call(status: &Status, channel: &Channel, call: Option<&Call>) -> Self {
        let close_reason = match ChannelError::of_status(status) {
            Some(error) if error.is_of_connection() || is_unexplained(status) => {
                timeout(CLOSE_TIMEOUT, channel.closed()).await.ok()
            }
            _ => None,
        };
        Self::of_status(status, close_reason.as_ref(), call)
    }

    fn of_status(status: &Status, close: Option<&CloseReason>, call: Option<&Call>) -> Self {
        let name = code_name(status.code());
        let headers = call.map(|call| call.headers.clone()).unwrap_or_default();
        let is_of_connection =
            ChannelError::of_status(status).is_some_and(ChannelError::is_of_connection);
        // The end of the connection explains that of a stream if it has a code.
        let close = close.filter(|it| is_of_connection || it.code.is_some());
        let cause = match close.and_then(|it| it.code) {
            Some(code) if is_unexplained(status) => Cause::of_reset(Some(code)),
            _ => Cause::of_status(status, &headers),
        };
        let message = match close {
            Some(reason) => format!("the connection closed: {}", reason.error),
            None => message(status),
        };
        let message = format!("the call failed ({name}): {message}");
        Self {
            status: Some(status.clone()),
            headers,
            rpc: call.map(Call::elapsed).unwrap_or_default(),
            ..Self::new(cause, message)
        }
    }
}

/// Whether the connection or the stream ended without an HTTP/2 error code that names
/// the cause.
fn is_unexplained(status: &Status) -> bool {
    Cause::of_status(status, &HeaderMap::new()) == Cause::GrpcClosed
}

fn message(status: &Status) -> String {
    match (status.message(), status.source()) {
        ("", None) => "the server gave no message".to_owned(),
        (message, source) => with_causes(message, source),
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    #[test]
    fn a_cause_that_repeats_the_message_is_printed_once() {
        let message = "error reading a body from connection";
        let mut status = Status::unknown(message);
        status.set_source(std::sync::Arc::new(io::Error::other(message)));
        let failure = Failure::of_status(&status, None, None).to_string();
        assert_eq!(failure.matches(message).count(), 1, "{failure}");
    }

    #[test]
    fn only_verification_can_be_skipped() {
        let hint = |error: DialError| Failure::from(&error).hint;
        let issuer = "CN=CA".to_owned();
        assert!(hint(DialError::UnknownIssuer { issuer }).contains("--insecure-skip-verify"));
        assert!(!hint(DialError::TlsNoResponse).contains("--insecure-skip-verify"));
    }
}
