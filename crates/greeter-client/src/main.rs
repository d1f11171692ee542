//! Wires the greeter's client.

use std::process::ExitCode;

use greeter_client::{cli, output::stderr};
use tokio::runtime::Builder;
use transport::Exit;

fn main() -> ExitCode {
    // One thread: calls wait for the network. A load test starts threads of its own.
    let runtime = match Builder::new_current_thread().enable_all().build() {
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
