//! One log line when the collector fails, and one when it is back.

use std::sync::atomic::{AtomicBool, Ordering};

use opentelemetry_sdk::{
    Resource,
    error::OTelSdkResult,
    trace::{SpanData, SpanExporter},
};
use tracing::{info, warn};

use super::collector::{Collector, Protocol};

/// An exporter that reports when it starts and when it stops to fail.
#[derive(Debug)]
pub(super) struct Reporting<E> {
    exporter: E,
    url: String,
    hint: &'static str,
    failing: AtomicBool,
}

impl<E> Reporting<E> {
    pub(super) fn new(exporter: E, collector: &Collector) -> Self {
        Self {
            exporter,
            url: collector.url.clone(),
            hint: match collector.protocol {
                Protocol::Grpc => {
                    "check that the collector runs and that this is its port of OTLP over gRPC, 4317"
                }
                Protocol::HttpProtobuf => {
                    "check that the collector runs and that this is its port of OTLP over HTTP, 4318; for gRPC set OTEL_EXPORTER_OTLP_PROTOCOL=grpc"
                }
            },
            failing: AtomicBool::new(false),
        }
    }
}

impl<E: SpanExporter> SpanExporter for Reporting<E> {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let result = self.exporter.export(batch).await;
        let failed = result.is_err();
        let failed_before = self.failing.swap(failed, Ordering::Relaxed);
        match &result {
            Err(error) if !failed_before => {
                warn!(%error, url = self.url, hint = self.hint, "cannot export spans; they are dropped until the collector accepts them");
            }
            Ok(()) if failed_before => info!(url = self.url, "exporting spans again"),
            _ => {}
        }
        result
    }

    fn shutdown_with_timeout(&self, timeout: std::time::Duration) -> OTelSdkResult {
        self.exporter.shutdown_with_timeout(timeout)
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.exporter.set_resource(resource);
    }
}
