//! The runtime and the exit code of a program.

use std::{
    io::{self, Write},
    process::ExitCode,
};

use cli_kit::chain;
use tokio::runtime::Builder;

/// Runs a program. An error is one line on standard error, with all its causes,
/// and exit code 1.
#[must_use]
pub fn run_main(program: &str, main: impl Future<Output = anyhow::Result<()>>) -> ExitCode {
    // Connections have runtimes of their own.
    let result = Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(anyhow::Error::from)
        .and_then(|runtime| {
            let result = runtime.block_on(main);
            // A pending DNS lookup cannot be cancelled; do not wait for it beyond
            // the drain timeout.
            runtime.shutdown_background();
            result
        });
    telemetry::log::flush();
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Standard error may be closed: there is nobody to tell then.
            let _ = writeln!(io::stderr(), "{program}: {}", chain(error.as_ref()));
            ExitCode::FAILURE
        }
    }
}
