//! A failure that is set up, and the real program run against it.

use std::{
    any::Any,
    sync::LazyLock,
    time::{Duration, Instant},
};

use jsonschema::Validator;
use local_mesh::binary;
use serde_json::Value;
use tokio::process::Command;

const SCHEMA: &str = include_str!("../../../../docs/schemas/diagnose.schema.json");

/// The slowest verdict that is of use to somebody who waits for it.
const PATIENCE: Duration = Duration::from_secs(2);

/// A failure that is set up for as long as this lives.
pub(crate) struct Arranged {
    /// The options that lead the client into it.
    pub(crate) args: Vec<String>,
    /// The program that runs the client in a place of its own.
    pub(crate) wrapper: Vec<String>,
    kept: Vec<Box<dyn Any + Send>>,
}

/// A verdict, and all that came with it.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) json: Value,
    pub(crate) took: Duration,
}

impl Arranged {
    /// An arrangement that these options lead into.
    pub(crate) fn new<const N: usize>(args: [&str; N]) -> Self {
        Self {
            args: args.map(str::to_owned).into(),
            wrapper: Vec::new(),
            kept: Vec::new(),
        }
    }

    /// With a thing that it needs to live.
    pub(crate) fn keep(mut self, thing: impl Any + Send) -> Self {
        self.kept.push(Box::new(thing));
        self
    }

    /// With a program to run the client by.
    pub(crate) fn within(mut self, wrapper: &[&str]) -> Self {
        self.wrapper = wrapper.iter().map(|&word| word.to_owned()).collect();
        self
    }

    /// Diagnoses it, and checks the verdict and its form.
    #[track_caller]
    pub(crate) fn gives(&self, name: &str) -> impl Future<Output = Run> {
        let code = code(name);
        async move {
            let run = self.diagnose().await;
            let verdict = &run.json["verdict"];
            assert_eq!(verdict["code"], code, "{:#}", run.json);
            assert!(run.took < PATIENCE, "{run:?}");
            run
        }
    }

    /// Runs the client, and checks its exit code and the form of its output.
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

    /// A program, run where the arrangement wants it.
    pub(crate) fn command(&self, program: &str) -> Command {
        let mut words = self.wrapper.iter().map(String::as_str).chain([program]);
        let mut command = Command::new(words.next().unwrap());
        command.args(words).kill_on_drop(true);
        command
    }
}

impl Run {
    /// Checks that the verdict shows this, as evidence or as tried.
    #[track_caller]
    pub(crate) fn shows(&self, words: &str) {
        let verdict = self.json["verdict"].to_string();
        assert!(verdict.contains(words), "no {words:?} in {:#}", self.json);
    }

    /// The status of a stage.
    pub(crate) fn status(&self, stage: &str) -> &str {
        let stages = self.json["stages"].as_array().unwrap();
        let found = stages.iter().find(|it| it["name"] == stage).unwrap();
        found["status"].as_str().unwrap()
    }
}

/// The code that an arrangement is named for.
pub(crate) fn code(name: &str) -> String {
    name.replacen('_', ".", 1)
}
