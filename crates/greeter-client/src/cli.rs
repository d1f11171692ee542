//! The command line, the source of the help, the completions and the manual pages.

mod connect;
mod diagnose;
mod documents;
mod greet;
mod health;
mod load;
mod load_output;
mod man;
mod metadata;
mod number;
mod usage;

use std::path::PathBuf;

use clap::{CommandFactory, Parser, Subcommand};
use clap_complete::Shell;
pub use connect::ConnectArgs;
pub use diagnose::DiagnoseArgs;
pub use greet::{Compress, GreetArgs, Stream};
pub use health::HealthArgs;
pub use load::{LoadArgs, LoadStream};
pub use metadata::MetadataArgs;
use transport::Exit;

use crate::exit;

/// Greets over gRPC, and reports why a call fails.
#[derive(Debug, Parser)]
#[command(
    version = build_info::VERSION,
    args_conflicts_with_subcommands = true,
    after_help = format!("{}\n\n{}", exit::help(), greet::EXAMPLES)
)]
pub struct Cli {
    #[allow(missing_docs)]
    #[command(flatten)]
    pub greet: GreetArgs,

    #[allow(missing_docs)]
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// The subcommands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Check whether the server serves (grpc.health.v1)
    #[command(disable_help_flag = true, after_help = health::EXAMPLES)]
    Health(HealthArgs),
    /// Measure latency and throughput under load
    #[command(disable_help_flag = true, after_help = load::EXAMPLES)]
    Load(LoadArgs),
    /// Find out why a call fails: the cause and the fix
    Diagnose(Box<DiagnoseArgs>),
    /// Print completions for a shell
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Print a manual page
    Man {
        /// The subcommand [default: the program]
        subcommand: Option<String>,

        /// Write every page into this directory
        #[arg(long, value_name = "DIR", conflicts_with = "subcommand")]
        dir: Option<PathBuf>,
    },
}

/// Parses the arguments, and runs the command.
pub async fn run() -> Exit {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return usage::print(&error),
    };
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
