//! What SECURITY.md promises is tested, and the versions that the project pins are
//! updated.

use std::{fs, path::Path};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
const MAKEFILES: [&str; 4] = [
    "Makefile",
    "Dockerfiles/images.mk",
    "Dockerfiles/supply-chain.mk",
    "k8s/cluster.mk",
];

fn read(path: &str) -> String {
    let path = Path::new(ROOT).join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The texts between two delimiters.
fn between<'a>(text: &'a str, start: &str, end: &str) -> Vec<&'a str> {
    let starts = text.split(start).skip(1);
    starts
        .filter_map(|it| Some(it.split_once(end)?.0))
        .collect()
}

#[test]
fn every_promise_names_a_test_that_exists() {
    let makefiles = MAKEFILES.map(read).concat();
    let text = read("SECURITY.md");
    let table = text.lines().skip_while(|line| !line.starts_with("| ---"));
    let rows: Vec<_> = table.skip(1).take_while(|it| it.starts_with('|')).collect();
    assert!(rows.len() > 10, "{rows:?}");
    for row in rows {
        let targets = between(row, "`make ", "`");
        for target in &targets {
            let rule = format!("\n{target}:");
            assert!(makefiles.contains(&rule), "no target {target}: {row}");
        }
        let tests = between(row, "[`", ")");
        for test in &tests {
            let (name, file) = test.split_once("`](").expect(row);
            let function = format!("fn {name}()");
            assert!(read(file).contains(&function), "no {name} in {file}");
        }
        assert!(!targets.is_empty() || !tests.is_empty(), "no test: {row}");
    }
}

#[test]
fn renovate_finds_every_pinned_version() {
    let mut pins = 0;
    for file in MAKEFILES.iter().chain(&["Dockerfiles/Dockerfile"]) {
        let text = read(file);
        let mut before = "";
        for line in text.lines() {
            let name = line.trim_start_matches("ARG ");
            let name = name.split([' ', ':', '=']).next().unwrap();
            if name.ends_with("_VERSION") && line.contains('=') {
                let comment = before.starts_with("# renovate: datasource=");
                assert!(
                    comment,
                    "no renovate comment above this line of {file}: {line}"
                );
                pins += 1;
            }
            before = line;
        }
    }
    assert!(pins >= 7, "{pins} pins");
}
