//! The container engine's command line, and networks that are removed on drop.

use std::{
    env,
    ffi::OsString,
    process::{Command as Blocking, Output, Stdio},
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use tokio::{process::Command, time::timeout};

pub(crate) const TIMEOUT: Duration = Duration::from_secs(60);

/// The engine that `make test-containers` built the images with.
pub(crate) fn program() -> OsString {
    env::var_os("CONTAINER_ENGINE").unwrap_or_else(|| "docker".into())
}

/// Runs the engine to its end.
pub(crate) async fn output(args: &[&str]) -> Output {
    let command = Command::new(program())
        .args(args)
        .kill_on_drop(true)
        .output();
    let output = timeout(TIMEOUT, command)
        .await
        .unwrap_or_else(|_| panic!("{args:?} did not end within {TIMEOUT:?}"));
    output.expect("the container engine is missing: install docker or podman")
}

/// Runs the engine, and returns its standard output.
///
/// # Panics
/// If the engine is missing, fails, or takes more than a minute.
pub async fn engine(args: &[&str]) -> String {
    let output = output(args).await;
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{args:?}: {errors}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// Removes something. It blocks, because a failing test drops while it unwinds,
/// where no runtime is left.
pub(crate) fn remove(args: &[&str]) {
    let _ = Blocking::new(program())
        .args(args)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
}

/// A private network, on which containers resolve each other's names. It is
/// removed on drop.
#[derive(Debug)]
pub struct Network(String);

impl Network {
    /// Creates a network.
    pub(crate) async fn create() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let next = NEXT.fetch_add(1, Ordering::Relaxed);
        let network = Self(format!("manifests-{}-{next}", std::process::id()));
        engine(&["network", "create", &network.0]).await;
        network
    }

    /// Its name, as `--network` takes it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        remove(&["network", "rm", &self.0]);
    }
}
