//! gRPC calls by method and status, and the messages of their streams.

use std::sync::OnceLock;

use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family},
    registry::{Registry, Unit},
};

use super::{
    histogram::{self, Histogram},
    names::Names,
};
use crate::{CallRecord, RequestRecord, status};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CallLabels {
    rpc_system_name: &'static str,
    rpc_method: &'static str,
    rpc_response_status_code: &'static str,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct MessageLabels {
    rpc_method: &'static str,
    direction: &'static str,
}

type Durations = Family<CallLabels, Histogram, fn() -> Histogram>;

/// The calls of one side.
#[derive(Debug)]
pub(super) struct Calls {
    durations: Durations,
    messages: Family<MessageLabels, Counter>,
    methods: Names<Method>,
}

/// The series of one method: a call finds them without hashing its labels.
#[derive(Debug)]
struct Method {
    /// By status code.
    durations: [OnceLock<Histogram>; status::NAMES.len()],
    received: Counter,
    sent: Counter,
}

impl Calls {
    /// The calls that this process serves.
    pub(super) fn of_server(registry: &mut Registry) -> Self {
        let calls = Self::new(
            registry,
            "rpc_server_call_duration",
            "Duration of gRPC calls, from the head until the status was sent",
        );
        registry.register(
            "rpc_server_messages",
            "Messages of gRPC calls that were received and sent",
            calls.messages.clone(),
        );
        calls
    }

    /// The calls that this process makes.
    pub(super) fn of_client(registry: &mut Registry) -> Self {
        Self::new(
            registry,
            "rpc_client_call_duration",
            "Duration of the gRPC calls of this process to others",
        )
    }

    fn new(registry: &mut Registry, name: &str, help: &str) -> Self {
        let new: fn() -> Histogram = histogram::new;
        let durations = Durations::new_with_constructor(new);
        registry.register_with_unit(name, help, Unit::Seconds, durations.clone());
        Self {
            durations,
            messages: Family::default(),
            methods: Names::default(),
        }
    }

    pub(super) fn record_request(&self, method: &str, request: &RequestRecord<'_>) {
        let call = CallRecord {
            method,
            status: request.rpc_status(),
            duration: request.duration,
            context: request.context,
        };
        self.with(&call, |method| {
            method.received.inc_by(request.messages_received);
            method.sent.inc_by(request.messages_sent);
        });
    }

    pub(super) fn record(&self, call: &CallRecord<'_>) {
        self.with(call, |_| {});
    }

    fn with(&self, call: &CallRecord<'_>, also: impl FnOnce(&Method)) {
        let code = status::index(call.status);
        self.methods.with(
            call.method,
            |name| self.method(name),
            |name, method| {
                let durations = method.durations[code].get_or_init(|| {
                    self.durations.get_or_create_owned(&CallLabels {
                        rpc_system_name: "grpc",
                        rpc_method: name,
                        rpc_response_status_code: status::NAMES[code],
                    })
                });
                histogram::observe(durations, call.duration, call.context);
                also(method);
            },
        );
    }

    fn method(&self, rpc_method: &'static str) -> Method {
        let messages = |direction| {
            self.messages.get_or_create_owned(&MessageLabels {
                rpc_method,
                direction,
            })
        };
        Method {
            durations: Default::default(),
            received: messages("received"),
            sent: messages("sent"),
        }
    }
}
