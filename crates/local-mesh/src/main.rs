//! The programs of the demo.

use std::process::ExitCode;

use clap::Parser;
use local_mesh::{
    demo::{self, DemoArgs},
    observe::{self, ObserveArgs},
};
use service_kit::{run_main, signals::StopSignals};

/// Runs the project on this machine.
#[derive(Debug, Parser)]
#[command(version)]
enum Command {
    /// Run hello, two greeters and a gateway (make demo)
    Demo(DemoArgs),
    /// Run them with Prometheus, traffic and faults (make observe)
    Observe(ObserveArgs),
}

fn main() -> ExitCode {
    match Command::parse() {
        Command::Demo(args) => run_main("demo", run_demo(args)),
        Command::Observe(args) => run_main("observe", run_observe(args)),
    }
}

async fn run_demo(args: DemoArgs) -> anyhow::Result<()> {
    demo::run(args, StopSignals::catch()?).await
}

async fn run_observe(args: ObserveArgs) -> anyhow::Result<()> {
    observe::run(args, StopSignals::catch()?).await
}
