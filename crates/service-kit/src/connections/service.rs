//! The routes, as one connection calls them.

use std::{
    error::Error,
    mem,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use axum::response::IntoResponse;
use http::{HeaderValue, Request, Response, StatusCode, Version, header::CONNECTION};
use hyper::{body::Incoming, service::Service};

use super::{
    body::ResponseBody,
    exchange::{Exchange, Observer},
    refusal,
    request_body::RequestBody,
    requests::Requests,
    routes::{Answer, Call, Content, Reply, SharedRoutes},
    state::ConnectionState,
    stopping::Stopping,
    unsent::Unsent,
};
use crate::{Problem, host, nosniff};

const CLOSE: HeaderValue = HeaderValue::from_static("close");

/// The routes of one connection: counts its requests, and closes HTTP/1.1
/// connections with their next response once the server is stopping.
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

impl Service<Request<Incoming>> for ConnectionService {
    type Response = Response<ResponseBody>;
    type Error = Box<dyn Error + Send + Sync>;
    type Future = Responding;

    fn call(&self, request: Request<Incoming>) -> Responding {
        let Shared {
            requests, observer, ..
        } = &*self.0;
        let http1 = request.version() < Version::HTTP_2;
        let in_flight = requests.start(&self.0.connection);
        let mut call = Call {
            request: request.map(RequestBody::unobserved),
            trace: None,
        };
        let start = |observer| Exchange::start(observer, &mut call);
        let exchange = observer.as_ref().map(start);
        let (unsent, stage) = match in_flight {
            Some(in_flight) => {
                let unsent = Arc::new(Unsent::new(in_flight, exchange));
                (Some(unsent), Stage::Called(call))
            }
            None => {
                if let Some(mut exchange) = exchange {
                    exchange.refuse(http1.then_some(StatusCode::SERVICE_UNAVAILABLE));
                }
                (None, Stage::Refused)
            }
        };
        Responding {
            shared: Arc::clone(&self.0),
            http1,
            unsent,
            stage,
        }
    }
}

/// The response to a request. The routes are called when this is polled for the first
/// time: over HTTP/2, a panic then ends the task of this request alone.
pub(crate) struct Responding {
    shared: Arc<Shared>,
    http1: bool,
    /// `None` if the request is refused, and after the response.
    unsent: Option<Arc<Unsent>>,
    stage: Stage,
}

#[expect(clippy::large_enum_variant, reason = "a box would cost an allocation")]
enum Stage {
    Called(Call),
    Waiting(Pin<Box<dyn Future<Output = Answer> + Send>>),
    Refused,
    Done,
}

impl Responding {
    fn poll_answer(&mut self, context: &mut Context<'_>) -> Poll<Option<Answer>> {
        loop {
            match mem::replace(&mut self.stage, Stage::Done) {
                Stage::Called(call) => {
                    let answer = match host::check(call.request.version(), call.request.headers()) {
                        Ok(()) => self.shared.routes.call(call, context),
                        Err(detail) => Reply::Ready(bad_request(detail)),
                    };
                    match answer {
                        Reply::Ready(answer) => return Poll::Ready(Some(answer)),
                        Reply::Later(answer) => self.stage = Stage::Waiting(answer),
                    }
                }
                Stage::Waiting(mut answer) => {
                    let polled = answer.as_mut().poll(context);
                    if polled.is_pending() {
                        self.stage = Stage::Waiting(answer);
                    }
                    return polled.map(Some);
                }
                Stage::Refused | Stage::Done => return Poll::Ready(None),
            }
        }
    }
}

impl Future for Responding {
    type Output = Result<Response<ResponseBody>, Box<dyn Error + Send + Sync>>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let answer = ready!(self.poll_answer(context));
        let (Some(answer), Some(unsent)) = (answer, self.unsent.take()) else {
            return Poll::Ready(refusal::response(self.http1));
        };
        let Answer {
            mut response,
            route,
            rpc,
        } = answer;
        // RFC 9110, 7.6.1: the client sends its next request elsewhere, and
        // does not meet a closed connection.
        if self.http1 && self.shared.stopping.has_begun() {
            response.headers_mut().insert(CONNECTION, CLOSE);
        }
        unsent.observe(|exchange| exchange.respond(&response, route, rpc));
        Poll::Ready(Ok(response.map(|body| ResponseBody::new(body, unsent))))
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
