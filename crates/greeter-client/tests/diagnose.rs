//! The output and the command line of `greeter-client diagnose`. `e2e` tests its
//! verdicts against real failures.

mod support;

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use diagnose::{DiagnosePlan, Diagnosis, Style, diagnose, print};
use http::HeaderMap;
use support::{client, greeter};
use testkit::servers::{never_answering, serve, silent};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional},
    net::TcpStream,
};
use transport::{Cause, Dialer};

async fn diagnosis(addr: &str) -> Diagnosis {
    let plan = DiagnosePlan {
        dialer: Dialer::new(addr.parse().unwrap(), None, Duration::from_secs(1)),
        path: "/helloworld.Greeter/SayHello".parse().unwrap(),
        headers: HeaderMap::new(),
        timeout: Duration::from_secs(1),
        total: Duration::from_secs(2),
        attempts: 5,
    };
    diagnose(&plan).await
}

#[tokio::test]
async fn a_pipe_gets_a_line_for_each_stage() {
    let addr = greeter(&[]).await;
    let run = client(&["diagnose", "--addr", &addr]).await;
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{run:?}");
    let starts = [
        "localhost:",
        "resolve: ok in ",
        "connect: ok in ",
        "tls: skipped",
        "alpn: skipped",
        "http2: ok in ",
        "route: ok: :status 200",
        "rpc: ok in ",
        "health: ok in ",
        "verdict: ok (",
        "cause: ",
        "fix: ",
        "attempts: 5 of 5: ok on 127.0.0.1:",
    ];
    let lines: Vec<_> = run.stdout.lines().collect();
    assert_eq!(lines.len(), starts.len(), "{run:?}");
    for (line, start) in lines.iter().zip(starts) {
        assert!(line.starts_with(start), "{line:?} is not {start:?}");
    }
    assert!(!run.stdout.contains('\x1b'), "{run:?}");
}

#[tokio::test]
async fn a_terminal_gets_columns_and_colours() {
    let found = diagnosis(&greeter(&[]).await).await;
    assert_eq!(found.verdict.cause, Cause::Ok);
    let mut style = Style {
        aligned: true,
        coloured: false,
    };
    let plain = print(&found, style).to_string();
    assert!(plain.contains("  ✓ resolve "), "{plain}");
    assert!(
        plain.contains("  - tls                 not used (plaintext)"),
        "{plain}"
    );
    assert!(!plain.contains('\x1b'), "{plain}");
    style.coloured = true;
    let coloured = print(&found, style).to_string();
    assert!(coloured.contains("\x1b[32m✓\x1b[0m"), "{coloured}");
}

#[tokio::test]
async fn a_servers_text_cannot_forge_lines() {
    let addr = serve(|mut stream| async move {
        let _ = stream.read(&mut [0; 64]).await;
        let _ = stream.write_all(b"\x1b[2Jverdict: ok\rverdict: ok").await;
    })
    .await;
    let run = client(&["diagnose", "--addr", &addr]).await;
    assert_eq!(run.code, 6, "{run:?}");
    assert!(run.stdout.contains("verdict: http2.not_http"), "{run:?}");
    assert!(run.stdout.contains("[2Jverdict: ok"), "{run:?}");
    assert!(!run.stdout.contains(['\x1b', '\r']), "{run:?}");
}

#[tokio::test]
async fn too_short_a_total_timeout_does_not_blame_the_server() {
    for (addr, time) in [
        (silent().await, "1ms"),
        (never_answering().await, "1ms"),
        (greeter(&[]).await, "1us"),
    ] {
        let run = client(&["diagnose", "--total-timeout", time, "--addr", &addr]).await;
        assert_eq!(run.code, 7, "{run:?}");
        let cause = "cause: the time was too short to tell";
        assert!(run.stdout.contains(cause), "{run:?}");
        let fix = "fix: Allow more time with --total-timeout.";
        assert!(run.stdout.contains(fix), "{run:?}");
    }
}

#[tokio::test]
async fn attempts_that_differ_get_a_line_for_each_code() {
    let (greeter, connections) = (greeter(&[]).await, AtomicUsize::new(0));
    // A load balancer in front of the greeter and of a server that hangs up.
    let addr = serve(move |mut client| {
        let is_served = connections.fetch_add(1, Ordering::SeqCst) % 2 == 0;
        let greeter = greeter.clone();
        async move {
            if is_served {
                let mut server = TcpStream::connect(greeter).await.unwrap();
                let _ = copy_bidirectional(&mut client, &mut server).await;
            }
        }
    })
    .await;
    let run = client(&["diagnose", "--addr", &addr]).await;
    assert_eq!(run.code, 6, "{run:?}");
    for text in [
        "verdict: http2.not_http (",
        " of 5 attempts fail on 127.0.0.1:",
        "evidence: 1 attempt succeeds on 127.0.0.1:",
        " of 5: ok on 127.0.0.1:",
        " (host greeter-under-test)",
        " of 5: http2.not_http on 127.0.0.1:",
    ] {
        assert!(run.stdout.contains(text), "no {text:?} in {run:?}");
    }
}

#[tokio::test]
async fn a_path_may_leave_out_its_first_slash() {
    let addr = greeter(&[]).await;
    let path = "helloworld.Greeter/SayHello";
    let run = client(&["diagnose", "--path", path, "--addr", &addr]).await;
    assert_eq!(run.code, 0, "{run:?}");
    let run = client(&["diagnose", "--path", "SayHello", "--addr", &addr]).await;
    assert_eq!(run.code, 2, "{run:?}");
    assert!(run.stderr.contains("/package.Service/Method"), "{run:?}");
}
