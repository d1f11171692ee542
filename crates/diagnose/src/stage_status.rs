//! The status of the call's stages.

use tonic::Code;
use transport::Cause;

use crate::{
    finding::Finding,
    health::{HealthCheck, HealthState},
    request::NoResponse,
    response::RawResponse,
    rules::grpc,
    stage::{Stage, StageName, StageStatus},
};

/// Adds the stages of the call. A finding of an earlier stage fails that stage.
pub(super) fn add(
    stages: &mut Vec<Stage>,
    finding: &Finding,
    called: &Result<RawResponse, NoResponse>,
    health: Option<HealthCheck>,
) {
    let failed = (finding.cause != Cause::Ok).then(|| StageName::of(finding.cause));
    // Some servers refuse a connection only at its first request.
    if let Some(stage) = stages.iter_mut().find(|stage| Some(stage.name) == failed) {
        stage.status = StageStatus::Failed;
        stage.evidence.insert(0, finding.message.clone());
    }
    for name in [StageName::Route, StageName::Rpc] {
        let (time, mut evidence) = match called {
            Ok(response) if name == StageName::Route => (None, response.evidence()),
            Ok(response) => (Some(response.took), rpc(response)),
            Err(NoResponse::Deadline(time)) if name == StageName::Rpc => (Some(*time), Vec::new()),
            Err(_) => (None, Vec::new()),
        };
        stages.push(match failed {
            Some(at) if at == name => {
                evidence.insert(0, finding.message.clone());
                Stage::new(name, StageStatus::Failed, time, evidence)
            }
            Some(at) if at < name => Stage::skipped(name, "not reached"),
            _ if called.is_err() => Stage::skipped(name, "no response"),
            _ => Stage::new(name, StageStatus::Ok, time, evidence),
        });
    }
    stages.push(match health {
        None => Stage::skipped(StageName::Health, "not reached"),
        Some(health) => {
            let status = match health.state {
                HealthState::Serving => StageStatus::Ok,
                HealthState::NotServing => StageStatus::Failed,
                _ => StageStatus::Warning,
            };
            Stage::new(StageName::Health, status, health.took, vec![health.message])
        }
    });
}

/// The evidence of the call itself.
fn rpc(response: &RawResponse) -> Vec<String> {
    let mut evidence = Vec::new();
    if let Some(status) = response.status() {
        let name = greeter_proto::code_name(status.code());
        let number = i32::from(status.code());
        evidence.push(match status.code() {
            Code::Ok => format!("grpc-status {number} ({name})"),
            _ => format!("grpc-status {number} ({name}): {}", grpc::message(&status)),
        });
    }
    if let Some(length) = response.message_length() {
        evidence.push(format!("a message of {length} bytes"));
    }
    evidence
}
