//! Settings: their layers, and those that stand for a component.

use crate::{machine::Machine, rendering::render};

#[test]
fn the_issuer_is_a_setting() {
    let issuer = |settings: &[(&str, &str)]| {
        let text = render("gke-l4", settings);
        let (_, certificate) = text.split_once("\nkind: Certificate\n").unwrap();
        let (_, after) = certificate.split_once("kind: ClusterIssuer\n").unwrap();
        after.lines().next().unwrap().trim().to_owned()
    };
    assert_eq!(issuer(&[]), "name: letsencrypt");
    assert_eq!(issuer(&[("ISSUER", "production")]), "name: letsencrypt");
    assert_eq!(
        issuer(&[("ISSUER", "staging")]),
        "name: letsencrypt-staging"
    );
    // An overlay without Let's Encrypt does not read it.
    assert_eq!(render("kind", &[("ISSUER", "x")]), render("kind", &[]));
}

#[test]
fn a_revision_replaces_the_label_of_injection() {
    let settings = [("REVISION", "asm-managed"), ("WITH", "rate-limit-global")];
    let kind = render("kind", &settings);
    assert!(!kind.contains("istio-injection"));
    assert_eq!(kind.matches("    istio.io/rev: asm-managed\n").count(), 2);
    // A Gateway of the Gateway API belongs to the revision too.
    let http01 = render("http01", &settings[..1]);
    assert_eq!(http01.matches("    istio.io/rev: asm-managed\n").count(), 2);
    // In ambient no sidecar is injected, and the waypoint is a Gateway.
    let ambient = render("kind-ambient", &settings[..1]);
    assert_eq!(
        ambient.matches("    istio.io/rev: asm-managed\n").count(),
        1
    );
}

/// A gateway that is there already.
#[test]
fn the_gateway_is_a_setting() {
    let with = [("WITH", "rate-limit,rate-limit-global")];
    let default = render("kind", &with);
    // A name that is part of another, as in Istio's own examples.
    let other = [
        with[0],
        ("GATEWAY_NAMESPACE", "mesh-edge"),
        ("GATEWAY_NAME", "istio-ingress"),
        ("GATEWAY_LABEL", "edge"),
    ];
    let expected = default
        .replace("istio-ingressgateway", "<name>")
        .replace("istio-ingress", "mesh-edge")
        .replace("<name>", "istio-ingress")
        .replace("istio: ingressgateway", "istio: edge");
    assert_eq!(render("kind", &other), expected);
    // Google's load balancer, and the identity that it signs.
    let iap = render("gke-l7-iap", &other[1..]);
    assert!(!iap.contains("ingressgateway"), "{iap}");
    for place in [
        "  namespace: mesh-edge\n",
        "- mesh-edge/istio-ingress\n",
        "kubernetes.io/metadata.name: mesh-edge\n",
        "--addr=istio-ingress.mesh-edge.svc.cluster.local:443\n",
        "istio: edge\n",
    ] {
        assert!(expected.contains(place), "no {place}");
    }

    let gke = || {
        let machine = Machine::public("gke-l4");
        machine.with("GATEWAY_NAMESPACE", "mesh-edge")
    };
    let run = gke().script("platform", &[]);
    assert!(run.success, "{run:?}");
    let install = "helm upgrade --install istio-ingressgateway ";
    let call = run.calls.iter().find(|call| call.starts_with(install));
    assert!(call.unwrap().contains(" --namespace mesh-edge "), "{run:?}");
    let run = gke().with("GATEWAY_NAME", "edge").script("platform", &[]);
    assert!(run.success, "{run:?}");
    assert_eq!(run.called(install), 0);
    let line = "== istio-ingressgateway: left alone; the gateway is mesh-edge/edge\n";
    assert!(run.output.contains(line), "{run:?}");

    let run = gke().with("GATEWAY_LABEL", "a/b").script("render", &[]);
    let message = "render: GATEWAY_LABEL \"a/b\" is not a name of Kubernetes";
    assert!(run.errors.starts_with(message), "{run:?}");
}

