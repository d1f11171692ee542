//! One request through the gateway and both servers is one trace.

use std::time::Duration;

use local_mesh::{Mesh, MeshConfig};
use reqwest::{Client, header::ACCEPT};
use tempfile::TempDir;
use testkit::otlp::Receiver;
use tokio::{sync::mpsc, time::timeout};

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const CALLER: &str = "b7ad6b7169203331";

/// Service and kind of each span, from the caller to the greeter. As in Istio, the
/// gateway has a span for a request and one for an attempt, and a sidecar has one.
const SPANS: [(&str, &str); 6] = [
    ("gateway", "SERVER"),
    ("gateway", "CLIENT"),
    ("hello-server", "SERVER"),
    ("hello-server", "CLIENT"),
    ("hello-sidecar", "CLIENT"),
    ("greeter-server", "SERVER"),
];

/// The logs that must have the trace.
const LOGS: [&str; 4] = ["[gateway]", "[sidecar]", "[hello-1]", "[greeter-"];

/// Spans are exported after 5 s at the latest.
const TIMEOUT: Duration = Duration::from_secs(20);

#[tokio::test]
async fn a_request_is_one_trace_in_spans_logs_and_exemplars() {
    let receiver = Receiver::start().await;
    let directory = TempDir::new().unwrap();
    let (log, mut lines) = mpsc::unbounded_channel();
    let config = MeshConfig {
        http_port: 0,
        https_port: 0,
        directory: directory.path().to_owned(),
        greeter_args: Vec::new(),
        collector: Some(receiver.url().parse().unwrap()),
        observed: false,
        log,
    };
    let mesh = Mesh::start(&config).await.unwrap();
    let client = Client::builder().no_proxy().build().unwrap();
    let request = client
        .get(format!("http://{}/greet/Alice", mesh.http))
        .header("traceparent", format!("00-{TRACE}-{CALLER}-01"))
        .header("x-request-id", "the-request");
    let response = request.send().await.unwrap();
    assert!(response.status().is_success(), "{response:?}");

    let mut parent = CALLER.to_owned();
    for (service, kind) in SPANS {
        let span = receiver.span(|it| it.trace_id == TRACE && it.parent == parent);
        let span = span.await;
        assert_eq!((span.service.as_str(), span.kind), (service, kind));
        parent = span.span_id;
    }

    let mut missing = LOGS.to_vec();
    while !missing.is_empty() {
        let line = timeout(TIMEOUT, lines.recv()).await;
        let line = line.unwrap_or_else(|_| panic!("{TRACE} is not in {missing:?}"));
        let line = line.unwrap();
        if line.contains(TRACE) {
            missing.retain(|it| !line.starts_with(it));
        }
    }

    let hello = mesh.targets.iter().find(|it| it.pod == "hello-1").unwrap();
    let metrics = client
        .get(format!("http://{}/metrics", hello.admin))
        .header(ACCEPT, "application/openmetrics-text; version=1.0.0");
    let metrics = metrics.send().await.unwrap().text().await.unwrap();
    assert!(metrics.contains(TRACE), "no exemplar in {metrics}");
    mesh.stop().await.unwrap();
}
