//! The context that the scripts check is the one that they use, whatever else is set.

use crate::{guard::refused, machine::Machine};

/// Someone may choose another context meanwhile.
#[test]
fn pins_the_context_that_it_checks() {
    for (script, args) in [
        ("diff", &[][..]),
        ("deploy", &[]),
        ("status", &[]),
        ("undeploy", &[]),
        ("diagnose", &[]),
        ("platform", &[]),
        ("platform-remove", &[]),
        ("dashboard", &["kiali"]),
    ] {
        let log = "verdict: ok\n";
        let machine = Machine::new().with("STAND_IN_PIN", "1");
        let machine = machine.with("STAND_IN_RELEASES", "istiod istio-system\n");
        let run = machine.with("STAND_IN_LOG", log).script(script, args);
        assert!(run.success, "{run:?}");
    }
}

/// Documented for a cluster without dashboards, in a file that every overlay reads.
#[test]
fn checks_the_cluster_also_with_other_variants_of_the_platform() {
    for platform in ["PLATFORM=\n", "PLATFORM=dashboards,k3d\n"] {
        let kind = Machine::new().with("STAND_IN_CONTEXT", "production");
        let run = kind.with_local(platform).script("deploy", &[]);
        let message =
            "deploy: the overlay kind is for kind, and the context is production; choose another";
        assert!(
            !run.success && run.last_line().starts_with(message),
            "{run:?}"
        );

        let google = |without: &str| {
            let machine = Machine::public("gke-l4").with("WITHOUT", without);
            machine.with_local(platform)
        };
        let without = "monitoring-google,tracing-google";
        let other = || google(without).with("STAND_IN_CONTEXT", "gke_other_region_name");
        refused(
            "deploy",
            other,
            "GCP_PROJECT is project, from environment, and the context gke_other_region_name is of other",
        );
        let example = || google(without).with("DNS_PROJECT", "example-dns");
        let run = example().script("deploy", &[]);
        let message = "deploy: these settings have example values: DNS_PROJECT=example-dns;";
        assert!(run.last_line().starts_with(message), "{run:?}");
        let autopilot = google(without).with("STAND_IN_CLUSTER", "True|True");
        let run = autopilot.script("deploy", &[]);
        let message = "deploy: the cluster name is an Autopilot cluster";
        assert!(run.last_line().starts_with(message), "{run:?}");
    }
}

/// It is of a script that calls another one.
#[test]
fn checks_the_cluster_also_if_the_environment_has_a_rendering() {
    for script in ["deploy", "platform", "undeploy"] {
        let machine = Machine::new().with_file("all.yaml", "");
        let machine = machine.with("RENDERING", "all.yaml");
        let run = machine
            .with("STAND_IN_CONTEXT", "production")
            .script(script, &[]);
        let message = format!("{script}: the overlay kind is for kind");
        assert!(run.last_line().starts_with(&message), "{run:?}");
    }
}
