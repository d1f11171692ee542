//! The options of a greeting.

use std::time::Duration;

use anyhow::{bail, ensure};
use clap::{Args, CommandFactory, ValueEnum};
use cli_kit::duration;
use tonic::codec::CompressionEncoding;
use transport::{
    Exit,
    call::{Kind, Options},
};

use super::{Cli, ConnectArgs, MetadataArgs, number, usage::usage};
use crate::{
    greet::{self, GreetPlan, Trace},
    output::{Format, Reporter},
};

/// Examples, at the end of the help.
pub(super) const EXAMPLES: &str = "\
Examples:
  greeter-client --addr localhost:50051 Ann
  greeter-client --tls --addr example.com:443 --repeat 0 --interval 1s -v";

/// How to greet, and how to print the replies.
#[derive(Args, Clone, Debug)]
pub struct GreetArgs {
    /// The name to greet
    #[arg(value_name = "NAME", default_value = "world", value_parser = name)]
    pub name: String,

    #[allow(missing_docs)]
    #[command(flatten)]
    pub metadata: MetadataArgs,

    /// The deadline of each call [default: 10s; none for --stream bidi]
    #[arg(long, value_name = "TIME", value_parser = duration::positive, allow_hyphen_values = true)]
    pub timeout: Option<Duration>,

    /// The number of greetings; 0 repeats until stopped
    #[arg(long, value_name = "N", default_value = "1", value_parser = number::whole, allow_hyphen_values = true)]
    pub repeat: u64,

    /// The delay between greetings
    #[arg(long, value_name = "TIME", default_value = "0s", value_parser = duration::parse, allow_hyphen_values = true)]
    pub interval: Duration,

    /// Use a streaming call
    #[arg(long, value_name = "KIND")]
    pub stream: Option<Stream>,

    /// Compress messages, both ways
    #[arg(long, value_name = "ENCODING", hide_short_help = true)]
    pub compress: Option<Compress>,

    /// Start a trace, or continue the one in $TRACEPARENT, and print its id
    ///
    /// Its spans go to the collector in $OTEL_EXPORTER_OTLP_ENDPOINT, if that is set
    #[arg(long)]
    pub trace: bool,

    /// How to print replies
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub output: Format,

    /// Print the connection's phases on standard error
    #[arg(short, long)]
    pub verbose: bool,

    #[allow(missing_docs)]
    #[command(flatten)]
    pub connect: ConnectArgs,
}

/// The streaming calls.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Stream {
    /// One name, several replies.
    Server,
    /// A reply to each name, on one call.
    Bidi,
}

/// The message encodings.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Compress {
    /// gzip (RFC 1952).
    Gzip,
    /// Zstandard (RFC 8878).
    Zstd,
}

pub(super) async fn run(args: &GreetArgs) -> Exit {
    let plan = match plan(args) {
        Ok(plan) => plan,
        Err(error) => return usage(&error),
    };
    let mut reporter = Reporter::new(args.output, args.verbose);
    if let Some(trace) = &plan.trace {
        reporter.traced(trace.id());
    }
    let exit = greet::run(&plan, &mut reporter).await;
    if let Some(trace) = &plan.trace {
        trace.finish().await;
    }
    reporter.exit(exit)
}

fn plan(args: &GreetArgs) -> anyhow::Result<GreetPlan> {
    let kind = match args.stream {
        None => Kind::Unary,
        Some(Stream::Server) => Kind::ServerStream,
        Some(Stream::Bidi) => Kind::BidiStream,
    };
    let default_timeout = match kind {
        Kind::BidiStream => None,
        Kind::Unary | Kind::ServerStream => Some(Duration::from_secs(10)),
    };
    let trace = match args.trace {
        true => Some(trace(&args.metadata)?),
        false => None,
    };
    Ok(GreetPlan {
        trace,
        dialer: args.connect.dialer()?,
        name: args.name.clone(),
        options: Options {
            kind,
            headers: args.metadata.header.clone(),
            timeout: args.timeout.or(default_timeout),
            compression: args.compress.map(|encoding| match encoding {
                Compress::Gzip => CompressionEncoding::Gzip,
                Compress::Zstd => CompressionEncoding::Zstd,
            }),
        },
        repeat: args.repeat,
        interval: args.interval,
    })
}

fn trace(metadata: &MetadataArgs) -> anyhow::Result<Trace> {
    let sent = metadata
        .header
        .iter()
        .any(|(name, _)| name == "traceparent");
    ensure!(
        !sent,
        "--trace sends traceparent itself; to continue a trace, put it into the environment \
         variable TRACEPARENT"
    );
    Trace::start()
}

/// A name to greet. After options, clap takes a subcommand for a name.
fn name(text: &str) -> anyhow::Result<String> {
    let is_subcommand = text == "help" || Cli::command().find_subcommand(text).is_some();
    if is_subcommand {
        bail!("`{text}` is a subcommand; put `{text}` before its options");
    }
    Ok(text.to_owned())
}
