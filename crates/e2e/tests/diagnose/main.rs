//! `greeter-client diagnose` against one real failure for each verdict.

mod catalogue;
mod client_certificate;
mod connect;
mod demo;
mod fleet;
mod frames;
mod gateway;
mod grpc;
mod hints;
mod http2;
mod names;
mod origin;
mod proxy;
mod proxy_protocol;
mod quick;
mod replicas;
mod route;
mod scenario;
mod servers;
mod service_port;
mod sidecar;
mod table;
mod tls;
mod tokens;
mod upstream;
mod weak;

use scenario::Scenario;

/// The scenarios by module. Each is named after its code, with `_` for the dot. The
/// tests, the table and the check of the documents use this list.
macro_rules! scenarios {
    ($($module:ident: $($name:ident)+;)+) => {
        const SCENARIOS: &[&str] = &[$($(stringify!($name)),+),+];

        async fn scenario(name: &str) -> Scenario {
            match name {
                $($(stringify!($name) => $module::$name().await,)+)+
                _ => unreachable!("there is no scenario {name}"),
            }
        }

        mod verdicts {
            $($(
                #[tokio::test]
                async fn $name() {
                    super::$module::$name().await.diagnosed_as(stringify!($name)).await;
                }
            )+)+
        }
    };
}

scenarios! {
    names: name_not_found name_no_address;
    connect: connect_refused connect_timeout connect_unreachable;
    proxy: proxy_unreachable proxy_unauthenticated proxy_forbidden proxy_connect_failure
        proxy_no_connect;
    tls: tls_plaintext_server tls_closed_by_peer tls_no_answer tls_version_unsupported
        tls_unknown_issuer tls_self_signed tls_staging_certificate tls_expired
        tls_not_yet_valid tls_wrong_name tls_client_certificate_required
        tls_client_certificate_rejected alpn_none alpn_http1_only;
    sidecar: tls_sidecar_mtls;
    weak: tls_weak_certificate;
    proxy_protocol: tls_proxy_protocol;
    http2: http2_tls_server http2_http1_server http2_not_http http2_no_answer http2_calm;
    route: route_not_found route_not_grpc route_misdirected route_redirect route_login
        route_forbidden route_unauthenticated route_rate_limited;
    upstream: upstream_no_healthy upstream_connect_failure upstream_protocol_error
        upstream_closed upstream_tls_mismatch upstream_timeout upstream_overflow
        upstream_no_cluster;
    origin: http2_stream_refused grpc_closed;
    grpc: ok grpc_unimplemented_service grpc_unimplemented_method grpc_not_serving
        grpc_deadline grpc_message_too_large grpc_status;
}
