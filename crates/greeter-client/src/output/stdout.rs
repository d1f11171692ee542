//! Standard output, which its reader can close, and which can fail.

use std::io::{self, ErrorKind, Write};

use transport::Exit;

use super::stderr;
use crate::exit::OUTPUT;

/// Standard output, until it is closed or fails.
#[derive(Debug, Default)]
pub(crate) struct Stdout {
    state: State,
}

#[derive(Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Open,
    /// The reader has closed the pipe, as `head` does: no error.
    Closed,
    /// For example on a full disk.
    Failed,
}

impl Stdout {
    /// Prints a line.
    pub(crate) fn line(&mut self, line: &str) {
        self.write(format!("{line}\n").as_bytes());
    }

    /// Prints these bytes.
    pub(crate) fn write(&mut self, bytes: &[u8]) {
        if self.is_open() {
            let mut stdout = io::stdout().lock();
            let written = stdout.write_all(bytes);
            self.record(written.and_then(|()| stdout.flush()));
        }
    }

    /// Records the result of a write, and reports an error.
    pub(crate) fn record(&mut self, written: io::Result<()>) {
        self.state = match written {
            Ok(()) => return,
            Err(error) if error.kind() == ErrorKind::BrokenPipe => State::Closed,
            Err(error) => {
                stderr::error(format_args!(
                    "cannot write to standard output: {error}; write to another file or disk"
                ));
                State::Failed
            }
        };
    }

    /// Whether more output is of use.
    pub(crate) fn is_open(&self) -> bool {
        self.state == State::Open
    }

    /// The exit code of a command that ends with `exit`: incomplete output takes
    /// precedence.
    pub(crate) fn exit(&self, exit: Exit) -> Exit {
        match self.state {
            State::Failed => OUTPUT,
            State::Open | State::Closed => exit,
        }
    }
}
