//! The crates that a program is built from, as Cargo resolves them.

use std::{collections::BTreeSet, fs, process::Command};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// `name version` of each crate that a program is built from, without itself.
///
/// # Panics
/// If `cargo tree` fails.
#[must_use]
pub fn crates(program: &str, target: &str) -> BTreeSet<String> {
    let tree = Command::new(env!("CARGO"))
        .args(["tree", "--locked", "--package", program, "--target", target])
        .args(["--edges", "normal", "--prefix", "none", "--format", "{p}"])
        .current_dir(ROOT)
        .output()
        .unwrap();
    assert!(tree.status.success(), "{tree:?}");
    let tree = String::from_utf8(tree.stdout).unwrap();
    let lines = tree.lines().filter(|line| !line.is_empty()).skip(1);
    lines
        .map(|line| {
            let (name, rest) = line.split_once(" v").unwrap();
            let version = rest.split(' ').next().unwrap();
            format!("{name} {version}")
        })
        .collect()
}

/// `name version` of each crate in Cargo.lock, and its checksum. The workspace's own
/// crates have none.
///
/// # Panics
/// If Cargo.lock cannot be read.
pub fn locked() -> Vec<(String, Option<String>)> {
    let lock = fs::read_to_string(format!("{ROOT}/Cargo.lock")).unwrap();
    let packages = lock.split("[[package]]").skip(1);
    packages
        .map(|package| {
            let field = |name: &str| {
                let start = format!("{name} = \"");
                let line = package.lines().find_map(|it| it.strip_prefix(&start))?;
                line.strip_suffix('"')
            };
            let key = [field("name").unwrap(), field("version").unwrap()].join(" ");
            (key, field("checksum").map(str::to_owned))
        })
        .collect()
}
