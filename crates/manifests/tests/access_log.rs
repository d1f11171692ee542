//! The access log of the mesh, in a real Envoy: the filter of the component
//! `logging` and the format of the platform.

use std::{fs, path::Path, time::Duration};

use local_mesh::envoy::StandaloneEnvoy;
use manifests::render;
use reqwest::{Client, header::CONTENT_TYPE};
use serde_json::{Value, json};
use tempfile::TempDir;

/// Routes of one response each. `{access_log}` is the file of the log.
const ENVOY: &str = r#"
admin:
  address: {socket_address: {address: 127.0.0.1, port_value: 0}}
static_resources:
  listeners:
  - name: gateway
    address: {socket_address: {address: 127.0.0.1, port_value: 0}}
    filter_chains:
    - filters:
      - name: envoy.filters.network.http_connection_manager
        typed_config:
          "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
          stat_prefix: gateway
          access_log: [{access_log}]
          route_config:
            virtual_hosts:
            - name: all
              domains: ["*"]
              routes:
              - match: {path: /ok}
                direct_response: {status: 200}
              - match: {path: /grpc-ok}
                direct_response: {status: 200}
                response_headers_to_add: [{header: {key: grpc-status, value: "0"}}]
              - match: {path: /grpc-failed}
                direct_response: {status: 200}
                response_headers_to_add: [{header: {key: grpc-status, value: "5"}}]
              - match: {path: /missing}
                direct_response: {status: 404}
              - match: {path: /down}
                route: {cluster: down}
              # Logged: the last line that the test waits for.
              - match: {path: /last}
                direct_response: {status: 500}
          http_filters:
          - name: envoy.filters.http.router
            typed_config:
              "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router
  clusters:
  - name: down
    type: STATIC
"#;

fn access_log(file: &Path) -> Value {
    let rendering = render("overlays/kind");
    let telemetry = rendering.object("Telemetry", "logging").unwrap();
    let filter = &telemetry.rest["spec"]["accessLogging"][0]["filter"]["expression"];
    let values = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../k8s/platform/values/istiod.yaml"
    );
    let values: Value = serde_saphyr::from_str(&fs::read_to_string(values).unwrap()).unwrap();
    let providers = values["meshConfig"]["extensionProviders"].as_array();
    let mut providers = providers.unwrap().iter();
    let log = providers.find(|it| it["name"] == "json-access-log");
    let labels = &log.unwrap()["envoyFileAccessLog"]["logFormat"]["labels"];
    let extension = |name: &str| format!("type.googleapis.com/envoy.extensions.{name}");
    json!({
        "name": "envoy.access_loggers.file",
        "filter": {"extension_filter": {
            "name": "cel",
            "typed_config": {
                "@type": extension("access_loggers.filters.cel.v3.ExpressionFilter"),
                "expression": filter,
            },
        }},
        "typed_config": {
            "@type": extension("access_loggers.file.v3.FileAccessLog"),
            "path": file,
            "log_format": {
                "json_format": labels,
                // Istio adds it for REQ_WITHOUT_QUERY.
                "formatters": [{
                    "name": "envoy.formatter.req_without_query",
                    "typed_config": {
                        "@type": extension("formatter.req_without_query.v3.ReqWithoutQuery"),
                    },
                }],
            },
        },
    })
}

#[tokio::test]
async fn proxies_log_failures_only_and_no_query() {
    let directory = TempDir::new().unwrap();
    let file = directory.path().join("access.log");
    let yaml = ENVOY.replace("{access_log}", &access_log(&file).to_string());
    let envoy = StandaloneEnvoy::start(&yaml, directory.path())
        .await
        .unwrap();
    let client = Client::new();
    for (path, content_type) in [
        ("ok", "text/plain"),
        ("grpc-ok", "application/grpc"),
        ("grpc-failed", "application/grpc"),
        ("missing?token=secret", "text/plain"),
        ("down", "text/plain"),
        ("last", "text/plain"),
    ] {
        let url = format!("http://{}/{path}", envoy.address);
        let request = client.get(url).header(CONTENT_TYPE, content_type);
        request.send().await.unwrap();
    }
    // Without a content type, which the filter reads.
    let url = format!("http://{}/ok", envoy.address);
    client.get(url).send().await.unwrap();

    // Envoy writes its log after some time.
    let mut poll = tokio::time::interval(Duration::from_millis(50));
    let lines = loop {
        poll.tick().await;
        let text = fs::read_to_string(&file).unwrap_or_default();
        if text.contains("/last") && text.ends_with('\n') {
            break text;
        }
    };
    assert!(!lines.contains("secret"), "{lines}");
    let lines = lines.lines().map(serde_json::from_str::<Value>);
    let lines: Vec<Value> = lines.map(Result::unwrap).collect();
    let paths: Vec<_> = lines.iter().map(|it| &it["path"]).collect();
    assert_eq!(paths, ["/grpc-failed", "/missing", "/down", "/last"]);
    assert_eq!(lines[0]["grpc_status"], "NOT_FOUND");
    assert_eq!(lines[2]["response_flags"], "UH");
}
