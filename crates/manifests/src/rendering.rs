//! What kustomize renders. An unknown field of the metadata is an error.

use std::{collections::BTreeMap, fs, path::Path, process::Command, sync::LazyLock};

use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Map, Value};

use crate::workload::Workload;

pub(crate) const K8S: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../k8s");

/// The objects that one kustomization renders.
#[derive(Debug)]
pub struct Rendering {
    /// For example `overlays/kind`.
    pub name: String,
    /// The objects, in order.
    pub objects: Vec<Object>,
}

/// A Kubernetes object.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Object {
    /// For example `apps/v1`.
    pub api_version: String,
    /// For example `Deployment`.
    pub kind: String,
    /// Its metadata.
    pub metadata: Metadata,
    /// All other fields.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

/// The metadata of an object.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Metadata {
    /// Its name.
    #[serde(default)]
    pub name: String,
    /// Its namespace; empty for an object without one.
    #[serde(default)]
    pub namespace: String,
    /// Its labels.
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
    #[serde(default)]
    #[allow(dead_code, reason = "read to check that the values are strings")]
    annotations: BTreeMap<String, String>,
}

impl Rendering {
    /// The objects of a kind.
    pub fn objects(&self, kind: &str) -> impl Iterator<Item = &Object> {
        self.objects.iter().filter(move |it| it.kind == kind)
    }

    /// The object of this kind and name.
    #[must_use]
    pub fn object(&self, kind: &str, name: &str) -> Option<&Object> {
        self.objects(kind).find(|it| it.metadata.name == name)
    }

    /// The workloads that run our images.
    pub fn workloads(&self) -> impl Iterator<Item = Workload> {
        let programs = ["hello-server", "greeter-server", "greeter-client"];
        self.objects.iter().flat_map(move |object| {
            let containers = object.pod_spec("containers").cloned();
            let containers: Vec<Value> = containers.map(typed).unwrap_or_default();
            let ours = move |container: &Value| {
                let image = container["image"].as_str().unwrap_or_default();
                let name = image.rsplit('/').next().unwrap_or_default();
                programs.contains(&name.split(':').next().unwrap_or_default())
            };
            containers
                .into_iter()
                .filter(ours)
                .map(|container| Workload {
                    name: format!("{}: {} {}", self.name, object.kind, object.metadata.name),
                    pod: typed(object.pod_spec("securityContext").unwrap().clone()),
                    container: typed(container),
                })
        })
    }

    /// The workload of this kind and name.
    ///
    /// # Panics
    /// If there is none.
    #[must_use]
    pub fn workload(&self, kind: &str, name: &str) -> Workload {
        let name = format!("{}: {kind} {name}", self.name);
        let found = self.workloads().find(|it| it.name == name);
        found.unwrap_or_else(|| panic!("no {name}"))
    }
}

impl Object {
    /// A field of the pod template's `spec`, if the object has a pod template.
    #[must_use]
    pub fn pod_spec(&self, field: &str) -> Option<&Value> {
        self.rest
            .get("spec")?
            .get("template")?
            .get("spec")?
            .get(field)
    }

    /// The labels of the pod template; null without one.
    #[must_use]
    pub fn pod_labels(&self) -> &Value {
        &self.rest["spec"]["template"]["metadata"]["labels"]
    }

    /// A field of `spec`.
    ///
    /// # Panics
    /// If the field has another type.
    #[must_use]
    pub fn spec<T: DeserializeOwned>(&self, field: &str) -> T {
        typed(self.rest["spec"][field].clone())
    }
}

/// Every overlay and every test kustomization, rendered. Components are left out.
pub static RENDERINGS: LazyLock<Vec<Rendering>> = LazyLock::new(|| {
    let mut all = Vec::new();
    for group in ["overlays", "tests"] {
        let folders = fs::read_dir(Path::new(K8S).join(group)).unwrap();
        for folder in folders.map(|it| it.unwrap().path()) {
            let text = fs::read_to_string(folder.join("kustomization.yaml")).unwrap_or_default();
            if text.contains("kind: Kustomization\n") {
                let name = folder.file_name().unwrap().to_str().unwrap();
                all.push(render(&format!("{group}/{name}")));
            }
        }
    }
    assert!(!all.is_empty(), "nothing to render in {K8S}");
    all
});

/// Renders a kustomization below `k8s`, for example `overlays/kind`.
///
/// # Panics
/// If kubectl is missing or fails, or an object has an unknown form.
#[must_use]
pub fn render(name: &str) -> Rendering {
    let output = Command::new("kubectl")
        .arg("kustomize")
        .arg(Path::new(K8S).join(name))
        .output()
        .expect("kubectl is missing: install version 1.31 or later");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{name}: {errors}");
    parse(name, &String::from_utf8(output.stdout).unwrap())
}

/// Reads what a kustomization of this name rendered.
///
/// # Panics
/// If it is no YAML, or an object has an unknown form.
#[must_use]
pub fn parse(name: &str, text: &str) -> Rendering {
    let documents: Vec<Value> =
        serde_saphyr::from_multiple(text).unwrap_or_else(|error| panic!("{name}: {error}"));
    Rendering {
        name: name.to_owned(),
        objects: documents.into_iter().map(typed).collect(),
    }
}

fn typed<T: DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value.clone()).unwrap_or_else(|error| panic!("{error} in {value:#}"))
}
