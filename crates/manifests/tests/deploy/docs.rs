//! The commands in the documentation.

use std::{collections::BTreeSet, fs, path::Path};

use crate::{
    machine::{Machine, Run, root},
    rendering::OVERLAYS,
};

#[test]
fn documents_only_targets_and_overlays_that_exist() {
    let help = Machine::new().with_real("make").program("make", &["help"]);
    assert!(help.success, "{help:?}");
    let targets: BTreeSet<_> = help
        .output
        .lines()
        .filter_map(|line| line.trim_start().strip_prefix("make "))
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    let read = |file| fs::read_to_string(root().join(file)).unwrap();
    let pages = [
        "docs/deploy.md",
        "docs/operations.md",
        "README.md",
        "k8s/README.md",
    ];
    let text = pages.map(read).concat();
    // The words after `make` are targets, up to a variable, a comment or the end.
    for command in text.split("make ").skip(1) {
        let line = command.split(['\n', '`']).next().unwrap();
        for word in line.split_whitespace() {
            if word.contains('=') || !word.starts_with(char::is_alphabetic) {
                break;
            }
            assert!(targets.contains(word), "make {line}: no target {word}");
        }
    }
    for overlay in text.split("OVERLAY=").skip(1) {
        let overlay = overlay
            .split(|c: char| !c.is_alphanumeric() && c != '-')
            .next();
        let exists = OVERLAYS.split(' ').any(|known| Some(known) == overlay);
        assert!(exists, "no overlay {overlay:?}");
    }
}

/// The shell commands of a section of docs/deploy.md, block by block.
fn blocks(heading: &str) -> Vec<String> {
    let page = fs::read_to_string(root().join("docs/deploy.md")).unwrap();
    let start = format!("\n## {heading}\n");
    let (_, section) = page.split_once(&start).unwrap();
    let section = section.split("\n## ").next().unwrap();
    let blocks = section.split("```sh\n").skip(1);
    let blocks = blocks.map(|it| it.split("```").next().unwrap().to_owned());
    blocks.collect()
}

/// Runs a block as typed, but with a domain that is no example.
fn typed(machine: &Machine, block: &str) -> Run {
    let block = block.replace("k8s/local.env", "\"$LOCAL_ENV\"");
    let block = block.replace("hello.example.org", "hello.mesh.test");
    let run = machine.program("bash", &["-ec", &block]);
    assert!(run.success, "{block}: {run:?}");
    run
}

fn laptop() -> Machine {
    let machine = Machine::new().with_cloud();
    let machine = machine.with_real("make").with_real("basename");
    let context = "gke_your-project_europe-west1_hello";
    machine
        .with_stand_in("greeter-client")
        .with("STAND_IN_CONTEXT", context)
        .with("STAND_IN_TOKEN", "a.b.c")
}

/// Nothing is left but what the page says.
fn assert_removed(machine: &Machine) {
    let cloud = machine.cloud();
    let left = cloud.keys().filter(|it| !it.starts_with("cloud/services"));
    let record = Path::new("cloud/dns-record-sets.your-zone/hello.mesh.test.");
    assert_eq!(left.collect::<Vec<_>>(), [record]);
}

#[test]
fn the_steps_for_gke_run_as_written() {
    let blocks = blocks("3. GKE, L4");
    assert_eq!(blocks.len(), 7, "{blocks:?}");
    for overlay in ["gke-l4", "gke-l7"] {
        let machine = laptop();
        for block in &blocks {
            typed(&machine, &block.replace("gke-l4", overlay));
        }
        assert_removed(&machine);
    }
}

#[test]
fn the_steps_for_identity_aware_proxy_run_as_written() {
    let l4 = blocks("3. GKE, L4");
    let iap = blocks("4. GKE, L7 and IAP");
    assert_eq!(iap.len(), 3, "{iap:?}");
    let machine = laptop();
    typed(&machine, &l4[0].replace("gke-l4", "gke-l7-iap"));
    let made = typed(&machine, "make gcp");
    // Step 5, with what `make gcp` printed.
    let lines = made.output.lines().map(str::trim);
    let audience = lines.clone().find(|it| it.starts_with("IAP_AUDIENCE="));
    let client = lines.clone().filter(|it| it.contains("IAP_CLIENT_ID=<"));
    assert_eq!(client.count(), 1, "{made:?}");
    let audience = audience.unwrap();
    typed(
        &machine,
        &format!("printf '%s\\n' IAP_CLIENT_ID=1-client '{audience}' >>k8s/local.env"),
    );
    // Step 6 has the commands that it printed.
    for line in iap[0].lines() {
        let mut lines = lines.clone();
        assert!(lines.any(|it| it == line), "no {line} in {made:?}");
    }
    for block in &iap {
        typed(&machine, block);
    }
    // To authorize others, in step 7, was no work of `make gcp`.
    let them = "iap web remove-iam-policy-binding --resource-type=backend-services --project=your-project --member=user:them@example.org --role=roles/iap.httpsResourceAccessor";
    typed(&machine, &format!("gcloud {them}"));
    for block in &l4[5..] {
        typed(&machine, block);
    }
    assert_removed(&machine);
}
