//! Prometheus' own check of metrics: names, types and units.

use std::{net::SocketAddr, process::Stdio};

use reqwest::{Client, header::ACCEPT};
use tokio::{io::AsyncWriteExt, process::Command};

/// Checks the metrics that a server serves.
pub(crate) async fn check_metrics(address: SocketAddr) {
    let client = Client::builder().no_proxy().build().unwrap();
    let request = client
        .get(format!("http://{address}/metrics"))
        // promtool reads this format only.
        .header(ACCEPT, "text/plain;version=0.0.4");
    let metrics = request.send().await.unwrap().text().await.unwrap();
    let mut promtool = Command::new("promtool")
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut stdin = promtool.stdin.take().unwrap();
    stdin.write_all(metrics.as_bytes()).await.unwrap();
    drop(stdin);
    let run = promtool.wait_with_output().await.unwrap();
    let report = String::from_utf8(run.stderr).unwrap();
    // Envoy's metrics have no HELP, and Istio counts milliseconds.
    let theirs = |it: &&str| it.starts_with("envoy_") || it.starts_with("istio_");
    let problems: Vec<_> = report.lines().filter(|it| !theirs(it)).collect();
    assert!(problems.is_empty(), "{address}: {problems:#?}");
}
