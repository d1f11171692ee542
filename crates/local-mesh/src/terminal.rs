//! Ctrl-C at the terminal.

use std::io::{IsTerminal, stdin};

use nix::{
    sys::signal::{SigSet, SigmaskHow, Signal, sigprocmask},
    unistd::{Pid, getpgrp, getpid, setpgid, tcgetpgrp, tcsetpgrp},
};

/// The terminal's foreground, taken from `make` until drop. Ctrl-C then reaches
/// this process alone. `make` would report it as an error although the demo ends
/// with success.
pub(crate) struct Foreground {
    before: Option<Pid>,
}

impl Foreground {
    /// Takes the foreground, if there is a terminal and `make` has it.
    pub(crate) fn take() -> Self {
        Self {
            before: take().ok().flatten(),
        }
    }
}

fn take() -> nix::Result<Option<Pid>> {
    let group = getpgrp();
    // Without a terminal, or in the background, there is no foreground to take. A
    // shell has already given this process its own group.
    if !stdin().is_terminal() || tcgetpgrp(stdin())? != group || group == getpid() {
        return Ok(None);
    }
    setpgid(Pid::from_raw(0), Pid::from_raw(0))?;
    give_terminal_to(getpid())?;
    Ok(Some(group))
}

impl Drop for Foreground {
    fn drop(&mut self) {
        if let Some(group) = self.before {
            // This fails if `make` has ended. Its shell then takes the terminal back.
            let _ = give_terminal_to(group);
        }
    }
}

/// Gives the terminal to a process group. A caller in the background would be
/// stopped by SIGTTOU if it were not blocked.
fn give_terminal_to(group: Pid) -> nix::Result<()> {
    let mut ttou = SigSet::empty();
    ttou.add(Signal::SIGTTOU);
    sigprocmask(SigmaskHow::SIG_BLOCK, Some(&ttou), None)?;
    let given = tcsetpgrp(stdin(), group);
    sigprocmask(SigmaskHow::SIG_UNBLOCK, Some(&ttou), None)?;
    given
}
