//! Why a call failed.

use std::{error::Error, io};

use greeter_proto::code_name;
use tonic::Status;

use crate::{
    dial::{Channel, ChannelError},
    failure::chain,
};

/// The kind of a call whose connection ended meanwhile.
const CONNECTION_LOST: &str = "CONNECTION_LOST";

/// The kind of a call that had no connection to go on.
pub(super) const NOT_CONNECTED: &str = "NOT_CONNECTED";

/// Why a call failed.
pub(super) struct Fault {
    /// The status code's name, or `CONNECTION_LOST`, or `NOT_CONNECTED`.
    pub(super) kind: &'static str,
    pub(super) message: String,
}

impl Fault {
    /// What a call's status says, or that its connection ended.
    pub(super) fn of_call(status: &Status, channel: &Channel) -> Self {
        match status.source() {
            Some(cause) if channel.is_closed() || breaks_connection(cause) => Self {
                kind: CONNECTION_LOST,
                message: channel.loss().map_or_else(|| chain(cause), str::to_owned),
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

/// Whether an error of one call is that of its connection: the connection's own
/// end may be noticed a moment later.
fn breaks_connection(error: &(dyn Error + 'static)) -> bool {
    let broken = match error.downcast_ref::<hyper::Error>() {
        Some(error) => error.is_canceled() || error.is_closed() || error.is_incomplete_message(),
        None => {
            let ended = error.downcast_ref::<ChannelError>();
            error.is::<io::Error>() || matches!(ended, Some(ChannelError::Ended))
        }
    };
    broken || error.source().is_some_and(breaks_connection)
}
