//! `GET /greet/{name}`: a second hop in the mesh, over gRPC.

use axum::{
    Extension,
    extract::{Path, RawQuery, State, rejection::PathRejection},
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
};
use service_kit::{Answer, Content, Problem, Route, TraceContext, nosniff};

use super::{Shared, greet_stream, greeting::greeting, parameters::parameter};
use crate::{
    page::{DETAILED, NO_STORE, Representation, VARY, preferred},
    problems::{bad_path, greeter_failed},
};

/// The pattern of the route.
pub(super) const PATH: &str = "/greet/{name}";

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
