//! What `make install-manifests` writes for a release.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use manifests::{Object, render};
use serde_json::Value;
use tempfile::TempDir;

const PROGRAMS: [&str; 3] = ["hello-server", "greeter-server", "greeter-client"];
const REGISTRY: (&str, &str) = ("REGISTRY", "registry.example.org/hello");
const TAG: (&str, &str) = ("TAG", "v1.0.0");

fn k8s() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../k8s")
}

fn install(folder: &Path, settings: &[(&str, &str)]) -> Output {
    Command::new(k8s().join("bin/install-manifests"))
        .env_remove("REGISTRY")
        .env_remove("TAG")
        .env("INSTALL", folder)
        .envs(settings.iter().copied())
        .output()
        .unwrap()
}

/// A file with a digest of each program.
fn digests(folder: &Path, programs: &[&str]) -> String {
    let digest = |program: &&str| format!("{program} sha256:{:064x}\n", program.len());
    let file = folder.join("digests.txt");
    fs::write(&file, programs.iter().map(digest).collect::<String>()).unwrap();
    file.to_str().unwrap().to_owned()
}

fn identity(object: &Object) -> [String; 3] {
    let metadata = &object.metadata;
    [&object.kind, &metadata.namespace, &metadata.name].map(ToString::to_string)
}

fn objects(text: &str) -> Vec<Object> {
    let documents: Vec<Value> = serde_saphyr::from_multiple(text).unwrap();
    let typed = |value: Value| serde_json::from_value(value).unwrap();
    documents
        .into_iter()
        .filter(|it| !it.is_null())
        .map(typed)
        .collect()
}

/// Each image of a manifest that has a program of ours.
fn our_images(text: &str) -> Vec<&str> {
    let images = text.lines().filter_map(|it| it.split_once("image: "));
    images
        .map(|it| it.1.trim_matches('"'))
        .filter(|it| PROGRAMS.iter().any(|program| it.contains(program)))
        .collect()
}

#[track_caller]
fn published(image: &str) {
    let (name, digest) = image.split_once("@sha256:").expect(image);
    let program = name
        .strip_prefix("registry.example.org/hello/")
        .expect(image);
    let program = program.strip_suffix(":v1.0.0").expect(image);
    assert_eq!(digest, format!("{:064x}", program.len()), "{image}");
}

#[test]
fn each_overlay_is_one_file_with_the_published_images() {
    let folder = TempDir::new().unwrap();
    let digests = digests(folder.path(), &PROGRAMS);
    let run = install(folder.path(), &[REGISTRY, TAG, ("DIGESTS", &digests)]);
    assert!(run.status.success(), "{run:?}");
    for overlay in fs::read_dir(k8s().join("overlays")).unwrap() {
        let overlay = overlay.unwrap().file_name().into_string().unwrap();
        let file = folder.path().join(format!("install-{overlay}.yaml"));
        let text = fs::read_to_string(&file).unwrap();
        let images = our_images(&text);
        assert!(!images.is_empty(), "{overlay}");
        images.iter().for_each(|image| published(image));

        let written: BTreeSet<_> = objects(&text).iter().map(identity).collect();
        let rendering = render(&format!("overlays/{overlay}"));
        // Jobs are immutable, and would run before a certificate is issued.
        let lasting = rendering.objects.iter().filter(|it| it.kind != "Job");
        assert_eq!(written, lasting.map(identity).collect(), "{overlay}");
        // An object may need one of a kind that comes before it.
        let first = objects(&text).into_iter().next().unwrap();
        assert_eq!(first.kind, "Namespace", "{overlay}");
    }
}

#[test]
fn the_archive_renders_with_the_published_images() {
    let folder = TempDir::new().unwrap();
    let digests = digests(folder.path(), &PROGRAMS);
    let run = install(folder.path(), &[REGISTRY, TAG, ("DIGESTS", &digests)]);
    assert!(run.status.success(), "{run:?}");
    let unpacked = folder.path().join("unpacked");
    fs::create_dir(&unpacked).unwrap();
    let tar = Command::new("tar")
        .args(["-xzf", "../manifests.tar.gz"])
        .current_dir(&unpacked)
        .status();
    assert!(tar.unwrap().success());
    let kustomize = Command::new("kubectl")
        .args(["kustomize", "overlays/kind"])
        .current_dir(&unpacked)
        .output()
        .unwrap();
    assert!(kustomize.status.success(), "{kustomize:?}");
    let text = String::from_utf8(kustomize.stdout).unwrap();
    let images = our_images(&text);
    assert!(images.len() >= 3, "{images:?}");
    images.iter().for_each(|image| published(image));
}

/// Nothing refuses them with `kubectl apply -f`.
#[test]
fn each_file_says_how_to_replace_its_example_values() {
    let folder = TempDir::new().unwrap();
    let run = install(folder.path(), &[REGISTRY, TAG]);
    assert!(run.status.success(), "{run:?}");
    let mut seen = 0;
    for file in fs::read_dir(folder.path()).unwrap() {
        let file = file.unwrap().path();
        if file.extension().is_some_and(|it| it == "gz") {
            continue;
        }
        let text = fs::read_to_string(&file).unwrap();
        let commands = text.lines().filter_map(|it| it.strip_prefix("#   "));
        let commands: Vec<_> = commands.collect();
        let Some(command) = commands.first() else {
            assert!(!text.contains("example.com"), "{}", file.display());
            continue;
        };
        let (edit, apply) = command.split_once(" | ").unwrap();
        assert_eq!(apply, "kubectl apply --server-side -f -");
        // Values of a user.
        let edit = edit.replace('<', "my-").replace('>', "");
        let edited = Command::new("bash")
            .args([
                "-c",
                &format!("{edit} | sed '/^#/d; s|registry.example.org||'"),
            ])
            .current_dir(folder.path())
            .output()
            .unwrap();
        let edited = String::from_utf8(edited.stdout).unwrap();
        assert!(edited.contains("my-DOMAIN"), "{edited}");
        let words = edited.split(|it: char| !it.is_ascii_alphanumeric());
        assert_eq!(words.filter(|it| *it == "example").count(), 0, "{command}");
        seen += 1;
    }
    assert_eq!(seen, 4);
}

#[test]
fn refuses_images_without_a_name_or_digest() {
    let folder = TempDir::new().unwrap();
    let digests = digests(folder.path(), &PROGRAMS[..2]);
    for (settings, message) in [
        (&[TAG][..], "install-manifests: REGISTRY or TAG is empty"),
        (&[REGISTRY], "install-manifests: REGISTRY or TAG is empty"),
        (
            &[REGISTRY, TAG, ("DIGESTS", &digests)],
            &format!("install-manifests: {digests} has no digest of greeter-client"),
        ),
    ] {
        let run = install(&folder.path().join("none"), settings);
        let errors = String::from_utf8(run.stderr).unwrap();
        assert!(!run.status.success(), "{settings:?}");
        assert!(errors.starts_with(message), "{errors}");
        assert!(!folder.path().join("none").exists());
    }
}
