//! Documents made from the command line's definition.

use std::io::{self, Write};

use clap::Command;
use clap_complete::Shell;

use crate::Exit;

pub(super) fn completions(mut command: Command, shell: Shell) -> Exit {
    let name = command.get_name().to_owned();
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut command, name, &mut text);
    print(&text)
}

pub(super) fn man(command: Command) -> Exit {
    let mut text = Vec::new();
    match clap_mangen::Man::new(command).render(&mut text) {
        Ok(()) => print(&text),
        Err(error) => super::usage(&error.into()),
    }
}

/// Prints; a reader that has seen enough is no error.
fn print(text: &[u8]) -> Exit {
    match io::stdout().write_all(text) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => super::usage(&error.into()),
        _ => Exit::Success,
    }
}
