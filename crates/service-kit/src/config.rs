//! The settings that both servers take on their command lines.

use std::{net::SocketAddr, time::Duration};

use clap::{Args, value_parser};

use crate::{duration, telemetry::LogConfig, tls::TlsFiles};

/// The settings that both servers share.
#[derive(Args, Clone, Debug)]
pub struct ServiceConfig {
    /// Address of the admin listener: /livez, /readyz, /version
    #[arg(long, value_name = "ADDR", default_value = "0.0.0.0:9090")]
    pub admin: SocketAddr,

    #[allow(missing_docs)]
    #[command(flatten)]
    pub tls: TlsFiles,

    /// How long a stopping server goes on accepting while it reports not ready,
    /// so that load balancers turn away first
    #[arg(long, value_name = "TIME", default_value = "5s", value_parser = duration::any)]
    pub drain_delay: Duration,

    /// The longest time from the stop signal to the exit; what is still open
    /// then is cut
    #[arg(long, value_name = "TIME", default_value = "25s", value_parser = duration::any)]
    pub drain_timeout: Duration,

    #[allow(missing_docs)]
    #[command(flatten)]
    pub limits: Limits,

    #[allow(missing_docs)]
    #[command(flatten)]
    pub log: LogConfig,
}

/// What one client may take, and how long a connection lives.
#[derive(Args, Clone, Debug)]
pub struct Limits {
    /// Connections served at once; more wait in the kernel's queue
    #[arg(long, value_name = "N", default_value_t = 10_000, value_parser = value_parser!(u32).range(1..))]
    pub max_connections: u32,

    /// HTTP/2 streams open at once on one connection
    #[arg(long, value_name = "N", default_value_t = 256, value_parser = value_parser!(u32).range(1..))]
    pub max_concurrent_streams: u32,

    /// How often a quiet HTTP/2 connection is pinged
    #[arg(long, value_name = "TIME", default_value = "60s", value_parser = duration::positive)]
    pub keepalive_interval: Duration,

    /// How long a ping, a TLS handshake or a connection's first head may take
    #[arg(long, value_name = "TIME", default_value = "20s", value_parser = duration::positive)]
    pub keepalive_timeout: Duration,

    /// How long an HTTP/1.1 connection may be without a request; longer than the
    /// hour after which Envoy closes it, so that no request meets a closing one
    #[arg(long, value_name = "TIME", default_value = "65m", value_parser = duration::positive)]
    pub idle_timeout: Duration,

    /// Age (±10 %) at which an HTTP/2 connection is asked to reconnect, so that
    /// clients spread over new replicas
    #[arg(long, value_name = "TIME", default_value = "30m", value_parser = duration::positive)]
    pub max_connection_age: Duration,
}
