//! Wires the greeter: configuration, log, sockets, signals.

use std::process::ExitCode;

use clap::Parser;
use greeter_server::Config;
use service_kit::{Listeners, exit_code, signals};

#[tokio::main]
async fn main() -> ExitCode {
    exit_code(env!("CARGO_PKG_NAME"), run(Config::parse()).await)
}

async fn run(config: Config) -> anyhow::Result<()> {
    config.service.log.init()?;
    let listeners = Listeners::bind(config.listen, config.service.admin).await?;
    greeter_server::run(listeners, config, signals::shutdown()?).await
}
