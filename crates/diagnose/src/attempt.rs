//! One call over a new connection.

use std::time::{Duration, Instant};

use greeter_proto::HOSTNAME;
use serde::{Serialize, Serializer};
use transport::{Cause, Connection, DialError, DialFailure, DialReport, Dialer, milliseconds};

use crate::{
    call_stages::{self, Call},
    plan::{DiagnosePlan, first_timeout},
    response::RawResponse,
    verdict::Limit,
};

/// The header in which a gateway can name the upstream host, if it is configured to.
const UPSTREAM_HOST: &str = "x-envoy-upstream-host";

/// The result of one call over a new connection.
#[derive(Clone, Debug, Serialize)]
pub struct Attempt {
    /// The address; `None` if the attempt tried none, or several of which none accepted
    /// a connection.
    pub address: Option<String>,
    /// The server's `hostname` metadata, or the upstream host that a gateway names.
    pub host: Option<String>,
    /// Why the call failed, or [`Cause::Ok`].
    #[serde(rename = "code")]
    pub cause: Cause,
    /// How long the dial and the call took, in milliseconds when serialised.
    #[serde(rename = "ms", serialize_with = "in_milliseconds")]
    pub took: Duration,
    /// The timeout that ended it, if one did.
    #[serde(skip)]
    pub(crate) timed_out: Option<Limit>,
}

/// What an attempt leaves for its examination.
pub(crate) struct Evidence {
    pub(crate) report: DialReport,
    /// The time of the dial.
    pub(crate) dial_time: Duration,
    /// The timeout that limits the dial.
    pub(crate) limit: Limit,
    pub(crate) call: Result<Call, DialError>,
}

/// Dials and calls the method, once.
pub(crate) async fn attempt(
    plan: &DiagnosePlan,
    dialer: &Dialer,
    deadline: Instant,
) -> (Attempt, Evidence) {
    let started = Instant::now();
    let limit = plan.limit_of_dial(dialer.timeout);
    let dialled = dialer.dial().await;
    let dial_time = started.elapsed();
    let (report, call) = match dialled {
        Ok(Connection { channel, report }) => {
            let client_auth = report.client_auth;
            let call = call_stages::call(plan, channel, deadline, client_auth).await;
            (report, Ok(call))
        }
        Err(failure) => {
            let DialFailure { error, report } = *failure;
            (report, Err(error))
        }
    };
    let (cause, timed_out) = match &call {
        Ok(call) => (call.cause(plan), call.timed_out()),
        Err(error) => (error.cause(), error.is_timeout().then_some(limit)),
    };
    let only = match report.addresses.as_slice() {
        [only] => Some(only.clone()),
        _ => None,
    };
    let attempt = Attempt {
        address: report.peer.clone().or(only),
        host: call.as_ref().ok().and_then(Call::response).and_then(host),
        cause,
        took: started.elapsed(),
        timed_out,
    };
    let evidence = Evidence {
        report,
        dial_time,
        limit,
        call,
    };
    (attempt, evidence)
}

/// The dialler of one address, within the time that is `left`; `None` if it cannot be
/// dialled by its text.
pub(crate) fn dialer_of(plan: &DiagnosePlan, address: &str, left: Duration) -> Option<Dialer> {
    Some(Dialer {
        // A proxy resolves the name: `address` is the proxy's.
        target: match plan.dialer.proxy {
            Some(_) => plan.dialer.target.clone(),
            None => address.parse().ok()?,
        },
        timeout: plan.dialer.timeout.min(first_timeout(left)),
        ..plan.dialer.clone()
    })
}

fn host(response: &RawResponse) -> Option<String> {
    [HOSTNAME, UPSTREAM_HOST]
        .into_iter()
        .find_map(|name| response.header(name))
}

fn in_milliseconds<S: Serializer>(time: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    milliseconds(*time).serialize(serializer)
}
