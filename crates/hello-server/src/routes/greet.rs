//! `GET /greet/{name}`: a second hop in the mesh, over gRPC.

use axum::{
    Extension,
    extract::{Path, RawQuery, State, rejection::PathRejection},
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use service_kit::{Answer, Content, Problem, Route, TraceContext, nosniff};
use tonic::metadata::MetadataMap;

use super::{Shared, greet_stream, parameters::parameter};
use crate::{
    page::{DETAILED, NO_STORE, Representation, VARY, preferred},
    problems::{bad_path, greeter_failed},
};

/// The pattern of the route.
pub(super) const PATH: &str = "/greet/{name}";

/// A greeting, and who took part in it.
#[derive(Serialize)]
struct Greeting<'a> {
    /// The greeting.
    message: &'a str,
    /// The host name of the greeter.
    from: &'a str,
    /// The host name of this server.
    via: &'a str,
    /// The greeter's version, for the page only: curl gets what it always got.
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<&'a str>,
    /// The colour of the version, as the version.
    #[serde(skip_serializing_if = "Option::is_none")]
    color: Option<&'a str>,
}

/// The greeting of a reply with this metadata, as JSON; with the greeter's version if it
/// is detailed.
pub(super) fn greeting(
    app: &Shared,
    metadata: &MetadataMap,
    message: &str,
    is_detailed: bool,
) -> Vec<u8> {
    let detail = |key| text(metadata, key).filter(|_| is_detailed);
    json(&Greeting {
        message,
        from: text(metadata, greeter_proto::HOSTNAME).unwrap_or("unknown"),
        via: &app.hostname,
        version: detail(greeter_proto::VERSION),
        color: detail(greeter_proto::COLOR),
    })
}

fn text<'a>(metadata: &'a MetadataMap, key: &str) -> Option<&'a str> {
    metadata.get(key)?.to_str().ok()
}

pub(super) fn json(value: &impl Serialize) -> Vec<u8> {
    // Serializing text cannot fail.
    serde_json::to_vec(value).unwrap_or_default()
}

/// Returns the greeting, or the greeter's status as an HTTP error; with `?stream=`,
/// several greetings of one streaming call.
pub(super) async fn greet(
    State(app): State<Shared>,
    path: Result<Path<String>, PathRejection>,
    RawQuery(query): RawQuery,
    context: Option<Extension<TraceContext>>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let Path(name) = path.map_err(|rejection| bad_path(&rejection))?;
    let context = context.map(|Extension(context)| context);
    if let Some(count) = parameter(query.as_deref(), "stream")? {
        return greet_stream::events(app, name, &count, headers, context).await;
    }
    greet_once(&app, name, &headers, context.as_ref()).await
}

/// The same for a request without a query, without a router around it.
pub(super) async fn answer(
    app: Shared,
    name: String,
    headers: HeaderMap,
    context: Option<TraceContext>,
) -> Answer {
    let response = greet_once(&app, name, &headers, context.as_ref()).await;
    Answer {
        response: nosniff(response.into_response()).map(Content::Body),
        route: Some(Route::Fixed(PATH)),
        rpc: None,
    }
}

async fn greet_once(
    app: &Shared,
    name: String,
    headers: &HeaderMap,
    context: Option<&TraceContext>,
) -> Result<Response, Problem> {
    let reply = app.greeter.greet(name, headers, context).await;
    let (metadata, reply, _) = reply
        .map_err(|status| greeter_failed(&status))?
        .into_parts();
    let is_detailed = preferred(headers) == Representation::Detailed;
    let greeting = greeting(app, &metadata, &reply.message, is_detailed);
    let kind = if is_detailed {
        DETAILED
    } else {
        "application/json"
    };
    let kind = (header::CONTENT_TYPE, HeaderValue::from_static(kind));
    Ok(if is_detailed {
        ([kind, VARY, NO_STORE], greeting).into_response()
    } else {
        ([kind], greeting).into_response()
    })
}
