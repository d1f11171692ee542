//! Calls at a steady rate, counted, while servers are replaced.

use std::cell::Cell;

use e2e::client;
use serde_json::Value;

/// Calls per second.
const RATE: u64 = 1000;

/// The time of a run, in seconds.
const DURATION: u64 = 20;

/// A server's address, and the path of the CA's certificate for TLS.
pub(crate) struct Target {
    pub(crate) addr: String,
    pub(crate) ca: Option<String>,
}

/// The counts of a run.
#[derive(Debug, Default)]
pub(crate) struct Row {
    /// How often servers were replaced.
    times: u64,
    calls: u64,
    ok: u64,
    failed: u64,
    retried: u64,
    /// The last message of each kind of error.
    messages: Vec<String>,
    /// Why servers could not be replaced.
    problem: Option<String>,
}

/// Calls, and replaces servers again and again until the calls have ended.
pub(crate) async fn while_replaced(
    target: &Target,
    mut replace: impl AsyncFnMut() -> anyhow::Result<()>,
) -> Row {
    let ended = Cell::new(false);
    let calls = async {
        let row = call(target).await;
        ended.set(true);
        row
    };
    let replacements = async {
        let mut times = 0;
        while !ended.get() {
            if let Err(error) = replace().await {
                return (times, Some(format!("{error:#}")));
            }
            times += 1;
        }
        (times, None)
    };
    let (row, (times, problem)) = tokio::join!(calls, replacements);
    Row {
        times,
        problem,
        ..row
    }
}

/// Calls at a steady rate.
pub(crate) async fn call(target: &Target) -> Row {
    let (rate, duration) = (RATE.to_string(), format!("{DURATION}s"));
    let mut args = vec!["load", "--addr", &target.addr, "--output", "json"];
    args.extend(["--rate", &rate, "--duration", &duration]);
    args.extend(["--connections", "4", "--concurrency", "256"]);
    if let Some(ca) = &target.ca {
        args.extend(["--tls", "--cacert", ca]);
    }
    let output = client(&args).await;
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let errors = report["errors"].as_array().cloned().unwrap_or_default();
    let text = |error: &Value| format!("{} x {}", error["count"], error["message"]);
    let number = |pointer: &str| report.pointer(pointer).and_then(Value::as_u64);
    Row {
        calls: RATE * DURATION,
        ok: number("/responses/ok").unwrap_or(0),
        failed: number("/responses/errors").unwrap_or(0),
        retried: number("/retried").unwrap_or(0),
        messages: errors.iter().map(text).collect(),
        ..Row::default()
    }
}

impl Row {
    /// Calls whose outcome the client does not know.
    fn lost(&self) -> u64 {
        self.calls.saturating_sub(self.ok + self.failed)
    }

    /// The cells `times`, `calls`, `failed`, `retried` and `lost`.
    pub(crate) fn cells(&self) -> [String; 5] {
        let lost = self.lost();
        [self.times, self.calls, self.failed, self.retried, lost].map(|it| it.to_string())
    }

    /// What is wrong.
    pub(crate) fn failure(&self) -> Option<String> {
        let lost = self.lost();
        let problem = self.problem.as_ref();
        let wrong = self.failed > 0 || lost > 0;
        let counts = wrong.then(|| {
            format!(
                "{} failed, {lost} lost: {}",
                self.failed,
                self.messages.join("; ")
            )
        });
        let all: Vec<_> = problem.into_iter().chain(&counts).cloned().collect();
        (!all.is_empty()).then(|| all.join("; "))
    }
}
