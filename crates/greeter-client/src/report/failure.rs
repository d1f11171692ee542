//! A failure as one line: the whole cause, then what to try next.

use std::{fmt, time::Duration};

use greeter_proto::code_name;
use http::HeaderMap;
use tonic::{Code, Status};

use crate::{
    DialError, Exit,
    call::Call,
    failure::{chain, printable},
};

/// Why there is no reply.
#[derive(Debug)]
pub struct Failure {
    /// How the program ends with it.
    pub exit: Exit,
    pub(crate) cause: String,
    pub(crate) hint: &'static str,
    pub(super) status: Option<Status>,
    pub(super) headers: HeaderMap,
    pub(super) rpc: Duration,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; {}", printable(&self.cause), self.hint)
    }
}

impl From<&DialError> for Failure {
    fn from(error: &DialError) -> Self {
        Self::new_in_words(error.exit(), error.to_string(), error.hint())
    }
}

impl Failure {
    /// A failure with words of its own.
    pub(crate) fn new_in_words(exit: Exit, cause: String, hint: &'static str) -> Self {
        Self {
            exit,
            cause,
            hint,
            status: None,
            headers: HeaderMap::new(),
            rpc: Duration::ZERO,
        }
    }

    /// A call that ended with `status`; `loss` is why its connection ended, if
    /// it did.
    #[must_use]
    pub fn new(status: &Status, loss: Option<&str>, call: Option<&Call>) -> Self {
        let (exit, hint) = match status.code() {
            Code::DeadlineExceeded => (Exit::Deadline, "allow more time with --timeout"),
            code => (Exit::Status, hint(code, loss.is_some())),
        };
        let code = code_name(status.code());
        let cause = match loss {
            Some(loss) => format!("the call failed ({code}): the connection broke: {loss}"),
            None => format!("the call failed ({code}): {}", chain_of(status)),
        };
        Self {
            exit,
            cause,
            hint,
            status: Some(status.clone()),
            headers: call.map(|call| call.headers.clone()).unwrap_or_default(),
            rpc: call.map(Call::elapsed).unwrap_or_default(),
        }
    }
}

fn chain_of(status: &Status) -> String {
    match std::error::Error::source(status) {
        Some(source) => format!("{}: {}", status.message(), chain(source)),
        None if status.message().is_empty() => "the server gives no reason".to_owned(),
        None => status.message().to_owned(),
    }
}

fn hint(code: Code, lost: bool) -> &'static str {
    match code {
        _ if lost => "try again; if it lasts, look at the logs of the server and the gateway",
        Code::Unavailable => "check that the pods behind the gateway are ready",
        Code::Unimplemented => {
            "check that the gateway routes /helloworld.Greeter/ of this host to the greeter, or set --authority"
        }
        Code::PermissionDenied => "check the mesh's AuthorizationPolicies for this path and caller",
        Code::Unauthenticated => "send credentials, as in --header 'authorization=Bearer …'",
        Code::ResourceExhausted => "ask less often, or raise the limit",
        Code::InvalidArgument => "correct what is sent, such as the name",
        _ => "look at the server's log, and at the connection with -v",
    }
}
