//! The Gateway API's kinds.

use serde::Deserialize;

use super::{closed, kubernetes::LabelSelector};

closed! {
    Gateway {
        gateway_class_name: String,
        addresses: Vec<GatewayAddress>,
        listeners: Vec<Listener>,
    }
    GatewayAddress { r#type: String, value: String, }
    Listener {
        name: String,
        port: u16,
        protocol: String,
        hostname: String,
        tls: ListenerTls,
        allowed_routes: AllowedRoutes,
    }
    ListenerTls { mode: String, certificate_refs: Vec<NameRef>, }
    NameRef { name: String, }
    AllowedRoutes { namespaces: RouteNamespaces, }
    RouteNamespaces { from: String, selector: LabelSelector, }
    Route { parent_refs: Vec<ParentRef>, hostnames: Vec<String>, rules: Vec<RouteRule>, }
    ParentRef { kind: String, name: String, namespace: String, section_name: String, }
    RouteRule {
        matches: Vec<RouteMatch>,
        filters: Vec<RouteFilter>,
        backend_refs: Vec<BackendRef>,
    }
    RouteMatch { method: GrpcMethod, }
    GrpcMethod { service: String, }
    RouteFilter { r#type: String, request_redirect: Redirect, }
    Redirect { scheme: String, status_code: u16, }
    BackendRef { name: String, port: u16, }
}
