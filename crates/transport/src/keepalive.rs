//! Keepalive: notices a server that is gone while calls wait for it.
//!
//! Two layers share the work. TCP's keepalive finds a host that is gone in a minute, and
//! no server counts its probes. HTTP/2 pings also find a process that hangs, but gRPC
//! servers count them: without data, grpc-go and gRPC C++ permit one in five minutes, and
//! end a connection that sends more (ENHANCE_YOUR_CALM, `too_many_pings`).

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use h2::{Ping, PingPong};
use socket2::{SockRef, TcpKeepalive};
use thiserror::Error;
use tokio::{
    net::TcpStream,
    time::{Instant, sleep_until},
};

use crate::channel::ConnectionState;

/// The silence before the first TCP probe, and the time between two.
const TCP_IDLE: Duration = Duration::from_secs(30);
const TCP_INTERVAL: Duration = Duration::from_secs(10);
const TCP_RETRIES: u32 = 3;

/// The most frequent pings that gRPC servers permit by default.
const PING_INTERVAL: Duration = Duration::from_secs(300);

/// The longest wait for an acknowledgement, as in other gRPC clients.
const PING_TIMEOUT: Duration = Duration::from_secs(20);

/// The HTTP/2 pings of a connection.
#[derive(Clone, Copy, Debug)]
pub struct Keepalive {
    interval: Duration,
    timeout: Duration,
}

impl Keepalive {
    /// Pings a server that has been silent for `interval` while a call is open. The
    /// acknowledgement may take as long again, but at most 20 s.
    #[must_use]
    pub fn new(interval: Duration) -> Self {
        Self {
            interval,
            timeout: interval.min(PING_TIMEOUT),
        }
    }
}

impl Default for Keepalive {
    /// An interval of 5 minutes.
    fn default() -> Self {
        Self::new(PING_INTERVAL)
    }
}

/// The server did not acknowledge a ping.
#[derive(Debug, Error)]
#[error("the server did not answer a keepalive ping within {timeout:?}")]
pub(crate) struct Silent {
    timeout: Duration,
}

impl Keepalive {
    /// Pings while calls are open and nothing arrives. Completes if the server is gone.
    pub(crate) async fn watch(
        self,
        mut pings: PingPong,
        receipts: &Receipts,
        state: &ConnectionState,
    ) -> Silent {
        let mut next = Instant::now() + self.interval;
        loop {
            sleep_until(next).await;
            let due = receipts.last() + self.interval;
            if due > Instant::now() {
                next = due;
            } else if !state.has_calls() {
                next = Instant::now() + self.interval;
            } else if self.is_silent(&mut pings, receipts).await {
                return Silent {
                    timeout: self.timeout,
                };
            }
        }
    }

    /// Sends a ping. True if nothing arrives from then on until the timeout.
    async fn is_silent(&self, pings: &mut PingPong, receipts: &Receipts) -> bool {
        let sent = Instant::now();
        let pong = pings.ping(Ping::opaque());
        tokio::pin!(pong);
        let mut end = sent + self.timeout;
        loop {
            tokio::select! {
                pong = &mut pong => match pong {
                    Ok(_) => return false,
                    // The connection has ended, which its task reports.
                    Err(_) => std::future::pending().await,
                },
                () = sleep_until(end) => match receipts.last() + self.timeout {
                    later if later > end => end = later,
                    _ => return true,
                },
            }
        }
    }
}

/// When bytes last arrived; clones share it.
#[derive(Clone, Debug)]
pub(crate) struct Receipts {
    start: Instant,
    /// In milliseconds since the start.
    last: Arc<AtomicU64>,
}

impl Receipts {
    pub(crate) fn new() -> Self {
        Self {
            start: Instant::now(),
            last: Arc::default(),
        }
    }

    /// Bytes arrive now.
    pub(crate) fn note(&self) {
        let now = self.start.elapsed().as_millis();
        let now = u64::try_from(now).unwrap_or(u64::MAX);
        self.last.store(now, Ordering::Relaxed);
    }

    fn last(&self) -> Instant {
        self.start + Duration::from_millis(self.last.load(Ordering::Relaxed))
    }
}

/// Lets TCP probe a silent connection, and end one whose data nobody acknowledges.
pub(crate) fn set_tcp(stream: &TcpStream) -> io::Result<()> {
    let socket = SockRef::from(stream);
    let probes = TcpKeepalive::new()
        .with_time(TCP_IDLE)
        .with_interval(TCP_INTERVAL)
        .with_retries(TCP_RETRIES);
    socket.set_tcp_keepalive(&probes)?;
    #[cfg(target_os = "linux")]
    socket.set_tcp_user_timeout(Some(TCP_INTERVAL * TCP_RETRIES))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    #[tokio::test]
    async fn tcp_finds_a_host_that_is_gone_in_a_minute() {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let stream = TcpStream::connect(listener.local_addr().unwrap()).await;
        let stream = stream.unwrap();
        set_tcp(&stream).unwrap();
        let socket = SockRef::from(&stream);
        assert!(socket.keepalive().unwrap());
        let idle = socket.tcp_keepalive_time().unwrap();
        let unanswered = socket.tcp_keepalive_interval().unwrap() * TCP_RETRIES;
        assert_eq!((idle + unanswered).as_secs(), 60);
        let unacknowledged = socket.tcp_user_timeout().unwrap();
        assert_eq!(unacknowledged, Some(Duration::from_secs(30)));
    }
}
