//! The common request: `GET` on a path that no other route may match. It is answered
//! without axum's router, unless it prefers the page.

use std::task::Context;

use axum::http::Method;
use service_kit::{Call, Reply, RouterRoutes, Routes};

use super::hello;

/// The first segments of the paths of the router's routes.
const ROUTED: [&str; 5] = ["greet", "echo", "status", "delay", "stream"];

/// The routes of the hello server.
pub(crate) struct HelloRoutes(pub(crate) RouterRoutes);

impl Routes for HelloRoutes {
    fn call(&self, call: Call, context: &mut Context<'_>) -> Reply {
        let request = &call.request;
        let path = request.uri().path();
        let segment = path.strip_prefix('/').and_then(|it| it.split('/').next());
        let is_routed = segment.is_some_and(|segment| ROUTED.contains(&segment));
        if request.method() == Method::GET
            && !is_routed
            && let Some(answer) = hello::answer(request)
        {
            return Reply::Ready(answer);
        }
        self.0.call(call, context)
    }
}
