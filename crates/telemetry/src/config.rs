//! The flags of the signals.

use clap::{Args, ValueEnum};

use crate::{Environment, access_log::AccessLogConfig};

/// On or off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Switch {
    /// On.
    On,
    /// Off.
    Off,
}

/// Which signals the process has.
#[derive(Args, Clone, Debug)]
pub struct TelemetryConfig {
    /// Serve metrics at /metrics of the admin listener
    #[arg(
        long,
        value_name = "on|off",
        default_value = "on",
        hide_possible_values = true
    )]
    pub metrics: Switch,

    /// The variables of OpenTelemetry, which configure the traces.
    #[arg(skip = Environment::of_process())]
    pub environment: Environment,

    #[allow(missing_docs)]
    #[command(flatten)]
    pub access_log: AccessLogConfig,
}
