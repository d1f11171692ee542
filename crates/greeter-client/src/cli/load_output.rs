//! What a load test prints and writes.

use std::{fs, path::Path};

use anyhow::Context;
use load::{Summary, html, text};
use serde::Serialize;

use crate::{
    Failure,
    failure::FailureReport,
    output::{self, Format},
};

/// The JSON output: the figures, or the failure.
#[derive(Serialize)]
struct LoadLine<'a> {
    error: Option<FailureReport<'a>>,
    #[serde(flatten)]
    summary: Option<&'a Summary>,
}

/// Prints the figures, or the failure.
pub(super) fn figures(format: Format, result: &Result<Summary, Failure>) {
    if let Err(failure) = result {
        eprintln!("greeter-client: {failure}");
    }
    match (format, result) {
        (Format::Json, result) => json(result),
        (Format::Text, Ok(summary)) => {
            output::print(&text::render(summary));
        }
        (Format::Text, Err(_)) => {}
    }
}

fn json(result: &Result<Summary, Failure>) {
    let line = LoadLine {
        error: result.as_ref().err().map(Into::into),
        summary: result.as_ref().ok(),
    };
    output::print(&serde_json::to_string(&line).expect("every field has a JSON form"));
}

/// Names each threshold that was exceeded.
pub(super) fn exceeded(summary: &Summary) {
    for threshold in summary.thresholds.iter().filter(|it| !it.passed) {
        eprintln!(
            "greeter-client: the threshold --fail-if {} was exceeded: measured {}",
            threshold.expression, threshold.message
        );
    }
}

/// Writes the figures as an HTML page.
///
/// # Errors
/// If the file cannot be written.
pub(super) fn page(summary: &Summary, file: &Path) -> anyhow::Result<()> {
    fs::write(file, html::render(summary)).with_context(|| {
        format!(
            "cannot write {}; name another file with --html",
            file.display()
        )
    })
}
