//! Why a request got no response, and why a connection ended.

use std::{error::Error, sync::Arc};

use cli_kit::{causes, chain};
use h2::Reason;
use thiserror::Error;
use tonic::{Code, Status};

/// Why a request got no response, or not all of it.
#[derive(Debug, Error)]
pub enum ChannelError {
    /// The connection took no more requests: the request was not sent.
    #[error("the connection takes no more requests")]
    NotSent(#[source] h2::Error),
    /// The server has not processed the request: its GOAWAY says so, or it refused
    /// the stream (RFC 9113, sections 6.8 and 8.7).
    #[error("the server did not process the request")]
    NotProcessed(#[source] h2::Error),
    /// The connection ended before the end of the response.
    #[error("the connection ended before the end of the response")]
    ConnectionLost(#[source] h2::Error),
    /// The stream was reset, or broke HTTP/2.
    #[error("HTTP/2 error")]
    Stream(#[source] h2::Error),
}

impl ChannelError {
    /// The error of a stream that was opened.
    pub(super) fn of_stream(error: h2::Error) -> Self {
        // A stream gets the server's GOAWAY as its error only if it is above the last
        // stream that the GOAWAY names.
        let refused = error.is_reset() && error.reason() == Some(Reason::REFUSED_STREAM);
        if error.is_remote() && (error.is_go_away() || refused) {
            Self::NotProcessed(error)
        } else if error.is_io() || error.is_go_away() {
            Self::ConnectionLost(error)
        } else {
            Self::Stream(error)
        }
    }

    /// The error of a stream whose response has begun.
    pub(super) fn of_body(error: h2::Error) -> Self {
        match Self::of_stream(error) {
            Self::NotProcessed(error) if error.is_reset() => Self::Stream(error),
            Self::NotProcessed(error) => Self::ConnectionLost(error),
            error => error,
        }
    }

    /// The error of a request that could not open its stream.
    pub(super) fn of_send(error: h2::Error) -> Self {
        match error.is_io() || error.is_go_away() {
            true => Self::NotSent(error),
            // The request itself is not valid in HTTP/2.
            false => Self::Stream(error),
        }
    }

    /// Whether the server has certainly not processed the request: it can be sent
    /// again, even if it is not idempotent.
    #[must_use]
    pub fn is_unprocessed(&self) -> bool {
        matches!(self, Self::NotSent(_) | Self::NotProcessed(_))
    }

    /// Whether the connection ended, and not only the stream.
    #[must_use]
    pub fn is_of_connection(&self) -> bool {
        match self {
            Self::NotSent(_) | Self::ConnectionLost(_) => true,
            Self::NotProcessed(error) => error.is_go_away(),
            Self::Stream(_) => false,
        }
    }

    /// The channel's error that a status comes from, if it does not come from the
    /// server.
    #[must_use]
    pub fn of_status(status: &Status) -> Option<&Self> {
        causes(status).find_map(|cause| cause.downcast_ref())
    }

    fn code(&self) -> Code {
        let (Self::NotSent(error)
        | Self::NotProcessed(error)
        | Self::ConnectionLost(error)
        | Self::Stream(error)) = self;
        match (self, error.reason()) {
            (_, Some(Reason::ENHANCE_YOUR_CALM)) => Code::ResourceExhausted,
            (Self::Stream(_), Some(Reason::CANCEL)) => Code::Cancelled,
            (Self::Stream(_), Some(Reason::INADEQUATE_SECURITY)) => Code::PermissionDenied,
            (Self::Stream(_), _) => Code::Internal,
            _ => Code::Unavailable,
        }
    }
}

/// The codes that gRPC gives to errors of HTTP/2.
impl From<ChannelError> for Status {
    fn from(error: ChannelError) -> Self {
        let mut status = Self::new(error.code(), error.to_string());
        status.set_source(Arc::new(error));
        status
    }
}

/// Why a connection or a stream ended.
#[derive(Clone, Debug)]
pub struct CloseReason {
    /// The error and its causes in one line.
    pub error: String,
    /// The HTTP/2 error code that the peer sent, if it sent one.
    pub code: Option<Reason>,
}

impl CloseReason {
    /// The close reason of an error and its causes.
    #[must_use]
    pub fn new(error: &(dyn Error + 'static)) -> Self {
        Self {
            error: chain(error),
            code: remote_code(error),
        }
    }
}

/// The error code of a reset or a GOAWAY from the peer.
fn remote_code(error: &(dyn Error + 'static)) -> Option<Reason> {
    let error = causes(error).find_map(|cause| cause.downcast_ref::<h2::Error>())?;
    error.reason().filter(|_| error.is_remote())
}
