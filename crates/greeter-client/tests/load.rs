//! The figures, the thresholds and the exit codes of `greeter-client load`.

mod slow_greeter;
mod support;

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use serde_json::Value;
use support::{Signal, closed_port, greeter, load, load_json, send, start};
use testkit::servers::serve;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy},
    net::TcpStream,
    sync::Notify,
};

fn count(value: &Value) -> u64 {
    value.as_u64().unwrap()
}

/// A proxy to `addr`. It cuts the first connection `after` so many bytes from the
/// client, and notifies `cut`; it closes the next two at once.
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
async fn an_open_loop_sends_what_is_due_and_reports_the_hosts() {
    let addr = greeter(&[]).await;
    let report = load_json(
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
async fn a_closed_loop_notes_what_it_cannot_show() {
    let addr = greeter(&[]).await;
    let run = load(&addr, &["--duration", "300ms", "--concurrency", "4"]).await;
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{run:?}");
    for part in [
        "closed loop",
        "counted from the send",
        "cannot show how long independent callers would have waited",
        "p99.99",
        "greeter-under-test",
        "100.0 %",
    ] {
        assert!(run.stdout.contains(part), "no {part:?} in {}", run.stdout);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn waiting_for_a_free_worker_counts_as_latency() {
    let addr = slow_greeter::serve(|| Duration::from_millis(100)).await;
    let slow = ["--duration", "1s", "--concurrency", "1"];
    let report = load_json(&addr, &[&slow[..], &["--rate", "50"]].concat()).await;
    // One worker makes 10 calls per second: each call waits 80 ms longer.
    assert!(
        report["latency"]["max_ms"].as_f64() > Some(500.0),
        "{report}"
    );
    assert!(count(&report["sends"]["late"]) > 0, "{report}");
    assert!(count(&report["sends"]["skipped"]) > 25, "{report}");
    assert!(report["notes"][0].as_str().unwrap().contains("were due"));

    let closed = load_json(&addr, &slow).await;
    let p50 = closed["latency"]["p50_ms"].as_f64().unwrap();
    let open_p50 = report["latency"]["p50_ms"].as_f64().unwrap();
    assert!(p50 < open_p50, "{p50} {open_p50}");
}

#[tokio::test(flavor = "multi_thread")]
async fn opens_as_many_connections_as_requested() {
    let addr = greeter(&[]).await;
    let (proxy, connections) = cutting_proxy(&addr, u64::MAX, Arc::default()).await;
    let args = ["--connections", "4", "--duration", "200ms"];
    let report = load_json(&proxy, &args).await;
    assert_eq!(connections.load(Ordering::Relaxed), 4);
    assert_eq!(report["reconnects"], 0);
    assert!(count(&report["responses"]["ok"]) > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn threads_share_the_schedule_and_add_their_figures() {
    let addr = greeter(&[]).await;
    let (proxy, connections) = cutting_proxy(&addr, u64::MAX, Arc::default()).await;
    let threads = ["--threads", "2", "--connections", "3", "--duration", "1s"];
    let report = load_json(&proxy, &[&threads[..], &["--rate", "200"]].concat()).await;
    assert_eq!(connections.load(Ordering::Relaxed), 3);
    assert_eq!(report["settings"]["threads"], 2);
    let sends = &report["sends"];
    let due = ["sent", "skipped", "unfinished"].map(|part| count(&sends[part]));
    assert_eq!(due.iter().sum::<u64>(), 200, "{report}");
    assert_eq!(report["hosts"][0]["responses"], report["responses"]["ok"]);
    let points = report["timeline"].as_array().unwrap();
    let calls: f64 = points
        .iter()
        .map(|it| it["rate"].as_f64().unwrap() / 4.0)
        .sum();
    assert_eq!(calls, count(&sends["sent"]) as f64, "{report}");

    let closed = load(&addr, &threads).await;
    assert_eq!((closed.code, closed.stderr.as_str()), (0, ""), "{closed:?}");
    let settings = "64 workers over 3 connections in 2 threads";
    assert!(closed.stdout.contains(settings), "{}", closed.stdout);
}

#[tokio::test]
async fn messages_go_over_streams_that_stay_open() {
    let addr = greeter(&[]).await;
    let args = ["--stream", "bidi", "--rate", "100", "--duration", "500ms"];
    let report = load_json(&addr, &[&args[..], &["--size", "4096"]].concat()).await;
    assert_eq!(report["settings"]["call"], "bidi");
    assert_eq!(report["settings"]["name_bytes"], 4096);
    assert_eq!(report["responses"]["errors"], 0, "{report}");
    assert_eq!(report["hosts"][0]["name"], "greeter-under-test");
}

#[tokio::test]
async fn exceeded_thresholds_exit_10_and_are_named() {
    let addr = greeter(&[]).await;
    let short = ["--rate", "50", "--duration", "300ms"];
    let thresholds = [
        "--fail-if",
        "p99>1ns",
        "--fail-if",
        "errors>0%",
        "--fail-if",
        "rate<1000",
    ];
    let run = load(&addr, &[&short[..], &thresholds].concat()).await;
    assert_eq!(run.code, 10, "{run:?}");
    assert_eq!(run.stderr.lines().count(), 2, "{run:?}");
    for part in [
        "--fail-if p99>1ns was exceeded: measured",
        "--fail-if rate<1000",
    ] {
        assert!(run.stderr.contains(part), "{run:?}");
    }
    assert!(run.stdout.contains("passed  errors>0%"), "{run:?}");

    let run = load(&addr, &[&short[..], &["--fail-if", "p99>1m"]].concat()).await;
    assert_eq!(run.code, 2, "{run:?}");
    assert!(run.stderr.contains("write it with its unit"), "{run:?}");
}

#[tokio::test]
async fn errors_are_counted_by_kind_and_a_run_without_success_exits_8() {
    let addr = greeter(&[]).await;
    let args = ["--rate", "50", "--duration", "300ms", "--size", "5000"];
    let report = load_json(&addr, &args).await;
    assert_eq!(report["latency"], Value::Null);
    assert_eq!(report["exit_code"], 8);
    let errors = &report["errors"][0];
    assert_eq!(errors["kind"], "INVALID_ARGUMENT");
    assert_eq!(errors["count"], report["sends"]["sent"]);
    assert!(errors["first_s"].as_f64() <= errors["last_s"].as_f64());
    // A threshold of latency fails if nothing was measured.
    let run = load(&addr, &[&args[..], &["--fail-if", "p99>1s"]].concat()).await;
    assert_eq!(run.code, 10, "{run:?}");
    assert!(run.stderr.contains("no call succeeded"), "{run:?}");
}

#[tokio::test]
async fn deadlines_count_as_errors() {
    let addr = slow_greeter::serve(|| Duration::from_secs(60)).await;
    let args = ["--rate", "50", "--duration", "200ms", "--timeout", "100ms"];
    let report = load_json(&addr, &args).await;
    assert_eq!(report["errors"][0]["kind"], "DEADLINE_EXCEEDED");
    assert_eq!(report["exit_code"], 7);
    assert_eq!(report["sends"]["unfinished"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_connection_causes_errors_and_reconnects() {
    let addr = greeter(&[]).await;
    for kind in [&[][..], &["--stream", "bidi"]] {
        let (proxy, connections) = cutting_proxy(&addr, 4_000, Arc::default()).await;
        let args = ["--rate", "200", "--duration", "2s", "--concurrency", "8"];
        let report = load_json(&proxy, &[&args[..], kind].concat()).await;
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
async fn a_closed_port_exits_4() {
    let addr = closed_port().await;
    let run = load(&addr, &[]).await;
    run.fails_with(4, &["nothing listens on"]);
    let report = load_json(&addr, &[]).await;
    assert_eq!(report["error"]["exit_code"], 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn sigint_ends_early_and_still_reports() {
    let addr = greeter(&[]).await;
    let sent_enough = Arc::new(Notify::new());
    let (proxy, _) = cutting_proxy(&addr, 20_000, Arc::clone(&sent_enough)).await;
    let load = ["load", "--duration", "10m", "--output", "json"];
    let (mut child, mut lines) = start(&[&load[..], &["--addr", &proxy]].concat());
    sent_enough.notified().await;
    send(&child, Signal::SIGINT);
    let line = lines.next_line().await.unwrap().unwrap();
    assert_eq!(child.wait().await.unwrap().code(), Some(0), "{line}");
    let report: Value = serde_json::from_str(&line).unwrap();
    assert_eq!(report["ended_early"], true);
    assert!(count(&report["responses"]["ok"]) > 0, "{report}");
}

#[tokio::test]
async fn refuses_values_out_of_range() {
    for (args, message) in [
        (&["--rate", "0"][..], "must be from 0.001"),
        (
            &["--connections", "9", "--concurrency", "8"],
            "--connections must be from 1 to --concurrency (8)",
        ),
        (
            &["--connections", "2", "--threads", "3"],
            "--threads must be from 1 to --connections (2)",
        ),
        (&["--duration", "0s"], "must be greater than zero"),
        (&["--connections", "0"], "a whole number from 1 to 65535"),
        (&["--connections", "1.5"], "a whole number from 1 to 65535"),
        (&["--concurrency", "-1"], "a whole number from 1 to 65535"),
        (&["--size", "67108865"], "a whole number from 0 to 67108864"),
        (&["--duration", "9999y"], "longer than 99999999 s"),
        (
            &["--html", "/does/not/exist/report.html"],
            "no such directory",
        ),
    ] {
        let run = load("localhost:1", args).await;
        assert_eq!(run.code, 2, "{run:?}");
        assert!(run.stderr.contains(message), "no {message:?} in {run:?}");
    }
}
