//! Lines for people.

use tracing::{Level, event};

use super::fields::{Fields, outcome, protocol};
use crate::RequestRecord;

/// Writes a line. What a peer chose is quoted and escaped.
pub(super) fn write(level: Level, request: &RequestRecord<'_>) {
    let fields = Fields::of(request);
    macro_rules! line {
        ($level:expr) => {
            event!(
                target: "access",
                $level,
                method = fields.method,
                path = fields.path,
                route = fields.route,
                rpc = fields.rpc,
                status = request.status.map(|it| it.as_u16()),
                grpc_status = fields.grpc_status,
                outcome = outcome(request),
                duration = ?request.duration,
                request_bytes = request.request_bytes,
                response_bytes = request.response_bytes,
                peer = %request.peer,
                protocol = protocol(request.version),
                user_agent = fields.user_agent.as_deref(),
                trace = %request.context.trace_id,
                span = %request.context.span_id,
                request_id = fields.request_id.as_deref(),
                "request"
            )
        };
    }
    match level {
        Level::ERROR => line!(Level::ERROR),
        Level::WARN => line!(Level::WARN),
        _ => line!(Level::INFO),
    }
}
