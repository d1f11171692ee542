//! Names with several addresses, in a mount namespace with a hosts file of its own.

mod support;

use std::{fs, time::Duration};

use pki::Leaf;
use support::{Run, command, greeter, run};
use tempfile::tempdir;
use testkit::{
    Pki,
    servers::{FullBacklog, full_backlog},
    with_hosts,
};
use tokio::{io::copy_bidirectional, net::TcpListener, net::TcpStream};

/// Runs the client where `greeter.test` has these addresses.
async fn with_addresses(addresses: &[&str], args: &[&str]) -> Run {
    let lines = addresses.iter().map(|it| format!("{it} greeter.test\n"));
    resolving(&lines.collect::<String>(), args).await
}

/// Runs the client with this hosts file.
async fn resolving(text: &str, args: &[&str]) -> Run {
    let directory = tempdir().unwrap();
    let hosts = directory.path().join("hosts");
    fs::write(&hosts, text).unwrap();
    let hosts = hosts.to_str().unwrap();
    run(command(&with_hosts(hosts), args)).await
}

/// The port of a server that does not respond on 127.0.0.1, and is a greeter on
/// 127.0.0.2.
async fn half_silent() -> (FullBacklog, u16) {
    let (silent, address) = full_backlog().await;
    let listener = TcpListener::bind(("127.0.0.2", address.port())).await;
    let (listener, greeter) = (listener.unwrap(), greeter(&[]).await);
    tokio::spawn(async move {
        while let Ok((mut inbound, _)) = listener.accept().await {
            let mut outbound = TcpStream::connect(&greeter).await.unwrap();
            tokio::spawn(async move { copy_bidirectional(&mut inbound, &mut outbound).await });
        }
    });
    (silent, address.port())
}

#[tokio::test]
async fn a_silent_address_does_not_delay_a_greeting() {
    let (_silent, port) = half_silent().await;
    let addr = format!("greeter.test:{port}");
    let addresses = ["127.0.0.1", "127.0.0.2"];
    let run = with_addresses(&addresses, &["-v", "--addr", &addr]).await;
    assert_eq!(run.code, 0, "{run:?}");
    let lines: Vec<_> = run.stderr.lines().collect();
    let [resolved, silent, accepted, connected, ..] = &lines[..] else {
        panic!("{run:?}");
    };
    assert!(resolved.contains(&format!("127.0.0.1:{port}, 127.0.0.2:{port}")));
    let tried = |address| format!("*   tried {address}:{port}: ");
    assert!(silent.starts_with(&(tried("127.0.0.1") + "no response after 2")));
    assert!(accepted.starts_with(&(tried("127.0.0.2") + "connected after ")));
    assert!(connected.starts_with(&format!("* connected to 127.0.0.2:{port} in 2")));
    assert!(run.took < Duration::from_secs(1), "{run:?}");
}

#[tokio::test]
async fn a_greeting_as_json_has_every_attempt() {
    let (_silent, port) = half_silent().await;
    let addr = format!("greeter.test:{port}");
    let json = ["--output", "json", "--addr", &addr];
    let run = with_addresses(&["127.0.0.1", "127.0.0.2"], &json).await;
    let line: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    let attempts = &line["connection"]["attempts"];
    assert_eq!(attempts[0]["error"], "no response", "{line:#}");
    assert_eq!(attempts[1]["error"], serde_json::Value::Null, "{line:#}");
    let took = line["timings_ms"]["connect"].as_f64().unwrap();
    assert!((250.0..400.0).contains(&took), "{line:#}");
}

#[tokio::test]
async fn a_diagnosis_shows_every_attempt() {
    let (_silent, port) = half_silent().await;
    let addr = format!("greeter.test:{port}");
    let diagnose = ["diagnose", "--addr", &addr];
    let run = with_addresses(&["127.0.0.1", "127.0.0.2"], &diagnose).await;
    assert_eq!(run.code, 0, "{run:?}");
    let tried = |address, result| format!("tried {address}:{port}: {result} after ");
    for part in [
        tried("127.0.0.1", "no response"),
        tried("127.0.0.2", "connected"),
    ] {
        assert!(run.stdout.contains(&part), "no {part:?} in {run:?}");
    }
}

#[tokio::test]
async fn a_diagnosis_shows_why_each_address_fails() {
    let (silent, address) = full_backlog().await;
    let addr = format!("greeter.test:{}", address.port());
    let diagnose = ["diagnose", "--connect-timeout", "1s", "--addr", &addr];
    let run = with_addresses(&["127.0.0.1", "127.0.0.3"], &diagnose).await;
    drop(silent);
    assert_eq!(run.code, 4, "{run:?}");
    assert!(run.stdout.contains("no response after "), "{run:?}");
    assert!(run.stdout.contains("connection refused after "), "{run:?}");
    let port = address.port();
    let cause = format!("cause: no response from 127.0.0.1:{port}: connecting timed out\n");
    assert!(run.stdout.contains(&cause), "no {cause:?} in {run:?}");
}

#[tokio::test]
async fn greets_a_name_with_letters_outside_ascii() {
    const BOOKS: &str = "xn--bcher-kva.example";
    let pki = Pki::new();
    let (cert, key) = pki.issue("books", &Leaf::new([BOOKS]));
    let local = greeter(&["--tls-cert", &cert, "--tls-key", &key]).await;
    let addr = local.replace("localhost", "bücher.example");
    let hosts = format!("127.0.0.1 {BOOKS}\n");
    let args = ["--tls", "--cacert", &pki.ca(), "--addr", &addr, "-v"];
    let run = resolving(&hosts, &args).await;
    assert_eq!(run.code, 0, "{run:?}");
    assert!(
        run.stderr.contains(&format!("verified as {BOOKS}")),
        "{run:?}"
    );
}
