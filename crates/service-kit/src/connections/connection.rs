//! One connection: TLS or plaintext, HTTP/1.1 or HTTP/2, until it is drained, too
//! old or closed.

use std::{
    future::poll_fn,
    net::SocketAddr,
    pin::pin,
    sync::Arc,
    task::{Poll, ready},
};

use socket2::SockRef;
use telemetry::Telemetry;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    sync::watch,
};
use tokio_rustls::server::TlsStream;
use tracing::debug;

use super::{
    ending::Ending,
    exchange::Observer,
    guarded_stream::{GuardedStream, Timeouts},
    handshake,
    http::Http,
    lifetime::{Lifetime, Step},
    requests::Requests,
    routes::SharedRoutes,
    service::{ConnectionService, Shared},
    state::ConnectionState,
    stopping::Stopping,
};
use crate::{Limits, Phase, tls::TlsAcceptor};

/// Unsent bytes that the kernel holds for a connection. A peer that does not read
/// could otherwise fill megabytes, which count as memory of the container.
const UNSENT_IN_KERNEL: u32 = 64 * 1024;

/// Serves the connections of one listener.
pub(crate) struct ConnectionServer {
    tls: Option<TlsAcceptor>,
    limits: Limits,
    requests: Arc<Requests>,
    phase: watch::Receiver<Phase>,
    /// `None` if the requests are not observed.
    telemetry: Option<Telemetry>,
}

impl ConnectionServer {
    pub(crate) fn new(
        tls: Option<TlsAcceptor>,
        limits: Limits,
        requests: Arc<Requests>,
        phase: watch::Receiver<Phase>,
        telemetry: Option<Telemetry>,
    ) -> Self {
        Self {
            tls,
            limits,
            requests,
            phase,
            telemetry,
        }
    }

    /// The end of the certificate's validity, in seconds since 1970.
    pub(crate) fn certificate_not_after(&self) -> Option<i64> {
        self.tls.as_ref()?.not_after()
    }

    /// Serves one connection until it ends.
    pub(crate) async fn serve(
        &self,
        routes: SharedRoutes,
        stream: TcpStream,
        peer: SocketAddr,
        connection: &Arc<ConnectionState>,
    ) {
        self.serve_stream(routes, stream, peer, connection).await;
        if let Some(telemetry) = &self.telemetry
            && let Some(reason) = connection.end_reason()
        {
            telemetry.connection_closed(reason);
        }
    }

    async fn serve_stream(
        &self,
        routes: SharedRoutes,
        stream: TcpStream,
        peer: SocketAddr,
        connection: &Arc<ConnectionState>,
    ) {
        let options = stream
            .set_nodelay(true)
            .and_then(|()| SockRef::from(&stream).set_tcp_notsent_lowat(UNSENT_IN_KERNEL));
        if let Err(error) = options {
            debug!(%error, "cannot set the options of a socket");
        }
        // Boxed, so that no connection has the size of the largest future.
        let Some(tls) = &self.tls else {
            return Box::pin(self.serve_http(false, routes, stream, peer, connection)).await;
        };
        let handshake = Box::pin(self.shake_hands(tls, stream, connection)).await;
        let Some(stream) = handshake else { return };
        // A client that negotiates HTTP/2 must start with its preface.
        let only_http2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
        Box::pin(self.serve_http(only_http2, routes, stream, peer, connection)).await
    }

    /// Performs the TLS handshake; `None` if it fails, or if the connection has to end.
    async fn shake_hands(
        &self,
        tls: &TlsAcceptor,
        stream: TcpStream,
        connection: &ConnectionState,
    ) -> Option<Box<TlsStream<TcpStream>>> {
        let limit = self.limits.handshake_timeout;
        connection.start_handshake();
        let telemetry = self.telemetry.as_ref();
        let mut handshake = pin!(handshake::accept(tls, stream, limit, telemetry));
        let stream = poll_fn(|context| match connection.ending.poll(context) {
            Ending::No => handshake.as_mut().poll(context),
            Ending::Drain | Ending::Close | Ending::Cut => Poll::Ready(None),
        })
        .await?;
        connection.end_handshake();
        Some(Box::new(stream))
    }

    async fn serve_http<S>(
        &self,
        only_http2: bool,
        routes: SharedRoutes,
        stream: S,
        peer: SocketAddr,
        connection: &Arc<ConnectionState>,
    ) where
        S: AsyncRead + AsyncWrite + Unpin + 'static,
    {
        let timeouts = Timeouts {
            header: self.limits.header_timeout,
            send: self.limits.send_timeout,
            idle: self.limits.idle_timeout,
        };
        let requests = Arc::clone(&self.requests);
        let stream = GuardedStream::new(stream, Arc::clone(connection), requests, timeouts);
        let service = ConnectionService(Arc::new(Shared {
            routes,
            requests: Arc::clone(&self.requests),
            stopping: Stopping::new(&self.phase),
            connection: Arc::clone(connection),
            observer: self.telemetry.as_ref().map(|telemetry| {
                Arc::new(Observer {
                    telemetry: telemetry.clone(),
                    peer,
                    tls: self.tls.is_some(),
                })
            }),
        }));
        let mut http = Http::new(stream, only_http2, &self.limits, service);
        let mut lifetime = Lifetime::new(&self.limits);
        poll_fn(|context| {
            while let Poll::Ready(step) = lifetime.poll(connection, context) {
                match step {
                    Step::ShutDown => http.shut_down(),
                    Step::End => {
                        debug!("connection closed");
                        return Poll::Ready(());
                    }
                }
            }
            if let Err(error) = ready!(http.poll(context)) {
                debug!(%error, "connection ended");
            }
            Poll::Ready(())
        })
        .await;
    }
}
