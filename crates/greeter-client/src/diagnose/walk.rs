//! The walk itself: dial, then call.

use std::time::Instant;

use super::{
    Code, Diagnosis, Mark, Plan, Stage, Step, answer::Answer, call::Call, code::fix, dialled,
    first_look, neighbours, verdict::Finding,
};
use crate::Dialer;

/// Walks the stages until one fails, and says what is wrong.
pub async fn diagnose(plan: &Plan) -> Diagnosis {
    let started = Instant::now();
    let deadline = started + plan.total;
    let (facts, stages, verdict, answer) = match plan.dialer.dial().await {
        Err(failure) => {
            let took = started.elapsed();
            let facts = failure.facts;
            let (error, tried) =
                neighbours::of_failure(&plan.dialer, &facts, failure.error, deadline).await;
            let mut stages = dialled::stages(&plan.dialer, &facts, Some(&error), took);
            for step in [Step::Route, Step::Rpc, Step::Health] {
                stages.push(Stage::skipped(step, "not reached"));
            }
            let mut finding = Finding::new(Code::from(&error), error.to_string());
            finding.evidence = shown(&stages);
            finding.fix = fix(&error);
            finding.by_total = plan.dialer.timeout >= first_look(plan.total);
            (facts, stages, finding.verdict(tried), None)
        }
        Ok(connection) => {
            let facts = connection.facts;
            let mut stages = dialled::stages(&plan.dialer, &facts, None, started.elapsed());
            let call = Call {
                plan,
                channel: connection.channel,
                deadline,
                tried: Vec::new(),
            };
            let (verdict, answer) = call.run(&facts, &mut stages).await;
            (facts, stages, verdict, answer)
        }
    };
    Diagnosis {
        target: plan.dialer.target.to_string(),
        authority: authority(&plan.dialer),
        path: plan.path.to_string(),
        verdict,
        stages,
        tls: facts.tls.clone(),
        connection: facts,
        answer: answer.as_ref().map(Answer::facts),
        elapsed_ms: started.elapsed().as_micros() as f64 / 1000.0,
    }
}

fn authority(dialer: &Dialer) -> String {
    let authority = dialer.origin.authority();
    authority.map(ToString::to_string).unwrap_or_default()
}

/// What the failed stage showed beside its cause, or the one before it.
fn shown(stages: &[Stage]) -> Vec<String> {
    let failed = stages.iter().position(|stage| stage.mark == Mark::Failed);
    let walked = stages[..=failed.unwrap_or_default()].iter().rev();
    let shown = walked.filter(|stage| stage.mark != Mark::Skipped);
    let beside = shown.map(|stage| &stage.evidence[usize::from(stage.mark == Mark::Failed)..]);
    let mut found = beside.filter(|evidence| !evidence.is_empty());
    found.next().map(<[String]>::to_vec).unwrap_or_default()
}
