//! A local mesh for one test.

use std::{
    fs,
    ops::{Deref, DerefMut},
    process::Output,
};

use local_mesh::{Mesh, MeshConfig};
use reqwest::{Certificate, Client, Response};
use tempfile::TempDir;
use tokio::sync::mpsc;

use crate::client;

/// A mesh on free ports, with a directory of its own.
#[derive(Debug)]
pub struct TestMesh {
    mesh: Mesh,
    _directory: TempDir,
}

impl Deref for TestMesh {
    type Target = Mesh;

    fn deref(&self) -> &Mesh {
        &self.mesh
    }
}

impl DerefMut for TestMesh {
    fn deref_mut(&mut self) -> &mut Mesh {
        &mut self.mesh
    }
}

/// A listener of the gateway.
#[derive(Clone, Copy, Debug)]
pub enum Http {
    /// The plaintext port.
    Plain,
    /// The TLS port.
    Tls,
}

impl TestMesh {
    /// Starts a mesh, and waits until the gateway finds every server healthy.
    ///
    /// # Panics
    /// If Envoy or a server program is missing, or does not start.
    pub async fn start() -> Self {
        Self::with_greeters(&[]).await
    }

    /// As [`start`](Self::start), with further arguments of the greeters.
    ///
    /// # Panics
    /// If Envoy or a server program is missing, or does not start.
    pub async fn with_greeters(args: &[&str]) -> Self {
        Self::with(args, &[], None).await
    }

    /// As [`start`](Self::start), with further arguments of hello.
    ///
    /// # Panics
    /// If Envoy or a server program is missing, or does not start.
    pub async fn with_hello(args: &[&str]) -> Self {
        Self::with(&[], args, None).await
    }

    /// As [`with_hello`](Self::with_hello); the second greeter, the canary, gets this
    /// share of the greetings.
    ///
    /// # Panics
    /// If Envoy or a server program is missing, or does not start.
    pub async fn with_canary(percent: u32, args: &[&str]) -> Self {
        Self::with(&[], args, Some(percent)).await
    }

    async fn with(greeter_args: &[&str], hello_args: &[&str], canary_percent: Option<u32>) -> Self {
        let owned = |args: &[&str]| args.iter().map(|&arg| arg.to_owned()).collect();
        let directory = TempDir::new().unwrap();
        let config = MeshConfig {
            http_port: 0,
            https_port: 0,
            directory: directory.path().to_owned(),
            collector: None,
            observed: false,
            greeter_args: owned(greeter_args),
            hello_args: owned(hello_args),
            canary_percent,
            log: mpsc::unbounded_channel().0,
        };
        Self {
            mesh: Mesh::start(&config).await.unwrap(),
            _directory: directory,
        }
    }

    /// Stops it gracefully.
    ///
    /// # Panics
    /// If a program had to be killed.
    pub async fn stop(self) {
        self.mesh.stop().await.unwrap();
    }

    /// The gateway's TLS port, as the client's `--addr` takes it.
    #[must_use]
    pub fn https_addr(&self) -> String {
        format!("localhost:{}", self.https.port())
    }

    /// The gateway's plaintext port, as the client's `--addr` takes it.
    #[must_use]
    pub fn http_addr(&self) -> String {
        format!("localhost:{}", self.http.port())
    }

    /// The path of the CA certificate, as the client's `--cacert` takes it.
    ///
    /// # Panics
    /// If the path is not UTF-8.
    #[must_use]
    pub fn cacert(&self) -> &str {
        self.ca.to_str().unwrap()
    }

    /// Runs `greeter-client` against the TLS port, with the mesh's CA.
    pub async fn client(&self, args: &[&str]) -> Output {
        let addr = self.https_addr();
        let tls = ["--tls", "--cacert", self.cacert(), "--addr", &addr];
        client(&[&tls[..], args].concat()).await
    }

    /// Gets a path through the gateway.
    ///
    /// # Panics
    /// If there is no response.
    pub async fn get(&self, http: Http, path: &str) -> Response {
        let ca = Certificate::from_pem(&fs::read(&self.ca).unwrap()).unwrap();
        let client = Client::builder()
            .no_proxy()
            .tls_certs_only([ca])
            .build()
            .unwrap();
        let base = match http {
            Http::Plain => format!("http://{}", self.http_addr()),
            Http::Tls => format!("https://{}", self.https_addr()),
        };
        client.get(format!("{base}{path}")).send().await.unwrap()
    }
}
