//! A mesh for one test, and the real client program.
#![allow(dead_code, reason = "each test file uses a part of it")]

pub(crate) mod cluster;
pub(crate) mod containers;
pub(crate) mod manifests;
pub(crate) mod routes;
pub(crate) mod specs;

use std::{ops::Deref, path::PathBuf, process::Output, time::Duration};

use greeter_client::{Connection, Dialer, Target, tls::Tls};
use local_mesh::{Mesh, MeshConfig, binary};
use reqwest::{Certificate, Client, Response};
use tempfile::TempDir;
use tokio::{process::Command, sync::mpsc};

/// A mesh on ports and in a folder of its own.
pub(crate) struct TestMesh {
    mesh: Option<Mesh>,
    _directory: TempDir,
}

impl Deref for TestMesh {
    type Target = Mesh;

    fn deref(&self) -> &Mesh {
        self.mesh.as_ref().unwrap()
    }
}

/// How to reach the gateway.
#[derive(Clone, Copy)]
pub(crate) enum Http {
    Plain,
    Tls,
}

impl TestMesh {
    pub(crate) async fn start() -> Self {
        let directory = TempDir::new().unwrap();
        let config = MeshConfig {
            http_port: 0,
            https_port: 0,
            directory: PathBuf::from(directory.path()),
            log: mpsc::unbounded_channel().0,
        };
        Self {
            mesh: Some(Mesh::start(&config).await.unwrap()),
            _directory: directory,
        }
    }

    /// Stops it, gracefully.
    pub(crate) async fn stop(mut self) {
        self.mesh.take().unwrap().stop().await.unwrap();
    }

    /// Runs the client against the TLS port, with the mesh's CA.
    pub(crate) async fn client(&self, args: &[&str]) -> Output {
        let addr = format!("localhost:{}", self.https.port());
        let ca = self.ca.to_str().unwrap();
        client(&[&["--tls", "--cacert", ca, "--addr", &addr], args].concat()).await
    }

    /// Gets a path of the gateway's.
    pub(crate) async fn get(&self, http: Http, path: &str) -> Response {
        let ca = Certificate::from_pem(&std::fs::read(&self.ca).unwrap()).unwrap();
        let client = Client::builder()
            .no_proxy()
            .tls_certs_only([ca])
            .build()
            .unwrap();
        let base = match http {
            Http::Plain => format!("http://localhost:{}", self.http.port()),
            Http::Tls => format!("https://localhost:{}", self.https.port()),
        };
        client.get(format!("{base}{path}")).send().await.unwrap()
    }
}

/// Runs the client.
pub(crate) async fn client(args: &[&str]) -> Output {
    Command::new(binary("greeter-client").unwrap())
        .args(args)
        .kill_on_drop(true)
        .output()
        .await
        .unwrap()
}

/// A connection to a target, as the client makes it.
pub(crate) async fn dial(target: &str, tls: Option<Tls>) -> Connection {
    let target = target.parse::<Target>().unwrap();
    let dialer = Dialer::new(target, tls, Duration::from_secs(5)).unwrap();
    dialer
        .dial()
        .await
        .map_err(|failure| failure.error)
        .unwrap()
}
