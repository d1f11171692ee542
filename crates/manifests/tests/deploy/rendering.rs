//! Overlays, rendered with settings from the command line.

use std::{collections::BTreeSet, fs};

use crate::machine::{Machine, files, root};

pub(crate) const OVERLAYS: &str = "gke-l4 gke-l7 gke-l7-iap http01 kind kind-ambient";

/// The kinds of objects in a rendering.
pub(crate) fn kinds(manifests: &str) -> BTreeSet<&str> {
    let lines = manifests.lines();
    lines
        .filter_map(|line| line.strip_prefix("kind: "))
        .collect()
}

/// The rendering of an overlay with these settings.
pub(crate) fn render(overlay: &str, settings: &[(&str, &str)]) -> String {
    let machine = Machine::new().with("OVERLAY", overlay);
    let machine = settings
        .iter()
        .fold(machine, |machine, (key, value)| machine.with(key, value));
    let run = machine.script("render", &[]);
    assert!(run.success, "{run:?}");
    assert_eq!(run.calls, Vec::<String>::new());
    run.output
}

#[test]
fn sets_the_domain_and_changes_nothing_else() {
    for overlay in OVERLAYS.split(' ') {
        let one = render(overlay, &[("DOMAIN", "one.example.org")]);
        let two = render(overlay, &[("DOMAIN", "two.example.org")]);
        assert_eq!(one.lines().count(), two.lines().count());
        let changed: Vec<_> = one
            .lines()
            .zip(two.lines())
            .filter(|(before, after)| before != after)
            .collect();
        // Gateway twice, routes, certificate, and the greeting's two flags, which are
        // not there behind IAP.
        let least = if overlay == "gke-l7-iap" { 5 } else { 6 };
        assert!(changed.len() >= least, "{overlay}: {changed:?}");
        for (before, after) in changed {
            assert_eq!(before.replace("one.example.org", "two.example.org"), after);
        }
        let default = render(overlay, &[]);
        let written =
            fs::read_to_string(root().join(format!("k8s/overlays/{overlay}/settings.env")));
        let written = written.unwrap();
        let domain = written
            .lines()
            .find_map(|line| line.strip_prefix("DOMAIN="));
        assert_eq!(
            default.replace(domain.unwrap(), "one.example.org"),
            one,
            "{overlay}"
        );
    }
}

#[test]
fn leaves_no_placeholder() {
    let every = fs::read_to_string(root().join("k8s/tests/settings/settings.env")).unwrap();
    let keys = every.lines().filter_map(|line| line.split_once('='));
    let keys: Vec<_> = keys.map(|(key, _)| key).chain(["REVISION"]).collect();
    assert!(keys.contains(&"DOMAIN"), "{keys:?}");
    for overlay in OVERLAYS.split(' ') {
        let rendering = render(overlay, &[]);
        for key in &keys {
            let left = rendering.lines().find(|line| line.contains(key));
            assert_eq!(left, None, "{overlay} has {key}");
        }
    }
}

#[test]
fn takes_settings_from_the_command_line() {
    let gke = render(
        "gke-l4",
        &[("ACME_EMAIL", "me@example.org"), ("DNS_PROJECT", "my-dns")],
    );
    assert!(gke.contains("email: me@example.org") && gke.contains("project: my-dns"));
    assert!(!gke.contains("admin@"));
}

#[test]
fn renames_the_images_and_changes_no_file() {
    let before = files(&root().join("k8s"));
    let kind = render("kind", &[("REGISTRY", "ghcr.io/me/"), ("TAG", "1.2")]);
    assert_eq!(before, files(&root().join("k8s")));
    let images: BTreeSet<_> = kind
        .lines()
        .filter_map(|line| line.split_once("image: "))
        .map(|(_, image)| image)
        .filter(|image| !image.contains("curl") && !image.contains("otel/"))
        .collect();
    let expected = ["greeter-client", "greeter-server", "hello-server"];
    let expected = expected.map(|name| format!("ghcr.io/me/{name}:1.2"));
    assert_eq!(images, expected.iter().map(String::as_str).collect());

    // The same names are built and loaded.
    let machine = Machine::new()
        .with("REGISTRY", "ghcr.io/me")
        .with("TAG", "1.2");
    let run = machine.script("deploy", &[]);
    assert!(run.success, "{run:?}");
    let load = format!("kind load docker-image --name hello {}", expected.join(" "));
    assert!(run.calls.contains(&load), "{run:?}");
    assert!(
        run.calls
            .iter()
            .any(|call| call.contains(" images REGISTRY=ghcr.io/me TAG=1.2 "))
    );
}

/// Its sources are not those here: it is loaded, and not built.
#[test]
fn loads_the_canary_of_another_tag() {
    let machine = || {
        let machine = Machine::new().with("TAG", "1").with("WITH", "canary");
        machine.with("CANARY_TAG", "2")
    };
    let run = machine().script("deploy", &[]);
    assert!(run.success, "{run:?}");
    let load = "kind load docker-image --name hello greeter-client:1 greeter-server:1 ";
    let all = format!("{load}greeter-server:2 hello-server:1");
    assert!(run.calls.contains(&all), "{run:?}");
    let builds = run.calls.iter().filter(|call| call.starts_with("make "));
    let builds: Vec<_> = builds.collect();
    let end = " images REGISTRY= TAG=1 CONTAINER_ENGINE=docker PLATFORMS=";
    assert!(builds.len() == 1 && builds[0].ends_with(end), "{builds:?}");

    let machine = machine().with("STAND_IN_FAIL", "docker image inspect greeter-server:2");
    let run = machine.script("deploy", &[]);
    assert!(run.success, "{run:?}");
    assert!(
        run.calls.contains(&format!("{load}hello-server:1")),
        "{run:?}"
    );
    let note = "note: greeter-server:2 is not in docker, and was not loaded";
    assert!(run.output.contains(note), "{run:?}");
}

#[test]
fn uses_the_example_domain_in_settings_only() {
    for (path, text) in files(&root().join("k8s")) {
        let lines = text.lines().filter(|line| line.contains("example.com"));
        for line in lines {
            let allowed = path.ends_with("settings.env") || line.trim_start().starts_with('#');
            assert!(allowed, "{}: {line}", path.display());
        }
    }
}
