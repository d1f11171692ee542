//! A program of the mesh: started, listened to, stopped, never left behind.

use std::{net::SocketAddr, path::Path, process::Stdio, time::Duration};

use anyhow::{Context, bail};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, BufReader},
    process::Command,
    sync::{mpsc, watch},
    time::timeout,
};

/// Where the lines go that programs write.
pub(crate) type Log = mpsc::UnboundedSender<String>;

/// A running program, in a process group of its own so that a Ctrl-C at the
/// terminal leaves the order of stopping to us.
#[derive(Debug)]
pub struct Process {
    name: String,
    pid: Pid,
    /// How it ended, once it has.
    exit: watch::Receiver<Option<Exit>>,
    /// The last line it wrote.
    last_line: watch::Receiver<String>,
    /// The line in which a server says where it listens.
    ready: watch::Receiver<Option<Addresses>>,
}

/// How a program ended.
#[derive(Clone, Debug)]
struct Exit {
    success: bool,
    words: String,
}

/// Where a server of ours listens.
#[derive(Clone, Copy, Debug)]
pub struct Addresses {
    /// Its public listener.
    pub public: SocketAddr,
    /// Its admin listener.
    pub admin: SocketAddr,
}

impl Process {
    /// Starts `program` in `directory`; its output goes to `log`, line by line.
    pub(crate) fn start(
        name: &str,
        program: &Path,
        args: &[String],
        directory: &Path,
        log: &Log,
    ) -> anyhow::Result<Self> {
        let mut child = Command::new(program)
            .args(args)
            .current_dir(directory)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("cannot start {}", program.display()))?;
        let pid = child.id().context("the program ended at once")?;
        let (line_sender, last_line) = watch::channel(String::new());
        let (ready_sender, ready) = watch::channel(None);
        let pump = Pump {
            name: name.to_owned(),
            log: log.clone(),
            last_line: line_sender,
            ready: ready_sender,
        };
        let output = child.stdout.take().context("no standard output")?;
        let errors = child.stderr.take().context("no standard error")?;
        let output = tokio::spawn(pump.clone().run(output));
        let errors = tokio::spawn(pump.run(errors));
        let (exit_sender, exit) = watch::channel(None);
        tokio::spawn(async move {
            let ended = child.wait().await;
            // What it said last comes before the news that it has ended.
            let _ = tokio::join!(output, errors);
            exit_sender.send_replace(Some(match ended {
                Ok(status) => Exit {
                    success: status.success(),
                    words: status.to_string(),
                },
                Err(error) => Exit {
                    success: false,
                    words: error.to_string(),
                },
            }));
        });
        Ok(Self {
            name: name.to_owned(),
            pid: Pid::from_raw(pid.try_into()?),
            exit,
            last_line,
            ready,
        })
    }

    /// Waits until a server of ours says where it listens.
    ///
    /// # Errors
    /// If it ends before.
    pub(crate) async fn listening(&self) -> anyhow::Result<Addresses> {
        let mut ready = self.ready.clone();
        tokio::select! {
            addresses = ready.wait_for(Option::is_some) => {
                addresses.ok().and_then(|addresses| *addresses).context("its output ended")
            }
            failure = self.ended() => bail!(failure),
        }
    }

    /// Waits until the program ends, and says how.
    pub async fn ended(&self) -> String {
        let mut exit = self.exit.clone();
        let words = match exit.wait_for(Option::is_some).await {
            Ok(exit) => exit
                .as_ref()
                .map(|exit| exit.words.clone())
                .unwrap_or_default(),
            Err(_) => "lost".to_owned(),
        };
        format!(
            "{} ended ({words}); its last words: {}",
            self.name,
            self.last_line.borrow().trim()
        )
    }

    /// Whether the program has ended.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        self.exit.borrow().is_some()
    }

    /// Whether the program has ended, and with success.
    #[must_use]
    pub fn succeeded(&self) -> bool {
        self.exit.borrow().as_ref().is_some_and(|exit| exit.success)
    }

    /// Asks the program to stop (SIGTERM).
    pub fn terminate(&self) {
        self.signal(Signal::SIGTERM);
    }

    fn signal(&self, signal: Signal) {
        // A program that has ended is waited for already: its number may be
        // another's by now.
        if self.exit.borrow().is_none() {
            let _ = kill(self.pid, signal);
        }
    }

    /// Asks the program to stop, and kills it if it has not after `patience`.
    ///
    /// # Errors
    /// If it had to be killed.
    pub async fn stop(&self, patience: Duration) -> anyhow::Result<()> {
        self.terminate();
        if timeout(patience, self.ended()).await.is_ok() {
            return Ok(());
        }
        self.signal(Signal::SIGKILL);
        self.ended().await;
        bail!(
            "{} did not stop within {patience:?} and was killed",
            self.name
        )
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.signal(Signal::SIGKILL);
    }
}

/// Takes a program's output to where it is wanted.
#[derive(Clone)]
struct Pump {
    name: String,
    log: Log,
    last_line: watch::Sender<String>,
    ready: watch::Sender<Option<Addresses>>,
}

impl Pump {
    async fn run(self, output: impl AsyncRead + Unpin) {
        let mut lines = BufReader::new(output).lines();
        while let Ok(Some(line)) = lines.next_line().await {
            if let Some(addresses) = addresses(&line) {
                self.ready.send_replace(Some(addresses));
            }
            // Nobody may be reading the log.
            let _ = self.log.send(format!("[{}] {line}", self.name));
            self.last_line.send_replace(line);
        }
    }
}

/// The addresses in a server's `listening` line.
fn addresses(line: &str) -> Option<Addresses> {
    let (_, fields) = line.split_once(" listening ")?;
    let value = |key: &str| {
        let field = fields
            .split(' ')
            .find_map(|field| field.strip_prefix(key))?;
        field.parse().ok()
    };
    Some(Addresses {
        public: value("public=")?,
        admin: value("admin=")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_addresses_in_a_listening_line() {
        let line = "2026-01-01T00:00:00Z  INFO listening program=\"x\" public=127.0.0.1:1 admin=[::1]:2 tls=false";
        let found = addresses(line).unwrap();
        assert_eq!(found.public, "127.0.0.1:1".parse().unwrap());
        assert_eq!(found.admin, "[::1]:2".parse().unwrap());
        assert!(addresses("2026-01-01T00:00:00Z  INFO stopped").is_none());
    }
}
