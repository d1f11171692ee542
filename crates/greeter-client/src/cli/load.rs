//! The options of a load test.

use std::{fs, path::PathBuf, sync::Arc, time::Duration};

use anyhow::{Context, ensure};
use clap::{Args, ValueEnum, value_parser};
use http::{HeaderName, HeaderValue};
use serde::Serialize;

use super::{ConnectArgs, Output, greet::header, usage};
use crate::{
    Exit,
    call::{Kind, Options},
    load::{self, Gate, Plan, Summary, html, text},
    report::{self, ErrorFacts, Failure},
};

/// Examples, at the end of the help.
pub(super) const EXAMPLES: &str = "\
Metrics: p50 p75 p90 p95 p99 p999 p9999 mean max (with ns, us, ms, s), errors (N or N%), rate (N).

Examples:
  greeter-client load --addr localhost:50051 --rate 500 --duration 30s --html report.html
  greeter-client load --tls --addr example.com:443 --fail-if 'p99>50ms' --fail-if 'errors>0.1%'";

/// The largest name, in bytes: more than servers take, and less than memory.
const LARGEST_NAME: i64 = 64 << 20;

/// What to send, how often, and what must come of it.
#[derive(Args, Clone, Debug)]
pub struct LoadArgs {
    /// Sends a second, whatever the server does [default: as fast as answers come]
    #[arg(long, value_name = "N", value_parser = rate)]
    pub rate: Option<f64>,

    /// How long to measure
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = super::duration)]
    pub duration: Duration,

    /// How long to send before anything is measured
    #[arg(long, value_name = "TIME", default_value = "0s", value_parser = super::duration)]
    pub warmup: Duration,

    /// How many connections
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub connections: u16,

    /// The most calls at once, over all connections
    #[arg(long, value_name = "N", default_value_t = 64)]
    pub concurrency: u16,

    /// Send messages over streams that stay open, instead of calls
    #[arg(long, value_name = "KIND")]
    pub stream: Option<LoadStream>,

    /// The size of the name in each message, in bytes
    #[arg(long, value_name = "BYTES", default_value_t = 5, value_parser = value_parser!(u32).range(..=LARGEST_NAME))]
    pub size: u32,

    /// Send this metadata, as k=v; may be given several times
    #[arg(long, value_name = "K=V", value_parser = header)]
    pub header: Vec<(HeaderName, HeaderValue)>,

    /// The deadline of each call or message
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = super::duration)]
    pub timeout: Duration,

    /// Exit with 10 if this comes true, as in 'p99>50ms'; may be given several times
    #[arg(long, value_name = "EXPR")]
    pub fail_if: Vec<Gate>,

    /// How to print the figures
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub output: Output,

    /// Write the figures as a page, too
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,

    /// Print help
    #[arg(short, long, action = clap::ArgAction::HelpShort)]
    pub help: Option<bool>,

    #[allow(missing_docs)]
    #[command(flatten)]
    pub connect: ConnectArgs,
}

/// The streaming calls that carry load.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum LoadStream {
    /// A reply to each message, on streams of many.
    Bidi,
}

/// The JSON output: the figures, or why there are none.
#[derive(Serialize)]
struct Line<'a> {
    error: Option<ErrorFacts<'a>>,
    #[serde(flatten)]
    summary: Option<&'a Summary>,
}

pub(super) async fn run(args: &LoadArgs) -> Exit {
    let plan = match plan(args) {
        Ok(plan) => plan,
        Err(error) => return usage(&error),
    };
    let outcome = load::run(&plan).await;
    if let Err(failure) = &outcome {
        eprintln!("greeter-client: {failure}");
    }
    match (args.output, &outcome) {
        (Output::Json, outcome) => json(outcome),
        (Output::Text, Ok(summary)) => {
            report::print(&text::render(summary));
        }
        (Output::Text, Err(_)) => {}
    }
    let summary = match outcome {
        Ok(summary) => summary,
        Err(failure) => return failure.exit,
    };
    for gate in summary.gates.iter().filter(|gate| !gate.passed) {
        eprintln!(
            "greeter-client: --fail-if {} came true: it was {}",
            gate.expression, gate.words
        );
    }
    match &args.html {
        None => summary.exit(),
        Some(file) => match fs::write(file, html::render(&summary)) {
            Ok(()) => summary.exit(),
            Err(error) => usage(&anyhow::Error::from(error).context(format!(
                "cannot write {}; name a file that can be written with --html",
                file.display()
            ))),
        },
    }
}

fn json(outcome: &Result<Summary, Failure>) {
    let line = Line {
        error: outcome.as_ref().err().map(Into::into),
        summary: outcome.as_ref().ok(),
    };
    report::print(&serde_json::to_string(&line).expect("it holds nothing that JSON cannot"));
}

fn plan(args: &LoadArgs) -> anyhow::Result<Plan> {
    ensure!(
        args.connections > 0 && args.connections <= args.concurrency,
        "--connections {} has to be between 1 and --concurrency {}, or some would have no caller",
        args.connections,
        args.concurrency
    );
    ensure!(
        !args.duration.is_zero(),
        "--duration has to be longer than nothing"
    );
    if let Some(file) = &args.html {
        let directory = file.parent().filter(|it| !it.as_os_str().is_empty());
        let exists = directory.is_none_or(|directory| directory.is_dir());
        ensure!(
            exists,
            "--html {}: there is no such directory",
            file.display()
        );
    }
    Ok(Plan {
        dialer: Arc::new(args.connect.dialer()?),
        options: Options {
            kind: match args.stream {
                None => Kind::Unary,
                Some(LoadStream::Bidi) => Kind::BidiStream,
            },
            headers: args.header.clone(),
            timeout: Some(args.timeout),
            compression: None,
        },
        name: "world".chars().cycle().take(args.size as usize).collect(),
        rate: args.rate,
        duration: args.duration,
        warmup: args.warmup,
        connections: args.connections.into(),
        concurrency: args.concurrency.into(),
        gates: args.fail_if.clone(),
        live: true,
    })
}

fn rate(text: &str) -> anyhow::Result<f64> {
    let rate: f64 = text.parse().context("not a number")?;
    ensure!(
        (0.001..=10_000_000.0).contains(&rate),
        "a rate is between 0.001 and 10000000 a second"
    );
    Ok(rate)
}
