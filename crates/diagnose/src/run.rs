//! The diagnosis: dial, then call.

use std::time::{Duration, Instant};

use transport::{Connection, DialError, DialReport, milliseconds};

use crate::{
    Diagnosis, ResponseReport, call_stages, dial_stages,
    finding::Finding,
    plan::{DiagnosePlan, first_timeout},
    probes,
    stage::{Stage, StageName, StageStatus},
    verdict::{Limit, Verdict},
};

/// Runs the stages until one fails, and names the cause.
pub async fn diagnose(plan: &DiagnosePlan) -> Diagnosis {
    let started = Instant::now();
    let deadline = started + plan.total;
    let dialled = plan.dialer.dial().await;
    let took = started.elapsed();
    let (report, stages, verdict, response) = match dialled {
        Err(failure) => {
            let (stages, verdict) =
                dial_failed(plan, &failure.report, failure.error, deadline, took).await;
            (failure.report, stages, verdict, None)
        }
        Ok(Connection { channel, report }) => {
            let mut stages = dial_stages::stages(&plan.dialer, &report, None, took);
            let client_auth = report.client_auth;
            let (verdict, response) =
                call_stages::run(plan, channel, deadline, client_auth, &mut stages).await;
            (report, stages, verdict, response)
        }
    };
    Diagnosis {
        target: plan.dialer.target.to_string(),
        authority: plan.dialer.authority.to_string(),
        path: plan.path.to_string(),
        verdict,
        stages,
        tls: report.tls.clone(),
        connection: report,
        response: response.as_ref().map(ResponseReport::new),
        elapsed_ms: milliseconds(started.elapsed()),
    }
}

/// The stages and the verdict of a dial that failed after the time `took`.
async fn dial_failed(
    plan: &DiagnosePlan,
    report: &DialReport,
    error: DialError,
    deadline: Instant,
    took: Duration,
) -> (Vec<Stage>, Verdict) {
    let too_short = error.is_timeout() && plan.is_too_short();
    let (tls, address) = (plan.dialer.tls.as_ref(), report.address());
    let (error, tried) = probes::of_failure(tls, address, error, deadline).await;
    let mut stages = dial_stages::stages(&plan.dialer, report, Some(&error), took);
    for name in [StageName::Route, StageName::Rpc, StageName::Health] {
        stages.push(Stage::skipped(name, "not reached"));
    }
    let mut finding = Finding::new(error.cause(), error.to_string());
    finding.evidence = evidence(&stages);
    if too_short {
        finding = Finding::too_short();
        let mut failed = stages
            .iter_mut()
            .filter(|it| it.status == StageStatus::Failed);
        if let Some(stage) = failed.next() {
            stage.evidence = vec![finding.message.clone()];
        }
    }
    let limit = match plan.dialer.timeout >= first_timeout(plan.total) {
        true => Limit::Total,
        false => Limit::Stage,
    };
    let verdict = Verdict::new(finding, limit, &stages, tried);
    (stages, verdict)
}

/// The evidence of the failed stage, or of the last one before it that has any.
fn evidence(stages: &[Stage]) -> Vec<String> {
    let is_failed = |stage: &Stage| stage.status == StageStatus::Failed;
    let failed = stages.iter().position(is_failed);
    let reached = stages[..=failed.unwrap_or_default()].iter().rev();
    let reached = reached.filter(|stage| stage.status != StageStatus::Skipped);
    // The evidence of the failed stage starts with the cause, which the verdict
    // already has.
    let further = reached.map(|stage| &stage.evidence[usize::from(is_failed(stage))..]);
    let mut found = further.filter(|evidence| !evidence.is_empty());
    found.next().map(<[String]>::to_vec).unwrap_or_default()
}
