//! The admin routes are on the admin listener only.

mod support;

use reqwest::StatusCode;
use serde_json::{Value, json};
use support::start;
use testkit::clients::{h2c, http1};

#[tokio::test]
async fn the_admin_port_reports_liveness_readiness_and_version() {
    let hello = start([]).await;
    for client in [http1(), h2c()] {
        let get = async |path: &str| {
            let url = hello.admin_url(path);
            let response = client.get(url).send().await.unwrap();
            assert_eq!(response.status(), StatusCode::OK, "{path}");
            response.text().await.unwrap()
        };
        assert_eq!(get("/livez").await, "alive\n");
        assert_eq!(get("/readyz").await, "ready\n");
        let version: Value = serde_json::from_str(&get("/version").await).unwrap();
        let expected = json!({
            "name": "hello-server",
            "version": env!("CARGO_PKG_VERSION"),
            "commit": build_info::COMMIT,
            "built": build_info::DATE,
        });
        assert_eq!(version, expected);
    }
}

#[tokio::test]
async fn the_admin_port_does_not_greet() {
    let hello = start([]).await;
    for path in ["/", "/echo", "/greet/Alice"] {
        let url = hello.admin_url(path);
        let response = http1().get(url).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn the_public_port_greets_the_admin_paths_like_any_other() {
    let hello = start([]).await;
    for path in ["/livez", "/readyz", "/version", "/metrics"] {
        let response = http1().get(hello.url(path)).send().await.unwrap();
        assert_eq!(
            response.text().await.unwrap(),
            format!("Hello World! {path}")
        );
    }
}
