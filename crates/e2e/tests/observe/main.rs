//! `make test-monitoring`: a real Prometheus scrapes the mesh under load and faults.
//! Every query of every dashboard and rule must return data.

mod api;
mod promtool;

use std::time::Duration;

use api::{Api, has_values};
use local_mesh::{
    Mesh, MeshConfig,
    observe::{Fault, Prometheus, PrometheusConfig, Traffic},
};
use manifests::monitoring::{Query, queries};
use tempfile::TempDir;
use tokio::{
    net::TcpListener,
    sync::mpsc,
    time::{Instant, interval},
};

const INTERVAL: Duration = Duration::from_secs(1);

/// After the faults: several scrapes, and as many evaluations of the rules.
const DEADLINE: Duration = Duration::from_secs(60);

/// Faults show as a change, so there is traffic and a scrape of each target before.
const BEFORE: [&str; 2] = [
    "count(up == 1) == 5",
    r#"min(rate(istio_requests_total{reporter="source", response_code="200"}[1m])) > 0"#,
];

/// What each fault must have caused; a query returns a series if it did.
const EFFECTS: [(Fault, &str); 5] = [
    (
        Fault::Crash,
        r#"changes(process_start_time_seconds{version="v2"}[5m]) > 0"#,
    ),
    (Fault::Crash, "sum(envoy_cluster_upstream_rq_retry) > 0"),
    (
        Fault::CircuitBreaker,
        r#"istio_requests_total{response_flags="UO"}"#,
    ),
    (
        Fault::TooManyRequests,
        r#"server_refused_requests_total{reason="max_requests"} > 0"#,
    ),
    (
        Fault::UntrustedCertificate,
        r#"tls_server_handshakes_total{result="failed"} > 0"#,
    ),
];

#[tokio::test]
#[ignore = "needs Prometheus; run it with make test-monitoring"]
async fn every_query_of_dashboards_and_rules_returns_data() {
    let directory = TempDir::new().unwrap();
    let config = MeshConfig {
        http_port: 0,
        https_port: 0,
        directory: directory.path().to_owned(),
        greeter_args: Vec::new(),
        hello_args: Vec::new(),
        canary_percent: None,
        collector: None,
        observed: true,
        log: mpsc::unbounded_channel().0,
    };
    let mut mesh = Mesh::start(&config).await.unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let gateway = listener.local_addr().unwrap();
    let prometheus = Prometheus::start(PrometheusConfig {
        port: 0,
        interval: INTERVAL,
        targets: &mesh.targets,
        gateway,
        directory: directory.path(),
    });
    let prometheus = prometheus.await.unwrap();
    let api = Api::new(prometheus.address);
    let traffic = Traffic::start(&mesh).unwrap();
    let metrics = mesh.serve_metrics(listener);

    let check = async {
        let before = without_data(&api, BEFORE.map(|it| query("before", it)).into()).await;
        assert!(before.is_empty(), "{before:#?}");
        for fault in Fault::ALL {
            fault.cause(&mut mesh).await.unwrap();
        }
        for address in mesh.targets.iter().map(|it| it.admin).chain([gateway]) {
            promtool::check_metrics(address).await;
        }
        let effects = EFFECTS.map(|(fault, expr)| query(&format!("{fault:?}"), expr));
        let mut queries = queries();
        println!("{} queries", queries.len());
        queries.extend(effects);
        let left = without_data(&api, queries).await;
        (left, api.unhealthy_rules().await)
    };
    let (left, unhealthy) = tokio::select! {
        checked = check => checked,
        ended = metrics => panic!("{ended:?}"),
        () = traffic.get_from_hello() => unreachable!(),
    };
    traffic.stop().await.unwrap();
    mesh.stop().await.unwrap();
    prometheus.stop().await.unwrap();

    assert!(unhealthy.is_empty(), "{unhealthy:#?}");
    let list: Vec<_> = left
        .iter()
        .map(|it| format!("{}\n    {}", it.source, it.expr))
        .collect();
    assert!(
        list.is_empty(),
        "{} queries return no data:\n{}",
        list.len(),
        list.join("\n")
    );
}

fn query(source: &str, expr: &str) -> Query {
    Query {
        source: source.to_owned(),
        expr: expr.to_owned(),
    }
}

/// Asks until every query has returned data, or the deadline. Returns the others.
async fn without_data(api: &Api, mut queries: Vec<Query>) -> Vec<Query> {
    let deadline = Instant::now() + DEADLINE;
    let mut ticks = interval(INTERVAL);
    while !queries.is_empty() && Instant::now() < deadline {
        ticks.tick().await;
        let mut left = Vec::new();
        for query in queries {
            if !has_values(&api.query(&query.expr).await) {
                left.push(query);
            }
        }
        queries = left;
    }
    queries
}
