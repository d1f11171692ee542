//! The demo as a user runs it: its output, and that no process is left.

use std::{
    env,
    ffi::OsString,
    fs::{Permissions, set_permissions, write},
    net::TcpListener,
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{ExitStatus, Stdio},
    time::Duration,
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, BufReader, Lines},
    process::{Child, ChildStdout, Command},
    time::timeout,
};

struct Demo {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    directory: TempDir,
}

impl Demo {
    fn start(http_port: u16) -> Self {
        let directory = TempDir::new().unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_local-mesh"))
            .arg("demo")
            .args(["--http-port", &http_port.to_string(), "--https-port", "0"])
            .arg("--directory")
            .arg(directory.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self {
            child,
            lines,
            directory,
        }
    }

    /// Reads lines until one starts with `start`. Returns all of them.
    async fn until(&mut self, start: &str) -> Vec<String> {
        let mut seen = Vec::new();
        while let Some(line) = self.lines.next_line().await.unwrap() {
            let found = line.starts_with(start);
            seen.push(line);
            if found {
                return seen;
            }
        }
        panic!("the demo ended without {start:?}: {seen:?}");
    }

    /// Waits for the end. Returns the exit status and standard error.
    async fn end(mut self) -> (ExitStatus, String) {
        while self.lines.next_line().await.unwrap().is_some() {}
        let mut errors = String::new();
        let stderr = self.child.stderr.as_mut().unwrap();
        stderr.read_to_string(&mut errors).await.unwrap();
        let status = self.child.wait().await.unwrap();
        // The kernel may need a moment to remove killed processes.
        let gone = async {
            while !processes_in(self.directory.path()).is_empty() {
                tokio::task::yield_now().await;
            }
        };
        timeout(Duration::from_secs(5), gone)
            .await
            .expect("processes are left");
        (status, errors)
    }
}

/// The processes with this working directory, which are those of the demo.
fn processes_in(directory: &Path) -> Vec<i32> {
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    processes
        .filter(|process| {
            std::fs::read_link(process.path().join("cwd")).is_ok_and(|cwd| cwd == directory)
        })
        .filter_map(|process| process.file_name().to_str()?.parse().ok())
        .collect()
}

#[tokio::test]
async fn greets_prints_commands_and_ends_with_success() {
    for signal in [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP] {
        let mut demo = Demo::start(0);
        let lines = demo.until("Ctrl-C stops everything").await;
        let greetings = lines
            .iter()
            .filter(|line| line.starts_with("Hello Alice from greeter-"));
        assert_eq!(greetings.count(), 4, "{lines:?}");
        for command in ["  curl ", "greeter-client --tls --cacert"] {
            assert!(
                lines.iter().any(|line| line.contains(command)),
                "no {command:?} in {lines:?}"
            );
        }
        assert_eq!(processes_in(demo.directory.path()).len(), 4);
        kill(
            Pid::from_raw(demo.child.id().unwrap().try_into().unwrap()),
            signal,
        )
        .unwrap();
        let (status, errors) = demo.end().await;
        assert_eq!(status.code(), Some(0), "{errors}");
    }
}

/// The lines of the picture in the README.
fn picture() -> Vec<String> {
    let svg = include_str!("../../../docs/demo.svg").lines();
    let lines = svg.filter_map(|line| line.strip_prefix("<text ")?.strip_suffix("</text>"));
    let lines = lines.map(|line| line.split_once('>').unwrap().1);
    lines
        .map(|line| line.replace("&lt;", "<").replace("&gt;", ">"))
        .map(|line| line.replace("&amp;", "&"))
        .collect()
}

/// A line without its figures: ports, times, dates and replicas.
fn without_figures(line: &str) -> String {
    let digits = |c: char| c.is_ascii_digit();
    let mut parts = line.split(digits).filter(|part| !part.is_empty());
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |line, part| line + "#" + part)
}

