//! The demo's program.

use std::process::ExitCode;

use clap::Parser;
use local_mesh::demo::{self, DemoArgs};
use service_kit::{run_main, signals::StopSignals};

fn main() -> ExitCode {
    run_main("demo", run(DemoArgs::parse()))
}

async fn run(args: DemoArgs) -> anyhow::Result<()> {
    demo::run(args, StopSignals::catch()?).await
}
