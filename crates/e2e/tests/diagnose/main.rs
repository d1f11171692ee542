//! `greeter-client diagnose` against one real arrangement for each verdict.

mod arranged;
mod catalogue;
mod connect;
mod demo;
mod grpc;
mod http2;
mod mesh;
mod names;
mod route;
mod servers;
mod table;
mod tls;
mod upstream;

use arranged::Arranged;

/// The arrangements by module. Each is named like its code, with `_` for the
/// dot: so the table, the tests and the catalogue cannot drift apart.
macro_rules! arrangements {
    ($($module:ident: $($name:ident)+;)+) => {
        const ARRANGED: &[&str] = &[$($(stringify!($name)),+),+];

        async fn arrange(name: &str) -> Arranged {
            match name {
                $($(stringify!($name) => $module::$name().await,)+)+
                _ => unreachable!("{name} is not arranged"),
            }
        }

        mod verdicts {
            $($(
                #[tokio::test]
                async fn $name() {
                    super::$module::$name().await.gives(stringify!($name)).await;
                }
            )+)+
        }
    };
}

arrangements! {
    names: name_not_found name_no_address;
    connect: connect_refused connect_timeout connect_unreachable;
    tls: tls_plaintext_server tls_closed_by_peer tls_no_answer tls_version_unsupported
        tls_unknown_issuer tls_self_signed tls_staging_certificate tls_expired
        tls_not_yet_valid tls_wrong_name tls_client_certificate_required
        tls_client_certificate_rejected alpn_none alpn_http1_only;
    http2: http2_tls_server http2_http1_server http2_not_http http2_no_answer http2_calm;
    route: route_not_found route_not_grpc route_misdirected route_redirect route_login
        route_forbidden route_unauthenticated route_rate_limited;
    upstream: upstream_no_healthy upstream_connect_failure upstream_protocol_error
        upstream_closed upstream_tls_mismatch upstream_timeout upstream_overflow
        upstream_no_cluster;
    grpc: ok grpc_unimplemented_service grpc_unimplemented_method grpc_not_serving
        grpc_deadline grpc_message_too_large grpc_status;
}
