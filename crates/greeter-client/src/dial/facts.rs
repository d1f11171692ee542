//! What is seen while dialling.

use std::time::Duration;

use serde::{Serialize, Serializer};

use super::address::Address;
use crate::tls::{ClientAuth, TlsFacts};

/// What a dial saw, as far as it came.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Facts {
    /// The addresses that the name resolved to.
    pub addresses: Vec<String>,
    /// The address that the connection went to.
    pub peer: Option<String>,
    /// How long each phase took.
    #[serde(skip)]
    pub timings: Timings,
    /// The TLS session and the certificates.
    #[serde(skip)]
    pub tls: Option<TlsFacts>,
    /// What was said of a client certificate.
    #[serde(skip)]
    pub(crate) client_auth: ClientAuth,
    /// The peer, for a second look at it.
    #[serde(skip)]
    pub(super) address: Option<Address>,
}

/// How long each phase took, in milliseconds when serialised; `None` for those
/// that were not needed or not reached.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Timings {
    /// Name to addresses.
    #[serde(serialize_with = "milliseconds")]
    pub resolve: Option<Duration>,
    /// TCP handshake.
    #[serde(serialize_with = "milliseconds")]
    pub connect: Option<Duration>,
    /// TLS handshake.
    #[serde(serialize_with = "milliseconds")]
    pub tls: Option<Duration>,
    /// HTTP/2 preface to the server's SETTINGS.
    #[serde(serialize_with = "milliseconds")]
    pub http2: Option<Duration>,
    /// Request to the end of the answer, or to this reply of a stream.
    #[serde(serialize_with = "milliseconds")]
    pub rpc: Option<Duration>,
}

fn milliseconds<S: Serializer>(time: &Option<Duration>, serializer: S) -> Result<S::Ok, S::Error> {
    match time {
        // Microseconds are as fine as these clocks are worth reading.
        Some(time) => serializer.serialize_f64(time.as_micros() as f64 / 1000.0),
        None => serializer.serialize_none(),
    }
}
