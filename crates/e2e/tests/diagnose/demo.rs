//! The demo's gateway, as a user of it would ask.

use e2e::TestMesh;

use crate::arranged::Arranged;

#[tokio::test]
async fn the_demo_is_well_and_its_ports_are_told_apart() {
    let mesh = TestMesh::start().await;
    let (https, http) = (mesh.https_addr(), mesh.http_addr());
    let tls = Arranged::new(["--tls", "--cacert", mesh.cacert(), "--addr", &https]);
    let run = tls.gives("ok").await;
    assert_eq!(
        (run.status("tls"), run.status("health")),
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
    let mesh = TestMesh::start().await;
    for greeter in &mesh.greeters {
        greeter.terminate();
    }
    mesh.healthy_greeters(0).await.unwrap();
    let https = mesh.https_addr();
    let stopped = Arranged::new(["--tls", "--cacert", mesh.cacert(), "--addr", &https]);
    stopped.gives("upstream_no_healthy").await;
}
