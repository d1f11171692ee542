//! A child process: started, observed, stopped, and killed on drop.

mod output;

use std::{path::Path, process::Stdio, time::Duration};

use anyhow::{Context, bail};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use tokio::{process::Command, sync::watch, time::timeout};

use self::output::Output;

pub(crate) use self::output::labelled;
pub use self::output::{Addresses, Log, OnLine};

/// A child process. It has a process group of its own, so that Ctrl-C at the
/// terminal does not reach it, and the mesh stops its processes in order.
#[derive(Debug)]
pub struct Process {
    name: String,
    pid: Pid,
    exit: watch::Receiver<Option<ProcessEnd>>,
    last_line: watch::Receiver<String>,
    addresses: watch::Receiver<Option<Addresses>>,
}

/// How a process ended.
#[derive(Clone, Debug)]
struct ProcessEnd {
    success: bool,
    message: String,
}

impl Process {
    /// Starts `program` in `directory`, and sends its output to `log`, line by line.
    ///
    /// # Errors
    /// If the program cannot be started.
    pub fn start(
        name: &str,
        program: &Path,
        args: &[String],
        directory: &Path,
        log: &Log,
    ) -> anyhow::Result<Self> {
        let mut command = Command::new(program);
        command.args(args).current_dir(directory);
        Self::spawn(name, command, labelled(name, log))
    }

    /// Starts a command, and passes its output to `on_line`, line by line.
    ///
    /// # Errors
    /// If the program cannot be started.
    pub fn spawn(name: &str, mut command: Command, on_line: OnLine) -> anyhow::Result<Self> {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .with_context(|| {
                format!("cannot start {}", command.as_std().get_program().display())
            })?;
        let pid = child.id().context("the process has no ID")?;
        let (line_sender, last_line) = watch::channel(String::new());
        let (address_sender, addresses) = watch::channel(None);
        let output = Output {
            on_line,
            last_line: line_sender,
            addresses: address_sender,
        };
        let stdout = child.stdout.take().context("no standard output")?;
        let stderr = child.stderr.take().context("no standard error")?;
        let stdout = tokio::spawn(output.clone().read(stdout));
        let stderr = tokio::spawn(output.read(stderr));
        let (exit_sender, exit) = watch::channel(None);
        tokio::spawn(async move {
            let ended = child.wait().await;
            // The exit is reported after the last line of output.
            let _ = tokio::join!(stdout, stderr);
            exit_sender.send_replace(Some(match ended {
                Ok(status) => ProcessEnd {
                    success: status.success(),
                    message: status.to_string(),
                },
                Err(error) => ProcessEnd {
                    success: false,
                    message: error.to_string(),
                },
            }));
        });
        Ok(Self {
            name: name.to_owned(),
            pid: Pid::from_raw(pid.try_into()?),
            exit,
            last_line,
            addresses,
        })
    }

    /// The ID of the process.
    #[must_use]
    pub fn id(&self) -> i32 {
        self.pid.as_raw()
    }

    /// Waits until a server logs the addresses of its listeners.
    ///
    /// # Errors
    /// If it ends before.
    pub async fn listening(&self) -> anyhow::Result<Addresses> {
        let mut addresses = self.addresses.clone();
        tokio::select! {
            found = addresses.wait_for(Option::is_some) => {
                found.ok().and_then(|found| *found).context("the output ended")
            }
            exit = self.ended() => bail!(exit),
        }
    }

    /// Waits until the process ends. Returns its name, its exit status and the
    /// last line of its output.
    pub async fn ended(&self) -> String {
        let mut exit = self.exit.clone();
        let message = match exit.wait_for(Option::is_some).await {
            Ok(exit) => exit.as_ref().map(|exit| exit.message.clone()),
            Err(_) => None,
        };
        format!(
            "{} ended ({}); the last line of its output: {}",
            self.name,
            message.unwrap_or_else(|| "unknown exit status".to_owned()),
            self.last_line.borrow().trim()
        )
    }

    /// Whether the process has ended.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        self.exit.borrow().is_some()
    }

    /// Whether the process has ended with exit status 0.
    #[must_use]
    pub fn succeeded(&self) -> bool {
        self.exit.borrow().as_ref().is_some_and(|exit| exit.success)
    }

    /// Sends SIGTERM.
    pub fn terminate(&self) {
        self.signal(Signal::SIGTERM);
    }

    fn signal(&self, signal: Signal) {
        // The ID of a process that has ended may belong to another one.
        if self.exit.borrow().is_none() {
            let _ = kill(self.pid, signal);
        }
    }

    /// Sends SIGKILL.
    pub fn kill(&self) {
        self.signal(Signal::SIGKILL);
    }

    /// Sends SIGTERM, and SIGKILL if the process has not ended after `limit`.
    ///
    /// # Errors
    /// If it had to be killed.
    pub async fn stop(&self, limit: Duration) -> anyhow::Result<()> {
        self.terminate();
        if timeout(limit, self.ended()).await.is_ok() {
            return Ok(());
        }
        self.signal(Signal::SIGKILL);
        self.ended().await;
        bail!("{} did not stop within {limit:?} and was killed", self.name)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.signal(Signal::SIGKILL);
    }
}
