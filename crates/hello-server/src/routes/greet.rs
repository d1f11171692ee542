//! `GET /greet/{name}`: a second hop in the mesh, over gRPC.

use axum::{
    Extension, Json,
    extract::{
        Path, Query, State,
        rejection::{PathRejection, QueryRejection},
    },
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use service_kit::{Problem, TraceContext};
use tonic::metadata::MetadataMap;

use super::{Shared, greet_stream, parameters::Parameters};
use crate::{
    page::{DETAILED, NO_STORE, Representation, preferred},
    problems::{bad_path, bad_query, greeter_failed},
};

/// A greeting, and who took part in it.
#[derive(Serialize)]
pub(super) struct Greeting {
    /// The greeting.
    pub(super) message: String,
    /// The host name of the greeter.
    from: String,
    /// The host name of this server.
    via: String,
    /// For the page only: curl gets what it always got.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    detail: Option<Detail>,
}

/// The versions of those who took part, and their colours.
#[derive(Clone, Serialize)]
struct Detail {
    version: Option<String>,
    color: Option<String>,
    via_version: Option<String>,
    via_color: Option<String>,
}

impl Greeting {
    /// The greeting of a reply with this metadata.
    pub(super) fn new(app: &Shared, metadata: &MetadataMap, message: String) -> Self {
        let text = |key| Some(metadata.get(key)?.to_str().ok()?.to_owned());
        Self {
            message,
            from: text(greeter_proto::HOSTNAME).unwrap_or_else(|| "unknown".to_owned()),
            via: app.hostname.to_string(),
            detail: Some(Detail {
                version: text(greeter_proto::VERSION),
                color: text(greeter_proto::COLOR),
                via_version: app.server.version().map(str::to_owned),
                via_color: app.server.color().map(str::to_owned),
            }),
        }
    }
}

/// Returns the greeting, or the greeter's status as an HTTP error; with `?stream=`,
/// several greetings of one streaming call.
pub(super) async fn greet(
    State(app): State<Shared>,
    path: Result<Path<String>, PathRejection>,
    query: Result<Query<Parameters>, QueryRejection>,
    context: Option<Extension<TraceContext>>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let Path(name) = path.map_err(|rejection| bad_path(&rejection))?;
    let Query(query) = query.map_err(|rejection| bad_query(&rejection))?;
    let context = context.map(|Extension(context)| context);
    if let Some(count) = query.stream {
        return greet_stream::events(app, name, &count, headers, context).await;
    }
    let reply = app.greeter.greet(name, &headers, context.as_ref()).await;
    let (metadata, reply, _) = reply
        .map_err(|status| greeter_failed(&status))?
        .into_parts();
    let mut greeting = Greeting::new(&app, &metadata, reply.message);
    if preferred(&headers) == Representation::Detailed {
        let kind = (header::CONTENT_TYPE, HeaderValue::from_static(DETAILED));
        return Ok(([kind, NO_STORE], Json(greeting)).into_response());
    }
    greeting.detail = None;
    Ok(Json(greeting).into_response())
}
