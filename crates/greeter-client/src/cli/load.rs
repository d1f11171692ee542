//! The options of a load test.

use std::{path::PathBuf, sync::Arc, time::Duration};

use anyhow::{anyhow, ensure};
use clap::{Args, ValueEnum};
use cli_kit::duration;
use load::{LoadError, LoadPlan, Threshold};
use transport::{
    Exit,
    call::{Kind, Options},
};

use super::{ConnectArgs, MetadataArgs, load_output, number, usage::usage};
use crate::{
    Failure,
    exit::OUTPUT,
    output::{Format, Stdout, stderr},
    stop::stopped,
};

/// Examples, at the end of the help.
pub(super) const EXAMPLES: &str = "\
Metrics of --fail-if: errors (N or N%), rate (N); with ns, us, ms or s:
  p50, p75, p90, p95, p99, p999, p9999, mean, max

Examples:
  greeter-client load --addr localhost:50051 --rate 500 --html report.html
  greeter-client load --tls --addr example.com:443 --fail-if 'p99>50ms'";

/// The largest name, in bytes: larger than servers accept, smaller than memory.
const LARGEST_NAME: u32 = 64 << 20;

/// What to send, how often, and the thresholds.
#[derive(Args, Clone, Debug)]
pub struct LoadArgs {
    /// Calls per second, regardless of response time [default: as fast as responses come]
    #[arg(long, value_name = "N", value_parser = number::rate, allow_hyphen_values = true)]
    pub rate: Option<f64>,

    /// The measured time
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = duration::positive, allow_hyphen_values = true)]
    pub duration: Duration,

    /// The time before the measured time
    #[arg(long, value_name = "TIME", default_value = "0s", value_parser = duration::parse, allow_hyphen_values = true)]
    pub warmup: Duration,

    /// The number of connections
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = count, allow_hyphen_values = true)]
    pub connections: u16,

    /// The maximum number of calls in flight, over all connections
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = count, allow_hyphen_values = true)]
    pub concurrency: u16,

    /// The number of threads, each with connections of its own
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = count, allow_hyphen_values = true)]
    pub threads: u16,

    /// Send messages over streams that stay open, instead of calls
    #[arg(long, value_name = "KIND")]
    pub stream: Option<LoadStream>,

    /// The size of the name in each message, in bytes
    #[arg(long, value_name = "BYTES", default_value_t = 5, value_parser = size, allow_hyphen_values = true)]
    pub size: u32,

    /// Start a sampled trace in this share of the calls, from 0 to 1, as in 0.01
    #[arg(long, value_name = "RATIO", default_value_t = 0.0, hide_default_value = true, value_parser = number::ratio, allow_hyphen_values = true, conflicts_with = "stream")]
    pub trace: f64,

    #[allow(missing_docs)]
    #[command(flatten)]
    pub metadata: MetadataArgs,

    /// The deadline of each call or message
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = duration::positive, allow_hyphen_values = true)]
    pub timeout: Duration,

    /// Exit with 10 if this threshold is exceeded, as in 'p99>50ms'; may be repeated
    #[arg(long, value_name = "EXPR")]
    pub fail_if: Vec<Threshold>,

    /// How to print the figures
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub output: Format,

    /// Also write the figures as an HTML page
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,

    /// Print help
    #[arg(short, long, action = clap::ArgAction::HelpShort)]
    pub help: Option<bool>,

    #[allow(missing_docs)]
    #[command(flatten)]
    pub connect: ConnectArgs,
}

/// The streaming calls of a load test.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum LoadStream {
    /// A reply to each message, on streams that stay open.
    Bidi,
}

pub(super) async fn run(args: &LoadArgs) -> Exit {
    let plan = match plan(args) {
        Ok(plan) => plan,
        Err(error) => return usage(&error),
    };
    let stop = async || {
        stopped().await;
    };
    let result = match load::run(&plan, stop).await {
        Ok(summary) => Ok(summary),
        Err(LoadError::Dial(failed)) => Err(Failure::from(&failed.error)),
        Err(LoadError::Thread(error)) => {
            let error = anyhow!(error).context("cannot start a thread; use fewer --threads");
            return usage(&error);
        }
    };
    let mut stdout = Stdout::default();
    load_output::figures(args.output, &result, &mut stdout);
    let summary = match result {
        Ok(summary) => summary,
        Err(failure) => return stdout.exit(failure.exit),
    };
    load_output::exceeded(&summary);
    let written = args
        .html
        .as_deref()
        .map(|file| load_output::page(&summary, file));
    match written {
        Some(Err(error)) => {
            stderr::error(format_args!("{error:#}"));
            OUTPUT
        }
        _ => stdout.exit(summary.exit()),
    }
}

fn plan(args: &LoadArgs) -> anyhow::Result<LoadPlan> {
    ensure!(
        args.connections <= args.concurrency,
        "--connections must be from 1 to --concurrency ({})",
        args.concurrency
    );
    ensure!(
        args.threads <= args.connections,
        "--threads must be from 1 to --connections ({})",
        args.connections
    );
    if let Some(file) = &args.html {
        let directory = file.parent().filter(|it| !it.as_os_str().is_empty());
        let exists = directory.is_none_or(|directory| directory.is_dir());
        ensure!(
            exists,
            "--html {}: there is no such directory; create it first",
            file.display()
        );
    }
    Ok(LoadPlan {
        dialer: Arc::new(args.connect.dialer()?),
        options: Options {
            kind: match args.stream {
                None => Kind::Unary,
                Some(LoadStream::Bidi) => Kind::BidiStream,
            },
            headers: args.metadata.header.clone(),
            timeout: Some(args.timeout),
            compression: None,
        },
        name: "world".chars().cycle().take(args.size as usize).collect(),
        rate: args.rate,
        duration: args.duration,
        warmup: args.warmup,
        trace: args.trace,
        threads: args.threads.into(),
        connections: args.connections.into(),
        concurrency: args.concurrency.into(),
        thresholds: args.fail_if.clone(),
        live: true,
    })
}

fn count(text: &str) -> anyhow::Result<u16> {
    number::within(text, 1..=u16::MAX)
}

fn size(text: &str) -> anyhow::Result<u32> {
    number::within(text, 0..=LARGEST_NAME)
}
