//! The routes, as one connection calls them.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use axum::response::IntoResponse;
use http::{Request, Response, StatusCode, Version};

use super::{
    exchange::{Exchange, Observer},
    request_body::RequestBody,
    requests::Requests,
    routes::{Answer, Call, Content, Reply, SharedRoutes},
    state::ConnectionState,
    stopping::Stopping,
    unsent::Unsent,
};
use crate::{Problem, host, nosniff};

/// The routes of one connection, whose requests it counts.
#[derive(Clone)]
pub(crate) struct ConnectionService(pub(crate) Arc<Shared>);

/// What the requests of a connection share.
pub(crate) struct Shared {
    pub(crate) routes: SharedRoutes,
    pub(crate) requests: Arc<Requests>,
    pub(crate) stopping: Stopping,
    pub(crate) connection: Arc<ConnectionState>,
    /// `None` if the requests are not observed.
    pub(crate) observer: Option<Arc<Observer>>,
}

impl ConnectionService {
    /// Starts a request; `None` if it is refused.
    pub(crate) fn start(&self, request: Request<RequestBody>) -> Option<Started> {
        let Shared {
            requests, observer, ..
        } = &*self.0;
        let in_flight = requests.start(&self.0.connection);
        let mut call = Call {
            request,
            trace: None,
        };
        let start = |observer| Exchange::start(observer, &mut call);
        let mut exchange = observer.as_ref().map(start);
        let Some(in_flight) = in_flight else {
            if let Some(exchange) = &mut exchange {
                let http1 = call.request.version() < Version::HTTP_2;
                exchange.refuse(http1.then_some(StatusCode::SERVICE_UNAVAILABLE));
            }
            return None;
        };
        let unsent = Arc::new(Unsent::new(in_flight, exchange));
        Some(Started { call, unsent })
    }

    /// Whether the server is stopping.
    pub(crate) fn is_stopping(&self) -> bool {
        self.0.stopping.has_begun()
    }
}

/// A response, and what counts its unsent data.
pub(crate) type Answered = (Response<Content>, Arc<Unsent>);

/// A request in flight.
pub(crate) struct Started {
    call: Call,
    unsent: Arc<Unsent>,
}

impl Started {
    /// Calls the routes. Returns `Err` with the pending response if it is not ready.
    pub(crate) fn call(
        self,
        service: &ConnectionService,
        context: &mut Context<'_>,
    ) -> Result<Answered, Responding> {
        let Self { call, unsent } = self;
        let reply = match host::check(call.request.version(), call.request.headers()) {
            Ok(()) => service.0.routes.call(call, context),
            Err(detail) => Reply::Ready(bad_request(detail)),
        };
        match reply {
            Reply::Ready(answer) => Ok(answered(answer, unsent)),
            Reply::Later(answer) => Err(Responding { answer, unsent }),
        }
    }
}

/// A request whose response is not there yet.
pub(crate) struct Responding {
    answer: Pin<Box<dyn Future<Output = Answer> + Send>>,
    unsent: Arc<Unsent>,
}

impl Responding {
    /// Waits for the response.
    pub(crate) fn poll(&mut self, context: &mut Context<'_>) -> Poll<Answered> {
        let answer = ready!(self.answer.as_mut().poll(context));
        Poll::Ready(answered(answer, Arc::clone(&self.unsent)))
    }
}

fn answered(answer: Answer, unsent: Arc<Unsent>) -> Answered {
    let Answer {
        response,
        route,
        rpc,
    } = answer;
    unsent.observe(|exchange| exchange.respond(&response, route, rpc));
    (response, unsent)
}

fn bad_request(detail: &'static str) -> Answer {
    let response = nosniff(Problem::bad_request(detail).into_response());
    Answer {
        response: response.map(Content::Body),
        route: None,
        rpc: None,
    }
}
