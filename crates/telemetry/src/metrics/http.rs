//! HTTP requests by method, route, status and version.

use std::{
    fmt,
    sync::{
        OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
};

use http::{Method, StatusCode, Version};
use prometheus_client::{
    encoding::{EncodeLabelSet, EncodeLabelValue, LabelValueEncoder},
    metrics::family::Family,
    registry::{Registry, Unit},
};

use super::{
    histogram::{self, Histogram},
    names::Names,
};
use crate::{OTHER, RequestRecord};

/// Series at most. A route may let its callers choose the status: beyond the limit,
/// a new combination counts for its class of status codes.
const MAX_SERIES: usize = 500;

/// The first series of one route, which a request finds without hashing its labels.
const FIRST: usize = 8;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Labels {
    http_request_method: &'static str,
    http_route: &'static str,
    http_response_status_code: Status,
    network_protocol_version: &'static str,
}

/// The label of a status code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Status {
    /// The stream ended before there was one.
    None,
    Code(u16),
    /// The first digit of a code that is not registered, or of one beyond the limit.
    Class(u16),
}

impl EncodeLabelValue for Status {
    fn encode(&self, encoder: &mut LabelValueEncoder<'_>) -> fmt::Result {
        match self {
            Self::None => "".encode(encoder),
            Self::Code(code) => code.encode(encoder),
            Self::Class(class) => format!("{class}xx").encode(encoder),
        }
    }
}

impl From<Option<StatusCode>> for Status {
    fn from(status: Option<StatusCode>) -> Self {
        match status {
            None => Self::None,
            Some(code) if code.canonical_reason().is_some() => Self::Code(code.as_u16()),
            Some(code) => Self::Class(code.as_u16() / 100),
        }
    }
}

/// The durations of HTTP requests.
#[derive(Debug)]
pub(super) struct Requests {
    durations: Family<Labels, Histogram, fn() -> Histogram>,
    /// By route; without a route, by an empty name.
    routes: Names<[OnceLock<(Labels, Histogram)>; FIRST]>,
    series: AtomicUsize,
}

impl Requests {
    pub(super) fn new(registry: &mut Registry) -> Self {
        let new: fn() -> Histogram = histogram::new;
        let durations = Family::new_with_constructor(new);
        registry.register_with_unit(
            "http_server_request_duration",
            "Duration of HTTP requests, from the head until the response was sent",
            Unit::Seconds,
            durations.clone(),
        );
        Self {
            durations,
            routes: Names::default(),
            series: AtomicUsize::new(0),
        }
    }

    pub(super) fn record(&self, request: &RequestRecord<'_>) {
        let route = request.route.unwrap_or_default();
        self.routes.with(
            route,
            |_| Default::default(),
            |http_route, first| {
                let labels = Labels {
                    http_request_method: method(request.method),
                    http_route,
                    http_response_status_code: request.status.into(),
                    network_protocol_version: version(request.version),
                };
                let observe = |durations: &Histogram| {
                    histogram::observe(durations, request.duration, request.context);
                };
                for slot in first {
                    let (known, durations) = slot.get_or_init(|| (labels, self.series(labels)));
                    if *known == labels {
                        return observe(durations);
                    }
                }
                observe(&self.series(labels));
            },
        );
    }

    /// The series with these labels.
    fn series(&self, mut labels: Labels) -> Histogram {
        if let Some(durations) = self.durations.get(&labels) {
            return durations.clone();
        }
        if self.series.fetch_add(1, Ordering::Relaxed) >= MAX_SERIES {
            labels.http_request_method = OTHER;
            if let Status::Code(code) = labels.http_response_status_code {
                labels.http_response_status_code = Status::Class(code / 100);
            }
        }
        self.durations.get_or_create_owned(&labels)
    }
}

fn method(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::HEAD => "HEAD",
        Method::PUT => "PUT",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        Method::PATCH => "PATCH",
        Method::CONNECT => "CONNECT",
        Method::TRACE => "TRACE",
        _ => OTHER,
    }
}

fn version(version: Version) -> &'static str {
    match version {
        Version::HTTP_2 => "2",
        Version::HTTP_10 => "1.0",
        _ => "1.1",
    }
}
