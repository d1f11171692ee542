//! The terminal's Ctrl-C, for this program alone.

use std::io::{IsTerminal, stdin};

use nix::{
    sys::signal::{SigSet, SigmaskHow, Signal, sigprocmask},
    unistd::{Pid, getpgrp, getpid, setpgid, tcgetpgrp, tcsetpgrp},
};

/// While this lives, Ctrl-C at the terminal reaches this program and not the
/// `make` that started it, which would call the demo's good end an error.
pub(crate) struct Foreground {
    before: Option<Pid>,
}

impl Foreground {
    pub(crate) fn take() -> Self {
        Self {
            before: take().ok().flatten(),
        }
    }
}

fn take() -> nix::Result<Option<Pid>> {
    let group = getpgrp();
    // Without a terminal, in the background, or started by a shell: all is well.
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
            // If `make` has gone meanwhile, its shell takes the terminal back.
            let _ = give_terminal_to(group);
        }
    }
}

/// Gives the terminal away from the background, for which the system would
/// stop us if the signal were not blocked.
fn give_terminal_to(group: Pid) -> nix::Result<()> {
    let mut ttou = SigSet::empty();
    ttou.add(Signal::SIGTTOU);
    sigprocmask(SigmaskHow::SIG_BLOCK, Some(&ttou), None)?;
    let given = tcsetpgrp(stdin(), group);
    sigprocmask(SigmaskHow::SIG_UNBLOCK, Some(&ttou), None)?;
    given
}
