//! Where `make deploy` stops, and what it says.

use crate::machine::Machine;

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
