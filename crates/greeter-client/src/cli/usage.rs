//! Usage errors, and the help.

use std::io::{self, Write};

use transport::Exit;

use crate::output::{Stdout, stderr};

/// Prints a usage error.
pub(super) fn usage(error: &anyhow::Error) -> Exit {
    stderr::error(format_args!("{error:#}"));
    Exit::USAGE
}

/// Prints the help, the version, or an error of clap.
pub(super) fn print(error: &clap::Error) -> Exit {
    let printed = error.print();
    if error.use_stderr() {
        return Exit::USAGE;
    }
    let mut stdout = Stdout::default();
    stdout.record(printed.and_then(|()| io::stdout().flush()));
    stdout.exit(Exit::SUCCESS)
}
