//! The pods of our programs. A field that these types do not know is an error,
//! because a test cannot check what it does not see.

use serde::Deserialize;
use serde_json::Value;

/// The pods of one Deployment or Job that runs one of our images.
#[derive(Debug)]
pub struct Workload {
    /// The rendering, the kind and the name, for messages.
    pub name: String,
    /// The security context of the pod.
    pub pod: PodSecurity,
    /// The container that runs our image.
    pub container: Container,
}

/// The security context of a pod.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PodSecurity {
    /// Whether the kubelet refuses to run it as root.
    pub run_as_non_root: bool,
    /// The user ID.
    pub run_as_user: u32,
    /// The group ID.
    pub run_as_group: u32,
    /// The seccomp profile, as in the manifest.
    pub seccomp_profile: Value,
}

/// A container.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Container {
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
    #[allow(dead_code, reason = "names a Secret, which the tests do not have")]
    value_from: Value,
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

/// The security context of a container.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ContainerSecurity {
    /// Whether it may gain privileges, for example by setuid.
    pub allow_privilege_escalation: bool,
    /// Whether its root file system is read-only.
    pub read_only_root_filesystem: bool,
    /// Its Linux capabilities.
    pub capabilities: Capabilities,
}

/// The Linux capabilities of a container.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Capabilities {
    /// Those that it drops.
    pub drop: Vec<String>,
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

/// A probe of the kubelet.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Probe {
    /// An HTTP probe.
    pub http_get: Option<HttpGet>,
    /// A gRPC health probe.
    pub grpc: Option<Grpc>,
    #[serde(default)]
    #[allow(dead_code, reason = "known, but not checked")]
    period_seconds: u32,
    #[serde(default)]
    #[allow(dead_code, reason = "known, but not checked")]
    failure_threshold: u32,
}

/// An HTTP probe.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HttpGet {
    /// The path of the request.
    pub path: String,
    /// The port of the container.
    pub port: PortRef,
}

/// A gRPC health probe.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grpc {
    /// The port of the container.
    pub port: u16,
    /// The service whose health is checked; empty for the whole server.
    #[serde(default)]
    pub service: String,
}

/// A port, by number or by the name that the container declares.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum PortRef {
    /// The number.
    Number(u16),
    /// The name.
    Name(String),
}

impl Container {
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
