//! Overlays with other components: WITH and WITHOUT.

use std::{collections::BTreeMap, fs};

use crate::{
    machine::{Machine, Run, root},
    rendering::{OVERLAYS, render},
};

/// A component list, for example of an overlay.
fn listed(file: &str) -> Vec<String> {
    let text = fs::read_to_string(root().join(file)).unwrap();
    let after = text.split("\ncomponents:\n").nth(1).unwrap_or_default();
    let entries = after
        .lines()
        .take_while(|line| line.starts_with(['-', '#', ' ']));
    let entries = entries.filter_map(|line| line.strip_prefix("- "));
    entries
        .map(|path| path.rsplit('/').next().unwrap().to_owned())
        .collect()
}

/// The rows of k8s/components/order.txt.
fn order() -> Vec<[String; 3]> {
    let text = fs::read_to_string(root().join("k8s/components/order.txt")).unwrap();
    let rows = text
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
    rows.map(|line| {
        let columns: Vec<_> = line.split_whitespace().map(ToOwned::to_owned).collect();
        columns
            .try_into()
            .unwrap_or_else(|it| panic!("{it:?} has no three columns"))
    })
    .collect()
}

fn refused(settings: &[(&str, &str)]) -> Run {
    let machine = settings
        .iter()
        .fold(Machine::new(), |machine, (key, value)| {
            machine.with(key, value)
        });
    let run = machine.script("render", &[]);
    assert!(!run.success, "{settings:?} rendered");
    assert_eq!(run.output, "");
    run
}

/// A component that is not in the list cannot be added, and an overlay in another
/// order would give WITH another meaning.
#[test]
fn the_order_has_every_component_and_every_overlay_follows_it() {
    let order = order();
    let position: BTreeMap<_, _> = order.iter().map(|row| &row[0]).zip(0..).collect();
    assert_eq!(position.len(), order.len(), "a component is there twice");
    for folder in fs::read_dir(root().join("k8s/components")).unwrap() {
        let folder = folder.unwrap();
        let name = folder.file_name().into_string().unwrap();
        // A part of others, and a list of others.
        let partial = ["certificate", "standard"].contains(&name.as_str());
        let known = position.contains_key(&name) || partial;
        assert!(known || !folder.path().is_dir(), "order.txt has no {name}");
    }
    let standard = listed("k8s/components/standard/kustomization.yaml");
    for overlay in OVERLAYS.split(' ') {
        let list = listed(&format!("k8s/overlays/{overlay}/kustomization.yaml"));
        let places: Vec<i32> = list
            .iter()
            .flat_map(|name| match name.as_str() {
                "standard" => standard.iter().collect(),
                _ => vec![name],
            })
            .map(|name| position[name])
            .collect();
        assert!(places.is_sorted(), "{overlay}: {list:?}");
    }
}

/// `kubectl kustomize k8s/overlays/...` and `make deploy` mean the same objects.
#[test]
fn renders_an_overlay_as_it_is_written() {
    for overlay in OVERLAYS.split(' ') {
        let path = format!("k8s/overlays/{overlay}");
        let written = Machine::new()
            .with_real("kubectl")
            .program("kubectl", &["kustomize", &path]);
        let rendered = render(overlay, &[("TAG", "dev")]);
        assert_eq!(rendered, written.output, "{overlay}");
    }
}

#[test]
fn adds_components_in_the_right_order() {
    let both = render("kind", &[("WITH", "faults,canary")]);
    assert_eq!(both, render("kind", &[("WITH", "canary, faults")]));
    // `tracing` comes after `canary`, and gives its servers the collector.
    let (_, second) = both.split_once("  name: greeter-server-v2").unwrap();
    let (deployment, _) = second.split_once("\n---").unwrap();
    assert!(deployment.contains("OTEL_SERVICE_NAME"), "{deployment}");
    assert!(both.contains("name: greeter-abort"));
    // The public routes, which come before both.
    assert_eq!(both.matches("name: hello-abort").count(), 1);
}

#[test]
fn leaves_components_out() {
    let without = render("kind", &[("WITHOUT", "resilience,load")]);
    assert!(!without.contains("outlierDetection") && !without.contains("greeter-load"));
    // One for another.
    let swapped = [("WITH", "gateway-api"), ("WITHOUT", "gateway-istio")];
    let swapped = render("kind", &swapped);
    assert!(swapped.contains("kind: GRPCRoute") && !swapped.contains("httpsRedirect"));
}

#[test]
fn refuses_components_that_are_unknown_or_without_effect() {
    for (overlay, key, value, message) in [
        (
            "kind",
            "WITH",
            "nope",
            "there is no component \"nope\"; WITH is a list of: gateway-istio ",
        ),
        (
            "kind",
            "WITH",
            "../base",
            "there is no component \"../base\"",
        ),
        ("kind", "WITH", "images", "there is no component \"images\""),
        (
            "kind",
            "WITHOUT",
            "nope",
            "there is no component \"nope\"; WITHOUT is a list of: ",
        ),
        (
            "kind",
            "WITH",
            "load",
            "load is in the overlay kind already; remove it from WITH",
        ),
        (
            "kind",
            "WITHOUT",
            "canary",
            "canary is not in the overlay kind; remove it from WITHOUT",
        ),
        (
            "kind",
            "WITH",
            "gke-iap",
            "gke-iap needs gke-l7; add it to WITH, or leave gke-iap out",
        ),
        ("kind", "WITHOUT", "traffic", "resilience needs traffic"),
        (
            "kind",
            "WITH",
            "gateway-api",
            "gateway-istio and gateway-api exclude each other",
        ),
        (
            "kind",
            "WITH",
            "tls-letsencrypt-staging",
            "tls-letsencrypt-staging needs tls-letsencrypt-dns01 or ",
        ),
        (
            "kind",
            "WITH",
            "ambient",
            "ambient needs ambient in PLATFORM, and the overlay kind has PLATFORM=kind,dashboards",
        ),
        (
            "kind",
            "WITH",
            "jwt",
            "JWT_AUDIENCE is empty; set it in k8s/local.env, or with JWT_AUDIENCE=... after the make target",
        ),
        (
            "gke-l4",
            "ISSUER",
            "other",
            "ISSUER \"other\" is not an environment of Let's Encrypt",
        ),
    ] {
        let run = refused(&[("OVERLAY", overlay), (key, value)]);
        let expected = format!("render: {message}");
        assert!(run.errors.starts_with(&expected), "{value}: {run:?}");
        assert_eq!(run.errors.lines().count(), 1, "{run:?}");
    }
}
