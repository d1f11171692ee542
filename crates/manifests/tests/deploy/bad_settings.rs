//! What is refused before any call.

use crate::{machine::Machine, rendering::OVERLAYS};

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
