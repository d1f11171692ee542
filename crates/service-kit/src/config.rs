//! The command-line settings that both servers share.

use std::{net::SocketAddr, time::Duration};

use anyhow::ensure;
use clap::{Args, CommandFactory, FromArgMatches, value_parser};
use cli_kit::duration;
use telemetry::{TelemetryConfig, log::LogConfig};

use crate::{Settings, tls::TlsFiles};

/// Parses the command line, and keeps its settings in the part that both servers
/// share. Prints a usage error, the help or the version, and exits, as clap does.
pub fn parse<C: CommandFactory + FromArgMatches>(
    service: impl FnOnce(&mut C) -> &mut ServiceConfig,
) -> C {
    let mut command = C::command();
    let matches = command.get_matches_mut();
    let mut config = match C::from_arg_matches(&matches) {
        Ok(config) => config,
        Err(error) => error.format(&mut command).exit(),
    };
    service(&mut config).settings = Settings::of(&command, &matches);
    config
}

/// The settings that both servers share.
#[derive(Args, Clone, Debug)]
pub struct ServiceConfig {
    /// Address of the admin listener: /livez, /readyz, /version, /metrics, /log
    #[arg(long, value_name = "ADDR", default_value = "0.0.0.0:9090")]
    pub admin: SocketAddr,

    /// Serve /config and /debug/pprof/profile on the admin listener, for developers.
    /// A profile takes 40 MB of memory
    #[arg(long)]
    pub admin_debug: bool,

    #[allow(missing_docs)]
    #[command(flatten)]
    pub tls: TlsFiles,

    /// How long a stopping server reports not ready and still accepts
    /// connections, so that load balancers stop sending to it first
    #[arg(long, value_name = "TIME", default_value = "5s", value_parser = duration::parse, allow_hyphen_values = true)]
    pub drain_delay: Duration,

    /// The longest time from the stop signal to the exit, at least --drain-delay. One
    /// second before its end, open gRPC streams end with UNAVAILABLE; at its end,
    /// connections that are left are closed, half a second earlier if spans are exported
    #[arg(long, value_name = "TIME", default_value = "25s", value_parser = duration::parse, allow_hyphen_values = true)]
    pub drain_timeout: Duration,

    /// Threads that serve connections; each connection stays on one [default: as many
    /// as there are CPUs for the process]
    #[arg(long, value_name = "N", value_parser = value_parser!(u16).range(1..=1024))]
    pub workers: Option<u16>,

    #[allow(missing_docs)]
    #[command(flatten)]
    pub limits: Limits,

    #[allow(missing_docs)]
    #[command(flatten)]
    pub log: LogConfig,

    /// What /config shows; empty unless [`parse`] has parsed the
    /// command line.
    #[arg(skip)]
    pub settings: Settings,

    #[allow(missing_docs)]
    #[command(flatten)]
    pub telemetry: TelemetryConfig,
}

impl ServiceConfig {
    /// Checks that the settings agree with each other.
    ///
    /// # Errors
    /// If the drain times out before it starts.
    pub(crate) fn check(&self) -> anyhow::Result<()> {
        let (delay, timeout) = (self.drain_delay, self.drain_timeout);
        ensure!(
            timeout >= delay,
            "--drain-timeout {timeout:?} must not be less than --drain-delay {delay:?}: it \
             includes the delay, and connections would be cut without a drain; choose a longer \
             --drain-timeout, or a shorter --drain-delay"
        );
        Ok(())
    }
}

/// Limits on connections, requests and times.
#[derive(Args, Clone, Debug)]
pub struct Limits {
    /// Connections served at once. At the limit, a new connection replaces the
    /// one that has been idle for the longest time, or waits for one that its peer
    /// does not use [default: as many as fit into half of the memory limit, at most
    /// 10000]
    #[arg(long, value_name = "N", value_parser = value_parser!(u32).range(1..))]
    pub max_connections: Option<u32>,

    /// Concurrent HTTP/2 streams of one connection
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = value_parser!(u32).range(1..))]
    pub max_concurrent_streams: u32,

    /// Requests in flight on all connections. Once half of them are in use, each
    /// connection may have an equal share of the other half, at least four; a request
    /// over this share gets REFUSED_STREAM (HTTP/2) or 503 (HTTP/1.1)
    #[arg(long, value_name = "N", default_value_t = 1000, value_parser = value_parser!(u32).range(1..))]
    pub max_requests: u32,

    /// Timeout of the TLS handshake
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = duration::positive, allow_hyphen_values = true)]
    pub handshake_timeout: Duration,

    /// Timeout of receiving a request head, also the first of a connection, and
    /// an HTTP/2 header block
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = duration::positive, allow_hyphen_values = true)]
    pub header_timeout: Duration,

    /// Timeout of a peer that accepts none of the data that waits for it; its
    /// connection is then closed
    #[arg(long, value_name = "TIME", default_value = "1m", value_parser = duration::positive, allow_hyphen_values = true)]
    pub send_timeout: Duration,

    /// How often an idle HTTP/2 connection is pinged
    #[arg(long, value_name = "TIME", default_value = "60s", value_parser = duration::positive, allow_hyphen_values = true)]
    pub keepalive_interval: Duration,

    /// Timeout of the response to such a ping
    #[arg(long, value_name = "TIME", default_value = "20s", value_parser = duration::positive, allow_hyphen_values = true)]
    pub keepalive_timeout: Duration,

    /// Timeout of an idle HTTP/1.1 connection; longer than Envoy's hour, so that
    /// Envoy closes first and no request arrives at a closing connection
    #[arg(long, value_name = "TIME", default_value = "65m", value_parser = duration::positive, allow_hyphen_values = true)]
    pub idle_timeout: Duration,

    /// Age (±10 %) after which an HTTP/2 connection gets a GOAWAY; clients then
    /// reconnect, and reach new replicas too
    #[arg(long, value_name = "TIME", default_value = "30m", value_parser = duration::positive, allow_hyphen_values = true)]
    pub max_connection_age: Duration,

    /// How long requests may still take after that GOAWAY; the connection is then
    /// closed, also under streams without an end
    #[arg(long, value_name = "TIME", default_value = "5m", value_parser = duration::positive, allow_hyphen_values = true)]
    pub max_connection_age_grace: Duration,
}
