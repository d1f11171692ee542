//! The fields that the manifests use, kind by kind. kustomize renders unknown
//! fields, for example misspelt ones, without an error.
//!
//! The types are written out, because those of Kubernetes libraries accept
//! unknown fields, and because Istio and cert-manager have no such library.

mod cert_manager;
mod gateway_api;
mod istio;
mod kubernetes;
mod monitoring;

use std::collections::BTreeMap;

use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

use crate::rendering::Object;

/// Kinds whose fields are not checked. A new kind gets a type, or is added here.
const UNCHECKED: [&str; 11] = [
    "ConfigMap",
    "EnvoyFilter",
    "GCPBackendPolicy",
    "GCPGatewayPolicy",
    "HealthCheckPolicy",
    "HorizontalPodAutoscaler",
    "Namespace",
    "NetworkPolicy",
    "PodDisruptionBudget",
    "RequestAuthentication",
    "ServiceAccount",
];

/// Checks the fields of an object against the type of its kind.
///
/// # Errors
/// If the kind or a field is unknown, or a field has another type.
pub fn check(object: &Object) -> Result<(), String> {
    let group = object.api_version.split('/').next().unwrap_or_default();
    match (group, object.kind.as_str()) {
        ("apps", "Deployment") => read::<kubernetes::Deployment>(object),
        ("batch", "Job") => read::<kubernetes::Job>(object),
        ("v1", "Service") => read::<kubernetes::Service>(object),
        ("networking.istio.io", "VirtualService") => read::<istio::VirtualService>(object),
        ("networking.istio.io", "Gateway") => read::<istio::Gateway>(object),
        ("networking.istio.io", "DestinationRule") => read::<istio::DestinationRule>(object),
        ("security.istio.io", "AuthorizationPolicy") => read::<istio::AuthorizationPolicy>(object),
        ("security.istio.io", "PeerAuthentication") => read::<istio::PeerAuthentication>(object),
        ("telemetry.istio.io", "Telemetry") => read::<istio::Telemetry>(object),
        ("monitoring.coreos.com", "PodMonitor") => read::<monitoring::PodMonitor>(object),
        ("monitoring.googleapis.com", "PodMonitoring") => read::<monitoring::PodMonitoring>(object),
        ("monitoring.coreos.com", "PrometheusRule")
        | ("monitoring.googleapis.com", "ClusterRules") => read::<monitoring::Rules>(object),
        ("gateway.networking.k8s.io", "Gateway") => read::<gateway_api::Gateway>(object),
        ("gateway.networking.k8s.io", "HTTPRoute" | "GRPCRoute") => {
            read::<gateway_api::Route>(object)
        }
        ("cert-manager.io", "Certificate") => read::<cert_manager::Certificate>(object),
        ("cert-manager.io", "ClusterIssuer") => read::<cert_manager::ClusterIssuer>(object),
        (_, kind) if UNCHECKED.contains(&kind) => Ok(()),
        (group, kind) => Err(format!(
            "the kind {kind} of {group} is unknown here; add a type to manifests::spec"
        )),
    }
}

fn read<T: DeserializeOwned>(object: &Object) -> Result<(), String> {
    let rest = Value::Object(object.rest.clone());
    match serde_json::from_value::<With<T>>(rest) {
        Ok(_) => Ok(()),
        Err(error) => Err(error.to_string()),
    }
}

/// The fields of an object beside its metadata.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct With<T> {
    #[allow(dead_code, reason = "only read to check its fields")]
    spec: Option<T>,
}

type Labels = BTreeMap<String, String>;

/// Defines types that refuse unknown fields. Every field is optional: the
/// cluster reports what is missing.
macro_rules! closed {
    ($($name:ident { $($(#[$meta:meta])* $field:ident: $type:ty,)* })*) => {$(
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase", deny_unknown_fields)]
        #[allow(dead_code, reason = "only read to check its fields")]
        pub(super) struct $name {
            $($(#[$meta])* $field: Option<$type>,)*
        }
    )*};
}

use closed;
