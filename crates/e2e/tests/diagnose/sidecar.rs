//! A sidecar under STRICT mTLS, met from outside the mesh.

use pki::Leaf;
use testkit::Pki;
use time::{Duration, OffsetDateTime};

use crate::{gateway::Gateway, scenario::Scenario};

pub(crate) fn workload() -> Leaf {
    Leaf::new(["spiffe://cluster.local/ns/default/sa/greeter"])
}

/// A client without the CA of the mesh.
pub(crate) async fn tls_sidecar_mtls() -> Scenario {
    let mut scenario = sidecar().await;
    scenario
        .args
        .retain(|arg| arg != "--cacert" && !arg.ends_with(".pem"));
    scenario
}

/// A client that trusts the CA of the mesh.
async fn sidecar() -> Scenario {
    Gateway::mutual(workload()).start().await
}

#[tokio::test]
async fn the_fix_is_not_to_trust_the_sidecar() {
    let run = tls_sidecar_mtls()
        .await
        .diagnosed_as("tls_sidecar_mtls")
        .await;
    run.shows("Call through the gateway, or from a pod of the mesh");
    run.shows("There is nothing to trust");
    run.shows("spiffe://cluster.local/ns/default/sa/greeter");
}

#[tokio::test]
async fn trust_or_a_foreign_certificate_does_not_change_the_verdict() {
    let other = Pki::new();
    let (cert, key) = other.issue("client", &Leaf::new(["client"]));
    let client: &[&str] = &["--cert", &cert, "--key", &key];
    for flags in [&[][..], client, &["--insecure-skip-verify"]] {
        let mut scenario = match flags {
            ["--insecure-skip-verify"] => tls_sidecar_mtls().await,
            _ => sidecar().await,
        };
        scenario
            .args
            .extend(flags.iter().map(|&flag| flag.to_owned()));
        scenario.diagnosed_as("tls_sidecar_mtls").await;
    }
}

#[tokio::test]
async fn an_expired_certificate_of_the_mesh_is_named() {
    let (mesh, now) = (Pki::new(), OffsetDateTime::now_utc());
    let leaf = Leaf {
        not_before: now - Duration::days(2),
        not_after: now - Duration::hours(1),
        ..workload()
    };
    let (cert, key) = mesh.issue("client", &leaf);
    let mut scenario = tls_sidecar_mtls().await;
    let flags = ["--insecure-skip-verify", "--cert", &cert, "--key", &key];
    scenario.args.extend(flags.map(str::to_owned));
    let run = scenario
        .diagnosed_as("tls_client_certificate_rejected")
        .await;
    run.shows("which expired on");
}

#[tokio::test]
async fn plaintext_at_a_sidecar_is_not_told_to_use_tls() {
    let mut scenario = sidecar().await;
    scenario.args = scenario.args.split_off(scenario.args.len() - 2);
    let run = scenario.diagnosed_as("http2_tls_server").await;
    run.shows("Call through the gateway, or from a pod of the mesh, since --tls does not help");
}

#[tokio::test]
async fn a_gateway_with_mutual_tls_is_no_sidecar() {
    let scenario = Gateway::mutual(testkit::localhost()).start().await;
    scenario
        .diagnosed_as("tls_client_certificate_required")
        .await;
}
