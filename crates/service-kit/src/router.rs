//! Routes of axum, and what they report about a request, as extensions of its response.

use std::task::Context;

use axum::{
    Router,
    extract::{MatchedPath, Request},
    middleware::{Next, from_fn},
    response::Response,
};
use tower::Service;

use crate::connections::{Answer, Call, Content, Reply, Route, Routes};

/// The full method of a gRPC call, as an extension of a response of a [`Router`]: see
/// [`Answer::rpc`].
#[derive(Clone, Copy, Debug)]
pub struct RpcMethod(pub &'static str);

/// Routes of axum.
pub struct RouterRoutes(Router);

impl From<Router> for RouterRoutes {
    fn from(router: Router) -> Self {
        Self(router.layer(from_fn(copy_route)))
    }
}

impl Routes for RouterRoutes {
    fn call(&self, call: Call, _: &mut Context<'_>) -> Reply {
        let Call { mut request, trace } = call;
        if let Some(trace) = trace {
            request.extensions_mut().insert(trace);
        }
        let response = self.0.clone().call(request);
        Reply::Later(Box::pin(async move {
            let Ok(mut response) = response.await;
            let extensions = response.extensions_mut();
            Answer {
                route: extensions.remove().map(Route::Matched),
                rpc: extensions.remove().map(|RpcMethod(method)| method),
                response: response.map(Content::Body),
            }
        }))
    }
}

/// Copies the matched route into the extensions of the response.
async fn copy_route(request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().cloned();
    let mut response = next.run(request).await;
    if let Some(route) = route {
        response.extensions_mut().insert(route);
    }
    response
}
