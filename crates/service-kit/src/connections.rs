//! The accept loop and its connections, with everything that limits them.

mod accepted;
mod assigned;
mod body;
mod connection;
mod control_frames;
mod date;
mod deadline;
mod ending;
mod exchange;
mod first_bytes;
mod frames;
mod grpc;
mod guarded_stream;
mod handshake;
mod heads;
mod http;
mod http1;
mod http2;
mod http2_inspector;
mod idle;
mod inspector;
mod last_read;
mod lifetime;
mod reads;
mod refusal;
mod registry;
mod request_body;
mod requests;
mod routes;
mod service;
mod small_write;
mod state;
mod stopping;
mod unsent;
mod workers;

use std::{io, sync::Arc, time::Duration};

use telemetry::{ServerState, Telemetry};
use tokio::{
    net::TcpListener,
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{interval, sleep},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing::warn;

pub(crate) use self::workers::{Workers, default_count};
use self::{
    accepted::Accepted, connection::ConnectionServer, ending::Ending, registry::Registry,
    requests::Requests,
};
pub use self::{
    request_body::RequestBody,
    routes::{Answer, Call, Content, Reply, Route, Routes},
};
use crate::{Lifecycle, Limits, memory, repeats::Repeats, tls::TlsAcceptor};

/// How long a connection over the limit waits before idle ones are looked for
/// again.
const RETRY: Duration = Duration::from_millis(50);

/// One listener's settings and its open connections.
pub(crate) struct Connections {
    server: ConnectionServer,
    registry: Arc<Registry>,
    requests: Arc<Requests>,
    pub(crate) max_connections: u32,
    permits: Arc<Semaphore>,
    send_timeout: Duration,
    /// Stops accepting, and shuts connections down gracefully.
    pub(crate) drain: CancellationToken,
    /// The tasks of open connections.
    pub(crate) open: TaskTracker,
}

impl Connections {
    pub(crate) fn new(
        tls: Option<TlsAcceptor>,
        limits: Limits,
        lifecycle: &Lifecycle,
        telemetry: Option<Telemetry>,
    ) -> Arc<Self> {
        let registry = Arc::new(Registry::default());
        let requests = Arc::new(Requests::new(limits.max_requests));
        let max_connections = limits
            .max_connections
            .unwrap_or_else(|| memory::connections(memory::limit()));
        Arc::new(Self {
            registry,
            max_connections,
            permits: Arc::new(Semaphore::new(max_connections as usize)),
            send_timeout: limits.send_timeout,
            server: ConnectionServer::new(
                tls,
                limits,
                Arc::clone(&requests),
                lifecycle.subscribe(),
                telemetry,
            ),
            requests,
            drain: CancellationToken::new(),
            open: TaskTracker::new(),
        })
    }

    /// The requests and connections of now.
    pub(crate) fn state(&self) -> ServerState {
        let (active_requests, max_requests) = self.requests.in_flight();
        ServerState {
            active_requests,
            max_requests,
            connections: self.registry.open(),
            max_connections: self.max_connections,
            certificate_not_after: self.server.certificate_not_after(),
            ..ServerState::default()
        }
    }

    /// Ends all connections at once.
    pub(crate) fn cut(&self) {
        self.registry.end_all(Ending::Cut);
    }

    /// Accepts connections until `drain` is cancelled, then closes the listener.
    pub(crate) async fn accept(self: Arc<Self>, listener: TcpListener, workers: Workers) {
        let registry = Arc::clone(&self.registry);
        let stalled = close_stalled(&registry, self.send_timeout);
        tokio::select! {
            () = self.drain.cancelled() => {}
            () = self.accept_all(&listener, &workers) => {}
            () = stalled => {}
        }
        self.registry.end_all(Ending::Drain);
        self.open.close();
    }

    async fn accept_all(self: &Arc<Self>, listener: &TcpListener, workers: &Workers) {
        let failures = Repeats::default();
        loop {
            let accepted = listener.accept().await;
            match accepted.and_then(|(stream, peer)| Ok((stream.into_std()?, peer))) {
                Ok((stream, peer)) => {
                    let permit = self.permit().await;
                    let accepted = Accepted {
                        stream,
                        peer,
                        registered: self.registry.add(),
                        assigned: None,
                        held: (permit, self.open.token()),
                    };
                    workers.serve(self, accepted);
                }
                Err(error) if is_connection_error(&error) => {}
                Err(error) => {
                    // Most likely out of file descriptors: wait until some are free.
                    if let Some(count) = failures.count() {
                        warn!(%error, count, "cannot accept connections");
                    }
                    sleep(Duration::from_millis(200)).await;
                }
            }
        }
    }

    /// A connection permit. At the limit, a connection that its peer does not use is
    /// closed.
    async fn permit(&self) -> OwnedSemaphorePermit {
        loop {
            if let Ok(permit) = Arc::clone(&self.permits).try_acquire_owned() {
                return permit;
            }
            self.registry.make_room();
            tokio::select! {
                Ok(permit) = Arc::clone(&self.permits).acquire_owned() => return permit,
                () = sleep(RETRY) => {}
            }
        }
    }
}

/// Closes connections whose peers do not accept data; never ends.
async fn close_stalled(registry: &Registry, timeout: Duration) {
    let mut checks = interval((timeout / 4).max(Duration::from_millis(1)));
    loop {
        checks.tick().await;
        registry.close_stalled(timeout);
    }
}

fn is_connection_error(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
    )
}
