//! A greeter whose CPU time is measured.

use std::{env, fs, path::Path};

use local_mesh::{Process, binary};
use tokio::sync::mpsc;

/// Clock ticks in a second, as Linux shows them to programs.
const TICKS: f64 = 100.0;

/// A running greeter.
pub(crate) struct Server {
    process: Process,
    _log: mpsc::UnboundedReceiver<String>,
    pub(crate) address: String,
}

impl Server {
    /// Starts a greeter with these flags and environment variables.
    pub(crate) async fn start(flags: &[&str], variables: &[(String, String)]) -> Self {
        let program = binary("greeter-server").unwrap();
        let mut args: Vec<_> = variables
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        args.push(program.display().to_string());
        for arg in ["--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"] {
            args.push(arg.to_owned());
        }
        args.extend(flags.iter().map(|it| (*it).to_owned()));
        let (sender, log) = mpsc::unbounded_channel();
        let env = Path::new("/usr/bin/env");
        let process = Process::start("greeter", env, &args, &env::temp_dir(), &sender).unwrap();
        let address = process.listening().await.unwrap().public.to_string();
        Self {
            process,
            _log: log,
            address,
        }
    }

    /// The CPU time of the process, of user and system.
    pub(crate) fn cpu_seconds(&self) -> f64 {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.process.id())).unwrap();
        let (_, fields) = stat.rsplit_once(')').unwrap();
        let fields = fields.split_whitespace().skip(11).take(2);
        fields.map(|it| it.parse::<f64>().unwrap()).sum::<f64>() / TICKS
    }
}
