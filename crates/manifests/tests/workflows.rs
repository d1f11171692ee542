//! The workflows of CI and releases. `make workflows` checks their syntax.

use std::{collections::BTreeSet, fs, path::Path, process::Command};

use serde_json::{Map, Value};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// A workflow: its name, its text and its content.
fn workflows() -> Vec<(String, String, Value)> {
    let folder = fs::read_dir(Path::new(ROOT).join(".github/workflows")).unwrap();
    let read = |path: &Path| {
        let text = fs::read_to_string(path).unwrap();
        let content = serde_saphyr::from_str(&text).unwrap();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        (name, text, content)
    };
    let all: Vec<_> = folder.map(|it| read(&it.unwrap().path())).collect();
    assert!(all.len() >= 2, "{all:?}");
    all
}

fn release() -> Value {
    let found = workflows().into_iter().find(|it| it.0 == "release");
    found.unwrap().2
}

fn jobs(workflow: &Value) -> &Map<String, Value> {
    workflow["jobs"].as_object().unwrap()
}

fn steps(job: &Value) -> impl Iterator<Item = &Value> {
    job["steps"].as_array().unwrap().iter()
}

/// A tag can move to other code. The comment names the version for readers and
/// Renovate.
#[test]
fn every_action_is_pinned() {
    let mut pins = 0;
    for (name, text, _) in workflows() {
        for line in text.lines().filter(|line| line.contains("uses:")) {
            let (_, action) = line.split_once("uses: ").expect(line);
            let (action, version) = action.split_once(" # v").expect(line);
            let (_, commit) = action.split_once('@').expect(line);
            assert_eq!(commit.len(), 40, "{name}: {line}");
            assert!(commit.bytes().all(|it| it.is_ascii_hexdigit()), "{line}");
            assert_eq!(version.split('.').count(), 3, "{name}: {line}");
            pins += 1;
        }
    }
    assert!(pins > 5, "{pins} actions");
}

#[test]
fn only_publishing_jobs_can_write() {
    for (name, _, workflow) in workflows() {
        assert_eq!(
            workflow["permissions"],
            serde_json::json!({"contents": "read"}),
            "{name}"
        );
        for (id, job) in jobs(&workflow) {
            assert!(job["timeout-minutes"].is_number(), "{name}: {id}");
            let writes = job["permissions"].is_object();
            let publishes = name == "release" && ["images", "release"].contains(&id.as_str());
            assert!(!writes || publishes, "{name}: {id} can write");
            for step in steps(job) {
                let uses = step["uses"].as_str().unwrap_or_default();
                if uses.starts_with("actions/checkout@") {
                    assert_eq!(step["with"]["persist-credentials"], false, "{name}: {id}");
                }
            }
        }
    }
}

#[test]
fn workflows_run_targets_that_exist() {
    let help = Command::new("make").arg("help").current_dir(ROOT).output();
    let help = String::from_utf8(help.unwrap().stdout).unwrap();
    let lines = help.lines().map(str::trim_start);
    let targets: BTreeSet<_> = lines
        .filter_map(|line| line.strip_prefix("make ")?.split(' ').next())
        .collect();
    let mut called = BTreeSet::new();
    for (name, _, workflow) in workflows() {
        for job in jobs(&workflow).values() {
            let matrix = job["strategy"]["matrix"]["target"].as_array();
            let matrix = matrix.into_iter().flatten();
            called.extend(matrix.map(|it| it.as_str().unwrap().to_owned()));
            let commands = steps(job).filter_map(|step| step["run"].as_str());
            for line in commands.flat_map(str::lines) {
                let Some(words) = line.trim_start().strip_prefix("make ") else {
                    continue;
                };
                let words = words.split(' ');
                let words =
                    words.take_while(|it| it.chars().all(|c| c.is_alphanumeric() || c == '-'));
                called.extend(words.map(str::to_owned));
            }
        }
        assert!(!called.is_empty(), "{name} runs no target");
    }
    let unknown: Vec<_> = called
        .iter()
        .filter(|it| !targets.contains(it.as_str()))
        .collect();
    assert!(unknown.is_empty(), "{unknown:?}");
    for target in [
        "scan",
        "test-containers",
        "cluster",
        "deploy",
        "install-manifests",
    ] {
        assert!(called.contains(target), "CI does not run make {target}");
    }
}

#[test]
fn a_release_signs_what_it_publishes() {
    let release = release();
    let runs = |job: &str, text: &str| {
        let commands = steps(&release["jobs"][job]).filter_map(|it| it["run"].as_str());
        commands.filter(|it| it.contains(text)).count()
    };
    let provenances = |job: &str| {
        let uses = steps(&release["jobs"][job]).filter_map(|it| it["uses"].as_str());
        uses.filter(|it| it.starts_with("actions/attest-build-provenance@"))
            .count()
    };
    assert_eq!(runs("images", "PLATFORMS=linux/amd64,linux/arm64"), 1);
    assert_eq!(
        runs("images", "cosign sign --yes \"$REGISTRY/$program@$digest\""),
        1
    );
    assert_eq!(runs("images", "cosign attest --yes --type cyclonedx"), 1);
    assert_eq!(
        runs("images", "cosign sign --yes \"$REGISTRY/manifests@"),
        1
    );
    // One for each program.
    assert_eq!(provenances("images"), 3);
    assert_eq!(runs("release", "cosign sign-blob"), 1);
    assert_eq!(provenances("release"), 1);
    let macos = release["jobs"]["macos"]["strategy"]["matrix"]["include"].as_array();
    assert_eq!(macos.unwrap().len(), 2);
}

/// The files name no registry: the release's notes do.
#[test]
fn a_variable_of_the_repository_names_the_registry() {
    let release = release();
    assert_eq!(release["env"]["REGISTRY"], "${{ vars.REGISTRY }}");
    let mut commands = steps(&release["jobs"]["release"]).filter_map(|it| it["run"].as_str());
    let create = commands.find(|it| it.starts_with("gh release create"));
    assert!(
        create
            .unwrap()
            .contains("--notes \"The images and the manifests are in \\`$REGISTRY\\`")
    );
    for step in steps(&release["jobs"]["images"]) {
        let Some(subject) = step["with"]["subject-name"].as_str() else {
            continue;
        };
        assert!(subject.starts_with("${{ vars.REGISTRY }}/"), "{subject}");
    }
}
