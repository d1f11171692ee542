//! A real browser for tests: Chromium, driven over the DevTools protocol.
//!
//! Its pipe carries JSON messages, so that a driver needs no WebSocket and no port, and
//! is a few screens of code: the crates that have one generate all of the protocol, and
//! take longer to build than the rest of the tests.

mod connection;
mod page;

use std::{env, path::PathBuf, process::Stdio, sync::Arc};

use serde_json::json;
use tempfile::TempDir;
use tokio::process::{Child, Command};

use self::connection::Connection;
pub use self::page::Page;

/// The names of the program on different systems.
const PROGRAMS: [&str; 4] = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
];

/// The pipe is file descriptors 3 and 4, which only a shell can set without `unsafe`.
const WITH_PIPE: &str = r#"exec "$@" 3<&0 4>&1 </dev/null >/dev/null 2>&1"#;

const ARGS: [&str; 11] = [
    "--headless=new",
    "--remote-debugging-pipe",
    // CI is root in a container. The pages are the project's own.
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    // The certificate authority is the test's own.
    "--ignore-certificate-errors",
    "--no-proxy-server",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--hide-scrollbars",
];

/// A running browser. It is killed on drop.
#[derive(Debug)]
pub struct Browser {
    connection: Arc<Connection>,
    _process: Child,
    _profile: TempDir,
}

impl Browser {
    /// Starts the browser, without a page.
    ///
    /// # Panics
    /// If Chromium is not installed.
    pub fn start() -> Self {
        let profile = TempDir::new().unwrap();
        let mut process = Command::new("bash")
            .args(["-c", WITH_PIPE, "bash"])
            .arg(program())
            .args(ARGS)
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let requests = process.stdin.take().unwrap();
        let messages = process.stdout.take().unwrap();
        Self {
            connection: Connection::start(requests, messages),
            _process: process,
            _profile: profile,
        }
    }

    /// Opens an empty page, in front of the others.
    ///
    /// # Panics
    /// If the browser ends.
    pub async fn page(&self) -> Page {
        let target = json!({"url": "about:blank"});
        let target = self.connection.call("Target.createTarget", target).await;
        let attach = json!({"targetId": target["targetId"], "flatten": true});
        let session = self.connection.call("Target.attachToTarget", attach).await;
        let session = session["sessionId"].as_str().unwrap().to_owned();
        Page::new(Arc::clone(&self.connection), session).await
    }
}

fn program() -> PathBuf {
    let path = env::var_os("PATH").unwrap_or_default();
    let folders: Vec<_> = env::split_paths(&path).collect();
    let places = |name| folders.iter().map(move |folder| folder.join(name));
    let found = PROGRAMS.iter().flat_map(places).find(|it| it.is_file());
    found.expect("no Chromium on PATH; install Debian's package chromium")
}
