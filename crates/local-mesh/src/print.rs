//! Lines on standard output.

use std::{
    io::{self, Write},
    path::Path,
};

/// Prints a line. A broken pipe is an error, and so ends the program.
pub(crate) fn say(line: &str) -> anyhow::Result<()> {
    Ok(writeln!(io::stdout().lock(), "{line}")?)
}

/// Takes a broken pipe on standard output for success.
pub(crate) fn ignore_broken_pipe(result: anyhow::Result<()>) -> anyhow::Result<()> {
    let closed = |error: &io::Error| error.kind() == io::ErrorKind::BrokenPipe;
    match result {
        Err(error) if error.downcast_ref().is_some_and(closed) => Ok(()),
        result => result,
    }
}

/// A path relative to the working directory, if it is below it.
pub(crate) fn short(path: &Path) -> String {
    let here = std::env::current_dir().unwrap_or_default();
    path.strip_prefix(here)
        .unwrap_or(path)
        .display()
        .to_string()
}
