//! Builds an Envoy configuration that fails in a given way.

use local_mesh::envoy::StandaloneEnvoy;

use pki::Leaf;
use testkit::{Pki, localhost};

use crate::scenario::Scenario;

/// A gateway: one listener, one virtual host, one upstream cluster.
pub(crate) struct Gateway {
    filters: String,
    domain: String,
    route: String,
    /// More fields of the cluster.
    cluster: String,
    endpoints: Vec<String>,
    /// The fields of the listener's TLS context; `None` is plaintext.
    tls: Option<String>,
    server_name: Option<String>,
    /// The listener's certificate.
    leaf: Leaf,
    /// More listener filters.
    listener: &'static str,
    /// More fields of the listener's TLS context.
    clients: &'static str,
    secrets: String,
    runtime: String,
    /// More fields of the router.
    router: &'static str,
}

/// The field of a cluster that selects HTTP/2.
pub(crate) const HTTP2: &str = r#"
      typed_extension_protocol_options:
        envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
          "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions
          explicit_http_config: { http2_protocol_options: {} }"#;

impl Gateway {
    /// A plaintext gateway with this route action (`route: …`, `redirect: …`).
    pub(crate) fn new(route: &str) -> Self {
        Self {
            filters: String::new(),
            domain: "*".to_owned(),
            route: route.to_owned(),
            cluster: HTTP2.to_owned(),
            endpoints: Vec::new(),
            tls: None,
            server_name: None,
            leaf: localhost(),
            listener: "",
            clients: "",
            secrets: String::new(),
            runtime: String::new(),
            router: "",
        }
    }

    /// A gateway that forwards to the server at this address.
    pub(crate) fn to(address: &str) -> Self {
        Self {
            endpoints: vec![address.replace("localhost", "127.0.0.1")],
            ..Self::new("route: { cluster: upstream }")
        }
    }

    /// With one more server behind the same route.
    pub(crate) fn and(mut self, address: &str) -> Self {
        self.endpoints
            .push(address.replace("localhost", "127.0.0.1"));
        self
    }

    /// A gateway with a certificate for localhost and these fields of its
    /// `common_tls_context`.
    pub(crate) fn with_tls(fields: &str) -> Self {
        Self {
            tls: Some(fields.to_owned()),
            ..Self::new("direct_response: { status: 200 }")
        }
    }

    /// As a sidecar under STRICT mTLS: with this certificate, and only for clients
    /// with one of the same CA.
    pub(crate) fn mutual(leaf: Leaf) -> Self {
        let fields = "alpn_protocols: [h2]\n                validation_context: { trusted_ca: { filename: ca.pem } }";
        Self {
            leaf,
            clients: "\n              require_client_certificate: true",
            ..Self::with_tls(fields)
        }
    }

    /// With TLS 1.2 at most.
    pub(crate) fn tls12(mut self) -> Self {
        let maximum = "\n                tls_params: { tls_maximum_protocol_version: TLSv1_2 }";
        self.tls = self.tls.map(|fields| fields + maximum);
        self
    }

    /// With this listener filter before all others.
    pub(crate) fn listener_filter(mut self, filter: &'static str) -> Self {
        self.listener = filter;
        self
    }

    /// With a filter chain for this server name only.
    pub(crate) fn only_for(mut self, name: &str) -> Self {
        self.server_name = Some(name.to_owned());
        self
    }

    /// With a virtual host for this domain only.
    pub(crate) fn domain(mut self, domain: &str) -> Self {
        domain.clone_into(&mut self.domain);
        self
    }

    /// With an HTTP filter of this name and configuration.
    pub(crate) fn filter(mut self, name: &str, kind: &str, config: &str) -> Self {
        self.filters += &format!(
            r#"
                  - name: envoy.filters.http.{name}
                    typed_config: {{ "@type": type.googleapis.com/envoy.extensions.filters.http.{name}.v3.{kind}, {config} }}"#
        );
        self
    }

    /// Without the `x-envoy-*` headers in responses.
    pub(crate) fn hiding(mut self) -> Self {
        self.router = ", suppress_envoy_headers: true";
        self
    }

