//! Containers, which are removed on drop.

use std::{
    path::Path,
    process::{Output, Stdio},
};

use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::Command,
    time::timeout,
};

use crate::{
    engine::{self, Network, engine},
    workload::Workload,
};

/// A container. It is removed on drop.
#[derive(Debug)]
pub struct Container(String);

impl Drop for Container {
    fn drop(&mut self) {
        engine::remove(&["rm", "--force", "--volumes", &self.0]);
    }
}

impl Container {
    /// Creates a container without starting it.
    ///
    /// # Panics
    /// If the engine fails.
    pub async fn create(flags: &[&str], image: &str, args: &[&str]) -> Self {
        let command = [&["create"], flags, &[image], args].concat();
        // The progress of a pull comes before the ID.
        let output = engine(&command).await;
        Self(output.lines().last().unwrap().to_owned())
    }

    /// Creates the container of a workload on a network, without starting it.
    ///
    /// # Panics
    /// If the engine fails, or the security context is weaker than required.
    pub async fn of(workload: &Workload, network: &Network, flags: &[&str]) -> Self {
        let confined = confinement(workload);
        // The search domain resolves `greeter`, as in a cluster.
        let mut all = vec![
            "--network",
            network.name(),
            "--dns-search=default.svc.cluster.local",
        ];
        all.extend(confined.iter().map(String::as_str));
        all.extend(flags);
        let args = workload.container.args();
        let args: Vec<_> = args.iter().map(String::as_str).collect();
        Self::create(&all, &workload.container.image, &args).await
    }

    /// Starts it, and waits until it logs a line that contains `text`.
    ///
    /// # Panics
    /// If no such line comes within a minute.
    pub async fn start(&self, text: &str) {
        engine(&["start", &self.0]).await;
        let script = r#"exec "$0" logs --follow "$1" 2>&1"#;
        let mut logs = Command::new("sh")
            .args(["-c", script])
            .arg(engine::program())
            .arg(&self.0)
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(logs.stdout.take().unwrap()).lines();
        let mut seen = Vec::new();
        let search = async {
            while let Some(line) = lines.next_line().await.unwrap() {
                let found = line.contains(text);
                seen.push(line);
                if found {
                    return true;
                }
            }
            false
        };
        let found = timeout(engine::TIMEOUT, search).await;
        assert_eq!(found, Ok(true), "no {text:?} in {seen:?}");
    }

    /// Runs it to its end.
    pub async fn run(&self) -> Output {
        engine::output(&["start", "--attach", &self.0]).await
    }

    /// Copies a file out of it.
    ///
    /// # Panics
    /// If the engine fails.
    pub async fn copy(&self, file: &str, to: &Path) {
        let from = format!("{}:{file}", self.0);
        engine(&["cp", &from, to.to_str().unwrap()]).await;
    }

    /// Sends SIGTERM, and SIGKILL after `grace` seconds. Returns the exit code.
    ///
    /// # Panics
    /// If the engine fails.
    pub async fn stop(&self, grace: &str) -> i32 {
        engine(&["stop", "--time", grace, &self.0]).await;
        self.inspect("{{.State.ExitCode}}").await.parse().unwrap()
    }

    /// Its IP address.
    pub async fn address(&self) -> String {
        self.inspect("{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}")
            .await
    }

    /// The address on this machine at which one of its ports is published.
    pub async fn published(&self, port: &str) -> String {
        engine(&["port", &self.0, port]).await
    }

    async fn inspect(&self, format: &str) -> String {
        engine(&["inspect", "--format", format, &self.0]).await
    }
}

/// The manifest's security context and memory limit as flags of the engine.
fn confinement(workload: &Workload) -> Vec<String> {
    let (name, pod, container) = (&workload.name, &workload.pod, &workload.container);
    let security = &container.security_context;
    assert!(pod.run_as_non_root, "{name}");
    // RuntimeDefault is the engine's default too.
    assert_eq!(pod.seccomp_profile["type"], "RuntimeDefault", "{name}");
    assert!(security.read_only_root_filesystem, "{name}");
    assert!(!security.allow_privilege_escalation, "{name}");
    let memory = container.resources["limits"]["memory"].as_str();
    let memory = memory.and_then(|it| it.strip_suffix("Mi")).expect(name);
    let mut flags = vec![
        format!("--user={}:{}", pod.run_as_user, pod.run_as_group),
        "--read-only".to_owned(),
        "--security-opt=no-new-privileges".to_owned(),
        format!("--memory={memory}m"),
    ];
    assert!(!security.capabilities.drop.is_empty(), "{name}");
    let dropped = security.capabilities.drop.iter();
    flags.extend(dropped.map(|it| format!("--cap-drop={it}")));
    flags
}
