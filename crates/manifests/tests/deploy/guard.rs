//! What `deploy` and `platform` refuse, and what they print before a change.

use crate::machine::{Machine, Run};

/// Refused before anything changes, unless FORCE=1.
pub(crate) fn refused(script: &str, machine: impl Fn() -> Machine, message: &str) -> Run {
    let run = machine().script(script, &[]);
    assert!(!run.success, "{run:?}");
    let start = format!("{script}: {message}");
    assert!(run.last_line().starts_with(&start), "no {start:?}: {run:?}");
    assert!(
        run.last_line().ends_with("; FORCE=1 goes on anyway"),
        "{run:?}"
    );
    for change in [
        "kubectl apply",
        "kubectl create",
        "kubectl delete",
        "helm upgrade",
        "make",
    ] {
        assert_eq!(run.called(change), 0, "{run:?}");
    }
    let forced = machine().with("FORCE", "1").script(script, &[]);
    assert!(
        forced
            .output
            .contains(&format!("FORCE=1, although {message}")),
        "{forced:?}"
    );
    forced
}

#[test]
fn refuses_to_cut_off_the_pods_of_others() {
    let machine = || Machine::new().with("STAND_IN_PODS", "pod/shop-1 pod/shop-2");
    let message = "pods of others run where kind denies all other traffic and enforces pod security: default/shop-1, default/shop-2";
    let forced = refused("deploy", machine, message);
    assert!(forced.success, "{forced:?}");
    // Without policies for the whole namespace nobody is cut off.
    let without = machine().with(
        "WITHOUT",
        "pod-security,mtls-strict,authorization,network-policy",
    );
    let run = without.script("deploy", &[]);
    assert!(run.success, "{run:?}");
}

#[test]
fn refuses_examples_before_the_first_call() {
    for (overlay, key, value) in [
        ("http01", "DOMAIN", "hello.example.com"),
        ("http01", "DOMAIN", "hello.localhost"),
        ("gke-l4", "DNS_PROJECT", "example-dns"),
        (
            "gke-l7-iap",
            "IAP_CLIENT_ID",
            "000000000000-example.apps.googleusercontent.com",
        ),
    ] {
        for script in ["deploy", "platform"] {
            let run = Machine::public(overlay)
                .with(key, value)
                .script(script, &[]);
            let message = format!(
                "{script}: these settings have example values: {key}={value}; write yours into k8s/local.env, or run make {script} OVERLAY={overlay} {key}=<yours>; FORCE=1"
            );
            assert!(run.last_line().starts_with(&message), "{run:?}");
            assert_eq!(run.calls, Vec::<String>::new());
        }
    }
    // Real names with this word.
    for (key, value) in [
        ("DOMAIN", "hello.example-shop.test"),
        ("DNS_PROJECT", "acme-example-prod"),
    ] {
        let machine = Machine::public("gke-l4").with(key, value);
        let run = machine.script("deploy", &[]);
        assert!(run.success, "{run:?}");
    }
    // A cluster of its own, with its own certificate authority.
    let run = Machine::new()
        .with("DOMAIN", "hello.example.org")
        .script("deploy", &[]);
    assert!(run.success, "{run:?}");
}

#[test]
fn needs_no_mail_address() {
    let run = Machine::public("gke-l4")
        .with("ACME_EMAIL", "")
        .script("deploy", &[]);
    assert!(run.success, "{run:?}");
    assert!(!run.output.contains("ACME_EMAIL=example"), "{run:?}");
}

#[test]
fn refuses_a_cluster_of_another_project_region_or_name() {
    let region = "GCP_REGION is region, from environment, and the context gke_project_other_name is of other";
    for (context, entry, provider, message) in [
        (
            "gke_other_region_name",
            "",
            "",
            "GCP_PROJECT is project, from environment, and the context gke_other_region_name is of other",
        ),
        ("gke_project_other_name", "", "", region),
        // gcloud's entry shows what a renamed context is of.
        (
            "prod",
            "gke_other_region_name",
            "",
            "GCP_PROJECT is project, from environment, and the context prod is of other",
        ),
        (
            "prod",
            "",
            "gce://other/region-a/node",
            "GCP_PROJECT is project, from environment, and the context prod is of other",
        ),
        ("prod", "", "", "the context prod is not of a GKE cluster"),
    ] {
        // The check is the same in every script: a renamed context shows it for all.
        let scripts: &[_] = match entry.is_empty() {
            true => &["deploy"],
            false => &["deploy", "platform", "undeploy"],
        };
        for script in scripts {
            let machine = || {
                let machine = Machine::public("gke-l4").with("STAND_IN_CONTEXT", context);
                let machine = machine.with("STAND_IN_ENTRY", entry);
                machine.with("STAND_IN_PROVIDER", provider)
            };
            refused(script, machine, message);
        }
    }
    for (context, provider) in [
        ("gke_project_region-b_name", ""),
        ("prod", "gce://project/region-a/node"),
    ] {
        let machine = Machine::public("gke-l4").with("STAND_IN_CONTEXT", context);
        let run = machine
            .with("STAND_IN_PROVIDER", provider)
            .script("deploy", &[]);
        assert!(run.success, "{run:?}");
    }
}

#[test]
fn prints_the_source_of_settings_before_the_diff() {
    let machine = Machine::public("gke-l4").with_local("REGISTRY=registry.test/hello\n");
    let run = machine.script("deploy", &[]);
    assert!(run.success, "{run:?}");
    let position = |text: &str| {
        run.output
            .find(text)
            .unwrap_or_else(|| panic!("{text}: {run:?}"))
    };
    let diff = position("== diff: ");
    assert!(position("== DOMAIN=hello.mesh.test, from the environment\n") < diff);
    assert!(position("== REGISTRY=registry.test/hello, from k8s/local.env\n") < diff);
    assert!(!run.output.contains("TRACE_PERCENT="), "{run:?}");
}
