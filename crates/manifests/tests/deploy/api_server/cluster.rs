//! A real API server, and what is in it.

use std::{
    collections::{BTreeMap, BTreeSet},
    env, fs,
    path::PathBuf,
    process::Command,
};

use tempfile::TempDir;

use crate::machine::Machine;

/// An overlay with the context that it needs, and settings that are no examples.
pub(crate) struct Target {
    pub(crate) overlay: &'static str,
    pub(crate) context: &'static str,
    /// A setting without which it is refused.
    pub(crate) example: Option<&'static str>,
    pub(crate) gateway: &'static str,
}

const SETTINGS: [(&str, &str); 7] = [
    ("DOMAIN", "hello.mesh.test"),
    ("DNS_PROJECT", "dns"),
    ("DNS_ZONE", "zone"),
    ("GCP_PROJECT", "project"),
    ("GCP_REGION", "region"),
    ("IAP_CLIENT_ID", "client"),
    ("IAP_AUDIENCE", "/projects/1/global/backendServices/*"),
];

/// The API server of `TEST_KUBECONFIG`, with a kubeconfig of the test's own.
pub(crate) struct Cluster {
    directory: TempDir,
    kubeconfig: PathBuf,
}

impl Cluster {
    /// The cluster of `TEST_KUBECONFIG`.
    pub(crate) fn new() -> Option<Self> {
        let Some(file) = env::var_os("TEST_KUBECONFIG") else {
            println!("skipped: TEST_KUBECONFIG names no kubeconfig of an API server for tests");
            return None;
        };
        let directory = TempDir::new().unwrap();
        let kubeconfig = directory.path().join("kubeconfig");
        fs::copy(file, &kubeconfig).unwrap();
        Some(Self {
            directory,
            kubeconfig,
        })
    }

    pub(crate) fn kubectl(&self, args: &[&str]) -> String {
        let mut command = Command::new("kubectl");
        let ended = command
            .args(args)
            .env("KUBECONFIG", &self.kubeconfig)
            .output()
            .unwrap();
        assert!(ended.status.success(), "kubectl {args:?}: {ended:?}");
        String::from_utf8(ended.stdout).unwrap()
    }

    pub(crate) fn apply(&self, text: &str) {
        let file = self.directory.path().join("applied.yaml");
        fs::write(&file, text).unwrap();
        let file = file.to_str().unwrap();
        self.kubectl(&[
            "apply",
            "--server-side",
            "--field-manager=others",
            "-f",
            file,
        ]);
    }

    /// A machine for a target, with all its settings.
    pub(crate) fn machine(&self, target: &Target) -> Machine {
        let current = self.kubectl(&["config", "current-context"]);
        if current.trim() != target.context {
            self.kubectl(&["config", "rename-context", current.trim(), target.context]);
        }
        let machine = Machine::new()
            .with_api_server()
            .with("OVERLAY", target.overlay);
        let machine = machine.with("KUBECONFIG", self.kubeconfig.to_str().unwrap());
        let settings = SETTINGS.iter().filter(|_| target.example.is_some());
        settings.fold(machine, |machine, (key, value)| machine.with(key, value))
    }

    /// Waits until autoscalers have given their Deployments the least replicas.
    pub(crate) fn wait_for_autoscalers(&self) {
        let columns = "custom-columns=N:.spec.scaleTargetRef.name,R:.spec.minReplicas";
        let found = self.kubectl(&[
            "get",
            "hpa",
            "--no-headers",
            "--ignore-not-found",
            "-o",
            columns,
        ]);
        for row in found.lines() {
            let fields: Vec<_> = row.split_whitespace().collect();
            let replicas = format!("--for=jsonpath={{.spec.replicas}}={}", fields[1]);
            let deployment = format!("deployment/{}", fields[0]);
            self.kubectl(&["wait", "--timeout=60s", &replicas, &deployment]);
        }
    }

    /// Every object that someone configures, with what changes if its configuration
    /// does.
    pub(crate) fn objects(&self) -> BTreeMap<String, String> {
        let kinds = self.kubectl(&["api-resources", "--verbs=list,delete", "--output=name"]);
        let transient = [
            "events",
            "leases",
            "pods",
            "replicasets",
            "nodes",
            "jobs.batch",
            "endpoint",
            "controllerrevisions",
        ];
        let kinds: Vec<_> = kinds
            .lines()
            .filter(|kind| !transient.iter().any(|name| kind.starts_with(name)))
            .collect();
        let columns = "custom-columns=K:.kind,S:.metadata.namespace,N:.metadata.name,U:.metadata.uid,G:.metadata.generation,L:.metadata.labels,V:.metadata.resourceVersion";
        let found = self.kubectl(&[
            "get",
            &kinds.join(","),
            "--all-namespaces",
            "--no-headers",
            "--ignore-not-found",
            "-o",
            columns,
        ]);
        let rows = found
            .lines()
            .map(|line| line.split_whitespace().collect::<Vec<_>>());
        rows.map(|row| {
            let [fields @ .., version] = &row[..] else {
                panic!("{row:?}")
            };
            // The status of an object with a generation changes its version.
            let has_status = ["Namespace", "HorizontalPodAutoscaler"].contains(&row[0]);
            let version = if row[4] == "<none>" && !has_status {
                version
            } else {
                &""
            };
            (
                row[..3].join(" "),
                format!("{} {version}", fields[3..].join(" ")),
            )
        })
        .collect()
    }
}

/// What differs between two sets of objects.
pub(crate) fn changes(
    before: &BTreeMap<String, String>,
    after: &BTreeMap<String, String>,
) -> Vec<String> {
    let names: BTreeSet<_> = before.keys().chain(after.keys()).collect();
    let changed = names
        .into_iter()
        .filter(|it| before.get(*it) != after.get(*it));
    changed
        .map(|it| format!("{it}: {:?}, then {:?}", before.get(it), after.get(it)))
        .collect()
}
