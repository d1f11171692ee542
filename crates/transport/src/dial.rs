//! Dialling in phases: resolve, connect, TLS, HTTP/2.

mod connect;
mod http2;
mod secure;

use std::time::{Duration, Instant};

use http::{
    HeaderValue, Uri,
    uri::{Authority, Scheme},
};
use tokio::time::timeout;

use crate::{
    Channel, DialError, DialReport, Target, channel::Origin, probe, socket::BoxedIo,
    tls::ClientAuth, tls::Tls,
};

/// Makes connections to one server.
#[derive(Debug)]
pub struct Dialer {
    /// Where to.
    pub target: Target,
    /// TLS, or plaintext.
    pub tls: Option<Tls>,
    /// The `:authority` that requests carry.
    pub authority: Authority,
    /// The `user-agent` of requests that set none.
    pub user_agent: HeaderValue,
    /// The timeout of all phases together. A probe after a failure has the same
    /// time once more.
    pub timeout: Duration,
}

/// A connection that is ready for requests.
#[derive(Debug)]
pub struct Connection {
    /// Sends the requests.
    pub channel: Channel,
    /// What the dial showed.
    pub report: DialReport,
}

/// A connection that was not made.
#[derive(Debug)]
pub struct DialFailure {
    /// Why.
    pub error: DialError,
    /// What the dial showed until then.
    pub report: DialReport,
}

impl Dialer {
    /// A dialler whose requests carry the target's own host and port.
    #[must_use]
    pub fn new(target: Target, tls: Option<Tls>, timeout: Duration) -> Self {
        let authority = match &target {
            Target::Tcp { authority, .. } => authority.clone(),
            Target::Unix(_) => Authority::from_static("localhost"),
        };
        let user_agent = concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION"));
        Self {
            target,
            tls,
            authority,
            user_agent: HeaderValue::from_static(user_agent),
            timeout,
        }
    }

    /// Makes a connection.
    ///
    /// # Errors
    /// The error of the first phase that fails or runs out of time.
    pub async fn dial(&self) -> Result<Connection, Box<DialFailure>> {
        let mut report = DialReport::default();
        match self.phases(&mut report).await {
            Ok(channel) => Ok(Connection { channel, report }),
            Err(error) => Err(Box::new(DialFailure { error, report })),
        }
    }

    async fn phases(&self, report: &mut DialReport) -> Result<Channel, DialError> {
        let deadline = Instant::now() + self.timeout;
        let timer = Instant::now();
        let addresses = connect::resolve(&self.target, deadline).await?;
        report.addresses = addresses.iter().map(ToString::to_string).collect();
        report.timings.resolve = Some(timer.elapsed());

        let timer = Instant::now();
        let (address, stream) = connect::connect(&addresses, deadline).await?;
        report.peer = Some(address.to_string());
        report.address = Some(address.clone());
        report.timings.connect = Some(timer.elapsed());

        let stream: BoxedIo = match &self.tls {
            None => stream,
            Some(tls) => {
                let timer = Instant::now();
                let limits = (deadline, self.timeout);
                let stream = secure::secure(tls, stream, &address, limits, report).await;
                report.timings.tls = Some(timer.elapsed());
                stream?
            }
        };

        let timer = Instant::now();
        let client_auth = report.client_auth;
        let channel = http2::start(stream, self.origin(), client_auth, left(deadline)).await;
        report.timings.http2 = Some(timer.elapsed());
        let speaks_tls = timeout(self.timeout, probe::speaks_tls(&address));
        match channel {
            // A TLS port answers plaintext with an alert, or closes the
            // connection; only a handshake tells.
            Err(_) if self.tls.is_none() && speaks_tls.await == Ok(true) => {
                Err(DialError::TlsServer)
            }
            // The alert of a server that asked for a certificate can get lost
            // when the server closes the connection.
            Err(DialError::Http2Closed) if client_auth != ClientAuth::NotRequested => {
                Err(client_auth.refused("it closed the connection".to_owned()))
            }
            channel => channel,
        }
    }

    fn origin(&self) -> Origin {
        let scheme = match self.tls {
            Some(_) => Scheme::HTTPS,
            None => Scheme::HTTP,
        };
        let uri = Uri::builder()
            .scheme(scheme)
            .authority(self.authority.clone())
            .path_and_query("/");
        Origin {
            uri: uri.build().expect("a scheme, an authority and a path"),
            user_agent: self.user_agent.clone(),
        }
    }
}

/// The time left until `deadline`.
fn left(deadline: Instant) -> Duration {
    deadline.saturating_duration_since(Instant::now())
}
