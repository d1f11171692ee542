//! The stages on a connection: the call, the health check, and the requests that
//! distinguish causes.

mod requests;
mod server_checks;

use std::time::Instant;

use http::header::AUTHORIZATION;
use requests::Requests;
use transport::{Cause, Channel, tls::ClientAuth};

use crate::{
    finding::Finding,
    plan::{DiagnosePlan, first_timeout},
    request::NoResponse,
    response::RawResponse,
    rules::{self, grpc},
    stage::{Stage, StageName},
    stage_status,
    verdict::{Limit, Verdict},
};

/// With Istio, a RequestAuthentication accepts a call without a token; the policy
/// that requires one then denies it.
const NO_TOKEN: &str =
    "the call carries no token (authorization header): a policy that requires one denies it too";

/// A call that has ended, on a connection that is still open.
pub(super) struct Call {
    channel: Channel,
    client_auth: ClientAuth,
    result: Result<RawResponse, NoResponse>,
    /// Which timeout limited the call.
    limit: Limit,
}

/// Calls the method on a connection.
pub(super) async fn call(
    plan: &DiagnosePlan,
    channel: Channel,
    deadline: Instant,
    client_auth: ClientAuth,
) -> Call {
    let requests = Requests {
        plan,
        channel,
        deadline,
    };
    let timeout = first_timeout(requests.left(plan.total));
    let limit = match timeout < plan.timeout {
        true => Limit::Total,
        false => Limit::Stage,
    };
    Call {
        result: requests.call(plan.timeout.min(timeout)).await,
        channel: requests.channel,
        client_auth,
        limit,
    }
}

impl Call {
    /// The cause that the response alone shows, without further requests.
    pub(super) fn cause(&self, plan: &DiagnosePlan) -> Cause {
        match &self.result {
            Ok(response) => rules::classify(response, None).cause,
            Err(why) => without_response(plan, &self.channel, why, self.client_auth).cause,
        }
    }

    /// The response, if one came.
    pub(super) fn response(&self) -> Option<&RawResponse> {
        self.result.as_ref().ok()
    }

    /// The timeout that ended the call, if one did.
    pub(super) fn timed_out(&self) -> Option<Limit> {
        matches!(self.result, Err(NoResponse::Deadline(_))).then_some(self.limit)
    }
}

/// Runs the further stages of a call, adds them to `stages`, and returns the verdict
/// and the response.
pub(super) async fn run(
    plan: &DiagnosePlan,
    call: Call,
    deadline: Instant,
    stages: &mut Vec<Stage>,
) -> (Verdict, Option<RawResponse>) {
    let Call {
        channel,
        client_auth,
        result: called,
        limit,
    } = call;
    let requests = Requests {
        plan,
        channel,
        deadline,
    };
    let mut tried = Vec::new();
    let mut finding = match &called {
        Ok(response) => with_response(&requests, response, &mut tried).await,
        Err(why) => without_response(plan, &requests.channel, why, client_auth),
    };
    let response = called.as_ref().ok();
    if finding.inferred || StageName::of(finding.cause) == StageName::Route {
        server_checks::second_path(&requests, &mut finding, response, &mut tried).await;
    }
    let health = server_checks::health(&requests, &mut finding, response, &mut tried).await;
    stage_status::add(stages, &finding, &called, health);
    (Verdict::new(finding, limit, stages, tried), called.ok())
}

/// The finding of a response, with a plain GET where it can add evidence.
async fn with_response(
    requests: &Requests<'_>,
    response: &RawResponse,
    tried: &mut Vec<String>,
) -> Finding {
    if !rules::needs_plain_request(response) {
        let mut finding = rules::classify(response, None);
        if finding.cause == Cause::RouteForbidden
            && !requests.plan.headers.contains_key(AUTHORIZATION)
        {
            finding.evidence.push(NO_TOKEN.to_owned());
        }
        return finding;
    }
    let plain = requests.plain_get().await.ok();
    let result = match &plain {
        Some(plain) => plain.evidence().join(", "),
        None => "no response".to_owned(),
    };
    tried.push(format!("the same path by a plain GET: {result}"));
    rules::classify(response, plain.as_ref())
}

/// The finding of a call without a response.
fn without_response(
    plan: &DiagnosePlan,
    channel: &Channel,
    why: &NoResponse,
    client_auth: ClientAuth,
) -> Finding {
    let mut finding = grpc::no_response(why, client_auth);
    match finding.cause {
        Cause::GrpcDeadline if plan.is_too_short() => finding = Finding::too_short(),
        // The request waits for a stream: it is never sent.
        Cause::GrpcDeadline if channel.max_concurrent_streams() == 0 => {
            let text = "the server allows no streams: its SETTINGS_MAX_CONCURRENT_STREAMS is 0";
            finding = Finding::new(Cause::Http2NoStreams, text);
        }
        Cause::GrpcClosed => attribute_to_client_certificate(client_auth, &mut finding),
        _ => {}
    }
    finding
}

const NO_CERTIFICATE: &str =
    "the server requested a client certificate, received none and closed the connection";

/// Some servers check the client certificate only at the first request, and close the
/// connection. A certificate without a fault is not suspected: the server has started
/// HTTP/2 after it received it.
fn attribute_to_client_certificate(client_auth: ClientAuth, finding: &mut Finding) {
    if !matches!(client_auth, ClientAuth::NotRequested | ClientAuth::Sent) {
        let error = client_auth.refused("it closed the connection".to_owned());
        finding.cause = error.cause();
        finding.message = match client_auth {
            ClientAuth::NotSent => NO_CERTIFICATE.to_owned(),
            _ => error.to_string(),
        };
    }
}
