//! `grpc.health.v1.Health`, which reports the server's lifecycle.

use futures_util::{
    StreamExt,
    stream::{self, BoxStream},
};
use greeter_proto::health::{
    HealthCheckRequest, HealthCheckResponse, HealthListRequest, HealthListResponse,
    health_check_response::ServingStatus, health_server,
};
use service_kit::{Lifecycle, Phase};
use tokio::sync::watch;
use tonic::{Request, Response, Status};

use crate::call::shutting_down;

/// The health of services that share one lifecycle.
pub(crate) struct Health {
    phase: watch::Receiver<Phase>,
    services: [&'static str; 2],
}

impl Health {
    pub(crate) fn new(lifecycle: &Lifecycle, services: [&'static str; 2]) -> Self {
        Self {
            phase: lifecycle.subscribe(),
            services,
        }
    }

    fn knows(&self, service: &str) -> bool {
        self.services.contains(&service)
    }

    fn now(&self) -> HealthCheckResponse {
        response(status(*self.phase.borrow()))
    }
}

fn status(phase: Phase) -> ServingStatus {
    match phase {
        Phase::Serving => ServingStatus::Serving,
        Phase::Starting | Phase::LameDuck | Phase::Draining | Phase::Closing => {
            ServingStatus::NotServing
        }
    }
}

fn response(status: ServingStatus) -> HealthCheckResponse {
    HealthCheckResponse {
        status: status.into(),
    }
}

#[tonic::async_trait]
impl health_server::Health for Health {
    type WatchStream = BoxStream<'static, Result<HealthCheckResponse, Status>>;

    async fn check(
        &self,
        request: Request<HealthCheckRequest>,
    ) -> Result<Response<HealthCheckResponse>, Status> {
        let service = &request.get_ref().service;
        if self.knows(service) {
            Ok(Response::new(self.now()))
        } else {
            Err(Status::not_found(format!("unknown service {service:?}")))
        }
    }

    async fn list(
        &self,
        _: Request<HealthListRequest>,
    ) -> Result<Response<HealthListResponse>, Status> {
        let statuses = self
            .services
            .map(|service| (service.to_owned(), self.now()))
            .into();
        Ok(Response::new(HealthListResponse { statuses }))
    }

    async fn watch(
        &self,
        request: Request<HealthCheckRequest>,
    ) -> Result<Response<Self::WatchStream>, Status> {
        let known = self.knows(&request.get_ref().service);
        let watch = Watch {
            phase: self.phase.clone(),
            sent: None,
            known,
            ended: false,
        };
        Ok(Response::new(stream::unfold(watch, Watch::next).boxed()))
    }
}

/// An open Watch. It ends with `UNAVAILABLE` when the server drains, so that
/// clients watch another server: an open stream would keep its connection, and the
/// server, until the drain timeout.
struct Watch {
    phase: watch::Receiver<Phase>,
    sent: Option<ServingStatus>,
    known: bool,
    ended: bool,
}

impl Watch {
    async fn next(mut self) -> Option<(Result<HealthCheckResponse, Status>, Self)> {
        while !self.ended {
            let phase = *self.phase.borrow_and_update();
            let status = if self.known {
                status(phase)
            } else {
                ServingStatus::ServiceUnknown
            };
            if self.sent != Some(status) {
                self.sent = Some(status);
                return Some((Ok(response(status)), self));
            }
            if phase >= Phase::Draining || self.phase.changed().await.is_err() {
                self.ended = true;
                return Some((Err(shutting_down()), self));
            }
        }
        None
    }
}
