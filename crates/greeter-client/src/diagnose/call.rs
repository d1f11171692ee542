//! The stages on a connection that stands: the call, its health, and the second
//! looks that tell causes apart.

use std::time::{Duration, Instant};

use tonic::Code as Grpc;

use super::{
    Code, Plan, Stage, Step, Verdict,
    answer::Answer,
    first_look, grpc,
    health::{self, Health, Word},
    marks,
    question::{self, Question, Unanswered},
    reflection,
    verdict::{self, Finding},
};
use crate::{
    dial::{Channel, Facts},
    tls::ClientAuth,
};

/// The longest time of each second look.
const PATIENCE: Duration = Duration::from_millis(400);

/// The stages on a connection that stands.
pub(super) struct Call<'a> {
    pub(super) plan: &'a Plan,
    pub(super) channel: Channel,
    pub(super) deadline: Instant,
    pub(super) tried: Vec<String>,
}

impl Call<'_> {
    pub(super) async fn run(
        mut self,
        facts: &Facts,
        stages: &mut Vec<Stage>,
    ) -> (Verdict, Option<Answer>) {
        let longest = self
            .plan
            .timeout
            .min(first_look(self.left(self.plan.total)));
        let asked = self.ask(Some(Vec::new()), longest).await;
        let mut finding = match &asked {
            Ok(answer) => self.judge(answer).await,
            Err(why) => {
                let mut finding = grpc::unanswered(why, facts.client_auth);
                if finding.code == Code::UpstreamClosed {
                    blame_certificate(facts.client_auth, &mut finding);
                }
                finding
            }
        };
        if finding.inferred || finding.code.step() == Step::Route {
            let health = self.second_path().await;
            if let Ok(answer) = &asked
                && health.disguised
            {
                own_up(&mut finding, answer);
            }
        }
        let step = finding.code.step();
        let health = match finding.code {
            code if step > Step::Route && !code.as_str().starts_with("upstream.") => {
                Some(self.health().await)
            }
            _ => None,
        };
        match (&health, &asked) {
            (Some(health), Ok(answer)) => self.weigh(&mut finding, answer, health).await,
            (Some(health), Err(_)) => {
                self.tried
                    .push(format!("its health service: {}", health.text));
            }
            (None, _) => {}
        }
        finding.by_total = longest < self.plan.timeout;
        marks::set(stages, &finding, &asked, health);
        (finding.verdict(self.tried), asked.ok())
    }

    /// The time that a look may take, of what is left.
    fn left(&self, longest: Duration) -> Duration {
        longest.min(self.deadline.saturating_duration_since(Instant::now()))
    }

    /// Calls the asked path: by gRPC with this message, or by a plain GET.
    async fn ask(&self, message: Option<Vec<u8>>, longest: Duration) -> Result<Answer, Unanswered> {
        let question = Question {
            path: self.plan.path.as_str(),
            headers: &self.plan.headers,
            message,
            timeout: self.left(longest),
        };
        question::ask(&self.channel, &question).await
    }

    async fn judge(&mut self, answer: &Answer) -> Finding {
        if !verdict::wants_plain(answer) {
            return verdict::judge(answer, None);
        }
        match self.ask(None, PATIENCE).await {
            Ok(plain) => {
                let shown = plain.evidence().join(", ");
                self.tried
                    .push(format!("the same path by a plain GET: {shown}"));
                verdict::judge(answer, Some(&plain))
            }
            Err(_) => {
                let nothing = "the same path by a plain GET: no answer";
                self.tried.push(nothing.to_owned());
                verdict::judge(answer, None)
            }
        }
    }

    /// The service in the asked path.
    fn service(&self) -> &str {
        let path = self.plan.path.path().trim_start_matches('/');
        path.rsplit_once('/').map_or(path, |(service, _)| service)
    }

    async fn health(&self) -> Health {
        let (channel, headers) = (&self.channel, &self.plan.headers);
        let patience = self.left(PATIENCE);
        health::check(channel, headers, self.service(), patience).await
    }

    /// Corrects a finding by what the server says of its health and services.
    async fn weigh(&mut self, finding: &mut Finding, answer: &Answer, health: &Health) {
        let unavailable = answer
            .status()
            .is_some_and(|status| status.code() == Grpc::Unavailable);
        match finding.code {
            Code::Ok | Code::GrpcStatus
                if health.word == Word::NotServing && (finding.code == Code::Ok || unavailable) =>
            {
                *finding = Finding::new(
                    Code::GrpcNotServing,
                    "the server says of itself that it is not serving",
                );
                finding.evidence.push(format!("health: {}", health.text));
            }
            Code::GrpcUnimplementedService => {
                self.tried
                    .push(format!("its health service: {}", health.text));
                self.find_service(finding, answer, health).await;
            }
            _ => {}
        }
    }

    /// Servers answer UNIMPLEMENTED to a method and to a service alike; some
    /// say which, others tell by their health service or by reflection.
    async fn find_service(&mut self, finding: &mut Finding, answer: &Answer, health: &Health) {
        let said = answer
            .status()
            .map(|status| grpc::words(&status))
            .unwrap_or_default();
        finding
            .evidence
            .push(format!("the server answers UNIMPLEMENTED: {said}"));
        let (channel, headers) = (&self.channel, &self.plan.headers);
        let services = reflection::services(channel, headers, self.left(PATIENCE)).await;
        let service = self.service();
        let listed = services
            .as_ref()
            .map(|names| names.iter().any(|name| name == service));
        let has_service = if said.to_lowercase().contains("unknown service") {
            false
        } else if said.to_lowercase().contains("unknown method") {
            true
        } else {
            listed.unwrap_or(matches!(health.word, Word::Serving | Word::NotServing))
        };
        if has_service {
            finding.code = Code::GrpcUnimplementedMethod;
            finding.cause = format!("the server has {service}, but not this method");
        } else {
            finding.cause = format!("the server does not have the service {service}");
        }
        self.tried.push(match services {
            Some(names) => format!("its reflection: it has {}", names.join(", ")),
            None => "its reflection: no answer".to_owned(),
        });
    }

    /// A second path tells a missing route from a missing host.
    async fn second_path(&mut self) -> Health {
        let health = self.health().await;
        let meaning = match health.word {
            Word::Gateway => "not by the server either",
            Word::Silent => "no health service",
            _ if health.disguised => {
                "the server answers; the gateway hides which answers are its own"
            }
            _ => "the server answers, so only the asked path goes astray",
        };
        let text = format!(
            "a second path, {}: {meaning} ({})",
            health::PATH,
            health.text
        );
        self.tried.push(text);
        health
    }
}

/// Takes a status for the server's own where only its look told otherwise.
fn own_up(finding: &mut Finding, answer: &Answer) {
    if let Some(status) = answer.status().filter(|_| finding.inferred) {
        *finding = grpc::status(&status, answer);
        finding.evidence.extend(answer.evidence());
    }
}

/// TLS 1.3 servers judge a client's certificate after the handshake, and their
/// alert can get lost when they close.
fn blame_certificate(client_auth: ClientAuth, finding: &mut Finding) {
    let (code, cause) = match client_auth {
        ClientAuth::NotAsked => return,
        ClientAuth::Shown => (
            Code::TlsClientCertificateRejected,
            "the server asked for a client certificate, got one and closed the connection",
        ),
        ClientAuth::Missing => (
            Code::TlsClientCertificateRequired,
            "the server asked for a client certificate, got none and closed the connection",
        ),
    };
    finding.code = code;
    cause.clone_into(&mut finding.cause);
}
