//! Containers and networks that end with the test, whether it passes or not.

use std::{
    env,
    ffi::OsString,
    process::{Command as Blocking, Output, Stdio},
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::Command,
    time::timeout,
};

use super::manifests::Workload;

const PATIENCE: Duration = Duration::from_secs(60);

/// The engine that built the images, as `make test-containers` says.
fn program() -> OsString {
    env::var_os("CONTAINER_ENGINE").unwrap_or_else(|| "docker".into())
}

async fn output(args: &[&str]) -> Output {
    let command = Command::new(program())
        .args(args)
        .kill_on_drop(true)
        .output();
    let output = timeout(PATIENCE, command)
        .await
        .unwrap_or_else(|_| panic!("no end of {args:?}"));
    output.expect("a container engine is missing: install docker or podman")
}

/// Asks the engine, and gives what it printed.
pub(crate) async fn engine(args: &[&str]) -> String {
    let output = output(args).await;
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{args:?}: {errors}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// Removes without a runtime, since a failing test drops while it unwinds.
fn remove(args: &[&str]) {
    let _ = Blocking::new(program())
        .args(args)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
}

/// A private network, on which containers find each other by name.
pub(crate) struct Network(String);

impl Network {
    pub(crate) async fn create() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let next = NEXT.fetch_add(1, Ordering::Relaxed);
        let network = Self(format!("local-mesh-{}-{next}", std::process::id()));
        engine(&["network", "create", &network.0]).await;
        network
    }

    pub(crate) fn name(&self) -> &str {
        &self.0
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        remove(&["network", "rm", &self.0]);
    }
}

/// A container, which is removed when this is dropped.
pub(crate) struct Container(String);

impl Drop for Container {
    fn drop(&mut self) {
        remove(&["rm", "--force", "--volumes", &self.0]);
    }
}

impl Container {
    /// Creates a container, which waits to be started.
    pub(crate) async fn create(flags: &[&str], image: &str, args: &[&str]) -> Self {
        let command = [&["create"], flags, &[image], args].concat();
        // A pull, where there is one, tells its progress first.
        let output = engine(&command).await;
        Self(output.lines().last().unwrap().to_owned())
    }

    /// Creates what a manifest describes, on this network.
    pub(crate) async fn of(workload: &Workload, network: &Network, flags: &[&str]) -> Self {
        let confined = confinement(workload);
        // `greeter` is found as in a cluster: through a list of domains.
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

    /// Starts it, and waits until it writes a line that has these words.
    pub(crate) async fn start(&self, words: &str) {
        engine(&["start", &self.0]).await;
        self.wait_for_line(words).await;
    }

    /// Waits until it has written a line that has these words.
    pub(crate) async fn wait_for_line(&self, words: &str) {
        let script = r#"exec "$0" logs --follow "$1" 2>&1"#;
        let mut logs = Command::new("sh")
            .args(["-c", script])
            .arg(program())
            .arg(&self.0)
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(logs.stdout.take().unwrap()).lines();
        let mut seen = Vec::new();
        let search = async {
            while let Some(line) = lines.next_line().await.unwrap() {
                let found = line.contains(words);
                seen.push(line);
                if found {
                    return true;
                }
            }
            false
        };
        let found = timeout(PATIENCE, search).await;
        assert_eq!(found, Ok(true), "no {words:?} in {seen:?}");
    }

    /// Runs it to its end.
    pub(crate) async fn run(&self) -> Output {
        output(&["start", "--attach", &self.0]).await
    }

    /// Sends SIGTERM, as Kubernetes does, and gives the exit code.
    pub(crate) async fn stop(&self, grace: &str) -> i32 {
        engine(&["stop", "--time", grace, &self.0]).await;
        self.inspect("{{.State.ExitCode}}").await.parse().unwrap()
    }

    /// Its address on its network.
    pub(crate) async fn address(&self) -> String {
        self.inspect("{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}")
            .await
    }

    /// Where this port of its is published on this machine.
    pub(crate) async fn published(&self, port: &str) -> String {
        engine(&["port", &self.0, port]).await
    }

    async fn inspect(&self, format: &str) -> String {
        engine(&["inspect", "--format", format, &self.0]).await
    }
}

/// The manifest's security context and memory limit, as the engine's flags.
fn confinement(workload: &Workload) -> Vec<String> {
    let (name, pod, container) = (&workload.name, &workload.pod, &workload.container);
    let security = &container.security_context;
    assert!(pod.run_as_non_root, "{name}");
    // That is the engine's default too.
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
