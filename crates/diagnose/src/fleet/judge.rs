//! The verdict of all attempts, from the examination of one.

use transport::Cause;

use super::{
    results::{Results, is_failing},
    summary::places,
};
use crate::{
    attempt::Attempt,
    examination::Examination,
    stage::{Stage, StageName, StageStatus},
    verdict::{Verdict, fix_of_warnings},
};

/// The fix of a failure on some addresses only, after that of its cause.
const OTHER_ADDRESS: &str =
    "Other addresses of the name serve: compare the server of the failing address with theirs.";

/// The fix of a failure on some connections only, after that of its cause.
const OTHER_CONNECTION: &str = "Other calls to the same address succeed: compare the servers behind it (version, certificate, readiness, node).";

/// What to do about an address that accepts no connection while others do.
const DEAD_ADDRESS: &str =
    "Make the server listen on every address of its name, or remove the address from DNS.";

impl Results {
    /// Adds what the attempts show to the verdict of the one that was examined.
    pub(crate) fn judge(self, examined: &mut Examination, host: &str) -> Vec<Attempt> {
        self.add_dead_addresses(examined, host);
        let dead = self.dead;
        let attempts: Vec<_> = self.made.into_iter().map(|it| it.attempt).collect();
        let is_failed = |it: &&Attempt| is_failing(it, &dead);
        let failing: Vec<_> = attempts.iter().filter(is_failed).collect();
        let serving: Vec<_> = attempts.iter().filter(|it| it.cause == Cause::Ok).collect();
        if failing.is_empty() || serving.is_empty() {
            return attempts;
        }
        count(&mut examined.verdict, attempts.len(), &failing, &serving);
        attempts
    }

    /// Names the dead addresses in the connect stage. Most names of a local host
    /// have an IPv6 address that few servers listen on, and a machine without IPv6
    /// reaches none: both are usual, and no warning.
    fn add_dead_addresses(&self, examined: &mut Examination, host: &str) {
        let is_connect = |stage: &&mut Stage| stage.name == StageName::Connect;
        let Some(stage) = examined.stages.iter_mut().find(is_connect) else {
            return;
        };
        for address in &self.dead {
            let attempts = self.made.iter().map(|it| &it.attempt);
            let mut of_address = attempts.filter(|it| it.address.as_ref() == Some(address));
            let Some(attempt) = of_address.next() else {
                continue;
            };
            let (text, is_usual) = match attempt.cause {
                Cause::ConnectRefused => ("refuses connections", host == "localhost"),
                Cause::ConnectTimeout => ("does not respond", false),
                _ => ("is not reachable from this machine", true),
            };
            stage.evidence.push(format!("{address} {text}"));
            if stage.status == StageStatus::Ok && !is_usual {
                stage.status = StageStatus::Warning;
                stage.advice = Some(DEAD_ADDRESS);
            }
        }
        if examined.verdict.cause == Cause::Ok {
            examined.verdict.fix = fix_of_warnings(&examined.stages);
        }
    }
}

/// Adds how many attempts fail, and where, to the verdict of a failing one.
fn count(verdict: &mut Verdict, total: usize, failing: &[&Attempt], serving: &[&Attempt]) {
    let (failed, failed_at) = (failing.len(), places(failing));
    let has_cause = |it: &&Attempt| it.cause == verdict.cause;
    let of_cause: Vec<_> = failing.iter().copied().filter(has_cause).collect();
    let share = match of_cause.len() {
        all if all == failed => String::new(),
        some => format!("; {some} of them{}", places(&of_cause)),
    };
    verdict.message = format!(
        "{failed} of {total} attempts fail{failed_at}{share}: {}",
        verdict.message
    );
    let served_at = places(serving);
    verdict.evidence.push(match serving.len() {
        1 => format!("1 attempt succeeds{served_at}"),
        served => format!("{served} attempts succeed{served_at}"),
    });
    let serves = |address: &Option<String>| serving.iter().any(|it| it.address == *address);
    let elsewhere = |it: &&Attempt| it.address.is_some() && !serves(&it.address);
    verdict.fix += " ";
    verdict.fix += match failing.iter().all(elsewhere) {
        true => OTHER_ADDRESS,
        false => OTHER_CONNECTION,
    };
}
