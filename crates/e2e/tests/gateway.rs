//! The gateway: greetings over TLS, balanced over the greeters, and hello.

use std::collections::BTreeSet;

use e2e::{Http, TestMesh};
use reqwest::{StatusCode, Version};
use serde_json::Value;

#[tokio::test]
async fn greets_over_tls_from_both_replicas() {
    let mesh = TestMesh::start().await;
    let run = mesh.client(&["--repeat", "4", "Alice"]).await;
    assert!(run.status.success(), "{run:?}");
    let output = String::from_utf8(run.stdout).unwrap();
    assert_eq!(output.lines().count(), 4, "{output}");
    let greetings: BTreeSet<_> = output.lines().collect();
    let both = ["Hello Alice from greeter-1", "Hello Alice from greeter-2"];
    assert_eq!(greetings, BTreeSet::from(both), "{output}");
}

#[tokio::test]
async fn streams_through_the_gateway() {
    let mesh = TestMesh::start().await;
    for kind in ["server", "bidi"] {
        let run = mesh
            .client(&["--stream", kind, "--repeat", "5", "Bob"])
            .await;
        assert!(run.status.success(), "{run:?}");
        let output = String::from_utf8(run.stdout).unwrap();
        assert!(
            output
                .lines()
                .all(|line| line.starts_with("Hello Bob from greeter-")),
            "{output}"
        );
        assert!(output.lines().count() >= 5, "{output}");
    }
}

#[tokio::test]
async fn routes_other_paths_to_hello() {
    let mesh = TestMesh::start().await;
    let plain = mesh.get(Http::Plain, "/any/path?x=1").await;
    assert_eq!(plain.text().await.unwrap(), "Hello World! /any/path?x=1");

    let secure = mesh.get(Http::Tls, "/").await;
    assert_eq!(secure.version(), Version::HTTP_2);
    assert_eq!(secure.text().await.unwrap(), "Hello World! /");
}

#[tokio::test]
async fn balances_the_calls_of_hello() {
    let mesh = TestMesh::start().await;
    let mut greeters = BTreeSet::new();
    for _ in 0..4 {
        let response = mesh.get(Http::Plain, "/greet/Bob").await;
        assert_eq!(response.status(), StatusCode::OK);
        let json: Value = response.json().await.unwrap();
        assert_eq!(json["message"], "Hello Bob");
        assert_eq!(json["via"], "hello-1");
        greeters.insert(json["from"].as_str().unwrap().to_owned());
    }
    assert_eq!(greeters.len(), 2, "{greeters:?}");
}

#[tokio::test]
async fn does_not_expose_the_admin_routes() {
    let mesh = TestMesh::start().await;
    for path in ["/livez", "/readyz", "/version", "/metrics"] {
        let response = mesh.get(Http::Plain, path).await;
        assert_eq!(
            response.text().await.unwrap(),
            format!("Hello World! {path}")
        );
    }
}

#[tokio::test]
async fn explains_why_a_connection_fails() {
    let mesh = TestMesh::start().await;
    let (tls, plain) = (mesh.https_addr(), mesh.http_addr());
    for (args, code, texts) in [
        (
            &["--tls", "--addr", &tls][..],
            5,
            &["CN=local-mesh CA", "--cacert", "--insecure-skip-verify"][..],
        ),
        (&["--addr", &tls], 6, &["add --tls"]),
        (&["--tls", "--addr", &plain], 5, &["speaks plaintext"]),
    ] {
        let run = e2e::client(args).await;
        let errors = String::from_utf8(run.stderr).unwrap();
        assert_eq!(run.status.code(), Some(code), "{errors}");
        for text in texts {
            assert!(errors.contains(text), "no {text:?} in {errors}");
        }
    }
}

#[tokio::test]
async fn reports_that_no_greeter_is_healthy() {
    let mesh = TestMesh::start().await;
    for greeter in &mesh.greeters {
        greeter.terminate();
    }
    mesh.healthy_greeters(0).await.unwrap();

    let run = mesh.client(&[]).await;
    let errors = String::from_utf8(run.stderr).unwrap();
    assert_eq!(run.status.code(), Some(8), "{errors}");
    assert!(
        errors.contains("UNAVAILABLE") && errors.contains("no healthy upstream"),
        "{errors}"
    );

    let response = mesh.get(Http::Plain, "/greet/Bob").await;
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    let json: Value = response.json().await.unwrap();
    assert_eq!(json["grpc_status"], "UNAVAILABLE", "{json}");
}
