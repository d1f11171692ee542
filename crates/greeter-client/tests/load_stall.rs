//! How `greeter-client load` counts sends without a response.

mod slow_greeter;
mod support;

use std::{
    sync::OnceLock,
    time::{Duration, Instant},
};

use serde_json::Value;
use support::load;

#[tokio::test(flavor = "multi_thread")]
async fn a_stall_across_the_end_does_not_pass_the_thresholds() {
    // Stalls from 500 ms after the first call on until well after the end.
    let first = OnceLock::new();
    let addr = slow_greeter::serve(move || {
        let at = first.get_or_init(Instant::now).elapsed();
        match at < Duration::from_millis(500) {
            true => Duration::ZERO,
            false => Duration::from_millis(1_500).saturating_sub(at),
        }
    })
    .await;
    let page = tempfile::tempdir().unwrap();
    let page = page.path().join("report.html");
    let run = load(
        &addr,
        &[
            "--rate",
            "200",
            "--duration",
            "800ms",
            "--concurrency",
            "4",
            "--output",
            "json",
            "--html",
            page.to_str().unwrap(),
            "--fail-if",
            "p95>10s",
            "--fail-if",
            "max>10s",
            "--fail-if",
            "mean>10s",
            "--fail-if",
            "errors>0.1%",
            "--fail-if",
            "p50>10s",
        ],
    )
    .await;
    let report: Value = serde_json::from_str(&run.stdout).unwrap_or_else(|_| panic!("{run:?}"));
    assert_eq!(run.code, 10, "{run:?}");
    let skipped = report["sends"]["skipped"].as_u64().unwrap();
    assert!(skipped > 20, "{report}");
    let passed: Vec<_> = report["thresholds"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["passed"] == true)
        .collect();
    assert_eq!(passed, [false, false, false, false, true], "{report}");
    let why = format!("{skipped} of 160 sends had no response at the end");
    assert!(run.stderr.contains(&why), "{run:?}");
    let known = report["latency"]["lower_bounds_above"].as_f64().unwrap();
    assert!((50.0..90.0).contains(&known), "{report}");
    let notes = report["notes"].to_string();
    assert!(notes.contains("are lower bounds"), "{notes}");
    let page = std::fs::read_to_string(&page).unwrap();
    assert!(page.contains("<td>≥"), "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_without_responses_fails_a_threshold_of_errors() {
    let addr = slow_greeter::serve(|| Duration::from_secs(60)).await;
    for threshold in ["errors>50", "errors>99%"] {
        let run = load(
            &addr,
            &[
                "--rate",
                "200",
                "--duration",
                "500ms",
                "--concurrency",
                "4",
                "--timeout",
                "1s",
                "--fail-if",
                threshold,
            ],
        )
        .await;
        assert_eq!(run.code, 10, "{run:?}");
        assert!(run.stderr.contains("had no response at the end"), "{run:?}");
    }
}
