//! What the overlays for GKE need of Google Cloud: two replicas of controllers,
//! scrapes by managed Prometheus, and the identity that IAP signs.

use std::{collections::BTreeSet, fs};

use manifests::{RENDERINGS, Rendering};
use serde_json::{Value, json};

fn values(name: &str) -> Value {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../k8s/platform/values");
    let text = fs::read_to_string(format!("{folder}/{name}.yaml")).unwrap();
    serde_saphyr::from_str(&text).unwrap()
}

fn overlays() -> impl Iterator<Item = &'static Rendering> {
    let all = RENDERINGS.iter();
    all.filter(|it| it.name.starts_with("overlays/gke"))
}

/// A drained node would otherwise stop the injection of sidecars, and renewals.
#[test]
fn controllers_have_two_replicas_on_gke() {
    let istiod = values("istiod-gke");
    assert_eq!(istiod["autoscaleMin"], 2);
    let cert_manager = values("cert-manager-gke");
    for part in [
        &cert_manager,
        &cert_manager["webhook"],
        &cert_manager["cainjector"],
    ] {
        assert_eq!(part["replicaCount"], 2);
        assert_eq!(part["podDisruptionBudget"]["enabled"], true);
    }
}

/// `network-policy` denies egress to Google's metadata server, which proxies would
/// otherwise ask for seconds at each start.
#[test]
fn proxies_do_not_ask_the_metadata_server() {
    let istiod = values("istiod-gke");
    let metadata = &istiod["meshConfig"]["defaultConfig"]["proxyMetadata"];
    assert_eq!(metadata, &json!({"CLOUD_PLATFORM": "none"}));
}

/// Managed Prometheus runs in `gmp-system`, and on newer clusters and on Autopilot in
/// `gke-gmp-system`.
#[test]
fn managed_prometheus_can_scrape_every_target() {
    let mut checked = 0;
    for rendering in overlays() {
        let policy = rendering.object("NetworkPolicy", "metrics").unwrap();
        let rule = &policy.rest["spec"]["ingress"][0];
        let from = rule["from"].to_string();
        assert!(from.contains("\"gmp-system\"") && from.contains("\"gke-gmp-system\""));
        let ports = rule["ports"].as_array().unwrap().iter();
        let ports: BTreeSet<_> = ports.map(|it| it["port"].as_u64().unwrap()).collect();
        for monitoring in rendering.objects("PodMonitoring") {
            // No policy of this project selects cert-manager's pods.
            if monitoring.metadata.namespace == "cert-manager" {
                continue;
            }
            for endpoint in monitoring.spec::<Vec<Value>>("endpoints") {
                // No policy selects the gateway's pods.
                let port = match endpoint["port"].as_str().unwrap() {
                    "admin" => 9090,
                    "http-envoy-prom" => 15090,
                    other => panic!("{}: an unknown port {other}", rendering.name),
                };
                assert!(ports.contains(&port), "{}: {port}", rendering.name);
                checked += 1;
            }
        }
        // Google's collectors have no identity in the mesh: the admin port accepts
        // plaintext, and everyone may read the metrics.
        for server in ["hello-server", "greeter-server"] {
            let peer = rendering.object("PeerAuthentication", server).unwrap();
            let mode = &peer.rest["spec"]["portLevelMtls"]["9090"]["mode"];
            assert_eq!(mode, "PERMISSIVE", "{}", rendering.name);
        }
        let metrics = rendering.object("AuthorizationPolicy", "metrics").unwrap();
        let rule = &metrics.rest["spec"]["rules"][0];
        assert_eq!(rule["from"], Value::Null, "{}", rendering.name);
    }
    assert!(checked >= 6, "{checked}");
}

/// A request that reaches the gateway without IAP has no signed identity: both rules
/// deny it.
#[test]
fn the_gateway_verifies_the_identity_that_iap_signs() {
    for rendering in RENDERINGS.iter() {
        let policies = rendering.objects("GCPBackendPolicy");
        let iap = policies.filter(|it| it.rest["spec"]["default"]["iap"]["enabled"] == true);
        let found = rendering.object("RequestAuthentication", "iap");
        assert_eq!(
            iap.count(),
            usize::from(found.is_some()),
            "{}",
            rendering.name
        );
        let Some(found) = found else { continue };
        let rule = &found.rest["spec"]["jwtRules"][0];
        assert_eq!(rule["issuer"], "https://cloud.google.com/iap");
        let header = &rule["fromHeaders"][0]["name"];
        assert_eq!(header, "x-goog-iap-jwt-assertion");

        let policy = rendering.object("AuthorizationPolicy", "require-iap");
        let policy = &policy.unwrap().rest["spec"];
        assert_eq!(policy["action"], "DENY");
        assert_eq!(policy["selector"], found.rest["spec"]["selector"]);
        let [source, audience] = [&policy["rules"][0], &policy["rules"][1]];
        let principals = &source["from"][0]["source"]["notRequestPrincipals"];
        assert_eq!(principals, &json!(["https://cloud.google.com/iap/*"]));
        let audience = &audience["when"][0];
        assert_eq!(audience["key"], "request.auth.audiences");
        let expected = json!(["/projects/example/global/backendServices/*"]);
        assert_eq!(audience["notValues"], expected);

        // Istio does not define the principal of a request with two tokens.
        assert_eq!(rendering.objects("RequestAuthentication").count(), 1);
        // It would call the gateway without IAP.
        assert!(rendering.object("Job", "smoke-gateway").is_none());
        assert!(rendering.object("Job", "smoke-mesh").is_some());
    }
}
