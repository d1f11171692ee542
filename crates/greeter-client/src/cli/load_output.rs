//! What a load test prints and writes.

use std::{fs, path::Path};

use anyhow::Context;
use load::{Summary, html, text};
use serde::Serialize;

use crate::{
    Failure,
    failure::FailureReport,
    output::{Format, Stdout, stderr},
};

/// The JSON output: the figures, or the failure.
#[derive(Serialize)]
struct LoadLine<'a> {
    error: Option<FailureReport<'a>>,
    #[serde(flatten)]
    summary: Option<&'a Summary>,
}

/// Prints the figures, or the failure.
pub(super) fn figures(format: Format, result: &Result<Summary, Failure>, stdout: &mut Stdout) {
    if let Err(failure) = result {
        stderr::error(failure);
    }
    match (format, result) {
        (Format::Json, result) => stdout.line(&json(result)),
        (Format::Text, Ok(summary)) => stdout.line(&text::render(summary)),
        (Format::Text, Err(_)) => {}
    }
}

fn json(result: &Result<Summary, Failure>) -> String {
    let line = LoadLine {
        error: result.as_ref().err().map(Into::into),
        summary: result.as_ref().ok(),
    };
    serde_json::to_string(&line).expect("every field has a JSON form")
}

/// Names each threshold that was exceeded.
pub(super) fn exceeded(summary: &Summary) {
    for threshold in summary.thresholds.iter().filter(|it| !it.passed) {
        stderr::error(format_args!(
            "the threshold --fail-if {} was exceeded: measured {}",
            threshold.expression, threshold.message
        ));
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
