//! One call, or one message on a stream that stays open.

use std::{borrow::Cow, time::Duration};

use http::{HeaderName, HeaderValue};
use tonic::Status;
use transport::{
    Channel, Dialer, UnaryCall,
    call::{Kind, Options},
};

use crate::{
    call_error::CallError,
    host::{Host, host},
    messages::Messages,
};

/// How a call ended.
pub(crate) struct Outcome<'a> {
    /// The host that responded, or the error.
    pub(crate) result: Result<&'a str, &'a CallError>,
    /// Whether the call was sent again.
    pub(crate) retried: bool,
    /// Whether the call started a sampled trace.
    pub(crate) traced: bool,
}

/// What differs between two calls of a worker.
#[derive(Default)]
pub(crate) struct Attempt {
    /// The header of a call that starts a sampled trace.
    pub(crate) traceparent: Option<HeaderValue>,
    /// What is left of the timeout of a call that is sent again.
    pub(crate) timeout: Option<Duration>,
}

/// What a worker sends.
pub(crate) enum Exchange {
    Unary(Box<UnaryCall>),
    Bidi(Box<Messages>),
}

impl Exchange {
    pub(crate) fn new(dialer: &Dialer, options: &Options, name: &str) -> Self {
        match options.kind {
            Kind::BidiStream => Self::Bidi(Box::new(Messages::new(options, name))),
            Kind::Unary | Kind::ServerStream => {
                Self::Unary(Box::new(UnaryCall::new(dialer, options, name)))
            }
        }
    }

    /// Sends a call, or a message on the stream, and waits for the response.
    ///
    /// # Errors
    /// The status of the call or of the stream.
    pub(crate) async fn run(
        &mut self,
        channel: &mut Channel,
        attempt: &Attempt,
    ) -> Result<Host, Status> {
        let call = match self {
            Self::Bidi(messages) => return Box::pin(messages.send(channel)).await,
            Self::Unary(call) => call,
        };
        let mut call = Cow::Borrowed(&**call);
        if let Some(traceparent) = &attempt.traceparent {
            let name = HeaderName::from_static("traceparent");
            call.to_mut().set_header(name, traceparent.clone());
        }
        if let Some(timeout) = attempt.timeout {
            call.to_mut().set_timeout(timeout);
        }
        call.send(channel).await.map(|headers| host(&headers))
    }

    /// After an error, the next message opens another stream.
    pub(crate) fn failed(&mut self) {
        if let Self::Bidi(messages) = self {
            messages.close();
        }
    }
}
