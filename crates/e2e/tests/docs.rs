//! Runs the commands of the README and of docs/operations.md, and compares their
//! output.

use std::path::Path;

use e2e::TestMesh;
use local_mesh::binary;
use tokio::process::Command;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// A command of a `console` block, and its output.
#[derive(Debug)]
struct Example {
    command: String,
    output: Vec<String>,
}

fn examples(markdown: &str) -> Vec<Example> {
    let mut examples: Vec<Example> = Vec::new();
    let mut inside = false;
    for line in markdown.lines() {
        match (line, line.strip_prefix("$ ")) {
            ("```console", _) => inside = true,
            ("```", _) => inside = false,
            (_, Some(command)) if inside => examples.push(Example {
                command: command.to_owned(),
                output: Vec::new(),
            }),
            _ if inside => examples.last_mut().unwrap().output.push(line.to_owned()),
            _ => {}
        }
    }
    examples
}

/// The first replica of a round robin varies.
fn any_replica(line: &str) -> String {
    line.replace("greeter-1", "greeter-N")
        .replace("greeter-2", "greeter-N")
}

fn page(name: &str) -> String {
    std::fs::read_to_string(Path::new(ROOT).join(name)).unwrap()
}

/// Runs a command in the mesh instead of the demo; returns its output.
async fn run(mesh: &TestMesh, command: &str) -> Vec<String> {
    let here = command
        .replace("localhost:8080", &mesh.http_addr())
        .replace("localhost:8443", &mesh.https_addr())
        .replace("target/demo/ca.pem", mesh.cacert())
        .replace(
            "target/debug/greeter-client",
            binary("greeter-client").unwrap().to_str().unwrap(),
        )
        .replace("curl ", "curl --silent --show-error ");
    let greeter = mesh.targets.iter().find(|it| it.pod == "greeter-1");
    let run = Command::new("bash")
        .args(["-c", &format!("{{ {here}; }} 2>&1")])
        .env("ADMIN", greeter.unwrap().admin.to_string())
        .current_dir(ROOT)
        .output()
        .await
        .unwrap();
    let printed = String::from_utf8(run.stdout).unwrap();
    printed.lines().map(any_replica).collect()
}

async fn check(mesh: &TestMesh, example: &Example) {
    let printed = run(mesh, &example.command).await;
    let expected: Vec<_> = example.output.iter().map(|it| any_replica(it)).collect();
    assert_eq!(printed, expected, "{}", example.command);
}

#[tokio::test]
async fn every_command_prints_the_output_in_the_readme() {
    let mesh = TestMesh::start().await;
    let (targets, commands): (Vec<_>, Vec<_>) = examples(&page("README.md"))
        .into_iter()
        .partition(|example| example.command.starts_with("make "));
    let targets: Vec<_> = targets.iter().map(|it| it.command.as_str()).collect();
    // CI runs this target itself.
    assert_eq!(targets, ["make test"]);
    assert!(commands.len() >= 7, "{commands:?}");
    for example in &commands {
        check(&mesh, example).await;
    }
}

#[tokio::test]
async fn every_command_prints_the_output_in_the_page_on_operations() {
    let mesh = TestMesh::with_greeters(&["--admin-debug"]).await;
    let commands = examples(&page("docs/operations.md"));
    assert!(commands.len() >= 8, "{commands:?}");
    let silent = commands.iter().find(|it| it.output.is_empty());
    assert!(silent.is_none(), "{silent:?} has no output");
    for example in &commands {
        check(&mesh, example).await;
    }
}

/// What runs each target of the page on operations, and the file that does so.
const RUN_BY: [(&str, &str, &str); 12] = [
    (".ci/run", "test-monitoring", "make test-monitoring"),
    (".ci/run", "bench-telemetry", "make bench-telemetry"),
    (".ci/run", "deny", "make scan deny sbom"),
    (".ci/run", "sbom", "make scan deny sbom"),
    (".ci/demo", "observe", "start observe"),
    (CI, "reproducible", " reproducible,"),
    (CI, "jaeger", " jaeger]"),
    (DASHBOARDS, "dashboard-grafana", "\"grafana\""),
    (DASHBOARDS, "dashboard-kiali", "\"kiali\""),
    (DASHBOARDS, "dashboard-jaeger", "\"jaeger\""),
    (DASHBOARDS, "dashboard-prometheus", "\"prometheus\""),
    (DASHBOARDS, "dashboard-google", "\"dashboard-google\""),
];
const CI: &str = ".github/workflows/ci.yml";
const DASHBOARDS: &str = "crates/manifests/tests/deploy/dashboards.rs";

#[test]
fn every_target_of_the_page_on_operations_is_run() {
    let text = page("docs/operations.md");
    let lines = text.lines().filter_map(|line| line.strip_prefix("make "));
    let mut targets: Vec<_> = lines.filter_map(|it| it.split(' ').next()).collect();
    targets.push("jaeger");
    assert!(text.contains("`make jaeger`"));
    targets.sort_unstable();
    let mut known: Vec<_> = RUN_BY.iter().map(|(_, target, _)| *target).collect();
    known.sort_unstable();
    assert_eq!(targets, known);
    for (file, target, call) in RUN_BY {
        assert!(page(file).contains(call), "{file} does not run {target}");
    }
}
