//! Wires the greeter's client.

use std::process::ExitCode;

use greeter_client::{cli, output::stderr};
use tokio::runtime::Runtime;
use transport::Exit;

fn main() -> ExitCode {
    let runtime = match Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            stderr::error(format_args!("cannot start: {error}"));
            return Exit::USAGE.into();
        }
    };
    let exit = runtime.block_on(cli::run());
    // A name lookup cannot be cancelled: exit without waiting for it.
    runtime.shutdown_background();
    exit.into()
}
