//! What `greeter-client load` measures, reports and judges.

mod slow_greeter;
mod support;

use std::{
    process::Stdio,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use nix::{sys::signal, unistd::Pid};
use serde_json::Value;
use support::{Run, client, greeter};
use testkit::servers::serve;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy},
    net::TcpStream,
    process::Command,
    sync::Notify,
};

async fn load(addr: &str, args: &[&str]) -> Run {
    client(&[&["load", "--addr", addr], args].concat()).await
}

async fn json(addr: &str, args: &[&str]) -> Value {
    let run = load(addr, &[args, &["--output", "json"]].concat()).await;
    serde_json::from_str(&run.stdout).unwrap_or_else(|_| panic!("{run:?}"))
}

fn count(value: &Value) -> u64 {
    value.as_u64().unwrap()
}

/// Hands connections on to `addr`; `after` so many bytes from the client, the
/// first is cut and `cut` told; the next two are closed at once.
async fn cutting_proxy(addr: &str, after: u64, cut: Arc<Notify>) -> (String, Arc<AtomicUsize>) {
    let (addr, connections) = (addr.to_owned(), Arc::new(AtomicUsize::new(0)));
    let counter = Arc::clone(&connections);
    let proxy = serve(move |mut near| {
        let number = counter.fetch_add(1, Ordering::Relaxed);
        let (addr, cut) = (addr.clone(), Arc::clone(&cut));
        async move {
            if (1..=2).contains(&number) && after < u64::MAX {
                return;
            }
            let mut far = TcpStream::connect(&addr).await.unwrap();
            let ((near_read, mut near_write), (mut far_read, mut far_write)) =
                (near.split(), far.split());
            let limit = if number == 0 { after } else { u64::MAX };
            let mut near_read = near_read.take(limit);
            tokio::select! {
                _ = copy(&mut near_read, &mut far_write) => cut.notify_one(),
                _ = copy(&mut far_read, &mut near_write) => {}
            }
            let _ = near_write.shutdown().await;
        }
    })
    .await;
    (proxy, connections)
}

#[tokio::test]
async fn an_open_loop_sends_what_is_due_and_tells_who_answered() {
    let addr = greeter(&[]).await;
    let report = json(
        &addr,
        &["--rate", "200", "--duration", "1s", "--warmup", "200ms"],
    )
    .await;
    let sends = &report["sends"];
    let due = ["sent", "skipped", "unfinished"].map(|part| count(&sends[part]));
    assert_eq!(due.iter().sum::<u64>(), 200, "{report}");
    assert_eq!(report["settings"]["loop"], "open");
    assert_eq!(report["latency"]["counted_from"], "intended_start");
    assert_eq!(report["hosts"][0]["name"], "greeter-under-test");
    assert_eq!(report["hosts"][0]["share"], 1.0);
    assert_eq!(report["responses"]["errors"], 0);
    let latency = |name: &str| report["latency"][name].as_f64().unwrap();
    let ordered = ["min_ms", "p50_ms", "p90_ms", "p99_ms", "p999_ms", "max_ms"].map(latency);
    assert!(ordered.is_sorted() && ordered[0] > 0.0, "{report}");
    let bars = report["histogram"].as_array().unwrap();
    let counted: u64 = bars.iter().map(|bar| count(&bar["count"])).sum();
    assert_eq!(counted, count(&report["responses"]["ok"]));
}

