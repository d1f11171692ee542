//! The accept loop and its connections: TLS or plaintext, HTTP/1.1 or HTTP/2,
//! with keepalive, a maximum age and graceful shutdown.

use std::{
    hash::{BuildHasher, RandomState},
    io,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use axum::Router;
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::conn::auto,
    service::TowerToHyperService,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    time::{sleep, timeout},
};
use tokio_rustls::TlsAcceptor;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing::{debug, warn};

use crate::{Limits, first_request::FirstRequestTimeout};

/// One listener's settings and its open connections.
pub(crate) struct Connections {
    service: TowerToHyperService<Router>,
    http: auto::Builder<TokioExecutor>,
    tls: Option<TlsAcceptor>,
    limits: Limits,
    /// Stops accepting, and shuts connections down gracefully.
    pub(crate) drain: CancellationToken,
    /// Closes all connections at once.
    pub(crate) cut: CancellationToken,
    /// The tasks of open connections.
    pub(crate) open: TaskTracker,
}

impl Connections {
    pub(crate) fn new(routes: Router, tls: Option<TlsAcceptor>, limits: Limits) -> Arc<Self> {
        let mut http = auto::Builder::new(TokioExecutor::new());
        http.http1()
            .timer(TokioTimer::new())
            .header_read_timeout(limits.idle_timeout);
        http.http2()
            .timer(TokioTimer::new())
            .keep_alive_interval(limits.keepalive_interval)
            .keep_alive_timeout(limits.keepalive_timeout)
            .max_concurrent_streams(limits.max_concurrent_streams);
        Arc::new(Self {
            service: TowerToHyperService::new(routes),
            http,
            tls,
            limits,
            drain: CancellationToken::new(),
            cut: CancellationToken::new(),
            open: TaskTracker::new(),
        })
    }

    /// Accepts connections until `drain` is cancelled, then closes the listener.
    pub(crate) async fn accept(self: Arc<Self>, listener: TcpListener) {
        let permits = Arc::new(Semaphore::new(self.limits.max_connections as usize));
        loop {
            let accepted = tokio::select! {
                () = self.drain.cancelled() => break,
                accepted = async {
                    let permit = permits.clone().acquire_owned().await;
                    (permit, listener.accept().await)
                } => accepted,
            };
            match accepted {
                (permit, Ok((stream, _))) => {
                    let connections = Arc::clone(&self);
                    self.open.spawn(async move {
                        tokio::select! {
                            () = connections.serve(stream) => {}
                            () = connections.cut.cancelled() => {}
                        }
                        drop(permit);
                    });
                }
                (_, Err(error)) if is_connection_error(&error) => {}
                (_, Err(error)) => {
                    // Most likely out of file descriptors: wait until some are free.
                    warn!(%error, "cannot accept connections");
                    sleep(Duration::from_millis(200)).await;
                }
            }
        }
        self.open.close();
    }

    async fn serve(&self, stream: TcpStream) {
        if let Err(error) = stream.set_nodelay(true) {
            debug!(%error, "cannot set TCP_NODELAY");
        }
        let Some(tls) = &self.tls else {
            return self.serve_http(stream).await;
        };
        let handshake = tokio::select! {
            () = self.drain.cancelled() => return,
            handshake = timeout(self.limits.keepalive_timeout, tls.accept(stream)) => handshake,
        };
        match handshake {
            Ok(Ok(stream)) => self.serve_http(stream).await,
            Ok(Err(error)) => debug!(%error, "TLS handshake failed"),
            Err(_) => debug!("TLS handshake timed out"),
        }
    }

    async fn serve_http<S: AsyncRead + AsyncWrite + Unpin + 'static>(&self, stream: S) {
        let stream = FirstRequestTimeout::new(stream, self.limits.keepalive_timeout);
        let http2 = stream.http2();
        let io = TokioIo::new(stream);
        let mut connection = pin!(self.http.serve_connection(io, self.service.clone()));
        let ended = tokio::select! {
            ended = connection.as_mut() => Some(ended),
            () = self.drain.cancelled() => None,
            () = self.reached_max_age(&http2) => None,
        };
        let ended = match ended {
            Some(ended) => ended,
            None => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(error) = ended {
            debug!(%error, "connection ended");
        }
    }

    /// Waits until an HTTP/2 connection has reached its maximum age. HTTP/1.1
    /// connections have none: without GOAWAY, closing one could drop a request
    /// in transit.
    async fn reached_max_age(&self, http2: &AtomicBool) {
        sleep(jittered(self.limits.max_connection_age)).await;
        if !http2.load(Ordering::Relaxed) {
            std::future::pending().await
        }
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

/// `age` ± 10 %, so that connections opened together do not reconnect together.
fn jittered(age: Duration) -> Duration {
    let random = RandomState::new().hash_one(()) as f64 / u64::MAX as f64;
    age.mul_f64(0.9 + 0.2 * random)
}
