//! Why a call failed.

use std::error::Error;

use cli_kit::chain;
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
    /// The error of a call without a connection.
    pub(crate) fn not_connected(why: &str) -> Self {
        Self {
            kind: NOT_CONNECTED,
            message: why.to_owned(),
        }
    }

    /// The error of a call: of its connection if that ended, else of its status.
    pub(crate) fn new(status: &Status, channel: &Channel) -> Self {
        match ChannelError::of_status(status) {
            Some(error) if error.is_of_connection() => Self {
                kind: CONNECTION_LOST,
                message: channel
                    .close_error()
                    .map_or_else(|| chain(error), str::to_owned),
            },
            _ => Self {
                kind: code_name(status.code()),
                message: status
                    .source()
                    .map_or_else(|| status.message().to_owned(), chain),
            },
        }
    }
}
