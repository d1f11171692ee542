//! The images end to end, with the arguments and limits of the manifests.
//! `make test-containers` builds them and runs these tests.

use std::{collections::BTreeSet, env::consts::ARCH, process::Output};

use auditable_info::Limits;
use manifests::{Cluster, Container, crates, engine, locked};
use serde_json::Value;

const IMAGES: [&str; 3] = [
    "hello-server:dev",
    "greeter-server:dev",
    "greeter-client:dev",
];
const MEGABYTE: u64 = 1_000_000;
const ROOTS: &str = "/etc/ssl/certs/ca-certificates.crt";

#[track_caller]
fn greeted(run: &Output) {
    assert!(run.status.success(), "{run:?}");
    let output = String::from_utf8_lossy(&run.stdout);
    assert_eq!(output.lines().count(), 3, "{run:?}");
    let from: BTreeSet<_> = output.lines().collect();
    let both = [
        "Hello smoke from greeter-server-1",
        "Hello smoke from greeter-server-2",
    ];
    assert_eq!(from, BTreeSet::from(both), "{run:?}");
}

/// The client's exit code 5 is for TLS and certificates.
#[track_caller]
fn refused_the_certificate(run: &Output) {
    let errors = String::from_utf8_lossy(&run.stderr);
    assert_eq!(run.status.code(), Some(5), "{run:?}");
    assert!(errors.contains("A CA that nobody knows"), "{run:?}");
}

#[tokio::test]
#[ignore = "needs the images that `make test-containers` builds"]
async fn each_image_is_small_and_has_labels() {
    for image in IMAGES {
        let size: u64 = engine(&["image", "inspect", "--format", "{{.Size}}", image])
            .await
            .parse()
            .unwrap();
        println!("{image}: {:.2} MB", size as f64 / MEGABYTE as f64);
        assert!(size <= 10 * MEGABYTE, "{image}: {size} bytes");

        let config = engine(&["image", "inspect", "--format", "{{json .Config}}", image]).await;
        let config: Value = serde_json::from_str(&config).unwrap();
        assert_eq!(config["User"], "65532:65532");
        let label = |name| config["Labels"][format!("org.opencontainers.image.{name}")].as_str();
        for name in ["revision", "version", "licenses"] {
            assert!(label(name).is_some_and(|it| !it.is_empty()), "no {name}");
        }
        // The label is empty in a clone without a remote.
        assert!(label("source").is_some(), "{image}: no source");
    }
}

#[tokio::test]
#[ignore = "needs the images that `make test-containers` builds"]
async fn each_image_runs_confined() {
    for image in IMAGES {
        let flags = [
            "--read-only",
            "--cap-drop=ALL",
            "--user=65532:65532",
            "--memory=64m",
            "--network=none",
        ];
        let run = Container::create(&flags, image, &["--version"])
            .await
            .run()
            .await;
        let name = image.strip_suffix(":dev").unwrap();
        let output = String::from_utf8(run.stdout).unwrap();
        assert!(output.starts_with(name), "{output} {:?}", run.stderr);
    }
}

#[tokio::test]
#[ignore = "needs the images that `make test-containers` builds"]
async fn each_image_names_its_crates() {
    let locked: BTreeSet<_> = locked().into_iter().map(|it| it.0).collect();
    let folder = tempfile::tempdir().unwrap();
    for image in IMAGES {
        let name = image.strip_suffix(":dev").unwrap();
        let copy = folder.path().join(name);
        let container = Container::create(&[], image, &[]).await;
        container.copy(&format!("/{name}"), &copy).await;
        let json = auditable_info::json_from_file(&copy, Limits::default()).unwrap();
        let json: Value = serde_json::from_str(&json).unwrap();

        let packages = json["packages"].as_array().unwrap().iter();
        let named: BTreeSet<_> = packages
            .map(|it| [&it["name"], &it["version"]].map(|it| it.as_str().unwrap()))
            .map(|it| it.join(" "))
            .collect();
        // The list adds up the features that all crates of the workspace enable.
        let built = crates(name, &format!("{ARCH}-unknown-linux-gnu"));
        let missing: Vec<_> = built.difference(&named).collect();
        assert!(missing.is_empty(), "{image} does not name {missing:?}");
        let unknown: Vec<_> = named.difference(&locked).collect();
        assert!(unknown.is_empty(), "{image} names {unknown:?}");
    }
}

#[tokio::test]
#[ignore = "needs the images that `make test-containers` builds"]
async fn the_smoke_jobs_greet_by_name() {
    let cluster = Cluster::start("overlays/kind").await;
    greeted(&cluster.job("smoke-mesh", &[]).await);

    let job = cluster.overlay.workload("Job", "smoke-gateway");
    let [mount] = &job.container.volume_mounts[..] else {
        panic!("{} has not one mount", job.name);
    };
    assert!(mount.read_only);
    let ca = [(cluster.file("tls"), mount.mount_path.as_str())];
    greeted(&cluster.job("smoke-gateway", &ca).await);
}

#[tokio::test]
#[ignore = "needs the images that `make test-containers` builds"]
async fn the_client_trusts_the_systems_cas() {
    // In this overlay the Job has no --cacert.
    let cluster = Cluster::start("overlays/gke-l4").await;
    refused_the_certificate(&cluster.job("smoke-gateway", &[]).await);

    // The client trusts the CAs in the file.
    let ours = [(cluster.file("tls/ca.crt"), ROOTS)];
    greeted(&cluster.job("smoke-gateway", &ours).await);

    // With an empty file it trusts the CAs in the program.
    let none = [(cluster.file("empty"), ROOTS)];
    refused_the_certificate(&cluster.job("smoke-gateway", &none).await);
}

#[tokio::test]
#[ignore = "needs the images that `make test-containers` builds"]
async fn the_client_resolves_names_in_the_hosts_file() {
    let cluster = Cluster::start("overlays/kind").await;
    let host = format!("--add-host=in-a-file:{}", cluster.gateway.address().await);
    let flags = [&host, "--network", cluster.network.name()];
    let args = ["--addr=in-a-file:80", "--repeat=3", "smoke"];
    let client = Container::create(&flags, "greeter-client:dev", &args).await;
    greeted(&client.run().await);
}

#[tokio::test]
#[ignore = "needs the images that `make test-containers` builds"]
async fn hello_calls_the_greeters() {
    let cluster = Cluster::start("overlays/kind").await;
    let gateway = cluster.gateway.published("80").await;
    let mut from = BTreeSet::new();
    for _ in 0..4 {
        let response = reqwest::get(format!("http://{gateway}/greet/Bob"));
        let json: Value = response.await.unwrap().json().await.unwrap();
        assert_eq!(json["message"], "Hello Bob", "{json}");
        assert_eq!(json["via"], "hello-server-1", "{json}");
        from.insert(json["from"].as_str().unwrap().to_owned());
    }
    assert_eq!(from.len(), 2, "{from:?}");
}

#[tokio::test]
#[ignore = "needs the images that `make test-containers` builds"]
async fn everything_stops_within_its_grace_period() {
    let cluster = Cluster::start("overlays/kind").await;
    let load = cluster.overlay.workload("Deployment", "greeter-load");
    let load = Container::of(&load, &cluster.network, &[]).await;
    load.start("Hello load-generator from ").await;
    assert_eq!(load.stop("5").await, 0);
    let servers = [&cluster.hello, &cluster.greeters[0]].map(|it| it.stop("40"));
    for code in futures_util::future::join_all(servers).await {
        assert_eq!(code, 0);
    }
}
