//! Documents made from the command line's definition.

use std::{
    fs,
    io::{self, Write},
    path::Path,
};

use anyhow::Context;
use clap::Command;
use clap_complete::Shell;

use crate::Exit;

pub(super) fn completions(mut command: Command, shell: Shell) -> Exit {
    let name = command.get_name().to_owned();
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut command, name, &mut text);
    print(&text)
}

/// Prints the page of the program or of a subcommand, or writes all of them
/// into a directory.
pub(super) fn man(command: Command, subcommand: Option<&str>, dir: Option<&Path>) -> Exit {
    let page = match dir {
        None => page(command, subcommand),
        Some(dir) => fs::create_dir_all(dir)
            .and_then(|()| clap_mangen::generate_to(command, dir))
            .with_context(|| format!("cannot write manual pages into {}", dir.display()))
            .map(|()| Vec::new()),
    };
    match page {
        Ok(page) => print(&page),
        Err(error) => super::usage(&error),
    }
}

fn page(command: Command, subcommand: Option<&str>) -> anyhow::Result<Vec<u8>> {
    let mut command = command.disable_help_subcommand(true);
    // Names a subcommand's page after the program, too.
    command.build();
    let command = match subcommand {
        None => &command,
        Some(name) => command.find_subcommand(name).with_context(|| {
            format!("there is no subcommand {name:?}; greeter-client --help lists them")
        })?,
    };
    let mut page = Vec::new();
    clap_mangen::Man::new(command.clone()).render(&mut page)?;
    Ok(page)
}

/// Prints; a reader that has seen enough is no error.
fn print(text: &[u8]) -> Exit {
    match io::stdout().write_all(text) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => super::usage(&error.into()),
        _ => Exit::Success,
    }
}
