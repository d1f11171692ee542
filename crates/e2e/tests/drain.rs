//! A gateway that drains its connections: no call is lost.

use clap::Parser;
use e2e::client;
use local_mesh::envoy::StandaloneEnvoy;
use serde_json::Value;
use service_kit::Listeners;
use tempfile::TempDir;
use testkit::Service;

async fn greeter() -> Service {
    Service::start(|public, admin, shutdown| {
        let config = greeter_server::Config::parse_from(["greeter-server"]);
        greeter_server::run(Listeners { public, admin }, config, shutdown)
    })
    .await
}

/// An Envoy that drains each connection after 50 requests: GOAWAY with the highest
/// stream, and 20 ms later GOAWAY with the last one and the end.
fn draining(greeter: &Service) -> String {
    let port = greeter.public.port();
    format!(
        r#"
admin: {{address: {{socket_address: {{address: 127.0.0.1, port_value: 0}}}}}}
static_resources:
  listeners:
  - name: gateway
    address: {{socket_address: {{address: 127.0.0.1, port_value: 0}}}}
    filter_chains:
    - filters:
      - name: envoy.filters.network.http_connection_manager
        typed_config:
          "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
          stat_prefix: gateway
          codec_type: HTTP2
          drain_timeout: 0.02s
          common_http_protocol_options: {{max_requests_per_connection: 50}}
          http_filters:
          - name: envoy.filters.http.router
            typed_config:
              "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router
          route_config:
            virtual_hosts:
            - name: greeter
              domains: ["*"]
              routes: [{{match: {{prefix: "/"}}, route: {{cluster: greeter}}}}]
  clusters:
  - name: greeter
    type: STATIC
    typed_extension_protocol_options:
      envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
        "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions
        explicit_http_config: {{http2_protocol_options: {{}}}}
    load_assignment:
      cluster_name: greeter
      endpoints: [{{lb_endpoints: [{{endpoint: {{address: {{socket_address: {{address: 127.0.0.1, port_value: {port}}}}}}}}}]}}]
"#
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn no_call_is_lost_while_a_gateway_drains_connections() {
    let greeter = greeter().await;
    let directory = TempDir::new().unwrap();
    let envoy = StandaloneEnvoy::start(&draining(&greeter), directory.path())
        .await
        .unwrap();
    let addr = envoy.address.to_string();
    let load = ["load", "--rate", "500", "--duration", "5s", "--output"];
    let connections = ["json", "--connections", "4", "--addr", &addr];
    let output = client(&[&load[..], &connections].concat()).await;
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["responses"]["errors"], 0, "{report}");
    assert!(report["reconnects"].as_u64() > Some(10), "{report}");
}