    /// With these static secrets (a YAML flow sequence's items).
    pub(crate) fn secrets(mut self, secrets: &str) -> Self {
        self.secrets = format!("\n  secrets: [{secrets}]");
        self
    }

    /// With this value of a runtime feature flag.
    pub(crate) fn feature(mut self, name: &str, on: bool) -> Self {
        self.runtime = format!(
            "layered_runtime: {{ layers: [{{ name: test, static_layer: {{ envoy.reloadable_features.{name}: {on} }} }}] }}\n"
        );
        self
    }

    /// With this route action instead of the one to the upstream.
    pub(crate) fn route(mut self, route: &str) -> Self {
        route.clone_into(&mut self.route);
        self
    }

    /// With these fields of the cluster instead of HTTP/2.
    pub(crate) fn cluster(mut self, fields: &str) -> Self {
        fields.clone_into(&mut self.cluster);
        self
    }

    /// Starts it, as a scenario.
    pub(crate) async fn start(self) -> Scenario {
        let pki = Pki::new();
        let _files = pki.issue("gateway", &self.leaf);
        let envoy = StandaloneEnvoy::start(&self.yaml(), pki.directory.path())
            .await
            .unwrap();
        let addr = format!("localhost:{}", envoy.address.port());
        match self.tls {
            None => Scenario::new(["--addr", &addr]),
            Some(_) => Scenario::new(["--tls", "--cacert", &pki.ca(), "--addr", &addr]),
        }
        .keep((envoy, pki))
    }

    fn yaml(&self) -> String {
        let Self {
            filters,
            domain,
            route,
            cluster,
            secrets,
            runtime,
            router,
            listener,
            ..
        } = self;
        let endpoints = self.endpoints();
        let (matching, transport) = (self.matching(), self.transport());
        format!(
            r#"{runtime}admin:
  address: {{ socket_address: {{ address: 127.0.0.1, port_value: 0 }} }}
static_resources:{secrets}
  listeners:
    - name: gateway
      address: {{ socket_address: {{ address: 127.0.0.1, port_value: 0 }} }}
      enable_reuse_port: false
      listener_filters:{listener}
        - name: envoy.filters.listener.tls_inspector
          typed_config: {{ "@type": type.googleapis.com/envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector }}
      filter_chains:
        - {matching}filters:
            - name: envoy.filters.network.http_connection_manager
              typed_config:
                "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                stat_prefix: gateway
                http_filters:{filters}
                  - name: envoy.filters.http.router
                    typed_config: {{ "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router{router} }}
                route_config:
                  virtual_hosts:
                    - name: all
                      domains: ["{domain}"]
                      routes: [{{ match: {{ prefix: / }}, {route} }}]
{transport}
  clusters:
    - name: upstream
      type: STATIC
      connect_timeout: 1s{cluster}
      load_assignment: {{ cluster_name: upstream, endpoints: [{{ lb_endpoints: [{endpoints}] }}] }}
"#
        )
    }

    fn endpoints(&self) -> String {
        let endpoint = |address: &String| {
            let (host, port) = address.split_once(':').unwrap();
            format!(
                "{{ endpoint: {{ address: {{ socket_address: {{ address: {host}, port_value: {port} }} }} }} }}"
            )
        };
        let endpoints: Vec<_> = self.endpoints.iter().map(endpoint).collect();
        endpoints.join(", ")
    }

    fn matching(&self) -> String {
        match &self.server_name {
            None => String::new(),
            Some(name) => {
                format!("filter_chain_match: {{ server_names: [{name}] }}\n          ")
            }
        }
    }

    fn transport(&self) -> String {
        let Some(fields) = &self.tls else {
            return String::new();
        };
        let clients = self.clients;
        format!(
            r#"          transport_socket:
            name: envoy.transport_sockets.tls
            typed_config:
              "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext{clients}
              common_tls_context:
                {fields}
                tls_certificates: [{{ certificate_chain: {{ filename: gateway.pem }}, private_key: {{ filename: gateway.key }} }}]"#
        )
    }
}
