//! The real client program, and the real greeter.
#![allow(dead_code, reason = "each test file uses a part of it")]

use std::time::{Duration, Instant};

use clap::Parser;
use service_kit::Listeners;
use testkit::{Pki, Service, localhost};
use tokio::process::Command;

/// How a run of the client ended.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) took: Duration,
}

/// Runs the client program.
pub(crate) async fn client(args: &[&str]) -> Run {
    let started = Instant::now();
    let output = Command::new(env!("CARGO_BIN_EXE_greeter-client"))
        .args(args)
        .kill_on_drop(true)
        .output()
        .await
        .unwrap();
    Run {
        code: output.status.code().unwrap(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
        took: started.elapsed(),
    }
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
