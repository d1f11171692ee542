//! The layout that ARCHITECTURE.md describes: its map is complete, crates do not
//! depend on each other in a circle, and source files stay short.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
const MAX_LINES: usize = 200;

/// The files and folders below a folder.
fn tree(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(tree(&path));
        }
        found.push(path);
    }
    found
}

fn crates() -> Vec<PathBuf> {
    let folders = fs::read_dir(Path::new(ROOT).join("crates")).unwrap();
    folders.map(|folder| folder.unwrap().path()).collect()
}

fn name(path: &Path) -> &str {
    path.file_name().unwrap().to_str().unwrap()
}

#[test]
fn the_map_names_every_crate_and_module_folder() {
    let text = fs::read_to_string(Path::new(ROOT).join("ARCHITECTURE.md")).unwrap();
    for krate in crates() {
        let start = format!("| `{}` |", name(&krate));
        let row = text.lines().find(|line| line.starts_with(&start));
        let row = row.unwrap_or_else(|| panic!("no row {start}"));
        for folder in tree(&krate.join("src")).iter().filter(|it| it.is_dir()) {
            let folder = format!("`{}`", name(folder));
            assert!(row.contains(&folder), "no {folder} in {row}");
        }
    }
}

#[test]
fn every_crate_says_what_it_is_and_what_it_does_not_know() {
    for krate in crates() {
        let text = fs::read_to_string(krate.join("src/lib.rs")).unwrap();
        let docs: Vec<_> = text
            .lines()
            .take_while(|it| it.starts_with("//!"))
            .collect();
        let docs = docs.join(" ");
        let says = ["must not know", "knows no", "knows neither", "know nothing"];
        assert!(says.iter().any(|it| docs.contains(it)), "{krate:?}: {docs}");
    }
}

#[test]
fn source_files_are_short() {
    for file in crates().iter().flat_map(|it| tree(&it.join("src"))) {
        if file.extension().is_some_and(|it| it == "rs") {
            let lines = fs::read_to_string(&file).unwrap().lines().count();
            assert!(lines <= MAX_LINES, "{}: {lines} lines", file.display());
        }
    }
}

#[test]
fn no_crate_depends_on_itself_through_others() {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--format-version", "1"])
        .current_dir(ROOT)
        .output()
        .unwrap();
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let mut uses = BTreeMap::new();
    for package in metadata["packages"].as_array().unwrap() {
        // Dependencies of tests count, too.
        let dependencies = package["dependencies"].as_array().unwrap().iter();
        let local = dependencies.filter(|it| it["path"].is_string());
        let names: BTreeSet<_> = local.map(|it| it["name"].to_string()).collect();
        uses.insert(package["name"].to_string(), names);
    }
    assert_eq!(uses.len(), crates().len());
    // Removes the crates that use no other, until there are none left.
    while let Some(leaf) = uses.iter().find(|(_, uses)| uses.is_empty()) {
        let leaf = leaf.0.clone();
        uses.remove(&leaf);
        for others in uses.values_mut() {
            others.remove(&leaf);
        }
    }
    assert!(uses.is_empty(), "these crates form a circle: {uses:#?}");
}
