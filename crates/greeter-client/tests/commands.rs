//! The help, the completions and the manual pages, and how the program stops.

mod support;

use std::{
    io::Write,
    process::{Command, Stdio},
};

use support::{Signal, client, greeter, send, start};

#[tokio::test]
async fn prints_completions_and_a_manual_page() {
    for shell in ["bash", "zsh", "fish"] {
        let run = client(&["completions", shell]).await;
        assert_eq!(run.code, 0, "{run:?}");
        assert!(run.stdout.contains("insecure-skip-verify"), "{run:?}");
    }
    let run = client(&["man"]).await;
    assert_eq!(run.code, 0, "{run:?}");
    for part in [".TH greeter-client", "cacert", "EXIT STATUS"] {
        assert!(run.stdout.contains(part), "no {part:?} in {run:?}");
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
async fn a_manual_page_has_values_exit_status_and_examples() {
    let page = client(&["man", "health"]).await.stdout;
    assert!(page.contains(".SH EXAMPLES\n.nf\n"), "{page}");
    let page = client(&["man"]).await.stdout;
    assert!(page.contains(r"[\fB\-\-addr\fR\ \fIADDR\fR]"), "{page}");
    let exit_status = page.split(".SH \"EXIT STATUS\"").nth(1).unwrap();
    assert!(
        exit_status.contains("\\fB130\\fR\nstopped by SIGINT"),
        "{page}"
    );
    let environment = page.split(".SH \"ENVIRONMENT\"").nth(1).unwrap();
    for variable in ["HTTPS_PROXY", "NO_PROXY", "SSLKEYLOGFILE"] {
        assert!(environment.contains(variable), "{page}");
    }
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
        let most = if command == &["diagnose"] { 40 } else { 50 };
        let fits = lines.len() <= most || (command.is_empty() && flag == "--help");
        assert!(fits, "{} lines: {help:?}", lines.len());
        let [.., title, one, two] = &lines[..] else {
            panic!("{help:?}");
        };
        assert_eq!(*title, "Examples:");
        for example in [one, two] {
            let start = format!("  greeter-client {}", command.concat());
            assert!(example.starts_with(&start), "{help:?}");
            assert!(example.len() <= 80, "{example:?} wraps");
        }
    }
}

#[tokio::test]
async fn prints_its_version_and_its_exit_codes() {
    let version = client(&["--version"]).await;
    let line = format!("greeter-client {}\n", build_info::VERSION);
    assert_eq!(version.stdout, line);
    let help = client(&["--help"]).await;
    assert!(help.stdout.contains("7  deadline"), "{help:?}");
}

#[tokio::test]
async fn a_closed_standard_output_is_no_error() {
    let addr = greeter(&[]).await;
    let (mut child, lines) = start(&["--addr", &addr, "--repeat", "0"]);
    drop(lines);
    let status = child.wait().await.unwrap();
    assert!(status.success(), "{status}");
}

#[tokio::test]
async fn greets_until_it_is_stopped() {
    let addr = greeter(&[]).await;
    let forever = ["--repeat", "0", "--interval", "1ms", "--addr", &addr];
    let (mut child, mut lines) = start(&forever);
    for _ in 0..20 {
        let line = lines.next_line().await.unwrap().unwrap();
        assert_eq!(line, "Hello world from greeter-under-test");
    }
    send(&child, Signal::SIGTERM);
    while lines.next_line().await.unwrap().is_some() {}
    let status = child.wait().await.unwrap();
    assert!(status.success(), "{status}");
}

#[tokio::test]
async fn a_signal_before_the_last_greeting_exits_with_its_code() {
    for (signal, code) in [(Signal::SIGINT, 130), (Signal::SIGTERM, 143)] {
        let addr = greeter(&[]).await;
        let twice = ["--repeat", "2", "--interval", "1h", "--addr", &addr];
        let (mut child, mut lines) = start(&twice);
        lines.next_line().await.unwrap().unwrap();
        send(&child, signal);
        assert_eq!(child.wait().await.unwrap().code(), Some(code));
    }
}
