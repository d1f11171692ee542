//! Metrics, traces and logs in the cluster: whether each object can do what it is
//! there for under the policies beside it.

mod scraping;
mod telemetry;

use std::{fs, path::Path};

use manifests::{ContainerSpec, Object, Rendering};
use serde_json::Value;

const K8S: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../k8s");

const ADMIN: &str = "9090";

fn yaml(file: &str) -> Value {
    let path = Path::new(K8S).join(file);
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{file}: {error}"));
    serde_saphyr::from_str(&text).unwrap_or_else(|error| panic!("{file}: {error}"))
}

fn strings(value: &Value) -> Vec<&str> {
    let items = value.as_array().into_iter().flatten();
    items.map(|it| it.as_str().unwrap()).collect()
}

/// The object of this kind, name and namespace.
fn object<'a>(
    rendering: &'a Rendering,
    kind: &str,
    name: &str,
    namespace: &str,
) -> Option<&'a Object> {
    let mut named = rendering
        .objects(kind)
        .filter(|it| it.metadata.name == name);
    named.find(|it| it.metadata.namespace == namespace)
}

/// The Deployments of the servers, all versions.
fn servers(rendering: &Rendering) -> impl Iterator<Item = &Object> {
    rendering.objects("Deployment").filter(|it| {
        let app = it.pod_labels()["app"].as_str().unwrap_or_default();
        ["hello-server", "greeter-server"].contains(&app)
    })
}

fn container(server: &Object) -> ContainerSpec {
    let containers = server.pod_spec("containers").unwrap();
    serde_json::from_value(containers[0].clone()).unwrap()
}

fn is_ambient(rendering: &Rendering) -> bool {
    rendering.object("Gateway", "waypoint").is_some()
}