#[tokio::test]
async fn a_closed_loop_says_in_words_what_it_cannot_show() {
    let addr = greeter(&[]).await;
    let run = load(&addr, &["--duration", "300ms", "--concurrency", "4"]).await;
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{run:?}");
    for words in [
        "closed loop",
        "counted from the send",
        "cannot show how long callers with a pace of their own would have waited",
        "p99.99",
        "greeter-under-test",
        "100.0 %",
    ] {
        assert!(run.stdout.contains(words), "no {words:?} in {}", run.stdout);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn waiting_for_a_free_caller_counts_as_latency() {
    let addr = slow_greeter::serve(|| Duration::from_millis(100)).await;
    let slow = ["--duration", "1s", "--concurrency", "1"];
    let report = json(&addr, &[&slow[..], &["--rate", "50"]].concat()).await;
    // One caller does 10 a second: the queue grows by 80 ms with each call.
    assert!(
        report["latency"]["max_ms"].as_f64() > Some(500.0),
        "{report}"
    );
    assert!(count(&report["sends"]["late"]) > 0, "{report}");
    assert!(count(&report["sends"]["skipped"]) > 25, "{report}");
    assert!(report["notes"][0].as_str().unwrap().contains("were due"));

    let closed = json(&addr, &slow).await;
    let p50 = closed["latency"]["p50_ms"].as_f64().unwrap();
    let open_p50 = report["latency"]["p50_ms"].as_f64().unwrap();
    assert!(p50 < open_p50, "{p50} {open_p50}");
}

#[tokio::test(flavor = "multi_thread")]
async fn several_connections_are_several() {
    let addr = greeter(&[]).await;
    let (proxy, connections) = cutting_proxy(&addr, u64::MAX, Arc::default()).await;
    let asked = ["--connections", "4", "--duration", "200ms"];
    let report = json(&proxy, &asked).await;
    assert_eq!(connections.load(Ordering::Relaxed), 4);
    assert_eq!(report["reconnects"], 0);
    assert!(count(&report["responses"]["ok"]) > 0);
}

#[tokio::test]
async fn messages_go_over_streams_that_stay_open() {
    let addr = greeter(&[]).await;
    let asked = ["--stream", "bidi", "--rate", "100", "--duration", "500ms"];
    let report = json(&addr, &[&asked[..], &["--size", "4096"]].concat()).await;
    assert_eq!(report["settings"]["call"], "bidi");
    assert_eq!(report["settings"]["name_bytes"], 4096);
    assert_eq!(report["responses"]["errors"], 0, "{report}");
    assert_eq!(report["hosts"][0]["name"], "greeter-under-test");
}

#[tokio::test]
async fn gates_that_come_true_exit_10_and_are_named() {
    let addr = greeter(&[]).await;
    let short = ["--rate", "50", "--duration", "300ms"];
    let gates = [
        "--fail-if",
        "p99>1ns",
        "--fail-if",
        "errors>0%",
        "--fail-if",
        "rate<1000",
    ];
    let run = load(&addr, &[&short[..], &gates].concat()).await;
    assert_eq!(run.code, 10, "{run:?}");
    assert_eq!(run.stderr.lines().count(), 2, "{run:?}");
    for words in [
        "--fail-if p99>1ns was exceeded: measured",
        "--fail-if rate<1000",
    ] {
        assert!(run.stderr.contains(words), "{run:?}");
    }
    assert!(run.stdout.contains("passed  errors>0%"), "{run:?}");

    let run = load(&addr, &[&short[..], &["--fail-if", "p99>1m"]].concat()).await;
    assert_eq!(run.code, 2, "{run:?}");
    assert!(run.stderr.contains("write it with its unit"), "{run:?}");
}

#[tokio::test]
async fn errors_are_kept_apart_and_a_run_of_nothing_else_exits_8() {
    let addr = greeter(&[]).await;
    let asked = ["--rate", "50", "--duration", "300ms", "--size", "5000"];
    let report = json(&addr, &asked).await;
    assert_eq!(report["latency"], Value::Null);
    assert_eq!(report["exit_code"], 8);
    let errors = &report["errors"][0];
    assert_eq!(errors["kind"], "INVALID_ARGUMENT");
    assert_eq!(errors["count"], report["sends"]["sent"]);
    assert!(errors["first_s"].as_f64() <= errors["last_s"].as_f64());
    // A gate on latencies cannot hold if nothing was measured.
    let run = load(&addr, &[&asked[..], &["--fail-if", "p99>1s"]].concat()).await;
    assert_eq!(run.code, 10, "{run:?}");
    assert!(run.stderr.contains("no call succeeded"), "{run:?}");
}

#[tokio::test]
async fn deadlines_are_errors_too() {
    let addr = slow_greeter::serve(|| Duration::from_secs(60)).await;
    let asked = ["--rate", "50", "--duration", "200ms", "--timeout", "100ms"];
    let report = json(&addr, &asked).await;
    assert_eq!(report["errors"][0]["kind"], "DEADLINE_EXCEEDED");
    assert_eq!(report["exit_code"], 7);
    assert_eq!(report["sends"]["unfinished"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_connection_shows_as_errors_and_is_made_again() {
    let addr = greeter(&[]).await;
    for kind in [&[][..], &["--stream", "bidi"]] {
        let (proxy, connections) = cutting_proxy(&addr, 4_000, Arc::default()).await;
        let asked = ["--rate", "200", "--duration", "2s", "--concurrency", "8"];
        let report = json(&proxy, &[&asked[..], kind].concat()).await;
        assert_eq!(connections.load(Ordering::Relaxed), 4, "{report}");
        assert_eq!(report["reconnects"], 1, "{report}");
        let errors = report["errors"].as_array().unwrap();
        let kinds: Vec<_> = errors
            .iter()
            .map(|it| it["kind"].as_str().unwrap())
            .collect();
        assert!(kinds.contains(&"NOT_CONNECTED"), "{report}");
        let last_error = errors
            .iter()
            .filter_map(|it| it["last_s"].as_f64())
            .fold(0.0, f64::max);
        let timeline = report["timeline"].as_array().unwrap();
        let recovered = timeline
            .iter()
            .any(|point| point["at_s"].as_f64() > Some(last_error) && point["p50_ms"].is_number());
        assert!(recovered, "{report}");
        assert_eq!(report["exit_code"], 0);
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_keeps_its_exit_code() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = listener.local_addr().unwrap().to_string();
    drop(listener);
    let run = load(&addr, &[]).await;
    run.fails_with(4, &["nothing listens on"]);
    let report = json(&addr, &[]).await;
    assert_eq!(report["error"]["exit_code"], 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn ctrl_c_ends_early_and_still_reports() {
    let addr = greeter(&[]).await;
    let sent_enough = Arc::new(Notify::new());
    let (proxy, _) = cutting_proxy(&addr, 20_000, Arc::clone(&sent_enough)).await;
    let child = Command::new(env!("CARGO_BIN_EXE_greeter-client"))
        .args([
            "load",
            "--addr",
            &proxy,
            "--duration",
            "10m",
            "--output",
            "json",
        ])
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    sent_enough.notified().await;
    let pid = Pid::from_raw(child.id().unwrap().try_into().unwrap());
    signal::kill(pid, signal::Signal::SIGINT).unwrap();
    let output = child.wait_with_output().await.unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["ended_early"], true);
    assert!(count(&report["responses"]["ok"]) > 0, "{report}");
}

#[tokio::test]
async fn asks_for_what_can_be_carried_out() {
    for (args, words) in [
        (&["--rate", "0"][..], "must be from 0.001"),
        (
            &["--connections", "9", "--concurrency", "8"],
            "--connections must be from 1 to --concurrency (8)",
        ),
        (&["--duration", "0s"], "must be greater than zero"),
        (&["--size", "18446744073709551615"], "--size"),
        (&["--size", "67108865"], "not in 0..=67108864"),
        (&["--duration", "9999y"], "longer than 99999999 s"),
        (
            &["--html", "/does/not/exist/report.html"],
            "no such directory",
        ),
    ] {
        let run = load("localhost:1", args).await;
        assert_eq!(run.code, 2, "{run:?}");
        assert!(run.stderr.contains(words), "no {words:?} in {run:?}");
    }
}
