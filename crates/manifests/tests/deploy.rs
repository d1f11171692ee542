//! The deploy scripts: which tools they call, in which order, and how they fail.
//! kustomize is real. The cluster is a stand-in.

#[path = "deploy/api_server.rs"]
mod api_server;
#[path = "deploy/diagnose.rs"]
mod diagnose;
#[path = "deploy/edge.rs"]
mod edge;
#[path = "deploy/gcp.rs"]
mod gcp;
#[path = "deploy/gke.rs"]
mod gke;
#[path = "deploy/guard.rs"]
mod guard;
#[path = "deploy/machine.rs"]
mod machine;
#[path = "deploy/namespaces.rs"]
mod namespaces;
#[path = "deploy/platform.rs"]
mod platform;
#[path = "deploy/record.rs"]
mod record;
#[path = "deploy/releases.rs"]
mod releases;
#[path = "deploy/rendering.rs"]
mod rendering;
#[path = "deploy/settings.rs"]
mod settings;
#[path = "deploy/tags.rs"]
mod tags;
#[path = "deploy/variations.rs"]
mod variations;

use std::collections::BTreeSet;

use machine::{Machine, root};
use rendering::{OVERLAYS, kinds};

#[test]
fn deploys_in_order() {
    let run = Machine::new().script("deploy", &[]);
    assert!(run.success, "{run:?}");
    let apply = "kubectl apply --server-side --field-manager=make-deploy -f";
    let rollout = "kubectl -n default rollout status";
    let recorded = "kubectl -n default get configmap/make-deploy --ignore-not-found -o jsonpath={.data.objects}";
    let expected = [
        "kubectl config current-context",
        "kubectl version --request-timeout=10s",
        "kubectl -n default get pods -o name -l app.kubernetes.io/part-of!=hello,gateway.networking.k8s.io/gateway-name notin (public) --field-selector status.phase!=Succeeded,status.phase!=Failed",
        &format!(
            "make --no-print-directory -C {}/k8s/.. images REGISTRY= TAG=dev CONTAINER_ENGINE=docker",
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

#[test]
fn stops_at_the_first_failure() {
    for (fail, status, message, applies) in [
        (
            "config current-context",
            "1",
            "deploy: no cluster: kubectl has no context",
            0,
        ),
        (
            "version *",
            "1",
            "deploy: no cluster: the API server of context kind-hello does not respond",
            0,
        ),
        ("make *", "1", "load-images: the images were not built", 0),
        (
            "kind load *",
            "1",
            "load-images: kind did not load the images",
            0,
        ),
        (
            "diff *",
            "2",
            "diff: kubectl diff failed, and nothing was changed",
            0,
        ),
        (
            "apply *lasting.yaml",
            "1",
            "deploy: kubectl apply failed",
            1,
        ),
        (
            "* rollout restart deployment/greeter-server",
            "1",
            "deploy: deployment default/greeter-server was not restarted and still runs its previous image",
            1,
        ),
        (
            "* rollout status deployment/greeter-server *",
            "1",
            "deploy: the rollout of deployment default/greeter-server failed",
            1,
        ),
        (
            "* wait *certificates.cert-manager.io/gateway *",
            "1",
            "certificates: certificate istio-ingress/gateway is not ready: Challenge gateway-1: pending the zone is not found",
            1,
        ),
        ("delete *", "1", "smoke: the old Jobs cannot be deleted", 1),
        (
            "apply *smoke.yaml",
            "1",
            "smoke: the Jobs cannot be applied",
            2,
        ),
        (
            "* wait *job/smoke-gateway *",
            "1",
            "smoke: job istio-ingress/smoke-gateway did not greet (no result within 6m)",
            2,
        ),
        (
            "* get service/*",
            "1",
            "deploy: the smoke test passed, but the gateway's address is unknown",
            2,
        ),
    ] {
        let machine = Machine::new().with("STAND_IN_FAIL", fail);
        let machine = machine.with("STAND_IN_STATUS", status);
        let machine = match fail.contains("rollout restart") {
            true => machine
                .with("TAG", "1")
                .with("STAND_IN_DEPLOYMENTS", "greeter-server default 1"),
            false => machine,
        };
        // Only overlays with a load balancer look up its address.
        let machine = if fail.contains("service") {
            let machine = Machine::public("gke-l4").with("STAND_IN_FAIL", fail);
            machine.with("STAND_IN_STATUS", status)
        } else {
            machine
        };
        let run = machine.script("deploy", &[]);
        assert!(!run.success, "{fail}: {run:?}");
        assert!(run.last_line().starts_with(message), "{fail}: {run:?}");
        assert!(
            run.errors.contains("error: the stand-in fails"),
            "{fail}: {run:?}"
        );
        let applied = run.called("kubectl apply");
        let records = run
            .calls
            .iter()
            .filter(|call| call.ends_with(" record.yaml"));
        assert_eq!(applied - records.count(), applies, "{fail}: {run:?}");
        assert!(!run.output.contains("Try:"), "{fail}: {run:?}");
    }
}

#[test]
fn shows_the_logs_of_a_failed_smoke_job() {
    let run = Machine::new()
        .with("STAND_IN_JOB", "FailureTarget Failed")
        .script("deploy", &[]);
    assert!(!run.success);
    assert_eq!(
        run.last_line(),
        "smoke: job default/smoke-mesh did not greet (FailureTarget Failed); its pods and logs are above"
    );
    let logs = "kubectl -n default logs -l job-name=smoke-mesh --all-containers --prefix --tail=20";
    assert_eq!(run.called(logs), 1, "{run:?}");
}

#[test]
fn refuses_bad_settings_before_any_call() {
    let scripts = [
        "deploy",
        "diff",
        "status",
        "undeploy",
        "dns",
        "platform",
        "cluster",
        "dashboard",
    ];
    for script in scripts {
        for (key, value, message) in [
            (
                "OVERLAY",
                "nowhere",
                format!("{script}: there is no overlay \"nowhere\"; OVERLAY is one of: {OVERLAYS}"),
            ),
            (
                "OVERLAY",
                "",
                format!("{script}: there is no overlay \"\"; OVERLAY is one of: {OVERLAYS}"),
            ),
            (
                "OVERLAY",
                "../base",
                format!("{script}: there is no overlay \"../base\""),
            ),
            (
                "DOMAIN",
                "",
                format!("{script}: DOMAIN is empty; set it in k8s/local.env"),
            ),
            (
                "DOMAIN",
                "Not a name",
                format!("{script}: DOMAIN has a space"),
            ),
            (
                "DOMAIN",
                "https://hello.test",
                format!("{script}: DOMAIN \"https://hello.test\" is not a lower-case host name"),
            ),
            (
                "REGISTRY",
                "ghcr.io/Me",
                format!("{script}: REGISTRY \"ghcr.io/Me\""),
            ),
            ("TAG", "a b", format!("{script}: TAG \"a b\"")),
        ] {
            let run = Machine::new().with(key, value).script(script, &["kiali"]);
            assert!(!run.success, "{run:?}");
            assert!(run.errors.starts_with(&message), "{run:?}");
            assert_eq!(run.errors.lines().count(), 1, "{run:?}");
            assert_eq!(run.calls, Vec::<String>::new());
        }
    }
}

#[test]
fn names_a_missing_tool_before_any_call() {
    for (script, tool) in [
        ("render", "kubectl"),
        ("deploy", "kubectl"),
        ("deploy", "diff"),
        ("diff", "diff"),
        ("status", "kubectl"),
        ("undeploy", "kubectl"),
        ("dashboard", "kubectl"),
        ("dns", "gcloud"),
        ("platform", "helm"),
        ("cluster", "kind"),
        ("cluster", "helm"),
        ("cluster", "docker"),
    ] {
        let run = Machine::new().without(tool).script(script, &["kiali"]);
        assert!(!run.success, "{run:?}");
        let message = format!("{script}: {tool} is missing: install ");
        assert!(run.errors.starts_with(&message), "{run:?}");
        assert_eq!(run.errors.lines().count(), 1, "{run:?}");
        assert_eq!(run.calls, Vec::<String>::new());
    }
    for tool in ["kind", "docker"] {
        let run = Machine::new().without(tool).script("deploy", &[]);
        let message = format!("load-images: {tool} is missing: ");
        assert!(run.last_line().starts_with(&message), "{run:?}");
        assert_eq!(run.called("kubectl apply") + run.called("make"), 0);
    }
}

#[test]
fn make_passes_variables_on() {
    let make = |args: &[&str]| Machine::new().with_real("make").program("make", args);
    for (args, message) in [
        (["deploy", "DOMAIN="], "deploy: DOMAIN is empty"),
        (
            ["status", "OVERLAY=nowhere"],
            "status: there is no overlay \"nowhere\"",
        ),
        (["diff", "TAG=a b"], "diff: TAG \"a b\""),
        (["undeploy", "REGISTRY=X"], "undeploy: REGISTRY \"X\""),
    ] {
        let run = make(&args);
        assert!(!run.success, "{run:?}");
        assert!(run.errors.starts_with(message), "{run:?}");
        assert_eq!(run.calls, Vec::<String>::new());
    }
    let run = make(&["diff", "DOMAIN=hello.test"]);
    assert!(run.success, "{run:?}");
    assert!(run.files["0-diff"].contains("hello.test"), "{run:?}");
}

#[test]
fn refuses_to_deploy_a_kind_overlay_elsewhere() {
    for script in ["deploy", "platform", "undeploy"] {
        let machine = Machine::new().with("STAND_IN_CONTEXT", "production");
        let run = machine.script(script, &[]);
        assert!(!run.success, "{run:?}");
        assert!(
            run.last_line().contains("the context is production"),
            "{run:?}"
        );
        assert_eq!(run.calls, ["kubectl config current-context"]);
    }
}
