//! The commands in the documentation.

use std::{collections::BTreeSet, fs};

use crate::{
    machine::{Machine, root},
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