#[test]
fn local_settings_are_between_the_overlay_and_the_environment() {
    let local = "# Mine.\nOVERLAY=gke-l4\nDOMAIN=local.example.org\nREGISTRY=registry.test/me\nTAG=1\nWITH=canary\nGCP_PROJECT=mine\n";
    let machine = || Machine::new().with_local(local);
    let run = machine().script("render", &[]);
    assert!(run.success, "{run:?}");
    for line in [
        "local.example.org",
        "value: mine",
        "image: registry.test/me/greeter-server:1",
        "greeter-server-v2",
    ] {
        assert!(run.output.contains(line), "no {line}");
    }
    let run = machine()
        .with("DOMAIN", "env.example.org")
        .with("WITH", "")
        .with("OVERLAY", "kind")
        .script("render", &[]);
    assert!(run.success, "{run:?}");
    assert!(run.output.contains("env.example.org") && !run.output.contains("local.example.org"));
    assert!(!run.output.contains("greeter-server-v2"));

    for (line, message) in [
        (
            "DOMIAN=x",
            "render: nothing reads DOMIAN, which line 2 of k8s/local.env sets",
        ),
        (
            "export TAG=1",
            "render: line 2 of k8s/local.env is not KEY=value: export TAG=1",
        ),
        (
            "GCP_PROJECT=\"mine\"",
            "render: line 2 of k8s/local.env has quotes, which would be part of the value; remove them: GCP_PROJECT=\"mine\"",
        ),
        (
            "GCP_PROJECT='mine'",
            "render: line 2 of k8s/local.env has quotes",
        ),
    ] {
        let machine = Machine::new().with_local(&format!("TAG=1\n{line}\n"));
        let run = machine.script("render", &[]);
        assert!(run.errors.starts_with(message), "{run:?}");
    }
}

#[test]
fn a_value_may_end_with_an_equals_sign() {
    let script = ". k8s/bin/common.sh; setting DOMAIN";
    let machine = Machine::new().with_local("DOMAIN=a=b=\n");
    let run = machine.program("bash", &["-c", script]);
    assert_eq!(run.output, "a=b=\n");
}

/// A script that prints where settings come from.
#[test]
fn knows_the_source_of_each_setting() {
    let script = ". k8s/bin/common.sh; for key in OVERLAY DOMAIN TAG TRACE_PERCENT; do echo \"$key $(setting_source $key)\"; done";
    let run = Machine::new()
        .with_local("TAG=1\nDOMAIN=hello.test\n")
        .with("DOMAIN", "other.test")
        .program("bash", &["-c", script]);
    assert_eq!(
        run.output,
        "OVERLAY overlay\nDOMAIN environment\nTAG k8s/local.env\nTRACE_PERCENT overlay\n"
    );
}

#[test]
fn numbers_are_settings() {
    let settings = [
        ("WITH", "canary,faults,autoscaling,rate-limit"),
        ("CANARY_WEIGHT", "20"),
        ("CANARY_MIRROR_PERCENT", "5"),
        ("CANARY_TAG", "2"),
        ("FAULT_DELAY", "500ms"),
        ("MAX_REPLICAS", "4"),
        ("RATE_LIMIT", "7"),
    ];
    let text = render("kind", &settings);
    for (line, count) in [
        ("weight: 20", 4),
        ("weight: 80", 4),
        ("value: 5", 2),
        ("image: greeter-server:2", 1),
        ("fixedDelay: 500ms", 3),
        ("maxReplicas: 4", 2),
        ("tokens_per_fill: 7", 1),
    ] {
        let lines = text.lines().filter(|found| found.trim() == line);
        assert_eq!(lines.count(), count, "{line}");
    }
    for (key, value, message) in [
        (
            "CANARY_WEIGHT",
            "101",
            "CANARY_WEIGHT \"101\" is not a percentage",
        ),
        ("MAX_REPLICAS", "x", "MAX_REPLICAS \"x\" is not a number"),
        ("MAX_REPLICAS", "1", "MAX_REPLICAS is below MIN_REPLICAS"),
        ("FAULT_DELAY", "2", "FAULT_DELAY \"2\" is not a duration"),
        ("RATE_LIMIT", "999", "RATE_LIMIT_BURST is below RATE_LIMIT"),
    ] {
        let run = Machine::new().with(key, value).script("render", &[]);
        let message = format!("render: {message}");
        assert!(!run.success && run.errors.starts_with(&message), "{run:?}");
    }
}
