//! A failure as one line: the cause, then what to try next.

use std::{error::Error, fmt, time::Duration};

use cli_kit::{printable, with_causes};
use greeter_proto::code_name;
use http::HeaderMap;
use serde::Serialize;
use tonic::Status;
use transport::{Cause, ChannelError, DialError, Exit, call::Call};

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

    /// A call that ended with `status`; `close_error` is the error of its
    /// connection, if that ended.
    #[must_use]
    pub(crate) fn of_call(status: &Status, close_error: Option<&str>, call: Option<&Call>) -> Self {
        let name = code_name(status.code());
        let headers = call.map(|call| call.headers.clone()).unwrap_or_default();
        let cause = Cause::of_status(status, &headers);
        let of_connection =
            ChannelError::of_status(status).is_some_and(ChannelError::is_of_connection);
        let message = match close_error.filter(|_| of_connection) {
            Some(error) => format!("the connection closed: {error}"),
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
        let failure = Failure::of_call(&status, None, None).to_string();
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
