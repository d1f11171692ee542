//! The options of a health check.

use std::time::Duration;

use clap::Args;
use http::{HeaderName, HeaderValue};

use super::{ConnectArgs, Output, greet::header, usage};
use crate::{
    Exit,
    health::{self, Mode, Plan, Reporter},
    report::Format,
};

/// Examples, at the end of the help.
pub(super) const EXAMPLES: &str = "\
Exits 0 if SERVING, 9 if not, 3 to 8 if there is no answer (see greeter-client --help).

Examples:
  greeter-client health --addr localhost:50051
  greeter-client health --tls --addr example.com:443 --wait 30s helloworld.Greeter";

/// What to ask, and how often.
#[derive(Args, Clone, Debug)]
pub struct HealthArgs {
    /// A full service name [default: the server as a whole]
    #[arg(value_name = "SERVICE", default_value = "", hide_default_value = true)]
    pub service: String,

    /// Send this metadata, as k=v; may be given several times
    #[arg(long, value_name = "K=V", value_parser = header)]
    pub header: Vec<(HeaderName, HeaderValue)>,

    /// The deadline of a check
    #[arg(long, value_name = "TIME", default_value = "1s", value_parser = super::duration)]
    pub timeout: Duration,

    /// Try again until the answer is SERVING, for at most this long
    #[arg(long, value_name = "TIME", value_parser = super::duration)]
    pub wait: Option<Duration>,

    /// Print every change until stopped
    #[arg(long, conflicts_with = "wait")]
    pub watch: bool,

    /// How to print answers
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub output: Output,

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
    let plan = Plan {
        dialer,
        service: args.service.clone(),
        headers: args.header.clone(),
        timeout: args.timeout,
        mode: match (args.wait, args.watch) {
            (Some(patience), _) => Mode::Wait(patience),
            (None, true) => Mode::Watch,
            (None, false) => Mode::Once,
        },
    };
    let mut reporter = Reporter::new(Format::from(args.output), &args.service);
    health::run(plan, &mut reporter).await
}
