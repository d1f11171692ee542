//! Wires the greeter: configuration, log, sockets, signals.

use std::process::ExitCode;

use greeter_server::Config;
use service_kit::{Allocator, Listeners, run_main, signals};

#[global_allocator]
static ALLOCATOR: Allocator = Allocator;

fn main() -> ExitCode {
    let config = service_kit::parse(|config: &mut Config| &mut config.service);
    run_main(env!("CARGO_PKG_NAME"), run(config))
}

async fn run(config: Config) -> anyhow::Result<()> {
    config.service.log.init()?;
    let listeners = Listeners::bind(config.listen, config.service.admin)?;
    greeter_server::run(listeners, config, signals::shutdown()?).await
}
