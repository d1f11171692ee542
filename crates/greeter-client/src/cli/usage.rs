//! Usage errors that clap's own types cannot express.

use transport::Exit;

/// Prints a usage error.
pub(super) fn usage(error: &anyhow::Error) -> Exit {
    eprintln!("greeter-client: {error:#}");
    Exit::USAGE
}
