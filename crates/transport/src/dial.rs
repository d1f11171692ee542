//! Dialling in phases: resolve, connect (through a proxy, if any), TLS, HTTP/2.

mod connect;
#[cfg(test)]
mod connect_tests;
mod http2;
mod http2_io;
mod resolve;
mod route;
mod secure;

use std::time::Duration;

use http::{
    HeaderValue, Uri,
    uri::{Authority, Scheme},
};
use route::Route;
use tokio::time::{Instant, timeout};

use crate::{
    Address, Channel, DialError, DialReport, Keepalive, Proxy, Target,
    channel::Origin,
    probe,
    socket::BoxedIo,
    tls::{ClientAuth, Tls},
};

/// Makes connections to one server.
#[derive(Clone, Debug)]
pub struct Dialer {
    /// The server's address.
    pub target: Target,
    /// The proxy to the server, if any.
    pub proxy: Option<Proxy>,
    /// TLS, or plaintext.
    pub tls: Option<Tls>,
    /// The `:authority` that requests carry.
    pub authority: Authority,
    /// The `user-agent` of requests that set none, if any.
    pub user_agent: Option<HeaderValue>,
    /// The timeout of all phases together. A probe after a failure gets the same
    /// time again.
    pub timeout: Duration,
    /// How connections notice that the server is gone.
    pub keepalive: Keepalive,
}

/// A connection that is ready for requests.
#[derive(Debug)]
pub struct Connection {
    /// Sends the requests.
    pub channel: Channel,
    /// The evidence of the phases.
    pub report: DialReport,
}

/// A dial that failed.
#[derive(Debug)]
pub struct DialFailure {
    /// The error of the phase that failed.
    pub error: DialError,
    /// The evidence of the phases up to the failure.
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
        Self {
            target,
            proxy: None,
            tls,
            authority,
            user_agent: None,
            timeout,
            keepalive: Keepalive::default(),
        }
    }

    /// Dials the server.
    ///
    /// # Errors
    /// The error of the first phase that fails or times out.
    pub async fn dial(&self) -> Result<Connection, Box<DialFailure>> {
        let mut report = DialReport::default();
        match self.phases(&mut report).await {
            Ok(channel) => Ok(Connection { channel, report }),
            Err(error) => Err(Box::new(DialFailure { error, report })),
        }
    }

    async fn phases(&self, report: &mut DialReport) -> Result<Channel, DialError> {
        let deadline = Instant::now() + self.timeout;
        let route = Route::new(&self.target, self.proxy.as_ref());
        let (address, stream) = route.connect(deadline, report).await?;

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
        let channel =
            http2::start(stream, self.origin(), client_auth, deadline, self.keepalive).await;
        report.timings.http2 = Some(timer.elapsed());
        match channel {
            Ok(channel) => Ok(channel),
            Err(error) => Err(self.http2_error(error, &address, client_auth).await),
        }
    }

    /// The error of the HTTP/2 phase, or a more precise one.
    async fn http2_error(
        &self,
        error: DialError,
        address: &Address,
        client_auth: ClientAuth,
    ) -> DialError {
        // A TLS port responds to plaintext with an alert, or closes the
        // connection. Only a handshake identifies it.
        let speaks_tls = timeout(self.timeout, probe::speaks_tls(address));
        if self.tls.is_none() && speaks_tls.await == Ok(true) {
            return DialError::TlsServer;
        }
        match error {
            // The alert of a server that requested a certificate may not arrive
            // if the server closes the connection.
            DialError::Http2Closed if client_auth != ClientAuth::NotRequested => {
                client_auth.refused("it closed the connection".to_owned())
            }
            error => error,
        }
    }

    /// What every request carries.
    pub(crate) fn origin(&self) -> Origin {
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
