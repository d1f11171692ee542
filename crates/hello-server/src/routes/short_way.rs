//! The common requests, which are answered without axum's router: `GET` on a path that no
//! other route may match, unless it prefers the page, and a greeting of a plain name.

use std::{mem, sync::Arc, task::Context};

use axum::http::{Method, Request};
use service_kit::{Call, Reply, RequestBody, RouterRoutes, Routes};

use super::{App, Shared, greet, hello, routes};

/// The first segments of the paths of the router's routes.
const ROUTED: [&str; 5] = ["greet", "echo", "status", "delay", "stream"];

/// The routes of the hello server.
pub(crate) struct HelloRoutes {
    shared: Shared,
    layers: RouterRoutes,
}

impl HelloRoutes {
    /// The routes of one worker. Call it inside its runtime.
    pub(crate) fn new(app: &App) -> Self {
        let shared = app.shared();
        Self {
            layers: RouterRoutes::from(routes(Arc::clone(&shared))),
            shared,
        }
    }
}

impl Routes for HelloRoutes {
    fn call(&self, mut call: Call, context: &mut Context<'_>) -> Reply {
        let request = &mut call.request;
        if request.method() != Method::GET {
            return self.layers.call(call, context);
        }
        if let Some(name) = plain_name(request) {
            let headers = mem::take(request.headers_mut());
            let shared = Arc::clone(&self.shared);
            return Reply::Later(Box::pin(greet::answer(shared, name, headers, call.trace)));
        }
        let path = request.uri().path();
        let segment = path.strip_prefix('/').and_then(|it| it.split('/').next());
        let is_routed = segment.is_some_and(|segment| ROUTED.contains(&segment));
        if !is_routed && let Some(answer) = hello::answer(request) {
            return Reply::Ready(answer);
        }
        self.layers.call(call, context)
    }
}

/// The name in `/greet/{name}`, if it needs no decoding and there is no query.
fn plain_name(request: &Request<RequestBody>) -> Option<String> {
    let name = request.uri().path().strip_prefix("/greet/")?;
    let is_plain = !name.is_empty() && !name.contains(['/', '%']);
    (is_plain && request.uri().query().is_none()).then(|| name.to_owned())
}
