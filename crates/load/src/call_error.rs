//! Why a call failed.

use std::{error::Error, io};

use cli_kit::{causes, chain};
use greeter_proto::code_name;
use tonic::Status;
use transport::{Channel, ChannelError};

/// The kind of a call whose connection ended during the call.
const CONNECTION_LOST: &str = "CONNECTION_LOST";

/// The kind of a call without a connection.
pub(crate) const NOT_CONNECTED: &str = "NOT_CONNECTED";

/// Why a call failed.
pub(crate) struct CallError {
    /// The status code's name, or `CONNECTION_LOST`, or `NOT_CONNECTED`.
    pub(crate) kind: &'static str,
    pub(crate) message: String,
}

impl CallError {
    /// The error of a call: of its connection if that ended, else of its status.
    pub(crate) fn new(status: &Status, channel: &Channel) -> Self {
        match status.source() {
            Some(cause) if channel.is_closed() || is_of_connection(cause) => Self {
                kind: CONNECTION_LOST,
                message: channel
                    .close_error()
                    .map_or_else(|| chain(cause), str::to_owned),
            },
            Some(cause) => Self {
                kind: code_name(status.code()),
                message: chain(cause),
            },
            None => Self {
                kind: code_name(status.code()),
                message: status.message().to_owned(),
            },
        }
    }
}

/// Whether a call failed because its connection ended. The channel may notice the
/// end of the connection a moment after the call.
fn is_of_connection(error: &(dyn Error + 'static)) -> bool {
    causes(error).any(|cause| match cause.downcast_ref::<hyper::Error>() {
        Some(error) => error.is_canceled() || error.is_closed() || error.is_incomplete_message(),
        None => {
            let ended = cause.downcast_ref::<ChannelError>();
            cause.is::<io::Error>() || matches!(ended, Some(ChannelError::Ended))
        }
    })
}
