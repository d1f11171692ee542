//! What tests share: a CA with files, a harness for services, broken servers,
//! a proxy, an OTLP receiver, HTTP clients, a browser, hostile clients, random requests,
//! scrapes of metrics, raw HTTP/2 frames and gRPC frames. It knows none of the
//! services and programs that are tested.

pub mod attack;
mod authority;
pub mod browser;
pub mod clients;
pub mod frames;
pub mod grpc;
mod hosts;
mod hpack;
pub mod http2;
pub mod http2_server;
pub mod metrics;
pub mod otlp;
pub mod proxy;
pub mod random;
pub mod servers;
mod service;
pub mod tls;

use std::{net::SocketAddr, time::Duration};

pub use authority::{Pki, localhost};
pub use hosts::with_hosts;
pub use service::{Service, Shutdown};

/// The timeout of a test; longer than anything in a test takes.
pub const TIMEOUT: Duration = Duration::from_secs(20);

/// The environment variables that make a client use a proxy, or none.
pub const PROXY_VARIABLES: [&str; 6] = [
    "HTTPS_PROXY",
    "https_proxy",
    "ALL_PROXY",
    "all_proxy",
    "NO_PROXY",
    "no_proxy",
];

/// The future's output.
///
/// # Panics
/// If it takes longer than [`TIMEOUT`].
pub async fn soon<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(TIMEOUT, future)
        .await
        .expect("timed out")
}

/// Port 0 of 127.0.0.1: the system chooses a free port.
#[must_use]
pub fn any_port() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 0))
}
