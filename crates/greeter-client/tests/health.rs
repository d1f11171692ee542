//! What `greeter-client health` says, and how it ends.

mod slow_greeter;
mod support;

use std::{process::Stdio, time::Duration};

use clap::Parser;
use nix::{sys::signal, unistd::Pid};
use serde_json::Value;
use service_kit::Listeners;
use support::{client, greeter};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::Command,
    sync::oneshot,
};

async fn listeners() -> (Listeners, String) {
    let any = "127.0.0.1:0".parse().unwrap();
    let listeners = Listeners::bind(any, any).await.unwrap();
    let port = listeners.public.local_addr().unwrap().port();
    (listeners, format!("localhost:{port}"))
}

/// Serves until the sender is used, and then a minute longer as NOT_SERVING.
fn serve(listeners: Listeners) -> oneshot::Sender<()> {
    let (stop, stopped) = oneshot::channel();
    let config = greeter_server::Config::parse_from([
        "greeter-server",
        "--drain-delay",
        "1m",
        "--drain-timeout",
        "1m",
    ]);
    tokio::spawn(greeter_server::run(listeners, config, async {
        let _ = stopped.await;
    }));
    stop
}

#[tokio::test]
async fn a_server_that_serves_exits_0() {
    let addr = greeter(&[]).await;
    for service in [&[][..], &["helloworld.Greeter"]] {
        let run = client(&[&["health", "--addr", &addr], service].concat()).await;
        assert_eq!((run.code, run.stdout.as_str()), (0, "SERVING\n"), "{run:?}");
        assert_eq!(run.stderr, "");
    }
}

#[tokio::test]
async fn a_service_that_is_not_known_exits_9_in_words_of_its_own() {
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
    let (listeners, addr) = listeners().await;
    drop(listeners);
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
    // The first attempt meets a server that hangs up, the next one serves.
    drop(listeners.public.accept().await.unwrap());
    let _stop = serve(listeners);
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
async fn a_wait_that_is_over_exits_with_the_last_cause() {
    let (listeners, addr) = listeners().await;
    drop(listeners);
    let run = client(&["health", "--addr", &addr, "--wait", "300ms"]).await;
    run.fails_with(4, &["nothing listens on"]);
}

#[tokio::test]
async fn watches_every_change_until_it_is_stopped() {
    let (listeners, addr) = listeners().await;
    let stop = serve(listeners);
    let mut child = Command::new(env!("CARGO_BIN_EXE_greeter-client"))
        .args(["health", "--addr", &addr, "--watch"])
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert_eq!(lines.next_line().await.unwrap().unwrap(), "SERVING");
    stop.send(()).unwrap();
    assert_eq!(lines.next_line().await.unwrap().unwrap(), "NOT_SERVING");

    let run = client(&["health", "--addr", &addr]).await;
    run.fails_with(9, &["the server is NOT_SERVING", "--wait"]);

    let pid = Pid::from_raw(child.id().unwrap().try_into().unwrap());
    signal::kill(pid, signal::Signal::SIGTERM).unwrap();
    assert_eq!(child.wait().await.unwrap().code(), Some(9));
}

#[tokio::test]
async fn a_watch_that_the_server_ends_is_made_again() {
    let (listeners, addr) = listeners().await;
    let (stop, stopped) = oneshot::channel::<()>();
    let config = greeter_server::Config::parse_from(["greeter-server", "--drain-delay", "0s"]);
    tokio::spawn(greeter_server::run(listeners, config, async {
        let _ = stopped.await;
    }));
    let mut child = Command::new(env!("CARGO_BIN_EXE_greeter-client"))
        .args(["health", "--addr", &addr, "--watch"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut errors = BufReader::new(child.stderr.take().unwrap()).lines();
    assert_eq!(lines.next_line().await.unwrap().unwrap(), "SERVING");
    stop.send(()).unwrap();
    assert_eq!(
        errors.next_line().await.unwrap().unwrap(),
        "greeter-client: the server ended the watch; reconnecting"
    );
}

#[tokio::test]
async fn is_quick_enough_for_a_probe() {
    let addr = greeter(&[]).await;
    let mut fastest = Duration::MAX;
    // The best of many: other tests run at the same time.
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
