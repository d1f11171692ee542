//! The tag of the images, and the Deployments that a rebuilt image restarts.

use std::{fs, path::Path, process::Command};

use tempfile::TempDir;

use crate::machine::{Machine, Run, root};

/// Runs a command, and returns what it prints.
fn output(folder: &Path, program: &str, args: &[&str]) -> String {
    let ended = Command::new(program)
        .args(args)
        .current_dir(folder)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .output()
        .unwrap();
    assert!(ended.status.success(), "{program} {args:?}: {ended:?}");
    String::from_utf8(ended.stdout).unwrap().trim().to_owned()
}

#[test]
fn each_change_of_the_programs_has_a_tag() {
    let directory = TempDir::new().unwrap();
    let folder = directory.path();
    for path in ["Dockerfiles", "crates/a/src", "crates/a/tests", "k8s"] {
        fs::create_dir_all(folder.join(path)).unwrap();
    }
    fs::copy(
        root().join("Dockerfiles/tag"),
        folder.join("Dockerfiles/tag"),
    )
    .unwrap();
    for file in ["Cargo.toml", "crates/a/src/lib.rs", "k8s/settings.env"] {
        fs::write(folder.join(file), "one").unwrap();
    }
    let git = |args: &str| output(folder, "git", &args.split(' ').collect::<Vec<_>>());
    git("init --quiet");
    git("add .");
    git("-c user.name=n -c user.email=e@x commit --quiet --message=one");
    let tag = || output(folder, "Dockerfiles/tag", &[]);
    let clean = tag();
    assert_eq!(clean, git("rev-parse --short=12 HEAD"));

    // These are not in the images.
    fs::write(folder.join("k8s/settings.env"), "two").unwrap();
    fs::write(folder.join("crates/a/tests/new.rs"), "two").unwrap();
    assert_eq!(tag(), clean);

    let mut tags = vec![clean.clone()];
    for (file, text) in [
        ("Cargo.toml", "two"),
        ("Cargo.toml", "three"),
        ("crates/a/src/new.rs", "untracked"),
        ("crates/a/src/new.rs", "changed"),
        (".dockerignore", "one"),
        ("Dockerfiles/images", "one"),
        ("Dockerfiles/images.mk", "one"),
    ] {
        fs::write(folder.join(file), text).unwrap();
        let dirty = tag();
        assert!(dirty.starts_with(&format!("{clean}-dirty-")), "{dirty}");
        assert!(!tags.contains(&dirty), "{file} {text}: {dirty} in {tags:?}");
        tags.push(dirty);
    }
    // An image's tag has fewer characters than a git tag.
    git("-c user.name=n -c user.email=e@x tag --message=one release/1.0+build");
    let dirty = tag();
    assert!(dirty.starts_with("release-1.0-build-dirty-"), "{dirty}");
}

#[test]
fn builds_and_deploys_the_same_default_tag() {
    let machine = || {
        let machine = Machine::new().with_real("git").with_real("cut");
        machine.with_real("basename")
    };
    let tag = output(&root(), "Dockerfiles/tag", &[]);
    let run = machine().script("deploy", &[]);
    assert!(run.success, "{run:?}");
    let built = format!(" images REGISTRY= TAG={tag} CONTAINER_ENGINE=docker PLATFORMS=");
    assert!(
        run.calls.iter().any(|call| call.ends_with(&built)),
        "{run:?}"
    );
    assert!(
        run.files["0-diff"].contains(&format!("image: greeter-server:{tag}\n")),
        "{run:?}"
    );
    // The new tag rolls out what was rebuilt.
    assert_eq!(run.called("kubectl get deployments"), 0);

    for args in [&["images"][..], &["push"], &["images", "TAG="]] {
        let machine = machine().with_real("make");
        let run = machine.program("make", &[args, &["REGISTRY=registry.test"]].concat());
        assert!(run.success, "{run:?}");
        let image = format!("registry.test/greeter-server:{tag}");
        assert!(
            run.calls.iter().any(|call| call.contains(&image)),
            "{run:?}"
        );
    }
}

#[test]
fn builds_for_the_platforms_of_the_local_settings() {
    let machine = Machine::new().with_real("make").with_real("basename");
    let machine = machine.with_local("PLATFORMS=linux/arm64\nREGISTRY=registry.test\nTAG=1\n");
    let run = machine.program("make", &["images"]);
    assert!(run.success, "{run:?}");
    let builds = |run: &Run| {
        let platform = " --platform linux/arm64 ";
        let with_it = run.calls.iter().filter(|it| it.contains(platform));
        (run.called("docker build "), with_it.count())
    };
    assert_eq!(builds(&run), (3, 3), "{run:?}");
    // kind's node has the platform of this machine.
    let run = machine.script("deploy", &[]);
    assert!(run.success, "{run:?}");
    assert_eq!(builds(&run), (6, 3), "{run:?}");
}

#[test]
fn needs_a_tag_without_git() {
    let run = Machine::new().without("git").script("deploy", &[]);
    assert!(!run.success);
    assert_eq!(run.calls, Vec::<String>::new());
    let message =
        "tag: there is no git revision to name the images after; set TAG, as in TAG=1.0.0";
    assert!(run.errors.contains(message), "{run:?}");
}

/// With a given TAG, the pods of a Deployment that the apply has just changed or
/// made run the loaded image already.
#[test]
fn restarts_only_what_the_apply_left_alone() {
    let deployments = "\
hello-server default 1\ngreeter-server default 4|\
hello-server default 2\ngreeter-server default 4\ngreeter-load default 1";
    let machine = Machine::new().with("TAG", "1");
    let machine = machine.with("STAND_IN_DEPLOYMENTS", deployments);
    let run = machine.script("deploy", &[]);
    assert!(run.success, "{run:?}");
    let restart = "kubectl -n default rollout restart";
    assert_eq!(run.called(restart), 1, "{run:?}");
    assert_eq!(
        run.called(&format!("{restart} deployment/greeter-server")),
        1
    );
}

#[test]
fn runs_targets_in_order_with_many_jobs() {
    let machine = Machine::new().with_real("make");
    let run = machine.program("make", &["-j8", "platform", "deploy"]);
    assert!(run.success, "{run:?}");
    let last = run.calls.iter().rposition(|call| call.starts_with("helm "));
    let first = run
        .calls
        .iter()
        .position(|call| call.starts_with("kubectl diff "));
    assert!(last < first, "{run:?}");
}
