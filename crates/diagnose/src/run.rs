//! The diagnosis: dial, then call.

use std::time::Instant;

use crate::{
    Diagnosis,
    call_stages::CallStages,
    dial_stages,
    finding::Finding,
    plan::{DiagnosePlan, first_timeout},
    probes,
    response::RawResponse,
    stage::{Stage, StageName, StageStatus},
    verdict::{Limit, Verdict},
};

/// Runs the stages until one fails, and names the cause.
pub async fn diagnose(plan: &DiagnosePlan) -> Diagnosis {
    let started = Instant::now();
    let deadline = started + plan.total;
    let (report, stages, verdict, response) = match plan.dialer.dial().await {
        Err(failure) => {
            let took = started.elapsed();
            let report = failure.report;
            let too_short = failure.error.is_timeout() && plan.is_too_short();
            let (tls, address) = (plan.dialer.tls.as_ref(), report.address());
            let (error, tried) = probes::of_failure(tls, address, failure.error, deadline).await;
            let mut stages = dial_stages::stages(&plan.dialer, &report, Some(&error), took);
            for name in [StageName::Route, StageName::Rpc, StageName::Health] {
                stages.push(Stage::skipped(name, "not reached"));
            }
            let mut finding = Finding::new(error.cause(), error.to_string());
            finding.evidence = evidence(&stages);
            if too_short {
                finding = Finding::too_short();
            }
            let limit = match plan.dialer.timeout >= first_timeout(plan.total) {
                true => Limit::Total,
                false => Limit::Own,
            };
            let verdict = Verdict::new(finding, limit, &stages, tried);
            (report, stages, verdict, None)
        }
        Ok(connection) => {
            let report = connection.report;
            let mut stages = dial_stages::stages(&plan.dialer, &report, None, started.elapsed());
            let call = CallStages::new(plan, connection.channel, deadline);
            let (verdict, response) = call.run(report.client_auth, &mut stages).await;
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
        response: response.as_ref().map(RawResponse::report),
        elapsed_ms: started.elapsed().as_micros() as f64 / 1000.0,
    }
}

/// The evidence of the failed stage, or of the last one before it that has any.
fn evidence(stages: &[Stage]) -> Vec<String> {
    let is_failed = |stage: &Stage| stage.status == StageStatus::Failed;
    let failed = stages.iter().position(is_failed);
    let reached = stages[..=failed.unwrap_or_default()].iter().rev();
    let reached = reached.filter(|stage| stage.status != StageStatus::Skipped);
    // The failed stage starts with the cause, which the verdict has anyway.
    let further = reached.map(|stage| &stage.evidence[usize::from(is_failed(stage))..]);
    let mut found = further.filter(|evidence| !evidence.is_empty());
    found.next().map(<[String]>::to_vec).unwrap_or_default()
}
