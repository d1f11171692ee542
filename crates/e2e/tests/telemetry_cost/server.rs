//! A greeter whose CPU time is measured.

use std::{fs, sync::Arc};

use local_mesh::{Process, binary};
use tokio::process::Command;

/// Clock ticks in a second, as Linux shows them to programs.
const TICKS: f64 = 100.0;

/// A running greeter.
pub(crate) struct Server {
    process: Process,
    pub(crate) address: String,
}

impl Server {
    /// Starts a greeter with these flags and environment variables.
    pub(crate) async fn start(flags: &[&str], variables: &[(String, String)]) -> Self {
        let mut command = Command::new(binary("greeter-server").unwrap());
        command
            .args(["--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"])
            .args(flags)
            .envs(variables.iter().cloned());
        let process = Process::spawn("greeter", command, Arc::new(|_| {})).unwrap();
        let address = process.listening().await.unwrap().public.to_string();
        Self { process, address }
    }

    /// The CPU time of the process, of user and system.
    pub(crate) fn cpu_seconds(&self) -> f64 {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.process.id())).unwrap();
        let (_, fields) = stat.rsplit_once(')').unwrap();
        let fields = fields.split_whitespace().skip(11).take(2);
        fields.map(|it| it.parse::<f64>().unwrap()).sum::<f64>() / TICKS
    }
}
