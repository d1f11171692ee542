//! Runs the README's commands, and compares their output.

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

#[tokio::test]
async fn every_command_prints_the_output_in_the_readme() {
    let mesh = TestMesh::start().await;
    let readme = std::fs::read_to_string(Path::new(ROOT).join("README.md")).unwrap();
    let (targets, commands): (Vec<_>, Vec<_>) = examples(&readme)
        .into_iter()
        .partition(|example| example.command.starts_with("make "));
    let targets: Vec<_> = targets
        .iter()
        .map(|example| example.command.as_str())
        .collect();
    // CI runs this target itself.
    assert_eq!(targets, ["make test"]);
    assert!(commands.len() >= 7, "{commands:?}");

    for Example { command, output } in commands {
        let here = command
            .replace("localhost:8080", &mesh.http_addr())
            .replace("localhost:8443", &mesh.https_addr())
            .replace("target/demo/ca.pem", mesh.cacert())
            .replace(
                "target/debug/greeter-client",
                binary("greeter-client").unwrap().to_str().unwrap(),
            )
            .replace("curl ", "curl --silent ");
        let run = Command::new("bash")
            .args(["-c", &format!("{{ {here}; }} 2>&1")])
            .output()
            .await
            .unwrap();
        let printed = String::from_utf8(run.stdout).unwrap();
        let printed: Vec<_> = printed.lines().map(any_replica).collect();
        let expected: Vec<_> = output.iter().map(|line| any_replica(line)).collect();
        assert_eq!(printed, expected, "{command}");
    }
}
