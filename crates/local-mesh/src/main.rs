//! Wires the demo.

use std::process::ExitCode;

use clap::Parser;
use local_mesh::demo::{self, DemoArgs};
use service_kit::{exit_code, signals};

#[tokio::main]
async fn main() -> ExitCode {
    exit_code("demo", run(DemoArgs::parse()).await)
}

async fn run(args: DemoArgs) -> anyhow::Result<()> {
    demo::run(args, signals::shutdown()?).await
}
