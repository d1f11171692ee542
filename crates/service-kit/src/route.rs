//! What the routes report about a request, as extensions of its response.

use axum::{
    extract::{MatchedPath, Request},
    middleware::Next,
    response::Response,
};

use crate::host::require_host;

/// The full method of a gRPC call, for example `helloworld.Greeter/SayHello`, as an
/// extension of its response. A service that sets it for each of its methods has
/// them in its metrics from the first call on; without it, a method is known after
/// a call that succeeded.
#[derive(Clone, Copy, Debug)]
pub struct RpcMethod(pub &'static str);

/// Middleware of every route: checks the host, and copies the matched route into
/// the extensions of the response.
pub(crate) async fn run(request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().cloned();
    let mut response = require_host(request, next).await;
    if let Some(route) = route {
        response.extensions_mut().insert(route);
    }
    response
}
