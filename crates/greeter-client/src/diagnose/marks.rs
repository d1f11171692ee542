//! The stages of the call, from what it showed.

use tonic::Code as Grpc;

use super::{
    Code, Mark, Stage, Step,
    answer::Answer,
    grpc,
    health::{Health, Word},
    question::Unanswered,
    verdict::Finding,
};

/// Adds the stages of the call; a finding of an earlier stage marks that.
pub(super) fn set(
    stages: &mut Vec<Stage>,
    finding: &Finding,
    asked: &Result<Answer, Unanswered>,
    health: Option<Health>,
) {
    let failed = (finding.code != Code::Ok).then(|| finding.code.step());
    // A connection can turn out to be refused only by the first request.
    if let Some(stage) = stages.iter_mut().find(|stage| Some(stage.name) == failed) {
        stage.mark = Mark::Failed;
        stage.evidence.insert(0, finding.cause.clone());
    }
    for step in [Step::Route, Step::Rpc] {
        let (time, mut evidence) = match asked {
            Ok(answer) if step == Step::Route => (None, answer.evidence()),
            Ok(answer) => (Some(answer.took), rpc(answer)),
            Err(Unanswered::Deadline(time)) if step == Step::Rpc => (Some(*time), Vec::new()),
            Err(_) => (None, Vec::new()),
        };
        stages.push(match failed {
            Some(at) if at == step => {
                evidence.insert(0, finding.cause.clone());
                Stage::new(step, Mark::Failed, time, evidence)
            }
            Some(at) if at < step => Stage::skipped(step, "not reached"),
            _ if asked.is_err() => Stage::skipped(step, "no answer tells"),
            _ => Stage::new(step, Mark::Ok, time, evidence),
        });
    }
    stages.push(match health {
        None => Stage::skipped(Step::Health, "not reached"),
        Some(health) => {
            let mark = match health.word {
                Word::Serving => Mark::Ok,
                Word::NotServing => Mark::Failed,
                _ => Mark::Warning,
            };
            Stage::new(Step::Health, mark, health.took, vec![health.text])
        }
    });
}

/// What the call itself showed.
fn rpc(answer: &Answer) -> Vec<String> {
    let mut evidence = Vec::new();
    if let Some(status) = answer.status() {
        let name = greeter_proto::code_name(status.code());
        let number = i32::from(status.code());
        evidence.push(match status.code() {
            Grpc::Ok => format!("grpc-status {number} ({name})"),
            _ => format!("grpc-status {number} ({name}): {}", grpc::words(&status)),
        });
    }
    if let Some(length) = answer.message_length() {
        evidence.push(format!("a message of {length} bytes"));
    }
    evidence
}
