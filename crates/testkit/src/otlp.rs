//! A receiver of OTLP: the gRPC service and `/v1/traces` on one port.

mod span;

use std::net::SocketAddr;

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header::CONTENT_TYPE},
    response::IntoResponse,
    routing::post,
};
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTraceServiceRequest, ExportTraceServiceResponse,
    trace_service_server::{TraceService, TraceServiceServer},
};
use prost::Message;
use tokio::{net::TcpListener, sync::watch, task::JoinHandle};
use tonic::{Request, Response, Status, async_trait, service::Routes};

pub use self::span::ReceivedSpan;
use crate::{any_port, soon};

/// A running receiver. It works until the runtime of the test ends.
#[derive(Debug)]
pub struct Receiver {
    /// Where it listens.
    pub address: SocketAddr,
    sink: Sink,
    served: JoinHandle<()>,
}

#[derive(Clone, Debug, Default)]
struct Sink(watch::Sender<Vec<ReceivedSpan>>);

impl Receiver {
    /// Starts one on a free port.
    ///
    /// # Panics
    /// If no port is free.
    pub async fn start() -> Self {
        Self::serve(TcpListener::bind(any_port()).await.unwrap())
    }

    /// Starts one on this listener.
    ///
    /// # Panics
    /// If the listener has no address.
    #[must_use]
    pub fn serve(listener: TcpListener) -> Self {
        let sink = Sink::default();
        let address = listener.local_addr().unwrap();
        let http = Router::new()
            .route("/v1/traces", post(receive))
            .with_state(sink.clone());
        let routes = Routes::new(TraceServiceServer::new(sink.clone()));
        let routes = routes.into_axum_router().merge(http);
        let serve = async { axum::serve(listener, routes).await.unwrap() };
        Self {
            address,
            sink,
            served: tokio::spawn(serve),
        }
    }

    /// Stops it, and closes its listener.
    pub async fn stop(self) {
        self.served.abort();
        let _ = self.served.await;
    }

    /// The value of `OTEL_EXPORTER_OTLP_ENDPOINT`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The variables that export each span to this receiver at once.
    #[must_use]
    pub fn variables(&self, protocol: &str) -> Vec<(String, String)> {
        let variable = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        vec![
            variable("OTEL_EXPORTER_OTLP_ENDPOINT", &self.url()),
            variable("OTEL_EXPORTER_OTLP_PROTOCOL", protocol),
            variable("OTEL_BSP_SCHEDULE_DELAY", "10"),
        ]
    }

    /// Waits for a span for which this holds; returns the first.
    ///
    /// # Panics
    /// If there is none in time; with the spans that were received.
    pub async fn span(&self, holds: impl Fn(&ReceivedSpan) -> bool) -> ReceivedSpan {
        let mut received = self.sink.0.subscribe();
        let found = received.wait_for(|spans| spans.iter().any(&holds));
        let found = tokio::time::timeout(crate::TIMEOUT, found).await;
        let Ok(Ok(spans)) = found else {
            panic!("no such span: {:#?}", self.spans());
        };
        spans.iter().find(|span| holds(span)).unwrap().clone()
    }

    /// Waits until there are this many spans.
    ///
    /// # Panics
    /// If there are not in time.
    pub async fn wait_for(&self, count: usize) -> Vec<ReceivedSpan> {
        let mut received = self.sink.0.subscribe();
        let enough = received.wait_for(|spans| spans.len() >= count);
        soon(enough).await.unwrap().clone()
    }

    /// The spans so far.
    #[must_use]
    pub fn spans(&self) -> Vec<ReceivedSpan> {
        self.sink.0.borrow().clone()
    }
}

impl Sink {
    fn take(&self, request: ExportTraceServiceRequest, headers: &HeaderMap) {
        let spans = ReceivedSpan::of(request, headers);
        self.0.send_modify(|all| all.extend(spans));
    }
}

#[async_trait]
impl TraceService for Sink {
    async fn export(
        &self,
        request: Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        let headers = request.metadata().clone().into_headers();
        self.take(request.into_inner(), &headers);
        Ok(Response::new(ExportTraceServiceResponse::default()))
    }
}

async fn receive(State(sink): State<Sink>, headers: HeaderMap, body: Bytes) -> impl IntoResponse {
    const PROTOBUF: HeaderValue = HeaderValue::from_static("application/x-protobuf");
    if headers.get(CONTENT_TYPE) != Some(&PROTOBUF) {
        return Err(StatusCode::UNSUPPORTED_MEDIA_TYPE);
    }
    let request = ExportTraceServiceRequest::decode(body).map_err(|_| StatusCode::BAD_REQUEST)?;
    sink.take(request, &headers);
    let response = ExportTraceServiceResponse::default().encode_to_vec();
    Ok(([(CONTENT_TYPE, PROTOBUF)], response))
}
