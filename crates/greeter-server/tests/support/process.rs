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
    log: Option<BufReader<PipeReader>>,
}

impl Process {
    /// Starts one whose standard output and error are the same pipe.
    pub(crate) fn start(flags: &[&str]) -> Self {
        let (reader, writer) = pipe().unwrap();
        let child = Command::new(env!("CARGO_BIN_EXE_greeter-server"))
            .args(["--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"])
            .args(["--drain-delay", "0s", "--log-format", "text"])
            .args(flags)
            .stderr(writer.try_clone().unwrap())
            .stdout(writer)
            .spawn()
            .unwrap();
        let mut log = BufReader::new(reader);
        let mut line = String::new();
        while !line.contains("listening") {
            line.clear();
            assert_ne!(log.read_line(&mut line).unwrap(), 0, "no line `listening`");
        }
        let address = line.split_once("public=").unwrap().1;
        let address = address.split_whitespace().next().unwrap();
        Self {
            child,
            address: address.parse().unwrap(),
            log: Some(log),
        }
    }

    /// Closes the read end of the pipe.
    pub(crate) fn close_log(&mut self) {
        self.log = None;
    }

    /// Kills the process; returns the rest of its log.
    pub(crate) fn rest(mut self) -> String {
        self.child.kill().unwrap();
        let mut rest = String::new();
        let log = self.log.as_mut().expect("an open log");
        log.read_to_string(&mut rest).unwrap();
        rest
    }

    /// Sends SIGTERM; waits for the exit.
    pub(crate) fn stop(mut self) -> ExitStatus {
        let pid = Pid::from_raw(self.child.id().cast_signed());
        kill(pid, Signal::SIGTERM).unwrap();
        self.child.wait().unwrap()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
