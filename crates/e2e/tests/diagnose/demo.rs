//! The gateway of the local mesh.

use e2e::TestMesh;

use crate::scenario::Scenario;

#[tokio::test]
async fn the_verdict_of_each_port_depends_on_tls() {
    let mesh = TestMesh::start().await;
    let (https, http) = (mesh.https_addr(), mesh.http_addr());
    let tls = Scenario::new(["--tls", "--cacert", mesh.cacert(), "--addr", &https]);
    let run = tls.diagnosed_as("ok").await;
    assert_eq!(
        (run.status("tls"), run.status("health")),
        ("ok", "ok"),
        "{run:?}"
    );
    for (args, code) in [
        (Scenario::new(["--addr", &http]), "ok"),
        (
            Scenario::new(["--tls", "--addr", &https]),
            "tls_unknown_issuer",
        ),
        (Scenario::new(["--addr", &https]), "http2_tls_server"),
        (
            Scenario::new(["--tls", "--addr", &http]),
            "tls_plaintext_server",
        ),
    ] {
        args.diagnosed_as(code).await;
    }
}

#[tokio::test]
async fn a_mesh_without_greeters_has_no_healthy_upstream() {
    let mesh = TestMesh::start().await;
    for greeter in &mesh.greeters {
        greeter.terminate();
    }
    mesh.healthy_greeters(0).await.unwrap();
    let https = mesh.https_addr();
    let stopped = Scenario::new(["--tls", "--cacert", mesh.cacert(), "--addr", &https]);
    stopped.diagnosed_as("upstream_no_healthy").await;
}
