//! Security contexts.

use serde::Deserialize;
use serde_json::Value;

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
