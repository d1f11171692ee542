//! A client that keeps to the rules, on connections that it opens during an attack.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use e2e::client;
use futures_util::future::join_all;
use serde_json::Value;
use testkit::clients;
use tokio::time::interval;

const RATE: u32 = 50;
const DURATION: Duration = Duration::from_secs(10);

/// Slower responses are errors.
const TIMEOUT: Duration = Duration::from_secs(5);

/// What the client measured.
pub(crate) struct Served {
    /// Requests without a good response.
    pub(crate) errors: u64,
    /// The first error.
    pub(crate) message: Option<String>,
    /// From the time when a request was due; `None` without a good response.
    pub(crate) p99: Option<Duration>,
}

/// Calls a greeter at a steady rate, as `greeter-client load` does.
pub(crate) async fn greet(address: SocketAddr, ca: Option<&str>) -> Served {
    let (addr, rate) = (format!("localhost:{}", address.port()), RATE.to_string());
    let (duration, timeout) = (seconds(DURATION), seconds(TIMEOUT));
    let mut args = vec!["load", "--addr", &addr, "--output", "json", "--rate", &rate];
    args.extend(["--duration", &duration, "--timeout", &timeout]);
    if let Some(ca) = ca {
        args.extend(["--tls", "--cacert", ca]);
    }
    let output = client(&args).await;
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let due = u64::from(RATE) * DURATION.as_secs();
    let ok = report.pointer("/responses/ok").and_then(Value::as_u64);
    let message = [
        report.pointer("/errors/0/message"),
        report.pointer("/error/cause"),
    ];
    let message = message.into_iter().flatten().find_map(Value::as_str);
    let p99 = report.pointer("/latency/p99_ms").and_then(Value::as_f64);
    Served {
        errors: due.saturating_sub(ok.unwrap_or(0)),
        message: message.map(str::to_owned),
        p99: p99.map(|milliseconds| Duration::from_secs_f64(milliseconds / 1000.0)),
    }
}

fn seconds(time: Duration) -> String {
    format!("{}s", time.as_secs())
}

/// Requests `GET /` of a hello server at a steady rate, over HTTP/1.1.
pub(crate) async fn get(address: SocketAddr) -> Served {
    let client = clients::http1();
    let mut due = interval(Duration::from_secs(1) / RATE);
    let mut requests = Vec::new();
    for _ in 0..u64::from(RATE) * DURATION.as_secs() {
        let start: Instant = due.tick().await.into();
        let request = client.get(format!("http://{address}/")).timeout(TIMEOUT);
        requests.push(tokio::spawn(async move {
            let response = request.send().await?.error_for_status()?;
            response.bytes().await?;
            Ok::<_, reqwest::Error>(start.elapsed())
        }));
    }
    let results = join_all(requests).await.into_iter().map(Result::unwrap);
    let (mut latencies, mut errors) = (Vec::new(), Vec::new());
    for result in results {
        match result {
            Ok(latency) => latencies.push(latency),
            Err(error) => errors.push(format!("{error:?}")),
        }
    }
    latencies.sort();
    Served {
        errors: errors.len() as u64,
        message: errors.into_iter().next(),
        p99: latencies
            .get((latencies.len() * 99).div_ceil(100).saturating_sub(1))
            .copied(),
    }
}
