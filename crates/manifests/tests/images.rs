//! How the images are built and pushed: the toolchain, and the calls of the engine.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
};

use tempfile::TempDir;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn read(file: &str) -> String {
    fs::read_to_string(root().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// The rest of the only line with this start.
fn value<'a>(text: &'a str, start: &str) -> &'a str {
    let mut found = text.lines().filter_map(|line| line.strip_prefix(start));
    let value = found.next().unwrap_or_else(|| panic!("no {start}"));
    assert_eq!(found.next(), None, "{start} twice");
    value
}

#[test]
fn the_images_are_built_with_the_toolchain_of_the_project() {
    let toolchain = read("rust-toolchain.toml");
    let version = value(&toolchain, "channel = ").trim_matches('"');
    let dockerfile = read("Dockerfiles/Dockerfile");
    let base = value(&dockerfile, "ARG BASE_IMAGE=");
    assert_eq!(base, format!("rust:{version}-slim-bookworm"));
    let makefile = read("Dockerfiles/images.mk");
    let pinned = value(&makefile, "BASE_IMAGE ?= ");
    let digest = pinned.strip_prefix(&format!("{base}@sha256:")).expect(base);
    assert_eq!(digest.len(), 64, "{digest}");
    assert!(digest.bytes().all(|it| it.is_ascii_hexdigit()), "{digest}");
}

/// An emulated Rust build takes an hour. Only stages without commands may be for
/// the platform of the image.
#[test]
fn nothing_is_emulated() {
    let dockerfile = read("Dockerfiles/Dockerfile");
    for stage in dockerfile.split("\nFROM ").skip(1) {
        let native = stage.starts_with("--platform=${BUILDPLATFORM} ");
        let runs = stage.lines().any(|line| line.starts_with("RUN "));
        assert!(native || !runs, "{stage}");
    }
}

/// Records its calls. `docker buildx version` fails, as without the plugin, unless
/// BUILDX is set. `image inspect` prints DIGESTS.
const ENGINE: &str = r#"#!/usr/bin/env bash
case "$*" in
"image inspect "*) [ -n "${DIGESTS-}" ] && echo "$DIGESTS" ;;
"buildx version") [ -n "${BUILDX-}" ] ;;
*) printf '%s\n' "$*" >>"$CALLS" ;;
esac
"#;

/// Runs make with a stand-in for the engine, and returns its calls.
fn make(engine: &str, args: &[&str], environment: &[(&str, &str)]) -> Result<Vec<String>, String> {
    let folder = TempDir::new().unwrap();
    let [program, calls] = [engine, "calls"].map(|name| folder.path().join(name));
    fs::write(&program, ENGINE).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    fs::write(&calls, "").unwrap();
    let run = Command::new("make")
        .current_dir(root())
        .args(args)
        .args(["REGISTRY=registry.example.org/hello", "TAG=1.0.0"])
        .arg(format!("CONTAINER_ENGINE={}", program.display()))
        .env_remove("MAKEFLAGS")
        .env_remove("BUILD_FLAGS")
        .env("CALLS", &calls)
        .envs(environment.iter().copied())
        .output()
        .unwrap();
    if !run.status.success() {
        return Err(String::from_utf8(run.stderr).unwrap());
    }
    let calls = fs::read_to_string(&calls).unwrap();
    Ok(calls.lines().map(str::to_owned).collect())
}

const BOTH: &str = "PLATFORMS=linux/amd64,linux/arm64";

#[test]
fn builds_each_program_for_each_platform() {
    let calls = make("docker", &["images", BOTH], &[]).unwrap();
    let builds: Vec<_> = calls.iter().filter(|it| it.starts_with("build ")).collect();
    assert_eq!(builds.len(), 6, "{calls:?}");
    for (build, platform) in builds
        .iter()
        .zip(["amd64"; 3].into_iter().chain(["arm64"; 3]))
    {
        let tag = "--tag registry.example.org/hello/";
        assert!(build.contains(tag), "{build}");
        let flags = format!(":1.0.0-{platform} --platform linux/{platform} ");
        assert!(build.contains(&flags), "{build}");
        assert!(build.contains("--build-arg REVISION="), "{build}");
        assert!(build.contains("-slim-bookworm@sha256:"), "{build}");
    }

    for args in [&["images"][..], &["images", "PLATFORMS=linux/arm64"]] {
        let calls = make("docker", args, &[]).unwrap();
        let build = &calls[0];
        assert!(build.contains("/hello-server:1.0.0 --"), "{build}");
        assert_eq!(build.contains(" --platform linux/arm64 "), args.len() == 2);
    }
}

/// No registry knows the digest of an image that this machine built.
#[test]
fn builds_on_a_base_image_of_this_machine_without_its_digest() {
    for (digests, pinned) in [("[]", false), (r#"["rust@sha256:0"]"#, true)] {
        let calls = make("docker", &["images"], &[("DIGESTS", digests)]).unwrap();
        assert_eq!(calls[0].contains("@sha256:"), pinned, "{calls:?}");
        assert!(calls[0].contains("BASE_IMAGE=rust:1."), "{calls:?}");
    }
}

#[test]
fn pushes_one_image_for_all_platforms() {
    let name = "registry.example.org/hello/hello-server:1.0.0";
    let parts = format!("{name} {name}-amd64 {name}-arm64");
    for (engine, environment, join) in [
        (
            "docker",
            &[("BUILDX", "1")][..],
            "buildx imagetools create --tag",
        ),
        ("docker", &[], "manifest create --amend"),
        ("podman", &[], "manifest create --amend"),
    ] {
        let calls = make(engine, &["push", BOTH], environment).unwrap();
        assert_eq!(calls.iter().filter(|it| it.starts_with("push ")).count(), 6);
        let last_push = calls.iter().rposition(|it| it.starts_with("push "));
        let joined = format!("{join} {parts}");
        let joined = calls.iter().position(|it| *it == joined);
        assert!(joined > last_push, "{engine}: {calls:?}");
    }
    let calls = make("docker", &["push"], &[]).unwrap();
    assert_eq!(calls.len(), 3, "{calls:?}");
    assert_eq!(calls[0], format!("push {name}"));
}

#[test]
fn refuses_an_unknown_platform() {
    for platforms in [
        "arm64",
        "linux/amd64,linux/riscv64",
        "linux/amd64, linux/arm64",
    ] {
        let platforms = format!("PLATFORMS={platforms}");
        let errors = make("docker", &["images", &platforms], &[]).unwrap_err();
        let message = "it is a list of linux/amd64 and linux/arm64, separated by a comma";
        assert!(errors.contains(message), "{errors}");
    }
}
