//! Invalid command lines: each error says what to do.

mod support;

use support::{client, greeter};
use testkit::{Pki, localhost};

/// Checks that the client refuses these arguments with this message.
async fn refuses(args: &[&str], message: &str) {
    let run = client(args).await;
    assert_eq!(run.code, 2, "{args:?}: {run:?}");
    assert!(run.stderr.contains(message), "no {message:?} in {run:?}");
}

#[tokio::test]
async fn a_subcommand_after_its_options_is_not_a_name() {
    for name in ["health", "load", "diagnose", "completions", "man", "help"] {
        let message = format!("put `{name}` before its options");
        refuses(&["--addr", "localhost:1", name], &message).await;
    }
    let addr = greeter(&[]).await;
    let run = client(&["--addr", &addr, "Health"]).await;
    assert_eq!(run.code, 0, "{run:?}");
}

#[tokio::test]
async fn addresses_are_refused_with_the_reason() {
    for (addr, message) in [
        ("[::1]", "try [::1]:443"),
        ("host:99999", "the port must be from 1 to 65535"),
        ("host:0", "the port must be from 1 to 65535"),
        ("bü cher.example:443", "is not a valid international name"),
        (
            "user:pw@host:443",
            "credentials belong in --header authorization=…",
        ),
    ] {
        refuses(&["--addr", addr], message).await;
    }
}

#[tokio::test]
async fn metadata_is_refused_with_the_reason() {
    for (header, message) in [
        (":authority=h", "use --authority"),
        ("x-bin=!!!", "must be base64"),
        ("a=é", "printable ASCII"),
        (
            "transfer-encoding=chunked",
            "HTTP/2 does not allow the header",
        ),
        ("content-length=3", "HTTP/2 does not allow the header"),
    ] {
        refuses(&["--header", header], message).await;
    }
    let addr = greeter(&[]).await;
    let run = client(&[
        "--addr",
        &addr,
        "--header",
        "a: b",
        "--header",
        "x-bin=AAE=",
    ])
    .await;
    assert_eq!(run.code, 0, "{run:?}");
}

#[tokio::test]
async fn times_must_be_greater_than_zero() {
    for flag in ["--timeout", "--connect-timeout"] {
        for time in ["-1s", "0s"] {
            refuses(&[flag, time], "must be greater than zero").await;
        }
    }
    refuses(&["--interval", "-1s"], "must not be negative").await;
    refuses(&["health", "--timeout", "0s"], "must be greater than zero").await;
    refuses(
        &["diagnose", "--total-timeout", "-1s"],
        "must be greater than zero",
    )
    .await;
    refuses(&["load", "--duration", "0s"], "must be greater than zero").await;
    refuses(&["--repeat", "1.5"], "must be a whole number").await;
}

#[tokio::test]
async fn a_deadline_that_has_passed_is_one() {
    let addr = greeter(&[]).await;
    let run = client(&["--addr", &addr, "--timeout", "1ns"]).await;
    run.fails_with(7, &["DEADLINE_EXCEEDED"]);
    let run = client(&["--addr", &addr, "--connect-timeout", "1ns"]).await;
    assert!([3, 4].contains(&run.code), "{run:?}");
}

#[tokio::test]
async fn options_of_tls_require_it() {
    refuses(&["--server-name", "a"], "--server-name requires --tls").await;
    refuses(&["--insecure-skip-verify"], "requires --tls").await;
}

#[tokio::test]
async fn a_key_of_another_certificate_is_refused() {
    let pki = Pki::new();
    let (cert, _) = pki.issue("one", &localhost());
    let (_, key) = pki.issue("other", &localhost());
    let args = ["--tls", "--cert", &cert, "--key", &key];
    refuses(&args, "the key does not belong to the certificate").await;
}

#[tokio::test]
async fn the_help_explains_options_by_their_effect() {
    let help = client(&["--help"]).await.stdout;
    let text = "Accept any certificate: encrypted, but the server is not verified";
    assert!(help.contains(text), "{help}");
    let help = client(&["load", "--help"]).await.stdout;
    let text = "Calls per second, regardless of response time";
    assert!(help.contains(text), "{help}");
}
