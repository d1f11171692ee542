//! The diagnosis: a first attempt and its examination, then further attempts.

use std::time::Instant;

use transport::milliseconds;

use crate::{
    Diagnosis, ResponseReport,
    attempt::attempt,
    examination::examine,
    fleet::{Results, Schedule},
    plan::DiagnosePlan,
};

/// Runs the stages until one fails, and names the cause. Further attempts show
/// whether the result is the same on every address and connection.
pub async fn diagnose(plan: &DiagnosePlan) -> Diagnosis {
    let started = Instant::now();
    let deadline = started + plan.total;
    let (first, evidence) = attempt(plan, &plan.dialer, deadline).await;
    let addresses = evidence.report.addresses.clone();
    let schedule = Schedule::new(plan, started, &first, &evidence.report);
    // The examination's connection is closed before its address gets more calls.
    let same_address = async {
        let examined = examine(plan, evidence, deadline).await;
        (examined, schedule.same_address().await)
    };
    let ((mut examined, again), others) = tokio::join!(same_address, schedule.other_addresses());
    let shown = first.cause;
    let mut results = Results::new(first, again, others);
    results.correct(shown, examined.verdict.cause);
    if let Some((shown, evidence)) = results.take_unexamined() {
        let mut other = examine(plan, evidence, deadline).await;
        other.report.addresses = addresses;
        // Only the first attempt resolves the name.
        std::mem::swap(&mut other.stages[0], &mut examined.stages[0]);
        results.correct(shown, other.verdict.cause);
        examined = other;
    }
    let attempts = results.judge(&mut examined, plan.dialer.target.host());
    Diagnosis {
        target: plan.dialer.target.to_string(),
        authority: plan.dialer.authority.to_string(),
        path: plan.path.to_string(),
        verdict: examined.verdict,
        stages: examined.stages,
        tls: examined.report.tls.clone(),
        connection: examined.report,
        response: examined.response.as_ref().map(ResponseReport::new),
        attempts,
        elapsed_ms: milliseconds(started.elapsed()),
    }
}
