//! The Kubernetes manifests as kustomize renders them. Metadata and the pods of
//! our programs are read strictly: a field that these types do not know is an
//! error, because a test cannot check what it does not see. `specs` does the same
//! for the other fields of most kinds.

use std::{collections::BTreeMap, fs, path::Path, process::Command, sync::LazyLock};

use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Map, Value};

const K8S: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../k8s");

/// What one kustomization renders.
pub(crate) struct Rendering {
    /// For example `overlays/kind`.
    pub(crate) name: String,
    pub(crate) objects: Vec<Object>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Object {
    pub(crate) api_version: String,
    pub(crate) kind: String,
    pub(crate) metadata: Metadata,
    #[serde(flatten)]
    pub(crate) rest: Map<String, Value>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Metadata {
    #[serde(default)]
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) namespace: String,
    #[serde(default)]
    pub(crate) labels: BTreeMap<String, String>,
    #[serde(default)]
    #[allow(dead_code, reason = "that they are strings is what counts")]
    annotations: BTreeMap<String, String>,
}

/// A workload of ours: the pods of one Deployment or Job.
pub(crate) struct Workload {
    /// For the messages of tests.
    pub(crate) name: String,
    pub(crate) pod: PodSecurity,
    pub(crate) container: Container,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct PodSecurity {
    pub(crate) run_as_non_root: bool,
    pub(crate) run_as_user: u32,
    pub(crate) run_as_group: u32,
    pub(crate) seccomp_profile: Value,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Container {
    #[allow(dead_code, reason = "known, but of no consequence here")]
    name: String,
    pub(crate) image: String,
    #[serde(default)]
    args: Vec<String>,
    #[serde(default)]
    env: Vec<Variable>,
    #[serde(default)]
    pub(crate) ports: Vec<ContainerPort>,
    pub(crate) startup_probe: Option<Probe>,
    pub(crate) readiness_probe: Option<Probe>,
    pub(crate) liveness_probe: Option<Probe>,
    pub(crate) security_context: ContainerSecurity,
    pub(crate) resources: Value,
    #[serde(default)]
    pub(crate) volume_mounts: Vec<VolumeMount>,
    #[serde(default)]
    #[allow(dead_code, reason = "known, but of no consequence here")]
    termination_message_policy: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Variable {
    name: String,
    #[allow(dead_code, reason = "a Secret's, which is not here")]
    value_from: Value,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct ContainerPort {
    pub(crate) name: String,
    pub(crate) container_port: u16,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct ContainerSecurity {
    pub(crate) allow_privilege_escalation: bool,
    pub(crate) read_only_root_filesystem: bool,
    pub(crate) capabilities: Capabilities,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Capabilities {
    pub(crate) drop: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct VolumeMount {
    #[allow(dead_code, reason = "known, but of no consequence here")]
    name: String,
    pub(crate) mount_path: String,
    #[serde(default)]
    pub(crate) read_only: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Probe {
    pub(crate) http_get: Option<HttpGet>,
    pub(crate) grpc: Option<Grpc>,
    #[serde(default)]
    #[allow(dead_code, reason = "known, but of no consequence here")]
    period_seconds: u32,
    #[serde(default)]
    #[allow(dead_code, reason = "known, but of no consequence here")]
    failure_threshold: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct HttpGet {
    pub(crate) path: String,
    pub(crate) port: PortRef,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Grpc {
    pub(crate) port: u16,
    #[serde(default)]
    pub(crate) service: String,
}

/// A port by its number, or by the name that the container gives it.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum PortRef {
    Number(u16),
    Name(String),
}

impl Container {
    /// The image's name, without registry and tag: our program's name.
    pub(crate) fn program(&self) -> &str {
        let name = self.image.rsplit('/').next().unwrap_or_default();
        name.split(':').next().unwrap_or_default()
    }

    /// The arguments as the program gets them: `$(NAME)` stands for a variable,
    /// whose name serves as its value here.
    pub(crate) fn args(&self) -> Vec<String> {
        let fill = |arg: &String| {
            self.env.iter().fold(arg.clone(), |arg, variable| {
                arg.replace(&format!("$({})", variable.name), &variable.name)
            })
        };
        let args: Vec<_> = self.args.iter().map(fill).collect();
        assert!(!args.iter().any(|arg| arg.contains("$(")), "{args:?}");
        args
    }

    /// The number of a port of this container.
    pub(crate) fn port(&self, port: &PortRef) -> Option<u16> {
        let found = self.ports.iter().find(|it| match port {
            PortRef::Number(number) => it.container_port == *number,
            PortRef::Name(name) => it.name == *name,
        });
        found.map(|it| it.container_port)
    }

    pub(crate) fn probes(&self) -> impl Iterator<Item = &Probe> {
        let all = [
            &self.startup_probe,
            &self.readiness_probe,
            &self.liveness_probe,
        ];
        all.into_iter().flatten()
    }
}

impl Rendering {
    pub(crate) fn objects(&self, kind: &str) -> impl Iterator<Item = &Object> {
        self.objects.iter().filter(move |it| it.kind == kind)
    }

    pub(crate) fn object(&self, kind: &str, name: &str) -> Option<&Object> {
        self.objects(kind).find(|it| it.metadata.name == name)
    }

    /// What runs our images.
    pub(crate) fn workloads(&self) -> impl Iterator<Item = Workload> {
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

    /// The workload of this name.
    pub(crate) fn workload(&self, kind: &str, name: &str) -> Workload {
        let name = format!("{}: {kind} {name}", self.name);
        let found = self.workloads().find(|it| it.name == name);
        found.unwrap_or_else(|| panic!("no {name}"))
    }
}

impl Object {
    /// A field of the pods that this makes, if it makes any.
    pub(crate) fn pod_spec(&self, field: &str) -> Option<&Value> {
        self.rest
            .get("spec")?
            .get("template")?
            .get("spec")?
            .get(field)
    }

    /// A field of `spec`.
    pub(crate) fn spec<T: DeserializeOwned>(&self, field: &str) -> T {
        typed(self.rest["spec"][field].clone())
    }
}

fn typed<T: DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value.clone()).unwrap_or_else(|error| panic!("{error} in {value:#}"))
}

/// Every kustomization that is meant to be rendered.
pub(crate) static RENDERINGS: LazyLock<Vec<Rendering>> = LazyLock::new(|| {
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

/// Renders one kustomization.
pub(crate) fn render(name: &str) -> Rendering {
    let output = Command::new("kubectl")
        .arg("kustomize")
        .arg(Path::new(K8S).join(name))
        .output()
        .expect("kubectl is missing: install it (1.31 or later)");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{name}: {errors}");
    let text = String::from_utf8(output.stdout).unwrap();
    let documents: Vec<Value> =
        serde_saphyr::from_multiple(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
    Rendering {
        name: name.to_owned(),
        objects: documents.into_iter().map(typed).collect(),
    }
}
