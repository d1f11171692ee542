//! The command line; the help, the completions and the manual page come from it.

mod connect;
mod diagnose;
mod documents;
mod greet;
mod health;
mod load;

use std::{path::PathBuf, time::Duration};

use clap::{CommandFactory, Parser, Subcommand};
use clap_complete::Shell;
pub use connect::ConnectArgs;
pub use diagnose::DiagnoseArgs;
pub use greet::{Compress, GreetArgs, Output, Stream};
use greeter_proto::MAX_TIMEOUT;
pub use health::HealthArgs;
pub use load::LoadArgs;

use crate::{Exit, exit};

/// Greets over gRPC, and says what is wrong if it cannot.
#[derive(Debug, Parser)]
#[command(
    version,
    args_conflicts_with_subcommands = true,
    after_help = format!("{}\n\n{}", exit::TABLE, greet::EXAMPLES)
)]
pub struct Cli {
    #[allow(missing_docs)]
    #[command(flatten)]
    pub greet: GreetArgs,

    #[allow(missing_docs)]
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What else the program can do than greet.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Ask whether the server serves (grpc.health.v1)
    #[command(disable_help_flag = true, after_help = health::EXAMPLES)]
    Health(HealthArgs),
    /// Measure latency and throughput under load
    #[command(disable_help_flag = true, after_help = load::EXAMPLES)]
    Load(LoadArgs),
    /// Find out why a call fails: the cause, and the fix
    Diagnose(Box<DiagnoseArgs>),
    /// Print completions for a shell
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Print a manual page
    Man {
        /// Of which subcommand [default: the program itself]
        subcommand: Option<String>,

        /// Write every page into this directory instead
        #[arg(long, value_name = "DIR", conflicts_with = "subcommand")]
        dir: Option<PathBuf>,
    },
}

/// Parses the arguments and does what they say.
pub async fn run() -> Exit {
    let cli = Cli::parse();
    match cli.command {
        Some(Command::Diagnose(args)) => diagnose::run(&args).await,
        Some(Command::Completions { shell }) => documents::completions(Cli::command(), shell),
        Some(Command::Man { subcommand, dir }) => {
            documents::man(Cli::command(), subcommand.as_deref(), dir.as_deref())
        }
        Some(Command::Health(args)) => health::run(&args).await,
        Some(Command::Load(args)) => load::run(&args).await,
        None => greet::run(&cli.greet).await,
    }
}

/// Parses a time such as `250ms`, as long as a deadline can be.
fn duration(text: &str) -> Result<Duration, String> {
    let time = humantime::parse_duration(text)
        .map_err(|error| format!("{error}; write it as 250ms, 5s or 1m"))?;
    if time > MAX_TIMEOUT {
        return Err(format!("longer than {} s", MAX_TIMEOUT.as_secs()));
    }
    Ok(time)
}

/// Says a usage error that clap's own types cannot express.
fn usage(error: &anyhow::Error) -> Exit {
    eprintln!("greeter-client: {error:#}");
    Exit::Usage
}
