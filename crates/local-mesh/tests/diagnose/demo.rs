//! The demo's gateway, as a user of it would ask.

use local_mesh::{Mesh, MeshConfig};
use tempfile::TempDir;

use crate::arranged::Arranged;

async fn demo() -> (Mesh, TempDir) {
    let directory = TempDir::new().unwrap();
    let config = MeshConfig {
        http_port: 0,
        https_port: 0,
        directory: directory.path().to_owned(),
        log: tokio::sync::mpsc::unbounded_channel().0,
    };
    (Mesh::start(&config).await.unwrap(), directory)
}

#[tokio::test]
async fn the_demo_is_well_and_its_ports_are_told_apart() {
    let (mesh, _directory) = demo().await;
    let ca = mesh.ca.to_str().unwrap();
    let (https, http) = (
        format!("localhost:{}", mesh.https.port()),
        format!("localhost:{}", mesh.http.port()),
    );
    let tls = Arranged::new(["--tls", "--cacert", ca, "--addr", &https]);
    let run = tls.gives("ok").await;
    assert_eq!(
        (run.mark("tls"), run.mark("health")),
        ("ok", "ok"),
        "{run:?}"
    );
    for (args, code) in [
        (Arranged::new(["--addr", &http]), "ok"),
        (
            Arranged::new(["--tls", "--addr", &https]),
            "tls_unknown_issuer",
        ),
        (Arranged::new(["--addr", &https]), "http2_tls_server"),
        (
            Arranged::new(["--tls", "--addr", &http]),
            "tls_plaintext_server",
        ),
    ] {
        args.gives(code).await;
    }
}

#[tokio::test]
async fn the_demo_without_greeters_has_no_healthy_upstream() {
    let (mesh, _directory) = demo().await;
    for greeter in &mesh.greeters {
        greeter.terminate();
    }
    mesh.healthy_greeters(0).await.unwrap();
    let ca = mesh.ca.to_str().unwrap();
    let https = format!("localhost:{}", mesh.https.port());
    let stopped = Arranged::new(["--tls", "--cacert", ca, "--addr", &https]);
    stopped.gives("upstream_no_healthy").await;
}
