//! Dialling in phases: resolve, connect, TLS, HTTP/2.

mod address;
mod channel;
mod error;
mod facts;
mod http2;
pub(crate) mod neighbour;
mod probe;
mod tap;
mod target;

use std::time::{Duration, Instant};

use anyhow::Context;
pub(crate) use channel::Lost;
pub use channel::{Channel, ChannelError};
pub use error::DialError;
pub use facts::{Facts, Timings};
use http::{
    Uri,
    uri::{Authority, Scheme},
};
pub use target::Target;
use tokio::time::timeout;

use crate::{
    dial::{
        address::{Address, BoxedIo},
        probe::Speaks,
        tap::Tap,
    },
    tls::{self, ClientAuth, Tls},
};

/// What is needed to make a connection, as often as it is wanted.
#[derive(Debug)]
pub struct Dialer {
    /// Where to.
    pub target: Target,
    /// TLS, or plaintext.
    pub tls: Option<Tls>,
    /// The scheme and authority that requests carry.
    pub origin: Uri,
    /// How long all phases together may take; as long again, at the most, a
    /// second look at what they end with.
    pub timeout: Duration,
}

/// A connection that is ready for requests.
#[derive(Debug)]
pub struct Connection {
    /// Takes the requests.
    pub channel: Channel,
    /// What was seen on the way.
    pub facts: Facts,
}

/// A connection that was not made.
#[derive(Debug)]
pub struct DialFailure {
    /// Why.
    pub error: DialError,
    /// What was seen until then.
    pub facts: Facts,
}

impl Dialer {
    /// A dialler whose requests carry the target's own host and port.
    ///
    /// # Errors
    /// If those cannot be an `:authority`.
    pub fn new(target: Target, tls: Option<Tls>, timeout: Duration) -> anyhow::Result<Self> {
        let authority = match &target {
            Target::Tcp { .. } => target.to_string().parse().with_context(|| {
                format!("{target} cannot be an :authority; set one with --authority")
            })?,
            Target::Unix(_) => Authority::from_static("localhost"),
        };
        let origin = origin(tls.is_some(), authority)?;
        Ok(Self {
            target,
            tls,
            origin,
            timeout,
        })
    }

    /// The same, with another `:authority`.
    ///
    /// # Errors
    /// Never, for an authority that was parsed.
    pub fn with_authority(mut self, authority: Authority) -> anyhow::Result<Self> {
        self.origin = origin(self.tls.is_some(), authority)?;
        Ok(self)
    }

    /// Makes a connection.
    ///
    /// # Errors
    /// The first phase that failed, or ran out of time.
    pub async fn dial(&self) -> Result<Connection, Box<DialFailure>> {
        let mut facts = Facts::default();
        match self.phases(&mut facts).await {
            Ok(channel) => Ok(Connection { channel, facts }),
            Err(error) => Err(Box::new(DialFailure { error, facts })),
        }
    }

    async fn phases(&self, facts: &mut Facts) -> Result<Channel, DialError> {
        let deadline = Instant::now() + self.timeout;
        let timer = Instant::now();
        let addresses = self.target.resolve(deadline).await?;
        facts.addresses = addresses.iter().map(ToString::to_string).collect();
        facts.timings.resolve = Some(timer.elapsed());

        let timer = Instant::now();
        let (address, stream) = address::connect(&addresses, deadline).await?;
        facts.peer = Some(address.to_string());
        facts.address = Some(address.clone());
        facts.timings.connect = Some(timer.elapsed());

        let stream: BoxedIo = match &self.tls {
            None => stream,
            Some(tls) => {
                let timer = Instant::now();
                let stream = secure(tls, stream, &address, (deadline, self.timeout), facts).await;
                facts.timings.tls = Some(timer.elapsed());
                stream?
            }
        };

        let timer = Instant::now();
        let client_auth = facts.client_auth;
        let channel = http2::start(stream, self.origin.clone(), client_auth, left(deadline)).await;
        facts.timings.http2 = Some(timer.elapsed());
        let speaks_tls = timeout(self.timeout, probe::speaks_tls(&address));
        match channel {
            // A TLS port that is spoken to in plaintext answers an alert, or
            // just hangs up; only a handshake can tell.
            Err(_) if self.tls.is_none() && speaks_tls.await == Ok(true) => {
                Err(DialError::TlsServer)
            }
            // The alert of a server that asked for a certificate can get lost
            // when it closes the connection.
            Err(DialError::Http2Closed) if client_auth != ClientAuth::NotAsked => {
                Err(client_auth.refused("it closed the connection".to_owned()))
            }
            channel => channel,
        }
    }
}

/// Runs the handshake, and keeps what it showed even if it fails.
async fn secure(
    tls: &Tls,
    stream: BoxedIo,
    address: &Address,
    (deadline, patience): (Instant, Duration),
    facts: &mut Facts,
) -> Result<BoxedIo, DialError> {
    let (stream, seen) = Tap::new(stream);
    let (connector, recorder) = tls.connector();
    let handshake = connector.connect(tls.server_name.clone(), stream);
    let result = tokio::select! {
        handshake = timeout(left(deadline), handshake) => handshake,
        // A server that waits for a plaintext request would wait out our time.
        protocol = probe::plaintext_after_silence(address, &seen) => {
            return Err(DialError::PlaintextServer { protocol });
        }
    };
    let result = match result {
        Ok(Ok(stream)) => {
            facts.tls = Some(tls.facts(&recorder, Some(stream.get_ref().1)));
            let alpn = tls::error::check_alpn(stream.get_ref().1);
            facts.client_auth = recorder.client_auth();
            alpn.map(|()| Box::new(stream) as BoxedIo)
        }
        Ok(Err(error)) => {
            facts.tls = Some(tls.facts(&recorder, None));
            Err(tls::error::classify(&error, tls, &recorder))
        }
        Err(_) => Err(DialError::TlsNoAnswer),
    };
    match result {
        Err(error) if !error.is_certain() => {
            let first_bytes = seen.bytes();
            let plaintext = if first_bytes.is_empty() {
                let probe = timeout(patience, probe::speaks_plaintext(address));
                probe.await.ok().flatten()
            } else {
                Speaks::from_first_bytes(&first_bytes)
            };
            Err(plaintext.map_or(error, |protocol| DialError::PlaintextServer { protocol }))
        }
        result => result,
    }
}

fn origin(tls: bool, authority: Authority) -> anyhow::Result<Uri> {
    let scheme = if tls { Scheme::HTTPS } else { Scheme::HTTP };
    let uri = Uri::builder().scheme(scheme).authority(authority);
    Ok(uri.path_and_query("/").build()?)
}

/// The time left until `deadline`.
fn left(deadline: Instant) -> Duration {
    deadline.saturating_duration_since(Instant::now())
}
