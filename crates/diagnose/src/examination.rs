//! The examination of an attempt: every stage, the probes and the verdict.

use std::time::{Duration, Instant};

use transport::{DialError, DialReport, milliseconds};

use crate::{
    attempt::Evidence,
    call_stages, dial_stages,
    finding::Finding,
    plan::DiagnosePlan,
    probes,
    response::RawResponse,
    stage::{Stage, StageName, StageStatus},
    verdict::{Limit, Verdict},
};

/// The stages of an attempt, and its verdict.
pub(crate) struct Examination {
    pub(crate) report: DialReport,
    pub(crate) stages: Vec<Stage>,
    pub(crate) verdict: Verdict,
    pub(crate) response: Option<RawResponse>,
}

/// Examines an attempt: sends the probes of a failed dial, or the further requests
/// of a call.
pub(crate) async fn examine(
    plan: &DiagnosePlan,
    evidence: Evidence,
    deadline: Instant,
) -> Examination {
    let Evidence {
        report,
        dial_time,
        limit,
        call,
    } = evidence;
    let (stages, (verdict, response)) = match call {
        Ok(call) => {
            let mut stages = dial_stages::stages(&plan.dialer, &report, None, dial_time);
            let found = call_stages::run(plan, call, deadline, &mut stages).await;
            (stages, found)
        }
        Err(error) => {
            let dial = (&report, dial_time, limit);
            let (stages, verdict) = dial_failed(plan, dial, error, deadline).await;
            (stages, (verdict, None))
        }
    };
    Examination {
        report,
        stages,
        verdict,
        response,
    }
}

/// The stages and the verdict of a failed dial: its report, its time and its limit.
async fn dial_failed(
    plan: &DiagnosePlan,
    (report, took, limit): (&DialReport, Duration, Limit),
    error: DialError,
    deadline: Instant,
) -> (Vec<Stage>, Verdict) {
    let too_short = too_short(plan, report, &error);
    let (tls, address) = (plan.dialer.tls.as_ref(), report.address());
    let (error, tried) = probes::of_failure(tls, address, error, deadline).await;
    let mut stages = dial_stages::stages(&plan.dialer, report, Some(&error), took);
    for name in [StageName::Route, StageName::Rpc, StageName::Health] {
        stages.push(Stage::skipped(name, "not reached"));
    }
    let mut finding = Finding::new(error.cause(), error.to_string());
    finding.evidence = evidence(&stages);
    if let Some(too_short) = too_short.filter(|_| error.is_timeout()) {
        finding = too_short;
        let mut failed = stages
            .iter_mut()
            .filter(|it| it.status == StageStatus::Failed);
        if let Some(stage) = failed.next() {
            stage.evidence = vec![finding.message.clone()];
        }
    }
    let verdict = Verdict::new(finding, limit, &stages, tried);
    (stages, verdict)
}

/// The finding of a timeout that proves nothing about the server: the total timeout
/// is very short, or the phase had less time than two round trips to a distant
/// server take. The time of the TCP handshake is one round trip.
fn too_short(plan: &DiagnosePlan, report: &DialReport, error: &DialError) -> Option<Finding> {
    if !error.is_timeout() {
        return None;
    }
    if plan.is_too_short() {
        return Some(Finding::too_short());
    }
    let timings = &report.timings;
    let (connect, phase) = (timings.connect?, timings.http2.or(timings.tls)?);
    (phase < 2 * connect).then(|| {
        let connect = milliseconds(connect);
        let text = format!("the TCP handshake alone takes {connect:.0} ms");
        Finding::too_short().with_evidence(text)
    })
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

#[cfg(test)]
mod tests {
    use http::HeaderMap;
    use transport::{Cause, Dialer, Timings};

    use super::*;

    #[test]
    fn a_distant_server_is_not_called_silent() {
        let seconds = Duration::from_secs_f64;
        let target = "example.com:443".parse().unwrap();
        let plan = DiagnosePlan {
            dialer: Dialer::new(target, None, seconds(1.5)),
            path: "/helloworld.Greeter/SayHello".parse().unwrap(),
            headers: HeaderMap::new(),
            timeout: seconds(1.5),
            total: seconds(2.5),
            attempts: 5,
        };
        for (connect, tls, is_distant) in [(1.0, 0.5, true), (0.1, 1.4, false)] {
            let mut report = DialReport::default();
            report.timings = Timings {
                connect: Some(seconds(connect)),
                tls: Some(seconds(tls)),
                ..Timings::default()
            };
            let found = too_short(&plan, &report, &DialError::TlsNoResponse);
            let cause = found.map(|finding| finding.cause);
            assert_eq!(cause, is_distant.then_some(Cause::TooShort));
        }
    }
}
