//! A rollout of the gateway behind a second Envoy, whose endpoints follow it.

use std::{fs, mem, path::PathBuf};

use e2e::TestMesh;
use local_mesh::envoy::{Gateway, StandaloneEnvoy};
use tempfile::TempDir;
use testkit::{Pki, localhost};

use crate::load::{Row, Target, while_replaced};

const CONFIG: &str = include_str!("front.yaml");
const TCP: &str = include_str!("front-tcp.yaml");
const HTTP: &str = include_str!("front-http.yaml");

/// The front passes TCP on: the client sees the gateway's GOAWAY.
pub(crate) async fn behind_tcp() -> Row {
    rollout(TCP).await
}

/// The front ends HTTP/2: it sees the gateway's GOAWAY itself.
pub(crate) async fn behind_http() -> Row {
    rollout(HTTP).await
}

async fn rollout(variant: &str) -> Row {
    let mut fleet = Fleet::start(variant).await;
    let target = Target {
        addr: format!("localhost:{}", fleet.front.address.port()),
        ca: Some(fleet.pki.ca()),
    };
    while_replaced(&target, async || fleet.replace().await).await
}

/// Greeters, the gateway in front of them, and the front.
struct Fleet {
    mesh: TestMesh,
    gateway: Gateway,
    front: StandaloneEnvoy,
    pki: Pki,
    /// The directories of the gateways.
    directory: TempDir,
    started: usize,
}

impl Fleet {
    async fn start(variant: &str) -> Self {
        let (mesh, pki) = (TestMesh::start().await, Pki::new());
        let directory = TempDir::new().unwrap();
        let gateway = gateway(&directory, 1, &pki, &mesh).await.unwrap();
        let _files = pki.issue("front", &localhost());
        write_endpoints(&pki, &[&gateway]).unwrap();
        let config = CONFIG.replace("${FILTER_CHAIN_AND_CLUSTER}", variant);
        let front = StandaloneEnvoy::start(&config, pki.directory.path()).await;
        Self {
            mesh,
            gateway,
            front: front.unwrap(),
            pki,
            directory,
            started: 1,
        }
    }

    /// Starts a gateway, moves the endpoints to it, and drains the old one.
    async fn replace(&mut self) -> anyhow::Result<()> {
        self.started += 1;
        let new = gateway(&self.directory, self.started, &self.pki, &self.mesh).await?;
        write_endpoints(&self.pki, &[&self.gateway, &new])?;
        self.front.has_endpoints("gateways", 2).await?;
        write_endpoints(&self.pki, &[&new])?;
        self.front.has_endpoints("gateways", 1).await?;
        mem::replace(&mut self.gateway, new).stop().await
    }
}

async fn gateway(
    directory: &TempDir,
    number: usize,
    pki: &Pki,
    mesh: &TestMesh,
) -> anyhow::Result<Gateway> {
    let directory = directory.path().join(number.to_string());
    fs::create_dir(&directory)?;
    let issued = pki.authority.issue(&localhost())?;
    issued.write(&directory.join("cert.pem"), &directory.join("key.pem"))?;
    Gateway::start(&directory, &mesh.greeter_addresses).await
}

/// Moves new endpoints of the front into place.
fn write_endpoints(pki: &Pki, gateways: &[&Gateway]) -> anyhow::Result<()> {
    let endpoints = gateways.iter().map(|gateway| {
        let port = gateway.https.port();
        format!("{{ endpoint: {{ address: {{ socket_address: {{ address: 127.0.0.1, port_value: {port} }} }} }} }}")
    });
    let endpoints: Vec<_> = endpoints.collect();
    let text = format!(
        r#"resources:
  - "@type": type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment
    cluster_name: gateways
    endpoints: [{{ lb_endpoints: [{}] }}]
"#,
        endpoints.join(", ")
    );
    let [new, file] = ["endpoints.new", "endpoints.yaml"].map(|it| PathBuf::from(pki.path(it)));
    fs::write(&new, text)?;
    Ok(fs::rename(new, file)?)
}
