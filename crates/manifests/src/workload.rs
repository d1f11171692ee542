//! The pods of our programs. A field that these types do not know is an error, so
//! that no field goes unchecked.

mod probe;
mod security;

use serde::Deserialize;
use serde_json::Value;

pub use self::{
    probe::{Grpc, HttpGet, PortRef, Probe},
    security::{Capabilities, ContainerSecurity, PodSecurity},
};

/// The pods of one Deployment or Job that runs one of our images.
#[derive(Debug)]
pub struct Workload {
    /// The rendering, the kind and the name, for messages.
    pub name: String,
    /// The security context of the pod.
    pub pod: PodSecurity,
    /// The container that runs our image.
    pub container: ContainerSpec,
}

/// A container.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ContainerSpec {
    #[allow(dead_code, reason = "known, but not checked")]
    name: String,
    /// The image, with registry and tag.
    pub image: String,
    #[serde(default)]
    args: Vec<String>,
    #[serde(default)]
    env: Vec<Variable>,
    /// The ports that it declares.
    #[serde(default)]
    pub ports: Vec<ContainerPort>,
    /// The startup probe.
    pub startup_probe: Option<Probe>,
    /// The readiness probe.
    pub readiness_probe: Option<Probe>,
    /// The liveness probe.
    pub liveness_probe: Option<Probe>,
    /// The security context of the container.
    pub security_context: ContainerSecurity,
    /// Requests and limits, as in the manifest.
    pub resources: Value,
    /// Where its volumes are mounted.
    #[serde(default)]
    pub volume_mounts: Vec<VolumeMount>,
    #[serde(default)]
    #[allow(dead_code, reason = "known, but not checked")]
    termination_message_policy: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Variable {
    name: String,
    value: Option<String>,
    #[allow(
        dead_code,
        reason = "names a Secret or a field, which the tests do not have"
    )]
    value_from: Option<Value>,
}

/// A port that a container declares.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ContainerPort {
    /// Its name.
    pub name: String,
    /// Its number.
    pub container_port: u16,
}

/// Where a volume is mounted.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct VolumeMount {
    #[allow(dead_code, reason = "known, but not checked")]
    name: String,
    /// The path in the container.
    pub mount_path: String,
    /// Whether the mount is read-only.
    #[serde(default)]
    pub read_only: bool,
}

impl ContainerSpec {
    /// The name of the image without registry and tag, which is the program's name.
    #[must_use]
    pub fn program(&self) -> &str {
        let name = self.image.rsplit('/').next().unwrap_or_default();
        name.split(':').next().unwrap_or_default()
    }

    /// The arguments as the program gets them. The value of a variable is its
    /// name here, because the Secrets are missing.
    ///
    /// # Panics
    /// If an argument refers to a variable that the container does not set.
    #[must_use]
    pub fn args(&self) -> Vec<String> {
        let fill = |arg: &String| {
            self.env.iter().fold(arg.clone(), |arg, variable| {
                arg.replace(&format!("$({})", variable.name), &variable.name)
            })
        };
        let args: Vec<_> = self.args.iter().map(fill).collect();
        assert!(!args.iter().any(|arg| arg.contains("$(")), "{args:?}");
        args
    }

    /// The value of a variable, if the manifest contains it.
    #[must_use]
    pub fn env(&self, name: &str) -> Option<&str> {
        let found = self.env.iter().find(|it| it.name == name);
        found?.value.as_deref()
    }

    /// The number of a port that this container declares.
    #[must_use]
    pub fn port(&self, port: &PortRef) -> Option<u16> {
        let found = self.ports.iter().find(|it| match port {
            PortRef::Number(number) => it.container_port == *number,
            PortRef::Name(name) => it.name == *name,
        });
        found.map(|it| it.container_port)
    }

    /// The probes that it has.
    pub fn probes(&self) -> impl Iterator<Item = &Probe> {
        let all = [
            &self.startup_probe,
            &self.readiness_probe,
            &self.liveness_probe,
        ];
        all.into_iter().flatten()
    }
}
