//! `make deploy`, step by step.

use std::collections::BTreeSet;

use crate::{
    machine::{Machine, root},
    rendering::kinds,
};

#[test]
fn deploys_in_order() {
    let run = Machine::new().script("deploy", &[]);
    assert!(run.success, "{run:?}");
    let apply = "kubectl apply --server-side --field-manager=make-deploy -f";
    let rollout = "kubectl -n default rollout status";
    let recorded = "kubectl -n default get configmap/make-deploy --ignore-not-found -o jsonpath={.data.objects}";
    let others = recorded.replace("objects", "others");
    let served = "kubectl api-resources --no-headers";
    let get = "kubectl get --ignore-not-found --no-headers -o custom-columns=V:.apiVersion,K:.kind,S:.metadata.namespace,N:.metadata.name,M:.metadata.managedFields[*].manager -f known.yaml";
    let expected = [
        "kubectl config current-context",
        "kubectl version --request-timeout=10s",
        "kubectl -n default get pods -o name -l app.kubernetes.io/part-of!=hello,gateway.networking.k8s.io/gateway-name notin (public) --field-selector status.phase!=Succeeded,status.phase!=Failed",
        &others,
        served,
        get,
        recorded,
        &format!(
            "make --no-print-directory -C {}/k8s/.. images REGISTRY= TAG=dev CONTAINER_ENGINE=docker PLATFORMS=",
            root().canonicalize().unwrap().display()
        ),
        "kind load docker-image --name hello greeter-client:dev greeter-server:dev hello-server:dev",
        "kubectl get namespaces -o name",
        "kubectl get namespaces -o name",
        "kubectl diff --server-side --field-manager=make-deploy -f lasting.yaml",
        recorded,
        recorded,
        &format!("{apply} record.yaml"),
        &format!("{apply} lasting.yaml"),
        &format!("{rollout} deployment/greeter-load --timeout=5m"),
        &format!("{rollout} deployment/greeter-server --timeout=5m"),
        &format!("{rollout} deployment/hello-load --timeout=5m"),
        &format!("{rollout} deployment/hello-server --timeout=5m"),
        "kubectl -n observability rollout status deployment/otel-collector --timeout=5m",
        recorded,
        &format!("{apply} record.yaml"),
        "kubectl -n cert-manager wait --for=condition=Ready certificates.cert-manager.io/local-ca --timeout=10m",
        "kubectl -n istio-ingress wait --for=condition=Ready certificates.cert-manager.io/gateway --timeout=10m",
        "kubectl delete --ignore-not-found -f smoke.yaml",
        &format!("{apply} smoke.yaml"),
        "kubectl -n default wait --for=jsonpath={.status.conditions} job/smoke-mesh --timeout=6m",
        "kubectl -n default get job/smoke-mesh -o jsonpath={.status.conditions[?(@.status==\"True\")].type}",
        "kubectl -n default logs job/smoke-mesh",
        "kubectl -n istio-ingress wait --for=jsonpath={.status.conditions} job/smoke-gateway --timeout=6m",
        "kubectl -n istio-ingress get job/smoke-gateway -o jsonpath={.status.conditions[?(@.status==\"True\")].type}",
        "kubectl -n istio-ingress logs job/smoke-gateway",
    ];
    assert_eq!(run.calls, expected);

    // Jobs come last: they would fail while a certificate is being issued.
    assert!(!kinds(&run.files["1-apply"]).contains("Job"));
    assert!(kinds(&run.files["1-apply"]).contains("Deployment"));
    assert_eq!(run.files["0-diff"], run.files["1-apply"]);
    assert_eq!(kinds(&run.files["3-apply"]), BTreeSet::from(["Job"]));
    assert_eq!(run.files["2-delete"], run.files["3-apply"]);

    for line in [
        "kind serves hello.localhost at 127.0.0.1",
        "  kubectl -n istio-ingress get secret gateway-tls -o 'go-template={{index .data \"ca.crt\" | base64decode}}' >gateway-ca.crt",
        "  curl --cacert gateway-ca.crt --connect-to hello.localhost:443:127.0.0.1:443 https://hello.localhost/",
        "  greeter-client --tls --cacert gateway-ca.crt --addr 127.0.0.1:443 --server-name hello.localhost --authority hello.localhost you",
    ] {
        assert!(run.output.contains(line), "no {line:?} in {}", run.output);
    }
}

