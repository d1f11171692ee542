//! The evidence of a dial.

use std::{fmt, time::Duration};

use serde::{Serialize, Serializer};

use crate::{
    socket::Address,
    tls::{ClientAuth, TlsReport},
};

/// The evidence of a dial, up to the last phase that was reached.
#[derive(Clone, Debug, Default, Serialize)]
pub struct DialReport {
    /// The addresses that the name resolved to; none if a proxy resolves it.
    pub addresses: Vec<String>,
    /// The attempts to connect, in the order of their start.
    pub attempts: Vec<ConnectAttempt>,
    /// The host and port of the proxy, if one is used. It resolves the name.
    pub proxy: Option<String>,
    /// The address of the connection; with a proxy, the proxy's address.
    pub peer: Option<String>,
    /// How long each phase took.
    #[serde(skip)]
    pub timings: Timings,
    /// The TLS session and the certificates.
    #[serde(skip)]
    pub tls: Option<TlsReport>,
    /// Whether the server requested a client certificate, and received one.
    #[serde(skip)]
    pub client_auth: ClientAuth,
    /// The address of the connection, for probes.
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

/// An attempt to connect to one address.
#[derive(Clone, Debug, Serialize)]
pub struct ConnectAttempt {
    /// The address.
    pub address: String,
    /// Until the connection, the failure, or the end of the phase; in milliseconds
    /// when serialised.
    #[serde(rename = "time_ms", serialize_with = "as_milliseconds")]
    pub time: Duration,
    /// Why there is no connection; `None` if there is one.
    pub error: Option<String>,
}

impl fmt::Display for ConnectAttempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let result = self.error.as_deref().unwrap_or("connected");
        let time = milliseconds(self.time);
        write!(f, "{}: {result} after {time:.1} ms", self.address)
    }
}

/// How long each phase took, in milliseconds when serialised; `None` for phases
/// that were not needed or not reached.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Timings {
    /// Name to addresses.
    #[serde(serialize_with = "optional_milliseconds")]
    pub resolve: Option<Duration>,
    /// TCP handshake.
    #[serde(serialize_with = "optional_milliseconds")]
    pub connect: Option<Duration>,
    /// TLS handshake.
    #[serde(serialize_with = "optional_milliseconds")]
    pub tls: Option<Duration>,
    /// HTTP/2 preface to the server's SETTINGS.
    #[serde(serialize_with = "optional_milliseconds")]
    pub http2: Option<Duration>,
    /// From the request to the end of the response, or to this message of a stream.
    #[serde(serialize_with = "optional_milliseconds")]
    pub rpc: Option<Duration>,
}

fn optional_milliseconds<S: Serializer>(
    time: &Option<Duration>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    time.map(milliseconds).serialize(serializer)
}

fn as_milliseconds<S: Serializer>(time: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    milliseconds(*time).serialize(serializer)
}

/// A time in milliseconds, to the microsecond: further digits are noise.
#[must_use]
pub fn milliseconds(time: Duration) -> f64 {
    time.as_micros() as f64 / 1000.0
}
