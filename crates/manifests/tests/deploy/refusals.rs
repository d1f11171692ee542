//! What `render` refuses: components of the user's own, and behind Identity-Aware Proxy.

use std::{fs, path::Path, process::Command};

use tempfile::TempDir;

use crate::machine::{Machine, Run, root};

/// Renders `WITH=mine` in a copy of the tree that has this component.
fn render_with(kustomization: &str, resource: &str) -> Run {
    let tree = TempDir::new().unwrap();
    let copied = Command::new("cp")
        .arg("-R")
        .arg(root().join("k8s"))
        .arg(tree.path())
        .status();
    assert!(copied.unwrap().success());
    let k8s = tree.path().join("k8s");
    let component = k8s.join("components/mine");
    fs::create_dir(&component).unwrap();
    fs::write(component.join("kustomization.yaml"), kustomization).unwrap();
    fs::write(component.join("resource.yaml"), resource).unwrap();
    add_row(&k8s.join("components/order.txt"));
    let machine = Machine::new().with("WITH", "mine").with("TAG", "dev");
    machine.run(&k8s.join("bin/render"), &[])
}

/// Adds the component before `images`, which is the last row.
fn add_row(order: &Path) {
    let text = fs::read_to_string(order).unwrap();
    let (before, _) = text.split_once("\nimages ").unwrap();
    fs::write(order, format!("{before}\nmine - -\nimages - -\n")).unwrap();
}

const COMPONENT: &str = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n";
const POD: &str = "apiVersion: v1\nkind: Pod\nmetadata: {name: mine}\nspec:\n  containers: [{name: mine, image: IMAGE}]\n";

fn with_image(image: &str) -> Run {
    let component = format!("{COMPONENT}resources: [resource.yaml]\n");
    render_with(&component, &POD.replace("IMAGE", image))
}

#[test]
fn refuses_a_component_that_changes_nothing() {
    // No container has this image.
    let run = render_with(
        &format!("{COMPONENT}images: [{{name: other, newTag: dev}}]\n"),
        "",
    );
    assert!(!run.success && run.output.is_empty(), "{run:?}");
    let message = "render: mine changes nothing in the overlay kind; remove it from WITH";
    assert_eq!(run.last_line(), message);
}

#[test]
fn refuses_an_image_that_the_tree_does_not_pin() {
    let run = with_image("mine");
    assert!(!run.success && run.output.is_empty(), "{run:?}");
    let message = "render: the image mine has no tag; list it in k8s/components/images/kustomization.yaml, or in images: of its component";
    assert_eq!(run.last_line(), message);
    // A port is no tag.
    assert!(!with_image("localhost:5000/mine").success);

    let pinned = with_image("localhost:5000/mine:1.2.3");
    assert!(pinned.success, "{pinned:?}");
    assert!(pinned.output.contains("image: localhost:5000/mine:1.2.3"));
}

/// Istio does not define the principal of a request with two tokens, and the load comes
/// without one.
#[test]
fn refuses_other_tokens_and_clients_behind_identity_aware_proxy() {
    for other in ["jwt", "load-gateway"] {
        let machine = Machine::new().with("OVERLAY", "gke-l7-iap");
        let run = machine.with("WITH", other).script("render", &[]);
        assert!(!run.success, "{run:?}");
        let message = format!("render: gke-iap and {other} exclude each other; ");
        assert!(run.last_line().starts_with(&message), "{run:?}");
    }
}
