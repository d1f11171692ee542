//! The options of a greeting.

use std::time::Duration;

use anyhow::{Context, bail};
use clap::{Args, ValueEnum};
use http::{HeaderName, HeaderValue};
use tonic::codec::CompressionEncoding;

use super::{ConnectArgs, usage};
use crate::{
    Exit,
    call::{Kind, Options},
    greet::{self, Plan},
    report::{Format, Reporter},
};

/// Examples, at the end of the help.
pub(super) const EXAMPLES: &str = "\
Examples:
  greeter-client --addr localhost:50051 Ann
  greeter-client --tls --addr example.com:443 --repeat 0 --interval 1s -v";

/// How to greet, and how to say what came back.
#[derive(Args, Clone, Debug)]
pub struct GreetArgs {
    /// Whom to greet
    #[arg(value_name = "NAME", default_value = "world")]
    pub name: String,

    /// Send this metadata, as k=v; may be given several times
    #[arg(long, value_name = "K=V", value_parser = header)]
    pub header: Vec<(HeaderName, HeaderValue)>,

    /// The deadline of each call [default: 10s; none for --stream bidi]
    #[arg(long, value_name = "TIME", value_parser = super::duration)]
    pub timeout: Option<Duration>,

    /// How often to greet; 0: until stopped
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub repeat: u64,

    /// How long to wait between greetings
    #[arg(long, value_name = "TIME", default_value = "0s", value_parser = super::duration)]
    pub interval: Duration,

    /// Greet by a streaming call
    #[arg(long, value_name = "KIND")]
    pub stream: Option<Stream>,

    /// Compress messages, both ways
    #[arg(long, value_name = "CODING")]
    pub compress: Option<Compress>,

    /// How to print replies
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub output: Output,

    /// Say on standard error what the connection is made of
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

/// The message codings.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Compress {
    /// gzip (RFC 1952).
    Gzip,
    /// Zstandard (RFC 8878).
    Zstd,
}

/// The ways to print what came.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Output {
    /// Lines to read; greetings as `<message> from <hostname>`.
    Text,
    /// JSON, one object a line.
    Json,
}

impl From<Output> for Format {
    fn from(output: Output) -> Self {
        match output {
            Output::Text => Self::Text,
            Output::Json => Self::Json,
        }
    }
}

pub(super) async fn run(args: &GreetArgs) -> Exit {
    let plan = match plan(args) {
        Ok(plan) => plan,
        Err(error) => return usage(&error),
    };
    let mut reporter = Reporter::new(args.output.into(), args.verbose);
    greet::run(&plan, &mut reporter).await
}

fn plan(args: &GreetArgs) -> anyhow::Result<Plan> {
    let kind = match args.stream {
        None => Kind::Unary,
        Some(Stream::Server) => Kind::ServerStream,
        Some(Stream::Bidi) => Kind::BidiStream,
    };
    let default_timeout = match kind {
        Kind::BidiStream => None,
        Kind::Unary | Kind::ServerStream => Some(Duration::from_secs(10)),
    };
    Ok(Plan {
        dialer: args.connect.dialer()?,
        name: args.name.clone(),
        options: Options {
            kind,
            headers: args.header.clone(),
            timeout: args.timeout.or(default_timeout),
            compression: args.compress.map(|coding| match coding {
                Compress::Gzip => CompressionEncoding::Gzip,
                Compress::Zstd => CompressionEncoding::Zstd,
            }),
        },
        repeat: args.repeat,
        interval: args.interval,
    })
}

/// Parses a `--header`.
pub(super) fn header(text: &str) -> anyhow::Result<(HeaderName, HeaderValue)> {
    let (name, value) = text.split_once('=').context("write it as name=value")?;
    let name: HeaderName = name.trim().parse().context("not a metadata name")?;
    if name.as_str().starts_with("grpc-") || ["te", "content-type", "host"].contains(&name.as_str())
    {
        bail!("gRPC sets {name} itself; see --timeout, --compress and --authority");
    }
    Ok((name, value.trim().parse().context("not a metadata value")?))
}