#[test]
fn deploys_to_gke_without_building_images() {
    let gke = Machine::public;
    for overlay in ["http01", "gke-l4", "gke-l7", "gke-l7-iap"] {
        let run = gke(overlay).script("deploy", &[]);
        assert!(run.success, "{run:?}");
        assert_eq!(run.called("make") + run.called("kind"), 0, "{run:?}");
        assert_eq!(run.called("kubectl -n default rollout restart"), 0);
        let try_this = "--connect-to hello.mesh.test:443:203.0.113.7:443 https://hello.mesh.test/\n  greeter-client --tls ";
        assert!(run.output.contains(try_this), "{}", run.output);
    }
    // Clients do not trust the staging CA of Let's Encrypt. They trust the CA of
    // Google-managed certificates.
    let staging = gke("gke-l4").with("ISSUER", "staging");
    let staging = staging.script("deploy", &[]);
    assert!(staging.output.contains("--cacert gateway-tls.crt"));
    let l7 = gke("gke-l7-iap").script("deploy", &[]);
    assert!(!l7.output.contains("--cacert"));
    assert!(l7.output.contains("Identity-Aware Proxy"));
}

/// The wait comes before the smoke Jobs, and after the certificates, because HTTP-01
/// uses the gateway's plaintext listener.
#[test]
fn waits_for_gateways_of_the_gateway_api() {
    for (overlay, context, namespace, gateway) in [
        (
            "http01",
            "gke_project_region_name",
            "istio-ingress",
            "public",
        ),
        ("gke-l7", "gke_project_region_name", "istio-ingress", "edge"),
        ("kind-ambient", "kind-hello", "default", "waypoint"),
    ] {
        let machine = || Machine::public(overlay).with("STAND_IN_CONTEXT", context);
        let wait = format!(
            "kubectl -n {namespace} wait --for=condition=Programmed gateways.gateway.networking.k8s.io/{gateway} --timeout=10m"
        );
        let run = machine().script("deploy", &[]);
        assert!(run.success, "{run:?}");
        let position = |start: &str| run.calls.iter().rposition(|call| call.starts_with(start));
        let certificates = position("kubectl -n istio-ingress wait --for=condition=Ready");
        assert!(certificates < position(&wait), "{run:?}");
        assert!(position(&wait) < position("kubectl delete"), "{run:?}");

        let run = machine()
            .with("STAND_IN_FAIL", "* wait --for=condition=Programmed *")
            .script("deploy", &[]);
        assert!(!run.success, "{run:?}");
        assert_eq!(
            run.last_line(),
            format!(
                "deploy: gateway {namespace}/{gateway} is not programmed; its conditions are above"
            )
        );
    }
}

/// The first step, before there is a certificate.
#[test]
fn deploys_plain_http_without_waiting_for_the_certificate() {
    let run = Machine::new().with("WITH", "http").script("deploy", &[]);
    assert!(run.success, "{run:?}");
    assert_eq!(
        run.called("kubectl -n istio-ingress wait --for=condition=Ready"),
        0
    );
    for line in [
        "  curl --connect-to hello.localhost:80:127.0.0.1:80 http://hello.localhost/",
        "  greeter-client --addr 127.0.0.1:80 --authority hello.localhost you",
    ] {
        assert!(run.output.contains(line), "no {line:?} in {}", run.output);
    }
    assert!(!run.output.contains("https://"), "{}", run.output);
}
