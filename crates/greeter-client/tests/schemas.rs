//! The output of `--output json` conforms to the schemas in `docs/schemas`.

mod support;

use jsonschema::Validator;
use serde_json::Value;
use support::{client, closed_port, greeter, tls_greeter};
use testkit::Pki;

fn schema(name: &str) -> Validator {
    let docs = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/schemas");
    let text = std::fs::read_to_string(format!("{docs}/{name}.schema.json")).unwrap();
    let schema: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(
        schema["$schema"],
        "https://json-schema.org/draft/2020-12/schema"
    );
    jsonschema::draft202012::new(&schema).unwrap()
}

/// Runs the client with JSON output, and checks every line of it.
async fn check(schema: &Validator, code: i32, args: &[&str]) -> Vec<Value> {
    let run = client(&[args, &["--output", "json"]].concat()).await;
    assert_eq!(run.code, code, "{run:?}");
    let parse = |line| serde_json::from_str(line).unwrap();
    let lines: Vec<Value> = run.stdout.lines().map(parse).collect();
    assert!(!lines.is_empty(), "{run:?}");
    for line in &lines {
        let errors: Vec<_> = schema
            .iter_errors(line)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert!(errors.is_empty(), "{errors:#?} in {line:#}");
        // A schema must refuse fields that it does not name.
        let mut more = line.clone();
        more["more"] = Value::Null;
        assert!(!schema.is_valid(&more), "{more:#}");
    }
    lines
}

#[tokio::test]
async fn greetings_and_their_failures() {
    let (schema, addr, pki) = (schema("greet"), greeter(&[]).await, Pki::new());
    let tls = tls_greeter(&pki, &[]).await;
    check(&schema, 0, &["--addr", &addr]).await;
    check(&schema, 0, &["--addr", &addr, "--stream", "bidi"]).await;
    let verified = ["--tls", "--cacert", &pki.ca(), "--addr", &tls];
    check(&schema, 0, &verified).await;
    check(&schema, 8, &["--addr", &addr, "a\nb"]).await;
    check(&schema, 5, &["--tls", "--addr", &tls]).await;
    check(&schema, 4, &["--addr", &closed_port().await]).await;
}

#[tokio::test]
async fn health_and_its_failures() {
    let (schema, addr) = (schema("health"), greeter(&[]).await);
    check(&schema, 0, &["health", "--addr", &addr]).await;
    check(&schema, 9, &["health", "--addr", &addr, "no.Such"]).await;
    check(&schema, 4, &["health", "--addr", &closed_port().await]).await;
}

#[tokio::test]
async fn load_and_its_failures() {
    let (schema, addr) = (schema("load"), greeter(&[]).await);
    let load = ["load", "--addr", &addr, "--duration", "300ms"];
    let with = |more: &[&'static str]| [&load[..], more].concat();
    check(&schema, 0, &with(&[])).await;
    check(&schema, 0, &with(&["--rate", "100", "--stream", "bidi"])).await;
    check(&schema, 10, &with(&["--fail-if", "p99>1ns"])).await;
    check(&schema, 8, &with(&["--rate", "100", "--size", "5000"])).await;
    check(&schema, 4, &["load", "--addr", &closed_port().await]).await;
}
