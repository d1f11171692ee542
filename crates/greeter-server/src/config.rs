//! The command line of the greeter.

use std::net::SocketAddr;

use clap::Parser;
use service_kit::ServiceConfig;

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

    #[allow(missing_docs)]
    #[command(flatten)]
    pub service: ServiceConfig,
}
