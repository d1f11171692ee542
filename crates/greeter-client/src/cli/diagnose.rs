//! The options of a diagnosis.

use std::{
    env,
    io::{self, IsTerminal, Write},
    time::Duration,
};

use clap::Args;
use http::{HeaderName, HeaderValue, uri::PathAndQuery};

use super::{ConnectArgs, Output, greet::header, usage};
use crate::{
    Exit,
    diagnose::{self, Plan, Style},
};

/// What the help ends with.
const EXAMPLES: &str = "\
Examples:
  greeter-client diagnose --tls --addr example.com:443
  greeter-client diagnose --addr localhost:50051 --path /pkg.Service/Method --output json";

/// What to diagnose, and how to say what was found.
#[derive(Args, Clone, Debug)]
#[command(after_help = EXAMPLES)]
pub struct DiagnoseArgs {
    /// The method to call, with an empty message
    #[arg(long, value_name = "PATH", default_value = "/helloworld.Greeter/SayHello", value_parser = method)]
    pub path: PathAndQuery,

    /// Send this metadata, as k=v; may be given several times
    #[arg(long, value_name = "K=V", value_parser = header)]
    pub header: Vec<(HeaderName, HeaderValue)>,

    /// The deadline of the call
    #[arg(long, value_name = "TIME", default_value = "5s", value_parser = super::duration)]
    pub timeout: Duration,

    /// The longest time of everything
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = super::duration)]
    pub total_timeout: Duration,

    /// How to print what was found: text or json
    #[arg(
        long,
        value_name = "FORMAT",
        default_value = "text",
        hide_possible_values = true
    )]
    pub output: Output,

    #[allow(missing_docs)]
    #[command(flatten)]
    pub connect: ConnectArgs,
}

pub(super) async fn run(args: &DiagnoseArgs) -> Exit {
    let mut dialer = match args.connect.dialer() {
        Ok(dialer) => dialer,
        Err(error) => return usage(&error),
    };
    let total = args.total_timeout;
    dialer.timeout = dialer.timeout.min(diagnose::first_look(total));
    let plan = Plan {
        dialer,
        path: args.path.clone(),
        headers: args.header.iter().cloned().collect(),
        timeout: args.timeout,
        total,
    };
    let diagnosis = diagnose::diagnose(&plan).await;
    let text = match args.output {
        Output::Text => diagnose::print(&diagnosis, style()).to_string(),
        Output::Json => match serde_json::to_string(&diagnosis) {
            Ok(json) => json + "\n",
            Err(error) => return usage(&error.into()),
        },
    };
    // The exit tells the verdict also to a script that reads no more.
    if let Err(error) = io::stdout().write_all(text.as_bytes())
        && error.kind() != io::ErrorKind::BrokenPipe
    {
        return usage(&error.into());
    }
    diagnosis.verdict.code.exit()
}

/// Columns at a terminal, and colours unless they are not wanted (no-color.org).
fn style() -> Style {
    let aligned = io::stdout().is_terminal();
    let refused = env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    Style {
        aligned,
        coloured: aligned && !refused,
    }
}

/// A method's path; the first slash may be left out, as grpcurl has it.
fn method(text: &str) -> Result<PathAndQuery, String> {
    let path = format!("/{}", text.trim_start_matches('/'));
    match path.matches('/').count() {
        2 => path.parse().map_err(|_| "not a path".to_owned()),
        _ => Err("write it as /package.Service/Method".to_owned()),
    }
}
