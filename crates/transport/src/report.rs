//! What a dial showed.

use std::time::Duration;

use serde::{Serialize, Serializer};

use crate::{
    socket::Address,
    tls::{ClientAuth, TlsReport},
};

/// What a dial showed, as far as it came.
#[derive(Clone, Debug, Default, Serialize)]
pub struct DialReport {
    /// The addresses that the name resolved to.
    pub addresses: Vec<String>,
    /// The address of the connection.
    pub peer: Option<String>,
    /// How long each phase took.
    #[serde(skip)]
    pub timings: Timings,
    /// The TLS session and the certificates.
    #[serde(skip)]
    pub tls: Option<TlsReport>,
    /// Whether the server asked for a client certificate, and got one.
    #[serde(skip)]
    pub client_auth: ClientAuth,
    /// The peer, for probes.
    #[serde(skip)]
    pub(crate) address: Option<Address>,
}

impl DialReport {
    /// The address of the connection, for probes.
    #[must_use]
    pub fn address(&self) -> Option<&Address> {
        self.address.as_ref()
    }
}

/// How long each phase took, in milliseconds when serialised; `None` for phases
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
    /// Request to the end of the response, or to this message of a stream.
    #[serde(serialize_with = "milliseconds")]
    pub rpc: Option<Duration>,
}

fn milliseconds<S: Serializer>(time: &Option<Duration>, serializer: S) -> Result<S::Ok, S::Error> {
    match time {
        // Finer than microseconds, these clocks show noise.
        Some(time) => serializer.serialize_f64(time.as_micros() as f64 / 1000.0),
        None => serializer.serialize_none(),
    }
}
