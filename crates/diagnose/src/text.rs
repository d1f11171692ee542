//! A diagnosis as text: in columns and colours on a terminal, one plain line for
//! each stage in a pipe.

use std::fmt::{self, Display, Formatter};

use transport::Cause;

use crate::{
    Diagnosis, fleet,
    stage::{Stage, StageStatus},
};

/// How to print a diagnosis.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Style {
    /// In columns, with a line for each piece of evidence.
    pub aligned: bool,
    /// With ANSI colours.
    pub coloured: bool,
}

/// The diagnosis as text.
#[must_use]
pub fn print(diagnosis: &Diagnosis, style: Style) -> impl Display + '_ {
    DiagnosisText { diagnosis, style }
}

struct DiagnosisText<'a> {
    diagnosis: &'a Diagnosis,
    style: Style,
}

const RED: &str = "31";
const GREEN: &str = "32";
const YELLOW: &str = "33";
const FAINT: &str = "2";
const BOLD: &str = "1";

impl Display for DiagnosisText<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Diagnosis {
            target,
            authority,
            path,
            verdict,
            stages,
            ..
        } = self.diagnosis;
        writeln!(f, "{target}, :authority {authority}, {path}")?;
        for stage in stages {
            match self.style.aligned {
                true => self.columns(f, stage)?,
                false => line(f, stage)?,
            }
        }
        let colour = if verdict.cause == Cause::Ok {
            GREEN
        } else {
            RED
        };
        let code = self.paint(&format!("{BOLD};{colour}"), verdict.cause.code());
        let time = format!("({:.0} ms)", self.diagnosis.elapsed_ms);
        writeln!(f, "verdict: {code} {}", self.paint(FAINT, &time))?;
        self.entry(f, "cause", &verdict.message)?;
        self.entry(f, "fix", &verdict.fix)?;
        for evidence in &verdict.evidence {
            self.entry(f, "evidence", evidence)?;
        }
        for tried in &verdict.tried {
            self.entry(f, "tried", tried)?;
        }
        for attempts in fleet::lines(&self.diagnosis.attempts) {
            self.entry(f, "attempts", &attempts)?;
        }
        Ok(())
    }
}

fn line(f: &mut Formatter<'_>, stage: &Stage) -> fmt::Result {
    write!(f, "{}: {}", stage.name.name(), status_name(stage.status))?;
    if let Some(ms) = stage.ms {
        write!(f, " in {ms:.1} ms")?;
    }
    match stage.evidence.is_empty() {
        true => writeln!(f),
        false => writeln!(f, ": {}", stage.evidence.join("; ")),
    }
}

fn status_name(status: StageStatus) -> &'static str {
    match status {
        StageStatus::Ok => "ok",
        StageStatus::Warning => "warning",
        StageStatus::Failed => "failed",
        StageStatus::Skipped => "skipped",
    }
}

impl DiagnosisText<'_> {
    fn columns(&self, f: &mut Formatter<'_>, stage: &Stage) -> fmt::Result {
        let (sign, colour) = match stage.status {
            StageStatus::Ok => ("✓", GREEN),
            StageStatus::Warning => ("!", YELLOW),
            StageStatus::Failed => ("✗", RED),
            StageStatus::Skipped => ("-", FAINT),
        };
        let time = stage.ms.map(|ms| format!("{ms:.1} ms")).unwrap_or_default();
        let sign = self.paint(colour, sign);
        write!(f, "  {sign} {:<8}{time:>10}  ", stage.name.name())?;
        let indent = format!("\n{:24}", "");
        let evidence = stage.evidence.join(&indent);
        match stage.status {
            StageStatus::Skipped => writeln!(f, "{}", self.paint(FAINT, &evidence)),
            _ => writeln!(f, "{evidence}"),
        }
    }

    fn entry(&self, f: &mut Formatter<'_>, name: &str, text: &str) -> fmt::Result {
        match self.style.aligned {
            true => writeln!(f, "  {:<9} {text}", format!("{name}:")),
            false => writeln!(f, "{name}: {text}"),
        }
    }

    fn paint(&self, colour: &str, text: &str) -> String {
        match self.style.coloured {
            true => format!("\x1b[{colour}m{text}\x1b[0m"),
            false => text.to_owned(),
        }
    }
}
