//! The options of a diagnosis.

use std::{
    env,
    io::{self, IsTerminal},
    time::Duration,
};

use clap::Args;
use cli_kit::duration;
use diagnose::{DiagnosePlan, Style};
use http::uri::PathAndQuery;
use transport::Exit;

use super::{ConnectArgs, MetadataArgs, number::within, usage::usage};
use crate::output::{Format, Stdout};

/// Examples, at the end of the help.
const EXAMPLES: &str = "\
Examples:
  greeter-client diagnose --tls --addr example.com:443
  greeter-client diagnose --addr localhost:50051 --path /pkg.Service/Method";

/// What to diagnose, and how to print the verdict.
#[derive(Args, Clone, Debug)]
#[command(after_help = EXAMPLES)]
pub struct DiagnoseArgs {
    /// The method to call, with an empty message
    #[arg(long, value_name = "PATH", default_value = "/helloworld.Greeter/SayHello", value_parser = method)]
    pub path: PathAndQuery,

    #[allow(missing_docs)]
    #[command(flatten)]
    pub metadata: MetadataArgs,

    /// Make this many calls, each over a new connection; with more than one, try every
    /// address of the name
    #[arg(long, value_name = "N", default_value = "5", value_parser = |text: &str| within(text, 1..=100_usize), allow_hyphen_values = true)]
    pub attempts: usize,

    /// The deadline of each call [default: what --total-timeout allows]
    #[arg(long, value_name = "TIME", value_parser = duration::positive, allow_hyphen_values = true)]
    pub timeout: Option<Duration>,

    /// The deadline of the whole diagnosis [default: 2.5s, or what --timeout and
    /// --connect-timeout need]
    #[arg(long, value_name = "TIME", value_parser = duration::positive, allow_hyphen_values = true)]
    pub total_timeout: Option<Duration>,

    /// How to print the verdict: text or json
    #[arg(
        long,
        value_name = "FORMAT",
        default_value = "text",
        hide_possible_values = true
    )]
    pub output: Format,

    #[allow(missing_docs)]
    #[command(flatten)]
    pub connect: ConnectArgs,
}

pub(super) async fn run(args: &DiagnoseArgs) -> Exit {
    let mut dialer = match args.connect.dialer() {
        Ok(dialer) => dialer,
        Err(error) => return usage(&error),
    };
    let [call, dial] = [args.timeout, args.connect.connect_timeout].map(Option::unwrap_or_default);
    let total = args.total_timeout;
    let total = total.unwrap_or_else(|| diagnose::default_total(call.saturating_add(dial)));
    dialer.timeout = dialer.timeout.min(diagnose::first_timeout(total));
    let plan = DiagnosePlan {
        dialer,
        path: args.path.clone(),
        headers: args.metadata.header.iter().cloned().collect(),
        timeout: args.timeout.unwrap_or(total),
        total,
        attempts: args.attempts,
    };
    let diagnosis = diagnose::diagnose(&plan).await;
    let text = match args.output {
        Format::Text => diagnose::print(&diagnosis, style()).to_string(),
        Format::Json => match serde_json::to_string(&diagnosis) {
            Ok(json) => json + "\n",
            Err(error) => return usage(&error.into()),
        },
    };
    let mut stdout = Stdout::default();
    stdout.write(text.as_bytes());
    stdout.exit(diagnosis.verdict.cause.exit())
}

/// Columns at a terminal; colours too, unless NO_COLOR is set (no-color.org).
fn style() -> Style {
    let aligned = io::stdout().is_terminal();
    let no_color = env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    Style {
        aligned,
        coloured: aligned && !no_color,
    }
}

/// A method's path; the first slash may be left out, as in grpcurl.
fn method(text: &str) -> Result<PathAndQuery, String> {
    let path = format!("/{}", text.trim_start_matches('/'));
    match path.matches('/').count() {
        2 => path.parse().map_err(|_| "not a path".to_owned()),
        _ => Err("write it as /package.Service/Method".to_owned()),
    }
}
