//! Greetings through an HTTP proxy.

mod support;

use support::{Run, closed_port, command, greeter, run, tls_greeter};
use testkit::{
    Pki,
    proxy::tunnelling,
    servers::{closing, saying, silent},
};

const GREETING: &str = "Hello world from greeter-under-test\n";

/// A name that only a proxy resolves.
const SERVER: &str = "greeter.invalid:443";

/// Runs the client with these variables in its environment.
async fn with(variables: &[(&str, &str)], args: &[&str]) -> Run {
    let mut command = command(&[], args);
    command.envs(variables.iter().copied());
    run(command).await
}

#[tokio::test]
async fn greets_in_plaintext_through_a_proxy_that_resolves_the_name() {
    let (proxy, mut heads) = tunnelling(&greeter(&[]).await).await;
    let url = format!("http://user:p%40ss@{proxy}");
    let args = ["-v", "--addr", SERVER];
    let run = with(&[("HTTPS_PROXY", &url)], &args).await;
    assert_eq!((run.code, run.stdout.as_str()), (0, GREETING), "{run:?}");
    let line = format!("* using the proxy {proxy}, which resolves the name\n");
    assert!(run.stderr.contains(&line), "{run:?}");
    assert!(!run.stderr.contains("p%40ss"), "{run:?}");
    let head = heads.recv().await.unwrap();
    let start = "CONNECT greeter.invalid:443 HTTP/1.1\r\n";
    assert!(head.starts_with(start), "{head}");
    // user:p@ss in Base64.
    let credentials = "proxy-authorization: Basic dXNlcjpwQHNz\r\n";
    assert!(head.contains(credentials), "{head}");
}

#[tokio::test]
async fn greets_over_verified_tls_through_a_proxy() {
    let pki = Pki::new();
    let (proxy, _heads) = tunnelling(&tls_greeter(&pki, &[]).await).await;
    let ca = pki.ca();
    let tls = ["--tls", "--cacert", &ca, "--server-name", "localhost"];
    let args = [&tls[..], &["--addr", SERVER]].concat();
    let run = with(&[("all_proxy", &proxy)], &args).await;
    assert_eq!((run.code, run.stdout.as_str()), (0, GREETING), "{run:?}");
}

#[tokio::test]
async fn every_subcommand_uses_the_proxy() {
    let (proxy, mut heads) = tunnelling(&greeter(&[]).await).await;
    for args in [
        &["health"][..],
        &["load", "--duration", "100ms"],
        &["diagnose"],
        &["--output", "json"],
    ] {
        let args = [args, &["--addr", SERVER]].concat();
        let run = with(&[("https_proxy", &proxy)], &args).await;
        assert_eq!(run.code, 0, "{args:?}: {run:?}");
        let mut received = vec![heads.recv().await.unwrap()];
        while let Ok(head) = heads.try_recv() {
            received.push(head);
        }
        let opens = |head: &String| head.starts_with("CONNECT greeter.invalid:443 ");
        assert!(received.iter().all(opens), "{args:?}: {received:#?}");
        let by_proxy = match args[0] {
            "diagnose" => format!("the proxy {proxy} opens a tunnel to {SERVER}"),
            "--output" => r#""addresses":[],"attempts":[{"address":"127.0.0.1"#.to_owned(),
            _ => continue,
        };
        assert!(run.stdout.contains(&by_proxy), "no {by_proxy:?} in {run:?}");
    }
}

#[tokio::test]
async fn probes_go_through_the_tunnel() {
    let pki = Pki::new();
    let (proxy, _heads) = tunnelling(&tls_greeter(&pki, &[]).await).await;
    let run = with(&[("HTTPS_PROXY", &proxy)], &["--addr", SERVER]).await;
    run.fails_with(6, &["the port speaks TLS, not plaintext; add --tls"]);
}

#[tokio::test]
async fn exempt_hosts_are_dialled_directly() {
    let (addr, refused) = (greeter(&[]).await, closed_port().await);
    let run = with(&[("HTTPS_PROXY", &refused)], &["--addr", &addr]).await;
    assert_eq!(run.code, 0, "{run:?}");
    let exempt = [("HTTPS_PROXY", &*refused), ("NO_PROXY", ".invalid")];
    let run = with(&exempt, &["--addr", SERVER]).await;
    run.fails_with(3, &["cannot resolve greeter.invalid"]);
}

#[tokio::test]
async fn a_proxy_that_opens_no_tunnel_exits_4_with_what_to_do() {
    let head = |status| format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n");
    let (unauthenticated, forbidden) = (head("407 A"), head("403 Forbidden"));
    let refused = closed_port().await;
    let unauthenticated = saying(unauthenticated.leak()).await;
    let with_password = format!("http://u:p@{unauthenticated}");
    let (upstream, _heads) = tunnelling(&refused).await;
    for (proxy, parts) in [
        (
            &refused,
            ["cannot reach the proxy", "check the proxy in HTTPS_PROXY"],
        ),
        (
            &unauthenticated,
            ["requires credentials", "http://user:password@proxy"],
        ),
        (
            &with_password,
            ["rejects the credentials", "http://user:password@proxy"],
        ),
        (
            &saying(forbidden.leak()).await,
            [
                "refuses to connect to greeter.invalid:443",
                "allow this host",
            ],
        ),
        (
            &upstream,
            [
                "cannot connect to greeter.invalid:443 (502",
                "the proxy can reach it",
            ],
        ),
        (
            &closing().await,
            [
                "is not an HTTP proxy that supports CONNECT",
                "name an HTTP proxy",
            ],
        ),
        (
            &silent().await,
            [
                "accepts the connection but does not respond",
                "name an HTTP proxy",
            ],
        ),
    ] {
        let args = ["--connect-timeout", "500ms", "--addr", SERVER];
        let run = with(&[("HTTPS_PROXY", proxy)], &args).await;
        run.fails_with(4, &parts);
    }
}

#[tokio::test]
async fn the_url_of_another_kind_of_proxy_is_refused() {
    let socks = [("ALL_PROXY", "socks5://u:secret@proxy:1080")];
    let run = with(&socks, &["--addr", SERVER]).await;
    run.fails_with(
        2,
        &["ALL_PROXY is not the URL of an HTTP proxy", "write it as"],
    );
    assert!(!run.stderr.contains("secret"), "{run:?}");
}
