//! The output and the exit codes of `greeter-client health`.

mod slow_greeter;
mod support;

use std::time::Duration;

use clap::Parser;
use serde_json::Value;
use service_kit::Listeners;
use support::{Signal, client, closed_port, greeter, send, start};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    sync::oneshot,
};

async fn listeners() -> (Listeners, String) {
    let any = "127.0.0.1:0".parse().unwrap();
    let listeners = Listeners::bind(any, any).unwrap();
    let port = listeners.public.local_addr().unwrap().port();
    (listeners, format!("localhost:{port}"))
}

/// A greeter that serves until the sender is used, and then drains: it reports
/// NOT_SERVING for `drain_delay`.
fn serve(listeners: Listeners, drain_delay: &str) -> oneshot::Sender<()> {
    let (stop, stopped) = oneshot::channel();
    let args = ["greeter-server", "--drain-timeout", "1m", "--drain-delay"];
    let config = greeter_server::Config::parse_from(args.iter().chain([&drain_delay]));
    tokio::spawn(greeter_server::run(listeners, config, async {
        let _ = stopped.await;
    }));
    stop
}

#[tokio::test]
async fn serving_exits_0() {
    let addr = greeter(&[]).await;
    for service in [&[][..], &["helloworld.Greeter"]] {
        let run = client(&[&["health", "--addr", &addr], service].concat()).await;
        assert_eq!((run.code, run.stdout.as_str()), (0, "SERVING\n"), "{run:?}");
        assert_eq!(run.stderr, "");
    }
}

#[tokio::test]
async fn an_unknown_service_exits_9() {
    let addr = greeter(&[]).await;
    let run = client(&["health", "--addr", &addr, "no.Such"]).await;
    run.fails_with(9, &["knows no service \"no.Such\"", "check the name"]);
    let run = client(&["health", "--addr", &addr, "no.Such", "--output", "json"]).await;
    let line: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(line["state"], "SERVICE_UNKNOWN");
    assert_eq!(line["error"]["exit_code"], 9);
}

#[tokio::test]
async fn no_connection_and_no_health_service_keep_their_codes() {
    let addr = closed_port().await;
    let run = client(&["health", "--addr", &addr]).await;
    run.fails_with(4, &["nothing listens on", "check the port"]);
    let run = client(&["health", "--addr", "does-not-exist.invalid:1"]).await;
    run.fails_with(3, &["cannot resolve"]);

    let addr = slow_greeter::serve(|| Duration::ZERO).await;
    let run = client(&["health", "--addr", &addr]).await;
    run.fails_with(8, &["UNIMPLEMENTED", "/grpc.health.v1.Health/"]);
}

#[tokio::test]
async fn waits_until_the_server_serves() {
    let (listeners, addr) = listeners().await;
    let waiting = tokio::spawn(async move {
        client(&[
            "health", "--addr", &addr, "--wait", "60s", "--output", "json",
        ])
        .await
    });
    // The first connection is closed; the next one is served.
    drop(listeners.public.accept().await.unwrap());
    let _stop = serve(listeners, "1m");
    let run = waiting.await.unwrap();
    let line: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(
        (run.code, &line["state"]),
        (0, &"SERVING".into()),
        "{run:?}"
    );
    assert!(line["attempts"].as_u64() >= Some(2), "{run:?}");
}

#[tokio::test]
async fn an_expired_wait_exits_with_the_last_cause() {
    let addr = closed_port().await;
    let run = client(&["health", "--addr", &addr, "--wait", "300ms"]).await;
    run.fails_with(4, &["nothing listens on"]);
}

#[tokio::test]
async fn watches_every_change_until_it_is_stopped() {
    let (listeners, addr) = listeners().await;
    let stop = serve(listeners, "1m");
    let (mut child, mut lines) = start(&["health", "--addr", &addr, "--watch"]);
    assert_eq!(lines.next_line().await.unwrap().unwrap(), "SERVING");
    stop.send(()).unwrap();
    assert_eq!(lines.next_line().await.unwrap().unwrap(), "NOT_SERVING");

    let run = client(&["health", "--addr", &addr]).await;
    run.fails_with(9, &["the server is NOT_SERVING", "--wait"]);

    send(&child, Signal::SIGTERM);
    assert_eq!(child.wait().await.unwrap().code(), Some(9));
}

#[tokio::test]
async fn reconnects_when_the_server_ends_the_watch() {
    let (listeners, addr) = listeners().await;
    let stop = serve(listeners, "0s");
    let (mut child, mut lines) = start(&["health", "--addr", &addr, "--watch"]);
    let mut errors = BufReader::new(child.stderr.take().unwrap()).lines();
    assert_eq!(lines.next_line().await.unwrap().unwrap(), "SERVING");
    stop.send(()).unwrap();
    assert_eq!(
        errors.next_line().await.unwrap().unwrap(),
        "greeter-client: the server ended the watch; reconnecting"
    );
}

#[tokio::test]
async fn takes_less_than_20_ms() {
    let addr = greeter(&[]).await;
    let mut fastest = Duration::MAX;
    // The best of many, because other tests run at the same time.
    for _ in 0..50 {
        let run = client(&["health", "--addr", &addr]).await;
        assert_eq!(run.code, 0, "{run:?}");
        fastest = fastest.min(run.took);
        if fastest < Duration::from_millis(20) {
            return;
        }
    }
    panic!("the fastest of 50 took {fastest:?}");
}
