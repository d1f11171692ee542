//! A server under attack: a process in a memory cgroup of its own.

use std::{env, fs, net::SocketAddr, path::Path, time::Duration};

use local_mesh::{Process, binary};
use tokio::sync::mpsc;

use crate::cgroup::Cgroup;

/// The memory limit of the manifests, in bytes.
pub(crate) const LIMIT: u64 = 64 << 20;

const FREE_PORT: &str = "127.0.0.1:0";

const STOP_TIMEOUT: Duration = Duration::from_secs(5);

/// Enters the cgroup whose file is the first argument, and becomes the program of
/// the second.
const ENTER: &str = r#"echo $$ >"$0" && exec "$@""#;

/// A server under attack.
pub(crate) struct Victim {
    process: Process,
    cgroup: Option<Cgroup>,
    log: mpsc::UnboundedReceiver<String>,
    pub(crate) address: SocketAddr,
}

/// Memory, in bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Memory {
    pub(crate) now: u64,
    pub(crate) peak: u64,
}

impl Victim {
    /// Starts a server on free ports, and waits until it listens.
    pub(crate) async fn start(number: usize, program: &str, more: &[String]) -> Self {
        let name = format!("attacked-{}-{number}", std::process::id());
        let cgroup = Cgroup::create(&name, LIMIT).ok();
        let server = binary(program).unwrap();
        let mut command = Vec::new();
        if let Some(cgroup) = &cgroup {
            let enter = ["/bin/sh", "-c", ENTER, &cgroup.processes()];
            command.extend(enter.map(str::to_owned));
        }
        command.push(server.display().to_string());
        let args = ["--listen", FREE_PORT, "--admin", FREE_PORT];
        command.extend(args.map(str::to_owned));
        command.extend_from_slice(more);

        let (sender, log) = mpsc::unbounded_channel();
        let (program, args) = command.split_first().unwrap();
        let process = Process::start(&name, Path::new(program), args, &env::temp_dir(), &sender);
        let process = process.unwrap();
        let address = process.listening().await.unwrap().public;
        Self {
            process,
            cgroup,
            log,
            address,
        }
    }

    /// Whether the cgroup limits its memory.
    pub(crate) fn is_limited(&self) -> bool {
        self.cgroup.is_some()
    }

    /// Whether it has ended, most likely because it reached the limit.
    pub(crate) fn has_ended(&self) -> bool {
        self.process.has_ended()
    }

    /// The memory of the cgroup: the process and the kernel's part. Without a
    /// cgroup, the memory of the process.
    pub(crate) fn memory(&self) -> Memory {
        match &self.cgroup {
            Some(cgroup) => Memory {
                now: cgroup.usage(),
                peak: cgroup.peak(),
            },
            None => Memory {
                now: self.status("VmRSS:"),
                peak: self.status("VmHWM:"),
            },
        }
    }

    /// A field of the process's status, in bytes; 0 if it has ended.
    fn status(&self, field: &str) -> u64 {
        let file = format!("/proc/{}/status", self.process.id());
        let status = fs::read_to_string(file).unwrap_or_default();
        let value = status.lines().find_map(|line| line.strip_prefix(field));
        let kilobytes = value.and_then(|value| value.split_whitespace().next());
        kilobytes.map_or(0, |number| number.parse::<u64>().unwrap() * 1024)
    }

    /// The bytes that it has logged since the last call.
    pub(crate) fn logged(&mut self) -> usize {
        let mut bytes = 0;
        while let Ok(line) = self.log.try_recv() {
            bytes += line.len();
        }
        bytes
    }

    /// Ends the process; drops the cgroup after it.
    pub(crate) async fn stop(self) {
        // It may have to be killed.
        let _ = self.process.stop(STOP_TIMEOUT).await;
    }
}
