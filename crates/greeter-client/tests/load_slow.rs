//! The figures of load tests against servers of known latency. They take a minute
//! and an idle machine: `make test-slow`.

mod slow_greeter;
mod support;

use std::time::{Duration, Instant};

use serde_json::Value;
use support::load_json;

fn figure(report: &Value, path: &str) -> f64 {
    report.pointer(path).and_then(Value::as_f64).unwrap()
}

/// A server that stalls for the last second of every ten.
async fn stalling() -> String {
    let started = Instant::now();
    slow_greeter::serve(move || {
        let at = started.elapsed().as_secs_f64() % 10.0;
        Duration::from_secs_f64(if at < 9.0 { 0.0 } else { 10.0 - at })
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes 20 s"]
async fn an_open_loop_shows_a_stall_as_callers_experience_it() {
    let addr = stalling().await;
    // In each of two periods a tenth of the sends waits, from 1 s down to 0 s: 1 in
    // 100 waits more than 0.9 s.
    let report = load_json(&addr, &["--rate", "200", "--duration", "20s"]).await;
    let p99 = figure(&report, "/latency/p99_ms");
    eprintln!("open loop over stalls: p99 {p99} ms, in theory 900 ms");
    assert!((810.0..=990.0).contains(&p99), "{report:#}");
    assert!(figure(&report, "/latency/p50_ms") < 50.0, "{report:#}");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes 20 s"]
async fn a_closed_loop_hides_the_stall_and_notes_it() {
    let addr = stalling().await;
    let report = load_json(&addr, &["--duration", "20s", "--concurrency", "8"]).await;
    let p99 = figure(&report, "/latency/p99_ms");
    eprintln!("closed loop over stalls: p99 {p99} ms");
    assert!(p99 < 450.0, "{report:#}");
    let note = report["notes"][0].as_str().unwrap();
    assert!(
        note.contains("cannot show how long independent callers"),
        "{note}"
    );
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes 15 s and loads the machine"]
async fn holds_the_requested_rate_within_a_percent() {
    let addr = slow_greeter::serve(|| Duration::ZERO).await;
    let wide = ["--connections", "4", "--concurrency", "256"];
    let most = load_json(&addr, &[&wide[..], &["--duration", "3s"]].concat()).await;
    let most = figure(&most, "/reached_rate");
    eprintln!("this machine reaches {most:.0}/s at most");
    for rate in ["1000", "10000"] {
        let open_loop = ["--rate", rate, "--warmup", "1s", "--duration", "5s"];
        let report = load_json(&addr, &[&wide[..], &open_loop].concat()).await;
        let reached = figure(&report, "/reached_rate");
        eprintln!(
            "requested {rate}/s: reached {reached:.1}/s, p50 {} ms, p99 {} ms, {}",
            report["latency"]["p50_ms"], report["latency"]["p99_ms"], report["sends"]
        );
        let rate: f64 = rate.parse().unwrap();
        if most > rate * 1.5 {
            assert!((reached / rate - 1.0).abs() < 0.01, "{report:#}");
        } else {
            // Beyond the machine's maximum, the report counts what was not sent.
            let due = ["sent", "skipped", "unfinished"]
                .map(|part| figure(&report, &format!("/sends/{part}")));
            assert_eq!(due.iter().sum::<f64>(), rate * 5.0, "{report:#}");
        }
    }
}
