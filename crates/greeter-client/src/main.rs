//! Wires the greeter's client.

use std::process::ExitCode;

use greeter_client::{Exit, cli};
use tokio::runtime::Runtime;

fn main() -> ExitCode {
    let runtime = match Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("greeter-client: cannot start: {error}");
            return Exit::Usage.into();
        }
    };
    let exit = runtime.block_on(cli::run());
    // A name lookup without an answer cannot be cancelled: do not wait for it.
    runtime.shutdown_background();
    exit.into()
}
