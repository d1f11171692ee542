//! The documents that come from the command line's definition, and its manners.

mod support;

use std::{
    io::Write,
    process::{Command, Stdio},
};

use support::{client, greeter};

#[tokio::test]
async fn prints_completions_and_a_manual_page() {
    for shell in ["bash", "zsh", "fish"] {
        let run = client(&["completions", shell]).await;
        assert_eq!(run.code, 0, "{run:?}");
        assert!(run.stdout.contains("insecure-skip-verify"), "{run:?}");
    }
    let run = client(&["man"]).await;
    assert_eq!(run.code, 0, "{run:?}");
    for words in [".TH greeter-client", "cacert", "EXIT STATUS"] {
        assert!(run.stdout.contains(words), "no {words:?} in {run:?}");
    }
}

#[tokio::test]
async fn fish_completes_the_values_of_options() {
    let script = client(&["completions", "fish"]).await.stdout;
    assert!(script.contains("or argparse"), "{script}");
    // The real fish, where there is one.
    let complete = "source; complete -C 'greeter-client --stream '; complete -C 'greeter-client '";
    let Ok(mut fish) = Command::new("fish")
        .args(["-c", complete])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
    else {
        return;
    };
    fish.stdin
        .take()
        .unwrap()
        .write_all(script.as_bytes())
        .unwrap();
    let output = fish.wait_with_output().unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    assert!(
        printed.contains("server\tOne name, several replies"),
        "{printed}"
    );
    assert!(printed.contains("diagnose\t"), "{printed}");
}

#[tokio::test]
async fn a_manual_page_has_values_and_the_exit_status() {
    let page = client(&["man"]).await.stdout;
    assert!(page.contains(r"[\fB\-\-addr\fR\ \fIADDR\fR]"), "{page}");
    let exit_status = page.split(".SH \"EXIT STATUS\"").nth(1).unwrap();
    assert!(
        exit_status.contains("\\fB130\\fR\nstopped by SIGINT"),
        "{page}"
    );
}

#[tokio::test]
async fn has_a_manual_page_of_each_subcommand() {
    let run = client(&["man", "load"]).await;
    assert!(run.stdout.contains(".TH greeter-client-load"), "{run:?}");
    assert!(run.stdout.contains("fail\\-if"), "{run:?}");
    let run = client(&["man", "nonsense"]).await;
    assert_eq!(run.code, 2, "{run:?}");

    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("man");
    let run = client(&["man", "--dir", path.to_str().unwrap()]).await;
    assert_eq!(run.code, 0, "{run:?}");
    for page in ["", "-health", "-load", "-man", "-completions"] {
        assert!(path.join(format!("greeter-client{page}.1")).is_file());
    }
}

#[tokio::test]
async fn help_fits_a_screen_and_ends_with_two_examples() {
    let commands = [&[][..], &["health"], &["load"], &["diagnose"]];
    for (command, flag) in commands.iter().flat_map(|it| [(it, "-h"), (it, "--help")]) {
        let help = client(&[command, &[flag][..]].concat()).await;
        let lines: Vec<_> = help.stdout.trim_end().lines().collect();
        // The long help of a greeting explains each value, too.
        let fits = lines.len() <= 50 || (command.is_empty() && flag == "--help");
        assert!(fits, "{} lines: {help:?}", lines.len());
        let [.., title, one, two] = &lines[..] else {
            panic!("{help:?}");
        };
        assert_eq!(*title, "Examples:");
        for example in [one, two] {
            let start = format!("  greeter-client {}", command.concat());
            assert!(example.starts_with(&start), "{help:?}");
        }
    }
}

#[tokio::test]
async fn tells_its_version_and_its_exit_codes() {
    let version = client(&["--version"]).await;
    let line = format!("greeter-client {}\n", build_info::VERSION);
    assert_eq!(version.stdout, line);
    let help = client(&["--help"]).await;
    assert!(help.stdout.contains("7  deadline"), "{help:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn ends_well_when_its_reader_has_seen_enough() {
    let addr = greeter(&[]).await;
    let mut child = Command::new(env!("CARGO_BIN_EXE_greeter-client"))
        .args(["--addr", &addr, "--repeat", "0"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let status = tokio::task::spawn_blocking(move || child.wait().unwrap())
        .await
        .unwrap();
    assert!(status.success(), "{status}");
}

#[tokio::test(flavor = "multi_thread")]
async fn greets_without_end_until_it_is_stopped() {
    use std::io::{BufRead, BufReader};

    let addr = greeter(&[]).await;
    let mut child = Command::new(env!("CARGO_BIN_EXE_greeter-client"))
        .args(["--addr", &addr, "--repeat", "0", "--interval", "1ms"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let output = BufReader::new(child.stdout.take().unwrap());
    let status = tokio::task::spawn_blocking(move || {
        let mut lines = output.lines();
        for _ in 0..20 {
            assert_eq!(
                lines.next().unwrap().unwrap(),
                "Hello world from greeter-under-test"
            );
        }
        let pid = nix::unistd::Pid::from_raw(child.id().try_into().unwrap());
        nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGTERM).unwrap();
        lines.for_each(drop);
        child.wait().unwrap()
    })
    .await
    .unwrap();
    assert!(status.success(), "{status}");
}

#[tokio::test(flavor = "multi_thread")]
async fn says_by_its_exit_code_that_it_was_stopped_early() {
    use std::io::{BufRead, BufReader};

    let addr = greeter(&[]).await;
    let mut child = Command::new(env!("CARGO_BIN_EXE_greeter-client"))
        .args(["--addr", &addr, "--repeat", "2", "--interval", "1h"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let output = BufReader::new(child.stdout.take().unwrap());
    let status = tokio::task::spawn_blocking(move || {
        output.lines().next().unwrap().unwrap();
        let pid = nix::unistd::Pid::from_raw(child.id().try_into().unwrap());
        nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGTERM).unwrap();
        child.wait().unwrap()
    });
    assert_eq!(status.await.unwrap().code(), Some(143));
}
