//! How a program runs and ends.

use std::process::ExitCode;

use tokio::runtime::Runtime;

/// Runs a program to its end: success, or one line on standard error with the
/// whole chain of causes.
#[must_use]
pub fn run_main(program: &str, main: impl Future<Output = anyhow::Result<()>>) -> ExitCode {
    let result = Runtime::new()
        .map_err(anyhow::Error::from)
        .and_then(|runtime| {
            let result = runtime.block_on(main);
            // A name lookup without an answer cannot be cancelled: do not wait
            // for it past the drain's deadline.
            runtime.shutdown_background();
            result
        });
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{program}: {error:#}");
            ExitCode::FAILURE
        }
    }
}