#[tokio::test]
async fn prints_what_the_picture_in_the_readme_shows() {
    let mut demo = Demo::start(0);
    let mut lines = demo.until("Ctrl-C stops everything").await;
    let directory = demo.directory.path().to_str().unwrap().to_owned();
    let pid = Pid::from_raw(demo.child.id().unwrap().try_into().unwrap());
    kill(pid, Signal::SIGINT).unwrap();
    let (_, errors) = demo.end().await;
    lines.extend(errors.lines().map(str::to_owned));

    let programs = Path::new(env!("CARGO_BIN_EXE_local-mesh"))
        .parent()
        .unwrap();
    let printed: Vec<_> = lines
        .iter()
        .map(|line| line.replace(&directory, "target/demo"))
        .map(|line| line.replace(programs.to_str().unwrap(), "target/debug"))
        .map(|line| without_figures(&line))
        .collect();
    let picture = picture();
    assert_eq!(picture[0], "$ make demo");
    assert!(picture.len() > 15, "{picture:?}");
    for line in &picture[1..] {
        let shown = without_figures(line);
        let found = match shown.strip_suffix('…') {
            Some(start) => printed.iter().any(|line| line.starts_with(start)),
            None => printed.contains(&shown),
        };
        assert!(
            found,
            "no {line:?} in {lines:#?}; draw it again: .ci/demo-svg"
        );
    }
}

#[tokio::test]
async fn names_a_port_that_is_taken() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let (status, errors) = Demo::start(port).end().await;
    assert_eq!(status.code(), Some(1), "{errors}");
    assert!(
        errors.contains(&format!("port {port} is taken")),
        "{errors}"
    );
    assert_eq!(errors.lines().count(), 1, "{errors}");
}

#[tokio::test]
async fn make_names_a_taken_port_before_it_builds() {
    let bin = TempDir::new().unwrap();
    let cargo = bin.path().join("cargo");
    write(&cargo, "#!/bin/sh\necho cargo has run >&2\nexit 1\n").unwrap();
    set_permissions(&cargo, Permissions::from_mode(0o755)).unwrap();
    let mut path = OsString::from(bin.path());
    path.push(":");
    path.push(env::var_os("PATH").unwrap());

    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let other = 10_000 + port % 10_000;
    // Nothing listens on port 0.
    for (variable, free) in [("HTTP_PORT", "HTTPS_PORT=0"), ("HTTPS_PORT", "HTTP_PORT=0")] {
        let run = Command::new("make")
            .args(["--no-print-directory", "demo"])
            .args([&format!("{variable}={port}"), free])
            .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
            .env("PATH", &path)
            .stdin(Stdio::null())
            .output()
            .await
            .unwrap();
        let errors = String::from_utf8(run.stderr).unwrap();
        assert_eq!(run.status.code(), Some(2), "{errors}");
        assert_eq!(
            errors.lines().next().unwrap(),
            format!(
                "make: port {port} is taken; stop what uses it, or choose another: \
                 make demo {variable}={other}"
            )
        );
        assert!(!errors.contains("cargo has run"), "{errors}");
    }
}

#[tokio::test]
async fn stops_everything_when_a_process_dies() {
    for name in ["hello-server", "greeter-server", "envoy"] {
        let mut demo = Demo::start(0);
        demo.until("Ctrl-C stops everything").await;
        let comm =
            |process: &i32| std::fs::read_to_string(format!("/proc/{process}/comm")).unwrap();
        let mut processes = processes_in(demo.directory.path()).into_iter();
        let victim = processes
            .find(|process| comm(process).starts_with(name))
            .unwrap();
        kill(Pid::from_raw(victim), Signal::SIGKILL).unwrap();
        let (status, errors) = demo.end().await;
        assert_eq!(status.code(), Some(1), "{errors}");
        assert!(errors.contains("signal: 9 (SIGKILL)"), "{errors}");
        let lines = errors.lines().filter(|line| line.starts_with("demo: "));
        assert_eq!(lines.count(), 1, "{errors}");
    }
}

#[tokio::test]
async fn a_second_signal_ends_it_at_once() {
    let mut demo = Demo::start(0);
    demo.until("Ctrl-C stops everything").await;
    let pid = Pid::from_raw(demo.child.id().unwrap().try_into().unwrap());
    kill(pid, Signal::SIGINT).unwrap();
    demo.until("stopping").await;
    kill(pid, Signal::SIGINT).unwrap();
    let (status, errors) = demo.end().await;
    assert_eq!(status.code(), Some(1), "{errors}");
    assert!(errors.contains("without waiting"), "{errors}");
}
