//! The stages on a connection: the call, the health check, and the requests that
//! tell causes apart.

mod server_checks;

use std::time::{Duration, Instant};

use transport::{Cause, Channel, probe, tls::ClientAuth};

use crate::{
    finding::Finding,
    plan::{DiagnosePlan, first_timeout},
    request::{self, NoResponse, RawRequest},
    response::RawResponse,
    rules::{self, grpc},
    stage::{Stage, StageName},
    stage_status,
    verdict::{Limit, Verdict},
};

/// The stages on a connection.
pub(super) struct CallStages<'a> {
    plan: &'a DiagnosePlan,
    channel: Channel,
    deadline: Instant,
    tried: Vec<String>,
}

impl<'a> CallStages<'a> {
    pub(super) fn new(plan: &'a DiagnosePlan, channel: Channel, deadline: Instant) -> Self {
        Self {
            plan,
            channel,
            deadline,
            tried: Vec::new(),
        }
    }

    /// Runs the stages, adds them, and gives the verdict and the response.
    pub(super) async fn run(
        mut self,
        client_auth: ClientAuth,
        stages: &mut Vec<Stage>,
    ) -> (Verdict, Option<RawResponse>) {
        let limit = first_timeout(self.left(self.plan.total));
        let timeout = self.plan.timeout.min(limit);
        let called = self.send(Some(Vec::new()), timeout).await;
        let mut finding = match &called {
            Ok(response) => self.judge(response).await,
            Err(why) => {
                let mut finding = grpc::no_response(why, client_auth);
                if finding.cause == Cause::GrpcDeadline && self.plan.is_too_short() {
                    finding = Finding::too_short();
                }
                if finding.cause == Cause::UpstreamClosed {
                    blame_client_certificate(client_auth, &mut finding);
                }
                finding
            }
        };
        if finding.inferred || StageName::of(finding.cause) == StageName::Route {
            let health = self.second_path().await;
            if let Ok(response) = &called
                && health.gateway_hidden
            {
                attribute_to_server(&mut finding, response);
            }
        }
        let health = match is_servers(finding.cause) {
            true => Some(self.health().await),
            false => None,
        };
        match (&health, &called) {
            (Some(health), Ok(response)) => self.weigh(&mut finding, response, health).await,
            (Some(health), Err(_)) => self.tried_health(health),
            (None, _) => {}
        }
        stage_status::add(stages, &finding, &called, health);
        let limit = match limit < self.plan.timeout {
            true => Limit::Total,
            false => Limit::Own,
        };
        let verdict = Verdict::new(finding, limit, stages, self.tried);
        (verdict, called.ok())
    }

    /// The shorter of `limit` and the time that is left.
    fn left(&self, limit: Duration) -> Duration {
        limit.min(self.deadline.saturating_duration_since(Instant::now()))
    }

    /// Calls the method by gRPC with this message, or by a plain GET.
    async fn send(
        &self,
        message: Option<Vec<u8>>,
        limit: Duration,
    ) -> Result<RawResponse, NoResponse> {
        let raw = RawRequest {
            path: self.plan.path.clone(),
            headers: &self.plan.headers,
            message,
            timeout: self.left(limit),
        };
        request::send(&self.channel, &raw).await
    }

    async fn judge(&mut self, response: &RawResponse) -> Finding {
        if !rules::needs_plain_request(response) {
            return rules::judge(response, None);
        }
        let plain = self.send(None, probe::TIMEOUT).await.ok();
        let result = match &plain {
            Some(plain) => plain.evidence().join(", "),
            None => "no response".to_owned(),
        };
        self.tried
            .push(format!("the same path by a plain GET: {result}"));
        rules::judge(response, plain.as_ref())
    }
}

/// Whether the cause is about the server itself: then its health tells more.
fn is_servers(cause: Cause) -> bool {
    StageName::of(cause) > StageName::Route && !cause.code().starts_with("upstream.")
}

/// Attributes a status to the server where only the look of the response
/// suggested the gateway.
fn attribute_to_server(finding: &mut Finding, response: &RawResponse) {
    if let Some(status) = response.status().filter(|_| finding.inferred) {
        *finding = grpc::status(&status, response);
        finding.evidence.extend(response.evidence());
    }
}

/// TLS 1.3 servers verify the client certificate after the handshake, and their
/// alert can get lost when they close the connection.
fn blame_client_certificate(client_auth: ClientAuth, finding: &mut Finding) {
    let (cause, text) = match client_auth {
        ClientAuth::NotRequested => return,
        ClientAuth::Sent => (
            Cause::TlsClientCertificateRejected,
            "the server asked for a client certificate, got one and closed the connection",
        ),
        ClientAuth::NotSent => (
            Cause::TlsClientCertificateRequired,
            "the server asked for a client certificate, got none and closed the connection",
        ),
    };
    finding.cause = cause;
    text.clone_into(&mut finding.message);
}
