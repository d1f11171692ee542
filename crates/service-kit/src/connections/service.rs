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
    /// Starts a request.
    pub(crate) fn start(&self, request: Request<RequestBody>) -> Responding {
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
        if in_flight.is_none()
            && let Some(exchange) = &mut exchange
        {
            let http1 = call.request.version() < Version::HTTP_2;
            exchange.refuse(http1.then_some(StatusCode::SERVICE_UNAVAILABLE));
        }
        let unsent = in_flight.map(|in_flight| Arc::new(Unsent::new(in_flight, exchange)));
        Responding {
            shared: Arc::clone(&self.0),
            call: unsent.is_some().then_some(call),
            unsent,
            waiting: None,
        }
    }
}

/// A request until its response. The routes are called when this is polled for the first
/// time: over HTTP/2, a panic then ends this request alone.
pub(crate) struct Responding {
    shared: Arc<Shared>,
    /// `None` if the request is refused, and after the response.
    unsent: Option<Arc<Unsent>>,
    /// Until the first poll.
    call: Option<Call>,
    waiting: Option<Pin<Box<dyn Future<Output = Answer> + Send>>>,
}

impl Responding {
    /// Waits for the response, and for what counts its unsent data; `None` if the request
    /// is refused.
    pub(crate) fn poll(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Option<(Response<Content>, Arc<Unsent>)>> {
        let answer = ready!(self.poll_answer(context));
        let (Some(answer), Some(unsent)) = (answer, self.unsent.take()) else {
            return Poll::Ready(None);
        };
        let Answer {
            response,
            route,
            rpc,
        } = answer;
        unsent.observe(|exchange| exchange.respond(&response, route, rpc));
        Poll::Ready(Some((response, unsent)))
    }

    fn poll_answer(&mut self, context: &mut Context<'_>) -> Poll<Option<Answer>> {
        if let Some(call) = self.call.take() {
            let reply = match host::check(call.request.version(), call.request.headers()) {
                Ok(()) => self.shared.routes.call(call, context),
                Err(detail) => Reply::Ready(bad_request(detail)),
            };
            match reply {
                Reply::Ready(answer) => return Poll::Ready(Some(answer)),
                Reply::Later(answer) => self.waiting = Some(answer),
            }
        }
        match &mut self.waiting {
            Some(answer) => answer.as_mut().poll(context).map(Some),
            None => Poll::Ready(None),
        }
    }

    /// Whether the server is stopping.
    pub(crate) fn is_stopping(&self) -> bool {
        self.shared.stopping.has_begun()
    }
}

fn bad_request(detail: &'static str) -> Answer {
    let response = nosniff(Problem::bad_request(detail).into_response());
    Answer {
        response: response.map(Content::Body),
        route: None,
        rpc: None,
    }
}
