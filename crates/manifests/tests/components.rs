//! What single components promise, in every rendering that has them.

use manifests::{Object, RENDERINGS};
use serde_json::Value;

/// The objects of a kind in all renderings, each with the rendering's name.
fn all(kind: &'static str) -> impl Iterator<Item = (&'static str, &'static Object)> {
    RENDERINGS.iter().flat_map(move |rendering| {
        let objects = rendering.objects(kind);
        objects.map(|it| (rendering.name.as_str(), it))
    })
}

/// istiod warns about a DENY policy that has conditions on HTTP only.
#[test]
fn policies_that_deny_name_ports() {
    let mut seen = 0;
    for (rendering, policy) in all("AuthorizationPolicy") {
        if policy.spec::<Value>("action") != "DENY" {
            continue;
        }
        for rule in policy.spec::<Vec<Value>>("rules") {
            let operations = rule["to"].as_array().into_iter().flatten();
            let ports = operations
                .map(|it| &it["operation"])
                .any(|it| it["ports"].is_array() || it["notPorts"].is_array());
            let name = &policy.metadata.name;
            assert!(ports, "{rendering}: {name} has a rule without ports");
            seen += 1;
        }
    }
    assert!(seen > 0, "no policy denies");
}

/// `istioctl analyze` reports IST0151 otherwise.
#[test]
fn filters_with_a_relative_place_have_a_priority() {
    let mut seen = 0;
    for (rendering, filter) in all("EnvoyFilter") {
        let patches: Vec<Value> = filter.spec("configPatches");
        let mut operations = patches.iter().map(|it| &it["patch"]["operation"]);
        if operations.any(|it| it == "INSERT_BEFORE" || it == "INSERT_AFTER") {
            let name = &filter.metadata.name;
            let priority: Value = filter.spec("priority");
            assert!(priority.is_i64(), "{rendering}: {name} has no priority");
            seen += 1;
        }
    }
    assert!(seen > 0, "no filter has a relative place");
}

/// Its default writes the statistics of each request into the log.
#[test]
fn the_rate_limit_service_logs_no_statistics() {
    let mut seen = 0;
    for (rendering, service) in all("Deployment").filter(|it| it.1.metadata.name == "ratelimit") {
        let env = &service.pod_spec("containers").unwrap()[0]["env"];
        let value = |name: &str| {
            let mut all = env.as_array().unwrap().iter();
            Some(
                all.find(|it| it["name"] == name)?["value"]
                    .as_str()
                    .unwrap(),
            )
        };
        assert_eq!(value("DISABLE_STATS"), Some("true"), "{rendering}");
        assert_eq!(value("LOG_LEVEL"), Some("info"), "{rendering}");
        seen += 1;
    }
    assert!(seen > 0, "no rendering has the rate limit service");
}
