//! The real client program, and the real greeter.
#![allow(dead_code, reason = "each test file uses a part of it")]

use std::{
    process::Stdio,
    time::{Duration, Instant},
};

use clap::Parser;
use nix::{sys::signal, unistd::Pid};
use serde_json::Value;
use service_kit::Listeners;
use testkit::{PROXY_VARIABLES, Pki, Service, any_port, localhost};
use tokio::{
    io::{AsyncBufReadExt, BufReader, Lines},
    net::TcpListener,
    process::{Child, ChildStdout, Command},
};

pub(crate) use nix::sys::signal::Signal;

/// How a run of the client ended.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) took: Duration,
}

/// The client program with these arguments, inside the command `wrapper`. It uses
/// no proxy and no key log, unless the wrapper or the caller sets one.
pub(crate) fn command(wrapper: &[&str], args: &[&str]) -> Command {
    let mut words = wrapper.iter().copied();
    let program = env!("CARGO_BIN_EXE_greeter-client");
    let mut command = match words.next() {
        None => Command::new(program),
        Some(outer) => {
            let mut command = Command::new(outer);
            command.args(words).arg(program);
            command
        }
    };
    for variable in PROXY_VARIABLES {
        command.env_remove(variable);
    }
    command.env_remove("SSLKEYLOGFILE");
    command.args(args).kill_on_drop(true);
    command
}

/// Runs a command to its end.
pub(crate) async fn run(mut command: Command) -> Run {
    let started = Instant::now();
    let output = command.output().await.unwrap();
    Run {
        code: output.status.code().unwrap(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
        took: started.elapsed(),
    }
}

/// Runs the client program.
pub(crate) async fn client(args: &[&str]) -> Run {
    run(command(&[], args)).await
}

/// Starts the client program, and returns the lines of its output.
pub(crate) fn start(args: &[&str]) -> (Child, Lines<BufReader<ChildStdout>>) {
    let mut child = command(&[], args)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let stdout = child.stdout.take().unwrap();
    (child, BufReader::new(stdout).lines())
}

/// Sends a signal to a running program.
pub(crate) fn send(child: &Child, signal: Signal) {
    let pid = Pid::from_raw(child.id().unwrap().try_into().unwrap());
    signal::kill(pid, signal).unwrap();
}

/// Runs `greeter-client load`.
pub(crate) async fn load(addr: &str, args: &[&str]) -> Run {
    client(&[&["load", "--addr", addr], args].concat()).await
}

/// Runs `greeter-client load --output json`.
pub(crate) async fn load_json(addr: &str, args: &[&str]) -> Value {
    let run = load(addr, &[args, &["--output", "json"]].concat()).await;
    serde_json::from_str(&run.stdout).unwrap_or_else(|_| panic!("{run:?}"))
}

/// An address with a port that was just free.
pub(crate) async fn closed_port() -> String {
    let listener = TcpListener::bind(any_port()).await.unwrap();
    listener.local_addr().unwrap().to_string()
}

impl Run {
    /// Checks that it failed within a second, in one line with all of these parts.
    #[track_caller]
    pub(crate) fn fails_with(&self, code: i32, parts: &[&str]) {
        assert_eq!(self.code, code, "{self:?}");
        assert_eq!(self.stderr.lines().count(), 1, "{self:?}");
        assert_eq!(self.stdout, "", "{self:?}");
        for part in parts {
            assert!(self.stderr.contains(part), "no {part:?} in {self:?}");
        }
        assert!(self.took < Duration::from_secs(1), "{self:?}");
    }
}

/// The real greeter on a port of its own, with these flags.
pub(crate) async fn greeter(flags: &[&str]) -> String {
    let args = ["greeter-server", "--hostname", "greeter-under-test"];
    let config = greeter_server::Config::parse_from(args.iter().chain(flags));
    let run = |public, admin, shutdown| {
        greeter_server::run(Listeners { public, admin }, config, shutdown)
    };
    Service::start(run).await.keep()
}

/// A greeter with a certificate for `localhost` of this CA.
pub(crate) async fn tls_greeter(pki: &Pki, flags: &[&str]) -> String {
    let (cert, key) = pki.issue("greeter", &localhost());
    let tls = ["--tls-cert", cert.as_str(), "--tls-key", key.as_str()];
    greeter(&[&tls[..], flags].concat()).await
}
