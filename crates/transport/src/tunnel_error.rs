//! Why a proxy opens no tunnel.

use http::{StatusCode, uri::Authority};
use thiserror::Error;

use crate::Cause;

/// Why a proxy opens no tunnel.
#[derive(Debug, Error)]
#[allow(missing_docs)] // each variant's message is its documentation
pub enum TunnelError {
    #[error("the proxy {proxy} requires credentials (407 Proxy Authentication Required)")]
    CredentialsRequired { proxy: String },
    #[error("the proxy {proxy} rejects the credentials (407 Proxy Authentication Required)")]
    CredentialsRejected { proxy: String },
    #[error("the proxy {proxy} refuses to connect to {target} ({status})")]
    Forbidden {
        proxy: String,
        target: Authority,
        status: StatusCode,
    },
    #[error("the proxy {proxy} cannot connect to {target} ({status})")]
    ConnectFailure {
        proxy: String,
        target: Authority,
        status: StatusCode,
    },
    #[error("{proxy} is not an HTTP proxy that supports CONNECT: {reason}")]
    NoConnect { proxy: String, reason: String },
    #[error("the proxy {proxy} accepts the connection but does not respond")]
    NoResponse { proxy: String },
}

impl TunnelError {
    /// The row of the table of causes.
    pub(crate) fn cause(&self) -> Cause {
        match self {
            Self::CredentialsRequired { .. } | Self::CredentialsRejected { .. } => {
                Cause::ProxyUnauthenticated
            }
            Self::Forbidden { .. } => Cause::ProxyForbidden,
            Self::ConnectFailure { .. } => Cause::ProxyConnectFailure,
            Self::NoConnect { .. } | Self::NoResponse { .. } => Cause::ProxyNoConnect,
        }
    }
}
