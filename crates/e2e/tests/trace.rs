//! The client's call and a request for `/greet/{name}`, through the gateway and both
//! servers, are one trace.

use std::time::Duration;

use local_mesh::{Mesh, MeshConfig, binary};
use reqwest::{Client, header::ACCEPT};
use tempfile::TempDir;
use testkit::otlp::Receiver;
use tokio::{process::Command, sync::mpsc, time::timeout};

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const CALLER: &str = "b7ad6b7169203331";
const TRACEPARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

const REQUEST_ID: &str = "the-request";

/// Service and kind of a span, and the spans below it.
type Chain = &'static [(&'static str, &'static str)];

/// The spans of a request, from the caller to the greeter. As in Istio, the gateway has
/// a span for a request and one for an attempt, and a sidecar has one.
const REQUEST: Chain = &[
    ("gateway", "SERVER"),
    ("gateway", "CLIENT"),
    ("hello-server", "SERVER"),
    ("hello-server", "CLIENT"),
    ("hello-sidecar", "CLIENT"),
    ("greeter-server", "SERVER"),
];

/// The spans of the client's call.
const CALL: Chain = &[
    ("greeter-client", "CLIENT"),
    ("gateway", "SERVER"),
    ("gateway", "CLIENT"),
    ("greeter-server", "SERVER"),
];

/// The logs that must have the trace.
const LOGS: [&str; 4] = ["[gateway]", "[sidecar]", "[hello-1]", "[greeter-"];

/// Spans are exported after 5 s at the latest.
const TIMEOUT: Duration = Duration::from_secs(20);

/// Greets through the gateway, and returns what the client prints.
async fn greet(mesh: &Mesh, receiver: &Receiver) -> String {
    let output = Command::new(binary("greeter-client").unwrap())
        .args(["--trace", "--tls", "--cacert"])
        .arg(&mesh.ca)
        .args(["--addr", &format!("localhost:{}", mesh.https.port())])
        .env("TRACEPARENT", TRACEPARENT)
        .envs(receiver.variables("grpc"))
        .output();
    let output = output.await.unwrap();
    let [printed, errors] = [output.stdout, output.stderr].map(|it| String::from_utf8(it).unwrap());
    assert!(output.status.success(), "{printed}{errors}");
    printed + &errors
}

/// Waits for each span of a chain, as the child of the one before.
async fn follow(chain: Chain, receiver: &Receiver) {
    let mut parent = CALLER.to_owned();
    for (service, kind) in chain {
        let span = receiver.span(|it| {
            let place = (it.service.as_str(), it.kind, it.parent.as_str());
            it.trace_id == TRACE && place == (*service, *kind, parent.as_str())
        });
        parent = span.await.span_id;
    }
}

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
        hello_args: Vec::new(),
        canary_percent: None,
        collector: Some(receiver.url().parse().unwrap()),
        observed: false,
        log,
    };
    let mesh = Mesh::start(&config).await.unwrap();
    let client = Client::builder().no_proxy().build().unwrap();
    let request = client
        .get(format!("http://{}/greet/Alice", mesh.http))
        .header("traceparent", TRACEPARENT)
        .header("x-request-id", REQUEST_ID);
    let response = request.send().await.unwrap();
    assert!(response.status().is_success(), "{response:?}");

    let printed = greet(&mesh, &receiver).await;
    assert!(printed.contains(TRACE), "no trace id in {printed}");

    for chain in [REQUEST, CALL] {
        follow(chain, &receiver).await;
    }

    let mut missing = LOGS.to_vec();
    while !missing.is_empty() {
        let line = timeout(TIMEOUT, lines.recv()).await;
        let line = line.unwrap_or_else(|_| panic!("{TRACE} is not in {missing:?}"));
        let line = line.unwrap();
        // The lines of proxies are short here.
        let is_proxy = line.starts_with("[gateway]") || line.starts_with("[sidecar]");
        if line.contains(TRACE) && (is_proxy || line.contains(REQUEST_ID)) {
            missing.retain(|it| !line.starts_with(it));
        }
    }

    let mut exemplars = Vec::new();
    for target in &mesh.targets {
        let metrics = client
            .get(format!("http://{}/metrics", target.admin))
            .header(ACCEPT, "application/openmetrics-text; version=1.0.0");
        let metrics = metrics.send().await.unwrap().text().await.unwrap();
        if metrics.contains(TRACE) {
            exemplars.push(target.app);
        }
    }
    exemplars.dedup();
    assert_eq!(exemplars, ["hello-server", "greeter-server"]);
    mesh.stop().await.unwrap();
}
