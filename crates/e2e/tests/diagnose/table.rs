//! For every code: how long its verdict takes, and what grpcurl says instead.

use std::time::Instant;

use crate::{
    ARRANGED, arrange,
    arranged::{Arranged, code},
};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

#[tokio::test]
#[ignore = "prints a table; needs grpcurl, named by GRPCURL"]
async fn prints_verdicts_beside_grpcurl() {
    let program = std::env::var("GRPCURL").unwrap_or_else(|_| "grpcurl".to_owned());
    println!("| code | ms to verdict | `grpcurl -v` | ms |\n|---|---|---|---|");
    for name in ARRANGED {
        let arranged = arrange(name).await;
        let run = arranged.diagnose().await;
        let verdict = run.json["verdict"]["code"].as_str().unwrap();
        assert_eq!(verdict, code(name));
        let took = run.json["elapsed_ms"].as_f64().unwrap();
        let (words, other) = grpcurl(&program, &arranged).await;
        println!("| `{verdict}` | {took:.1} | {words} | {other} |");
    }
}

/// What grpcurl says to the same options, as one line, and how long it takes.
async fn grpcurl(program: &str, arranged: &Arranged) -> (String, u128) {
    let mut flags = vec!["-v", "-max-time", "3", "-connect-timeout", "3", "-d", "{}"];
    let proto = format!("{ROOT}/proto");
    flags.extend(["-import-path", &proto, "-proto", "helloworld.proto"]);
    let value = |flag: &str| {
        let at = arranged.args.iter().position(|word| word == flag)?;
        arranged.args.get(at + 1).map(String::as_str)
    };
    if !arranged.args.iter().any(|word| word == "--tls") {
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
    let output = arranged
        .command(program)
        .args(flags)
        .output()
        .await
        .unwrap();
    let took = started.elapsed().as_millis();
    let said = if output.status.success() {
        output.stdout
    } else {
        output.stderr
    };
    let said = String::from_utf8_lossy(&said).into_owned();
    let words: Vec<_> = said.split_whitespace().collect();
    let line = words.join(" ").replace('|', "\\|");
    (line.chars().take(300).collect(), took)
}
