//! Listeners that expect a PROXY protocol header.

use crate::{gateway::Gateway, scenario::Scenario};

const BOTH: &str = r#"
        - name: envoy.filters.listener.proxy_protocol
          typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.listener.proxy_protocol.v3.ProxyProtocol }"#;

const V2_ONLY: &str = r#"
        - name: envoy.filters.listener.proxy_protocol
          typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.listener.proxy_protocol.v3.ProxyProtocol, disallowed_versions: [V1] }"#;

pub(crate) async fn tls_proxy_protocol() -> Scenario {
    Gateway::with_tls("alpn_protocols: [h2]")
        .listener_filter(BOTH)
        .start()
        .await
}

#[tokio::test]
async fn both_versions_are_tried() {
    let run = tls_proxy_protocol()
        .await
        .diagnosed_as("tls_proxy_protocol")
        .await;
    run.shows("PROXY protocol v1");
    let v2 = Gateway::with_tls("alpn_protocols: [h2]").listener_filter(V2_ONLY);
    let run = v2.start().await.diagnosed_as("tls_proxy_protocol").await;
    run.shows("PROXY protocol v2");
}
