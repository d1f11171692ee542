//! A greeter in a process of its own.

use std::{
    io::{BufRead, BufReader, PipeReader, Read, pipe},
    net::SocketAddr,
    process::{Child, Command, ExitStatus},
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};

/// A greeter in a process of its own, which is killed on drop.
pub(crate) struct Process {
    pub(crate) child: Child,
    pub(crate) address: SocketAddr,
    pub(crate) admin: SocketAddr,
    log: Option<BufReader<PipeReader>>,
}

impl Process {
    /// Starts one whose standard output and error are the same pipe.
    pub(crate) fn start(flags: &[&str]) -> Self {
        Self::start_with(flags, &[])
    }

    /// The same, with these environment variables.
    pub(crate) fn start_with(flags: &[&str], variables: &[(&str, &str)]) -> Self {
        let (reader, writer) = pipe().unwrap();
        let child = Command::new(env!("CARGO_BIN_EXE_greeter-server"))
            .args(["--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"])
            .args(["--drain-delay", "0s"])
            .args(flags)
            .env_remove("RUST_LOG")
            .envs(variables.iter().copied())
            .stderr(writer.try_clone().unwrap())
            .stdout(writer)
            .spawn()
            .unwrap();
        let mut process = Self {
            child,
            address: SocketAddr::from(([0; 4], 0)),
            admin: SocketAddr::from(([0; 4], 0)),
            log: Some(BufReader::new(reader)),
        };
        let line = process.line("listening");
        process.address = address(&line, "public");
        process.admin = address(&line, "admin");
        process
    }

    /// Reads the log up to a line with this text; returns the line.
    pub(crate) fn line(&mut self, text: &str) -> String {
        let log = self.log.as_mut().expect("an open log");
        let mut line = String::new();
        while !line.contains(text) {
            line.clear();
            assert_ne!(log.read_line(&mut line).unwrap(), 0, "no line `{text}`");
        }
        line
    }

    /// The URL of a path of the admin listener.
    pub(crate) fn admin_url(&self, path: &str) -> String {
        format!("http://{}{path}", self.admin)
    }

    /// Closes the read end of the pipe.
    pub(crate) fn close_log(&mut self) {
        self.log = None;
    }

    /// Kills the process; returns the rest of its log.
    pub(crate) fn rest(mut self) -> String {
        self.child.kill().unwrap();
        self.read_rest()
    }

    /// Stops the process; returns the rest of its log.
    pub(crate) fn finish(mut self) -> String {
        self.terminate();
        self.read_rest()
    }

    /// Sends SIGTERM; waits for the exit.
    pub(crate) fn stop(mut self) -> ExitStatus {
        self.terminate();
        self.child.wait().unwrap()
    }

    fn terminate(&self) {
        let pid = Pid::from_raw(self.child.id().cast_signed());
        kill(pid, Signal::SIGTERM).unwrap();
    }

    fn read_rest(&mut self) -> String {
        let mut rest = String::new();
        let log = self.log.as_mut().expect("an open log");
        log.read_to_string(&mut rest).unwrap();
        rest
    }
}

/// The address of a field of the line `listening`, as JSON or text.
fn address(line: &str, field: &str) -> SocketAddr {
    let (_, rest) = line.split_once(field).unwrap();
    let rest = rest.trim_start_matches(['"', ':', '=']);
    let end = rest.find(['"', ' ', '\n']).unwrap();
    rest[..end].parse().unwrap()
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
