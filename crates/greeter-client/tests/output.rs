//! Output that is closed, or that cannot be written.

mod support;

use std::{fs::File, io::pipe, process::Stdio};

use support::{Run, client, closed_port, command, greeter, run};
use tempfile::tempdir;
use testkit::{servers::silent, soon};

/// How the client ends if it writes to this.
async fn with_stdout(stdout: impl Into<Stdio>, args: &[&str]) -> Run {
    let mut command = command(&[], args);
    command.stdout(stdout).stderr(Stdio::piped());
    let child = command.spawn().unwrap();
    let output = soon(child.wait_with_output()).await.unwrap();
    Run {
        code: output.status.code().unwrap_or(-1),
        stdout: String::new(),
        stderr: String::from_utf8(output.stderr).unwrap(),
        took: std::time::Duration::ZERO,
    }
}

/// A device that is always full.
fn full() -> File {
    File::options().write(true).open("/dev/full").unwrap()
}

/// A pipe without a reader.
fn closed() -> Stdio {
    pipe().unwrap().1.into()
}

/// Every way to print on standard output.
fn commands(addr: &str) -> Vec<Vec<String>> {
    let lines = [
        "--addr ADDR",
        "--addr ADDR --output json",
        "--addr ADDR --repeat 0",
        "--addr ADDR --stream bidi --repeat 0",
        "health --addr ADDR",
        "health --addr ADDR --output json",
        "health --addr ADDR --watch",
        "load --addr ADDR --duration 100ms",
        "load --addr ADDR --duration 100ms --output json",
        "diagnose --addr ADDR",
        "diagnose --addr ADDR --output json",
        "completions bash",
        "completions fish",
        "man",
        "man load",
        "--help",
        "load --help",
        "--version",
    ];
    let words = |line: &str| {
        line.split(' ')
            .map(|word| word.replace("ADDR", addr))
            .collect()
    };
    lines.iter().map(|line| words(line)).collect()
}

#[tokio::test]
async fn output_that_cannot_be_written_exits_11() {
    let addr = greeter(&[]).await;
    for args in commands(&addr) {
        let args: Vec<_> = args.iter().map(String::as_str).collect();
        let run = with_stdout(full(), &args).await;
        assert_eq!(run.code, 11, "{args:?}: {run:?}");
        assert_eq!(run.stderr.lines().count(), 1, "{args:?}: {run:?}");
        let message = "cannot write to standard output: No space left on device";
        assert!(run.stderr.contains(message), "{args:?}: {run:?}");
    }
}

#[tokio::test]
async fn a_closed_pipe_is_success() {
    let addr = greeter(&[]).await;
    for args in commands(&addr) {
        let args: Vec<_> = args.iter().map(String::as_str).collect();
        let run = with_stdout(closed(), &args).await;
        assert_eq!((run.code, &*run.stderr), (0, ""), "{args:?}");
    }
}

#[tokio::test]
async fn incomplete_output_takes_precedence_over_a_failure() {
    let addr = closed_port().await;
    let run = with_stdout(full(), &["--addr", &addr, "--output", "json"]).await;
    assert_eq!(run.code, 11, "{run:?}");
    let run = with_stdout(closed(), &["--addr", &addr, "--output", "json"]).await;
    assert_eq!(run.code, 4, "{run:?}");
}

#[tokio::test]
async fn a_file_that_cannot_be_written_exits_11() {
    let addr = greeter(&[]).await;
    let load = ["load", "--addr", &addr, "--duration", "100ms"];
    let run = client(&[&load[..], &["--html", "/dev/full"]].concat()).await;
    assert_eq!(run.code, 11, "{run:?}");
    assert!(run.stderr.contains("cannot write /dev/full"), "{run:?}");
    let directory = tempdir().unwrap();
    let file = directory.path().join("file");
    File::create(&file).unwrap();
    let run = client(&["man", "--dir", file.to_str().unwrap()]).await;
    assert_eq!(run.code, 11, "{run:?}");
    assert!(run.stderr.contains("name another directory"), "{run:?}");
}

#[tokio::test]
async fn a_closed_or_full_standard_error_changes_nothing() {
    let (addr, silent) = (greeter(&[]).await, silent().await);
    let refused = closed_port().await;
    for (code, args) in [
        (0, &["-v", "--addr", &addr][..]),
        (0, &["load", "--addr", &addr, "--duration", "100ms"]),
        (2, &["--no-such-option"]),
        (2, &["--addr", "no-port"]),
        (4, &["--addr", &refused]),
        (4, &["health", "--addr", &refused]),
        (4, &["load", "--addr", &refused]),
        (6, &["-v", "--connect-timeout", "300ms", "--addr", &silent]),
        (
            10,
            &[
                "load",
                "--addr",
                &addr,
                "--duration",
                "100ms",
                "--fail-if",
                "p99>1ns",
            ],
        ),
    ] {
        for stderr in [closed(), full().into()] {
            let mut command = command(&[], args);
            command.stdout(Stdio::null()).stderr(stderr);
            let status = soon(command.spawn().unwrap().wait()).await.unwrap();
            assert_eq!(status.code(), Some(code), "{args:?}");
        }
    }
    // The shell closes the descriptor itself.
    let shell = ["sh", "-c", r#"exec "$@" 2>&-"#, "sh"];
    let run = run(command(&shell, &["--addr", &refused])).await;
    assert_eq!(run.code, 4, "{run:?}");
}
