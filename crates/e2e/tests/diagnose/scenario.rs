//! A failure, and its diagnosis by the client program.

use std::{
    any::Any,
    sync::LazyLock,
    time::{Duration, Instant},
};

use jsonschema::Validator;
use local_mesh::binary;
use serde_json::Value;
use testkit::PROXY_VARIABLES;
use tokio::process::Command;

const SCHEMA: &str = include_str!("../../../../docs/schemas/diagnose.schema.json");

/// The time limit of a verdict.
const VERDICT_TIMEOUT: Duration = Duration::from_secs(2);

/// A failure. Its servers run until it is dropped.
pub(crate) struct Scenario {
    /// The client options that lead to it.
    pub(crate) args: Vec<String>,
    /// The command that runs the client, for example in a network namespace.
    pub(crate) wrapper: Vec<String>,
    kept: Vec<Box<dyn Any + Send>>,
}

/// A finished diagnosis.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) json: Value,
    pub(crate) took: Duration,
}

impl Scenario {
    /// A failure that these client options lead to.
    pub(crate) fn new<const N: usize>(args: [&str; N]) -> Self {
        Self {
            args: args.map(str::to_owned).into(),
            wrapper: Vec::new(),
            kept: Vec::new(),
        }
    }

    /// Keeps a value until drop.
    pub(crate) fn keep(mut self, value: impl Any + Send) -> Self {
        self.kept.push(Box::new(value));
        self
    }

    /// Runs the client in this wrapper.
    pub(crate) fn within(mut self, wrapper: &[&str]) -> Self {
        self.wrapper = wrapper.iter().map(|&arg| arg.to_owned()).collect();
        self
    }

    /// Runs the diagnosis, and checks the verdict, its time and its JSON.
    #[track_caller]
    pub(crate) fn diagnosed_as(&self, name: &str) -> impl Future<Output = Run> {
        let code = code(name);
        async move {
            let run = self.diagnose().await;
            let verdict = &run.json["verdict"];
            assert_eq!(verdict["code"], code, "{:#}", run.json);
            assert!(run.took < VERDICT_TIMEOUT, "{run:?}");
            run
        }
    }

    /// Runs the diagnosis, and checks its exit code and its JSON against the schema.
    pub(crate) async fn diagnose(&self) -> Run {
        static VALIDATOR: LazyLock<Validator> = LazyLock::new(|| {
            jsonschema::draft202012::new(&serde_json::from_str(SCHEMA).unwrap()).unwrap()
        });
        let started = Instant::now();
        let output = self
            .command(binary("greeter-client").unwrap().to_str().unwrap())
            .args(["diagnose", "--output", "json"])
            .args(&self.args)
            .output()
            .await
            .unwrap();
        let took = started.elapsed();
        let json: Value = serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|error| panic!("{error}: {output:?}"));
        if let Err(error) = VALIDATOR.validate(&json) {
            panic!("{} at {}: {json:#}", error, error.instance_path());
        }
        let exit = json["verdict"]["exit_code"].as_i64().unwrap();
        assert_eq!(i64::from(output.status.code().unwrap()), exit, "{json:#}");
        Run { json, took }
    }

    /// A command that runs `program` in the same wrapper as the client.
    pub(crate) fn command(&self, program: &str) -> Command {
        let mut command_line = self.wrapper.iter().map(String::as_str).chain([program]);
        let mut command = Command::new(command_line.next().unwrap());
        for variable in PROXY_VARIABLES {
            command.env_remove(variable);
        }
        command.args(command_line).kill_on_drop(true);
        command
    }
}

impl Run {
    /// Checks that the verdict contains this text.
    #[track_caller]
    pub(crate) fn shows(&self, text: &str) {
        let verdict = self.json["verdict"].to_string();
        assert!(verdict.contains(text), "no {text:?} in {:#}", self.json);
    }

    /// The status of a stage.
    pub(crate) fn status(&self, stage: &str) -> &str {
        let stages = self.json["stages"].as_array().unwrap();
        let found = stages.iter().find(|it| it["name"] == stage).unwrap();
        found["status"].as_str().unwrap()
    }
}

/// The code of the scenario of this name.
pub(crate) fn code(name: &str) -> String {
    name.replacen('_', ".", 1)
}
