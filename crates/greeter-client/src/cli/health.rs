//! The options of a health check.

use std::time::Duration;

use clap::Args;
use cli_kit::duration;
use transport::Exit;

use super::{ConnectArgs, MetadataArgs, usage::usage};
use crate::{
    health::{self, HealthPlan, HealthReporter, Mode},
    output::Format,
};

/// Examples, at the end of the help.
pub(super) const EXAMPLES: &str = "\
Exit codes: 0 if SERVING, 9 if not; the others as in greeter-client --help.

Examples:
  greeter-client health --addr localhost:50051
  greeter-client health --addr localhost:50051 --wait 30s helloworld.Greeter";

/// What to check, and how often.
#[derive(Args, Clone, Debug)]
pub struct HealthArgs {
    /// A full service name [default: the server as a whole]
    #[arg(value_name = "SERVICE", default_value = "", hide_default_value = true)]
    pub service: String,

    #[allow(missing_docs)]
    #[command(flatten)]
    pub metadata: MetadataArgs,

    /// The deadline of a check
    #[arg(long, value_name = "TIME", default_value = "1s", value_parser = duration::positive, allow_hyphen_values = true)]
    pub timeout: Duration,

    /// Check again until the state is SERVING, for at most this long
    #[arg(long, value_name = "TIME", value_parser = duration::positive, allow_hyphen_values = true)]
    pub wait: Option<Duration>,

    /// Print every change until stopped
    #[arg(long, conflicts_with = "wait")]
    pub watch: bool,

    /// How to print the state
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub output: Format,

    /// Print help
    #[arg(short, long, action = clap::ArgAction::HelpShort)]
    pub help: Option<bool>,

    #[allow(missing_docs)]
    #[command(flatten)]
    pub connect: ConnectArgs,
}

pub(super) async fn run(args: &HealthArgs) -> Exit {
    let dialer = match args.connect.dialer() {
        Ok(dialer) => dialer,
        Err(error) => return usage(&error),
    };
    let plan = HealthPlan {
        dialer,
        service: args.service.clone(),
        headers: args.metadata.header.clone(),
        timeout: args.timeout,
        mode: match (args.wait, args.watch) {
            (Some(limit), _) => Mode::Wait(limit),
            (None, true) => Mode::Watch,
            (None, false) => Mode::Once,
        },
    };
    let mut reporter = HealthReporter::new(args.output, &args.service);
    let exit = health::run(plan, &mut reporter).await;
    reporter.exit(exit)
}
