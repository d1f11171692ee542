//! Finds the commit and the date of the build.
//!
//! `BUILD_COMMIT` and `SOURCE_DATE_EPOCH` come first: images are built without
//! `.git`, and reproducible builds set the date.

use std::{env, error::Error, path::Path, process::Command};

use time::OffsetDateTime;

/// Digits of the commit's hash.
const DIGITS: usize = 12;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=BUILD_COMMIT");
    println!("cargo::rerun-if-env-changed=SOURCE_DATE_EPOCH");
    // Git appends a line to this file with every commit and checkout. Cargo would
    // rerun on every build for a file that does not exist.
    if let Some(log) = git(&["rev-parse", "--git-path", "logs/HEAD"])
        && Path::new(&log).exists()
    {
        println!("cargo::rerun-if-changed={log}");
    }
    let commit = variable("BUILD_COMMIT").or_else(|| git(&["rev-parse", "HEAD"]));
    let commit = commit.map_or_else(|| "unknown".to_owned(), |commit| shorten(&commit));
    println!("cargo::rustc-env=BUILD_INFO_COMMIT={commit}");
    println!("cargo::rustc-env=BUILD_INFO_DATE={}", time()?.date());
    Ok(())
}

fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

/// What git prints; `None` without git or a repository.
fn git(args: &[&str]) -> Option<String> {
    let output = Command::new("git").args(args).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_owned())
}

/// The first digits of a hash, and its suffix such as `-dirty`.
fn shorten(commit: &str) -> String {
    let (hash, suffix) = commit.split_at(commit.find('-').unwrap_or(commit.len()));
    let digits: String = hash.chars().take(DIGITS).collect();
    digits + suffix
}

fn time() -> Result<OffsetDateTime, Box<dyn Error>> {
    let Some(seconds) = variable("SOURCE_DATE_EPOCH") else {
        return Ok(OffsetDateTime::now_utc());
    };
    let time = seconds.parse().map_err(|_| {
        format!("SOURCE_DATE_EPOCH must be whole seconds since 1970, not {seconds:?}")
    })?;
    Ok(OffsetDateTime::from_unix_timestamp(time)?)
}
