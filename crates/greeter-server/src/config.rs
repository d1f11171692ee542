//! The command line of the greeter.

use std::{net::SocketAddr, time::Duration};

use axum::http::HeaderValue;
use clap::Parser;
use cli_kit::duration;
use service_kit::{Label, ServiceConfig};

use crate::cors::parse_origin;

/// Greets by name over gRPC: helloworld.Greeter, with health checking,
/// reflection and gRPC-Web.
#[derive(Clone, Debug, Parser)]
#[command(version = build_info::VERSION)]
pub struct Config {
    /// Address of the gRPC listener
    #[arg(long, value_name = "ADDR", default_value = "0.0.0.0:50051")]
    pub listen: SocketAddr,

    /// The host name that replies contain, as metadata `hostname`
    #[arg(long, value_name = "NAME", default_value_t = service_kit::machine_hostname())]
    pub hostname: String,

    /// Timeout of receiving the request message of a call that has only one
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = duration::positive, allow_hyphen_values = true)]
    pub request_timeout: Duration,

    /// Deadline of calls that bring none, and the upper bound of a caller's;
    /// health Watch, SayHelloBidiStream and reflection end only at a caller's
    /// deadline, at most 1h
    #[arg(long, value_name = "TIME", default_value = "1m", value_parser = duration::positive, allow_hyphen_values = true)]
    pub call_timeout: Duration,

    /// Origin whose pages may call gRPC-Web from a browser, for example
    /// `https://app.example.com`, or *; may be repeated
    #[arg(long, value_name = "ORIGIN", value_parser = parse_origin)]
    pub cors_origin: Vec<HeaderValue>,

    #[allow(missing_docs)]
    #[command(flatten)]
    pub label: Label,

    #[allow(missing_docs)]
    #[command(flatten)]
    pub service: ServiceConfig,
}
