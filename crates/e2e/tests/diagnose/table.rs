//! Prints a table of all codes: the time to the verdict, and grpcurl's output.

use std::time::Instant;

use crate::{
    SCENARIOS, scenario,
    scenario::{Scenario, code},
};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

#[tokio::test]
#[ignore = "prints a table; needs grpcurl, named by GRPCURL"]
async fn prints_verdicts_beside_grpcurl() {
    let program = std::env::var("GRPCURL").unwrap_or_else(|_| "grpcurl".to_owned());
    println!("| code | ms to verdict | `grpcurl -v` | ms |\n|---|---|---|---|");
    for name in SCENARIOS {
        let scenario = scenario(name).await;
        let run = scenario.diagnose().await;
        let verdict = run.json["verdict"]["code"].as_str().unwrap();
        assert_eq!(verdict, code(name));
        let took = run.json["elapsed_ms"].as_f64().unwrap();
        let (line, other) = grpcurl(&program, &scenario).await;
        println!("| `{verdict}` | {took:.1} | {line} | {other} |");
    }
}

/// The output of grpcurl with the same options as one line, and its time in ms.
async fn grpcurl(program: &str, scenario: &Scenario) -> (String, u128) {
    let mut flags = vec!["-v", "-max-time", "3", "-connect-timeout", "3", "-d", "{}"];
    let proto = format!("{ROOT}/proto");
    flags.extend(["-import-path", &proto, "-proto", "helloworld.proto"]);
    let value = |flag: &str| {
        let at = scenario.args.iter().position(|arg| arg == flag)?;
        scenario.args.get(at + 1).map(String::as_str)
    };
    if !scenario.args.iter().any(|arg| arg == "--tls") {
        flags.push("-plaintext");
    }
    for (ours, theirs) in [
        ("--cacert", "-cacert"),
        ("--cert", "-cert"),
        ("--key", "-key"),
    ] {
        if let Some(file) = value(ours) {
            flags.extend([theirs, file]);
        }
    }
    flags.push(value("--addr").unwrap());
    let path = value("--path").unwrap_or("/helloworld.Greeter/SayHello");
    flags.push(path.trim_start_matches('/'));
    let started = Instant::now();
    let output = scenario
        .command(program)
        .args(flags)
        .output()
        .await
        .unwrap();
    let took = started.elapsed().as_millis();
    let output = if output.status.success() {
        output.stdout
    } else {
        output.stderr
    };
    let output = String::from_utf8_lossy(&output).into_owned();
    let line: Vec<_> = output.split_whitespace().collect();
    let line = line.join(" ").replace('|', "\\|");
    (line.chars().take(300).collect(), took)
}
