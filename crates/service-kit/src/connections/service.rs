//! The routes, as one connection calls them.

use std::{error::Error, future::ready, pin::Pin, sync::Arc, time::Duration};

use axum::{Router, response::IntoResponse};
use http::{HeaderValue, Request, Response, StatusCode, Version, header::CONNECTION};
use hyper::{body::Incoming, service::Service};
use hyper_util::service::TowerToHyperService;
use tokio::sync::watch;

use super::{
    body::ResponseBody,
    exchange::{Exchange, Observer},
    request_body::RequestBody,
    requests::Requests,
    state::ConnectionState,
};
use crate::{Phase, Problem};

const CLOSE: HeaderValue = HeaderValue::from_static("close");

/// When a client that was refused may try again.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// The routes of one connection: counts its requests, and closes HTTP/1.1
/// connections with their next response once the server is stopping.
#[derive(Clone)]
pub(crate) struct ConnectionService {
    pub(crate) routes: TowerToHyperService<Router>,
    pub(crate) requests: Arc<Requests>,
    pub(crate) phase: watch::Receiver<Phase>,
    pub(crate) connection: Arc<ConnectionState>,
    /// `None` if the requests are not observed.
    pub(crate) observer: Option<Observer>,
}

impl Service<Request<Incoming>> for ConnectionService {
    type Response = Response<ResponseBody>;
    type Error = Box<dyn Error + Send + Sync>;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn call(&self, request: Request<Incoming>) -> Self::Future {
        let http1 = request.version() < Version::HTTP_2;
        let in_flight = self.requests.start(&self.connection);
        let (mut exchange, request) = match &self.observer {
            Some(observer) => {
                let (exchange, request) = Exchange::start(observer, request);
                (Some(exchange), request)
            }
            None => (None, request.map(RequestBody::unobserved)),
        };
        let Some(in_flight) = in_flight else {
            if let Some(exchange) = &mut exchange {
                exchange.refuse(http1.then_some(StatusCode::SERVICE_UNAVAILABLE));
            }
            return Box::pin(ready(refusal(http1)));
        };
        let response = self.routes.call(request);
        let phase = self.phase.clone();
        Box::pin(async move {
            let mut response = response.await?;
            // RFC 9110, 7.6.1: the client sends its next request elsewhere, and
            // does not meet a closed connection.
            if http1 && *phase.borrow() >= Phase::LameDuck {
                response.headers_mut().insert(CONNECTION, CLOSE);
            }
            if let Some(exchange) = &mut exchange {
                exchange.respond(&mut response);
            }
            Ok(response.map(|body| ResponseBody::new(body, in_flight, exchange)))
        })
    }
}

/// The response to a request that is not processed. `REFUSED_STREAM` tells an
/// HTTP/2 client so, and that it may send the request again.
fn refusal(http1: bool) -> Result<Response<ResponseBody>, Box<dyn Error + Send + Sync>> {
    if !http1 {
        return Err(h2::Error::from(h2::Reason::REFUSED_STREAM).into());
    }
    let problem = Problem::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "too many requests are in flight; send the request again later",
    );
    let mut response = problem.with_retry_after(RETRY_AFTER).into_response();
    response.headers_mut().insert(CONNECTION, CLOSE);
    Ok(response.map(ResponseBody::of_refusal))
}
